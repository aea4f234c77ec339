"""A damaged journal is set aside, and another one goes on with what can be read of it.

::

    journal.sqlite3 ──read──► journal.rebuilding.sqlite3 ──complete──► journal.rebuilt-TIME.sqlite3
           │                                                                      │
           └── journal.damaged-TIME.sqlite3 ◄── 1. set aside      2. put in place ┘

Before 1 nothing has happened to the damaged file. If the program dies afterwards, `finish` does the rest.

A file that is no database at all is set aside, too: it cannot be told from a journal that was overwritten,
and a new name destroys nothing. What another program or a newer version made is refused and left alone.
"""

import logging
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from errno import ENOSPC
from os import strerror
from pathlib import Path

import msgspec

from armguard_tray.counting import counted
from armguard_tray.errors import JournalDamagedError, JournalError, JournalTooNewError
from armguard_tray.messages.event import Category, Event, Level, Source, StoredEvent
from armguard_tray.messages.gap import Gap, Reason, detail_of, title_of
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.storage import chain, gap_rows, rows, schema, text_index
from armguard_tray.storage.faults import journal_error

log = logging.getLogger(__name__)

REBUILT = "journal_rebuilt"
"""The kind of the event that tells of it where nothing is missing."""
# The database last: as long as it is there, the others can be put back.
_PARTS = ("-wal", "-shm", "-journal", "")
_NEWER_AT_MOST = 1000  # a version beyond this is damage
_HEADER = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What came of it.

    Attributes:
        set_aside: the damaged file, under its new name.
        rows: how many events the new journal has of it.
        all_read: whether it is known that these are all.
        told: the events that tell of it, in the new journal.

    """

    set_aside: Path
    rows: int
    all_read: bool
    told: Sequence[StoredEvent]

    @property
    def told_to_user(self) -> JournalDamagedError:
        """What has happened, in words for the person at the desk."""
        events = counted(self.rows, "event")
        read = f"All {events} in it are in a new one." if self.all_read else f"A new one has {events} of it."
        lost = "" if self.all_read else " Others may be missing: the log shows the gap."
        kept = f"The damaged file is kept as {self.set_aside}."
        return JournalDamagedError(f"The journal was damaged. {read}{lost}", kept)


def salvage(file: Path, *, now: datetime, last_row: int = 0) -> Salvaged:
    """Put a new journal in the place of the damaged one in `file`; blocks, some minutes for a million events.

    Nobody else may have the journal open. `now`, aware, becomes part of the damaged file's new name, as its
    zone has it. New rows go on above `last_row`.

    Raises:
        JournalError: it cannot be done now; the damaged file is left as it was.
        JournalTooNewError: a newer version of the program wrote it.

    """
    _refuse_what_is_not_ours(file)
    tag = _free_tag(file, now)
    rebuilding, ready = _named(file, "rebuilding"), _named(file, f"rebuilt-{tag}")
    log.warning("the journal %s is damaged; it is rebuilt from what can be read", file)
    try:
        _discard(file)
        _check_space(file)
        with closing(_begin(rebuilding)) as connection:
            salvaged = _rebuild(file, _named(file, f"damaged-{tag}"), connection, now, last_row)
        rebuilding.rename(ready)
        _swap(file, ready, tag)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            _discard(file)
        raise _not_rebuilt(file, error) from error
    log.warning("%s", salvaged.told_to_user)
    return salvaged


def finish(file: Path) -> None:
    """Do what is left of a salvage during which the program died. Raises JournalError."""
    try:
        for ready in _all_named(file, "rebuilt-*"):
            tag = ready.stem.rpartition("rebuilt-")[2]
            log.warning("a journal that was rebuilt is put in place of the damaged one: %s", ready)
            _swap(file, ready, tag)
    except OSError as error:
        raise _not_rebuilt(file, error) from error


def has_only_its_log(file: Path) -> bool:
    """Tell whether the database is gone or empty but its write-ahead log is not: SQLite would delete that."""
    return _length(file) == 0 and _length(_part(file, "-wal")) > 0


def _rebuild(
    file: Path, set_aside: Path, connection: sqlite3.Connection, now: datetime, last_row: int
) -> Salvaged:
    # Damage is rare, and each desk would pay for its remedy all the time.
    from armguard_tray.storage.readable import DamagedJournal  # noqa: PLC0415 - as the comment says
    from armguard_tray.storage.rebuilding import Rebuilding  # noqa: PLC0415 - as above

    with schema.transaction(connection), DamagedJournal(file, connection) as damaged:
        rebuilding = Rebuilding(connection, damaged)
        known_to = rebuilding.fill()
        all_read = known_to is None
        if all_read:
            event = _rebuilt_event(set_aside, now)
        else:
            event = _lost_event(set_aside, rebuilding.time_of(known_to), now)
        told = [_tell(connection, event, server, last_row) for server in rebuilding.servers()]
        chain.begin(connection, chain.Reason.REBUILT, now)
        return Salvaged(set_aside=set_aside, rows=rebuilding.count, all_read=all_read, told=told)


def _tell(connection: sqlite3.Connection, event: Event, server: int, last_row: int) -> StoredEvent:
    (newest,) = connection.execute("SELECT coalesce(max(row), 0) FROM event").fetchone()
    stored = StoredEvent(max(newest, last_row) + 1, event)
    connection.execute(rows.INSERT, rows.to_row(server, stored))
    text_index.add(connection, stored.row, stored.row)
    if event.gap is not None:
        connection.execute(gap_rows.INSERT, gap_rows.to_row(stored.row, server, event.gap))
    return stored


def _lost_event(set_aside: Path, since: datetime | None, now: datetime) -> Event:
    gap = Gap(
        reason=Reason.JOURNAL_LOST,
        streams=DEFAULT_STREAMS,
        since=since,
        until=now,
        cause=f"the damaged file is kept as {set_aside.name}",
    )
    return Event(
        stream=DEFAULT_STREAMS[0],
        kind="gap",
        category=Category.GAP,
        received=now,
        source=Source.MISSING,
        raw=msgspec.json.encode({"gap": asdict(gap)}).decode(),
        level=Level.WARNING,
        title=title_of(gap),
        detail=detail_of(gap),
        time=since,
        gap=gap,
    )


def _rebuilt_event(set_aside: Path, now: datetime) -> Event:
    return Event(
        stream=Stream.TRANSACTIONS,
        kind=REBUILT,
        category=Category.OTHER,
        received=now,
        source=Source.MISSING,
        raw=msgspec.json.encode({REBUILT: {"damaged": set_aside.name}}).decode(),
        level=Level.WARNING,
        title="The log on this desk was damaged and rebuilt",
        detail=f"no event is missing; the damaged file is kept as {set_aside.name}",
    )


def _refuse_what_is_not_ours(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            header = opened.read(_HEADER)
    except OSError:
        return  # what cannot be read refuses nothing; it is said when it is copied
    if not header.startswith(b"SQLite format 3\0") or len(header) < _HEADER:
        return
    version, application = (int.from_bytes(header[at : at + 4], "big") for at in (60, 68))
    if application not in {0, schema.APPLICATION_ID}:
        raise JournalError(
            "The journal's file is a damaged database of another program.",
            "Move it away, and a new journal is begun.",
        )
    if len(schema.MIGRATIONS) < version < _NEWER_AT_MOST:
        raise JournalTooNewError(
            f"The journal in {file} is damaged, and a newer version of ArmGuard Tray wrote it.",
            "Update the program; the journal is left as it is.",
        )


def _begin(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        # Until it has its right name nobody needs it: what is half done is discarded.
        for pragma in ("journal_mode = MEMORY", "cache_size = -65536", "locking_mode = EXCLUSIVE"):
            connection.execute(f"PRAGMA {pragma}").close()
        schema.migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _swap(file: Path, ready: Path, tag: str) -> None:
    """Set the damaged file aside and put the new one in its place; or change nothing. Raises OSError."""
    aside = _named(file, f"damaged-{tag}")
    moved: list[tuple[Path, Path]] = []
    try:
        for part in _PARTS:
            before, after = _part(file, part), _part(aside, part)
            if before.exists():
                before.rename(after)
                moved.append((before, after))
        ready.rename(file)
    except OSError:
        for before, after in reversed(moved):
            after.rename(before)
        raise


def _discard(file: Path) -> None:
    """Delete what an earlier attempt left."""
    for each in (*_all_named(file, "rebuilding"), *_all_named(file, "rebuilt-*")):
        each.unlink(missing_ok=True)


def _check_space(file: Path) -> None:
    """Fail at once where there is surely no room: else each attempt would read all and fill the disk."""
    if shutil.disk_usage(file.parent).free < _length(file):
        raise OSError(ENOSPC, strerror(ENOSPC))


def _not_rebuilt(file: Path, error: sqlite3.Error | OSError) -> JournalError:
    if isinstance(error, sqlite3.Error):
        why = journal_error(file, error)
    else:
        reason = error.strerror or str(error)
        why = JournalError(f"The reason is: {reason}.", "Check the permissions and the free space there.")
    return JournalError(
        f"The journal in {file} is damaged and could not be rebuilt. {why.message}",
        f"{why.remedy} The damaged file is where it was.".strip(),
    )


def _free_tag(file: Path, now: datetime) -> str:
    """Return what sets this salvage's names apart from all others."""
    stamp = tag = f"{now:%Y%m%d-%H%M%S}"
    number = 1
    while any(_part(_named(file, f"damaged-{tag}"), part).exists() for part in _PARTS):
        number += 1
        tag = f"{stamp}-{number}"
    return tag


def _named(file: Path, what: str) -> Path:
    return file.with_name(f"{file.stem}.{what}{file.suffix}")


def _all_named(file: Path, what: str) -> list[Path]:
    return sorted(file.parent.glob(_named(file, what).name))


def _part(file: Path, part: str) -> Path:
    return file.with_name(file.name + part)


def _length(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
