"""Whether the chain of a journal holds, and where it does not.

The whole journal is read as it is at one moment, over a connection of its own, while others go on writing.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec

from armguard_tray.errors import JournalDamagedError, JournalError, JournalTooNewError
from armguard_tray.storage import chain, schema
from armguard_tray.storage.chain import Anchor, ChainHead
from armguard_tray.storage.faults import journal_error
from armguard_tray.storage.log_filter import from_microseconds

MOST_TOLD: Final = 100
"""So many breaks, and so many changes, are told one by one; of others only the number."""
_CHUNK = 1000
_STEPS_BETWEEN_LOOKS = 20_000  # of SQLite's virtual machine: less than a millisecond
_CHAINED_SINCE = 7  # the version of a journal that has a chain
_BUSY_TIMEOUT = 5.0  # seconds

Progress = Callable[[int, int], None]
"""Is told how many entries have been looked at, and how many there are."""


class Fault(StrEnum):
    """What is wrong at one place, in words."""

    CONTENT = "content changed"
    """The row says something else than when it was stored."""
    EARLIER_CONTENT = "earlier content changed or gone"
    """What is kept of a row from before it was completed is not what it said."""
    ROW_MISSING = "row missing"
    ROW_INSERTED = "row inserted"
    """The row has no entry."""
    ENTRY_MISSING = "entry of the chain missing"
    LINK = "link broken"
    """The entry does not follow from the one before it."""
    ANCHOR = "beginning of the chain changed"
    """What says where the chain begins is not what it said."""
    CUT_OFF = "end cut off"
    """The chain ends before the head that was given."""
    OTHER_HEAD = "not the head that was written down"


class HeadFound(StrEnum):
    """What became of a head that was kept elsewhere."""

    NOT_GIVEN = "not given"
    HOLDS = "holds"
    DIFFERS = "differs"
    CUT_OFF = "cut off"
    TRIMMED = "trimmed"
    """Retention has removed the entries up to it: it proves nothing any more."""


@dataclass(frozen=True, slots=True)
class Break:
    """One place where the chain does not hold.

    Attributes:
        fault: what is wrong.
        number: the entry's number; None: there is no entry.
        row: the row; None: it is no row's entry.
        received: when the row reached this desk, aware, as it says now; None: not known.

    """

    fault: Fault
    number: int | None = None
    row: int | None = None
    received: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A row that was completed later, by the program itself.

    Attributes:
        row: the row.
        number: the entry that tells of it as it was before.
        fields: what reads differently since: name, before, after; None where there was or is nothing.

    """

    row: int
    number: int
    fields: Sequence[tuple[str, Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What came of it.

    Attributes:
        rows: how many rows were compared.
        since, until: when the first and the last of them reached this desk, aware; None: there is none.
        head: the newest entry.
        anchors: where and why the chain begins, oldest first; the last one is where it begins now.
        changes: rows that were completed later, at most `MOST_TOLD`; `changed` counts all.
        breaks: where it does not hold, at most `MOST_TOLD`; `broken` counts all.
        head_found: what became of a head that was kept elsewhere.

    """

    rows: int
    since: datetime | None
    until: datetime | None
    head: ChainHead | None
    anchors: Sequence[Anchor]
    changes: Sequence[Change]
    changed: int
    breaks: Sequence[Break]
    broken: int
    head_found: HeadFound

    @property
    def holds(self) -> bool:
        """Whether nothing was found to be wrong."""
        return not self.broken


def verify(
    file: Path,
    head: ChainHead | None = None,
    *,
    progress: Progress = lambda _done, _of: None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> Verified:
    """Look whether the chain of the journal `file` holds; it blocks, some seconds for a million rows.

    Args:
        file: the journal.
        head: one that was kept elsewhere.
        progress: called now and then.
        is_wanted: asked now and then whether to go on.

    Raises:
        JournalError: it cannot be read, or has no chain yet.
        JournalTooNewError: a newer version of the program wrote it.
        CancelledError: it is not wanted any more.

    """
    if not file.is_file():
        raise JournalError(f"There is no journal in {file}.")
    try:
        with closing(_connect(file)) as connection:
            connection.set_progress_handler(lambda: not is_wanted(), _STEPS_BETWEEN_LOOKS)
            connection.execute("BEGIN")  # all is read as it is at this moment
            _check_version(connection, file)
            return _Verification(connection, head, progress).verified()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise CancelledError from None
        meaning = journal_error(file, error)
        raise (_damaged(file) if isinstance(meaning, JournalDamagedError) else meaning) from error
    except (sqlite3.Warning, UnicodeDecodeError, MemoryError) as error:
        # What SQLite says of a damaged file may itself be no text, and a row may claim to have two gigabytes.
        raise _damaged(file) from error


def _damaged(file: Path) -> JournalDamagedError:
    return JournalDamagedError(
        f"The journal in {file} is damaged, so its chain cannot be followed.",
        "Nothing was changed. The program rebuilds its own journal when it starts; take another backup.",
    )


def _connect(file: Path) -> sqlite3.Connection:
    uri = f"{file.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT, isolation_level=None)


def _check_version(connection: sqlite3.Connection, file: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != schema.APPLICATION_ID:
        raise JournalError(f"{file} is no journal of ArmGuard Tray.")
    if version > len(schema.MIGRATIONS):
        raise JournalTooNewError(
            f"The journal in {file} was written by a newer version of ArmGuard Tray.", "Update the program."
        )
    if version < _CHAINED_SINCE:
        raise JournalError(
            f"The journal in {file} is of an older version, which kept no chain.",
            "Start ArmGuard Tray once: the chain begins with that.",
        )


_ENTRIES = (
    f"SELECT chain.n, chain.row, chain.link, chain.digest, chain.superseded, {chain.CONTENT} "  # noqa: S608 - no data
    f"FROM chain LEFT JOIN event ON event.row = chain.row AND chain.superseded IS NULL {chain.JOINED} "
    "WHERE chain.n > ? ORDER BY chain.n LIMIT ?"
)
_OF_ENTRY = 5  # columns of the chain itself
_UNCHAINED = """
    SELECT row, received FROM event
    WHERE NOT EXISTS (SELECT 1 FROM chain WHERE chain.row = event.row AND superseded IS NULL)
"""
_LONE_GAPS = "SELECT row FROM gap WHERE row NOT IN (SELECT row FROM event)"


class _Verification:
    """One look at one journal."""

    def __init__(self, connection: sqlite3.Connection, head: ChainHead | None, progress: Progress) -> None:
        self._connection = connection
        self._wanted_head = head
        self._progress = progress
        self._anchors = chain.anchors(connection)
        self._trimmed_to = max(
            (each.up_to_row for each in self._anchors if each.reason == chain.Reason.RETENTION), default=0
        )
        self._breaks: list[Break] = []
        self._broken = 0
        self._changes: list[Change] = []
        self._changed = 0
        self._rows = 0
        self._span: tuple[int, int] | None = None
        # Of a row that was completed: its entry up to now, and what it said by that.
        self._earlier: dict[int, tuple[int, bytes]] = {}
        self._anchors_left = {each.id: each for each in self._anchors}
        self._links: dict[int, bytes] = {}

    def verified(self) -> Verified:
        if self._anchors:
            self._walk(self._anchors[-1])
        else:
            self._add(Break(Fault.ANCHOR))
        self._look_for_lone_rows()
        found = self._head_found()
        first, last = (None, None) if self._span is None else map(_time, self._span)
        return Verified(
            rows=self._rows,
            since=first,
            until=last,
            head=chain.head(self._connection),
            anchors=self._anchors,
            changes=self._changes,
            changed=self._changed,
            breaks=self._breaks,
            broken=self._broken,
            head_found=found,
        )

    def _add(self, found: Break) -> None:
        self._broken += 1
        if len(self._breaks) < MOST_TOLD:
            self._breaks.append(found)

    # The chain

    def _walk(self, anchor: Anchor) -> None:
        expected, link = anchor.n + 1, anchor.link
        self._remember(anchor.n, link)
        (last,) = self._connection.execute("SELECT coalesce(max(n), 0) FROM chain").fetchone()
        for n, row, told_link, digest, superseded, *values in self._entries():
            if n != expected:
                self._add(Break(Fault.ENTRY_MISSING, expected))
            elif chain.link_of(link, n, row, digest) != told_link:
                self._add(Break(Fault.LINK, n, row if row > 0 else None, _received(values)))
            if row < 0:
                self._look_at_anchor(n, -row, digest, superseded)
            elif superseded is None:
                self._look_at_row(n, row, digest, values)
            else:
                self._look_at_earlier(n, row, digest, superseded)
            expected, link = n + 1, told_link
            self._remember(n, link)
            if n % _CHUNK == 0:
                self._progress(n - anchor.n, last - anchor.n)
        for row, (n, _) in self._earlier.items():
            self._add(Break(Fault.ROW_MISSING, n, row))
        for _ in self._anchors_left:
            self._add(Break(Fault.ANCHOR))

    def _entries(self) -> Iterator[Sequence[Any]]:
        last = -(1 << 63)
        more = True
        while more:
            more = False
            try:
                # One by one: a frame may be as long as a megabyte.
                for entry in self._connection.execute(_ENTRIES, [last, _CHUNK]):
                    more, last = True, entry[0]
                    yield entry
            except sqlite3.OperationalError as error:
                if "decode" not in str(error) or self._connection.text_factory is not str:
                    raise
                # Somewhere there is text that is none. It was never stored like that: its digest will tell.
                self._connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
                more = True
            else:
                self._connection.text_factory = str

    def _look_at_row(self, n: int, row: int, digest: bytes, values: Sequence[Any]) -> None:
        received = _received(values)
        if values[chain.ROW] is None:
            self._add(Break(Fault.ROW_MISSING, n, row))
            self._earlier.pop(row, None)
            return
        self._rows += 1
        content = _content(values)
        if content is None or chain.digest_of(content) != digest:
            self._add(Break(Fault.CONTENT, n, row, received))
        stamp = values[chain.RECEIVED]
        first, last = self._span or (stamp, stamp)
        self._span = min(first, stamp), max(last, stamp)
        self._compare_to_earlier(row, content)

    def _look_at_earlier(self, n: int, row: int, digest: bytes, superseded: str) -> None:
        if superseded == chain.TRIMMED:
            if row > self._trimmed_to:
                self._add(Break(Fault.EARLIER_CONTENT, n, row))
            self._earlier.pop(row, None)
            return
        content = superseded.encode("utf-8", "surrogateescape")
        if chain.digest_of(content) != digest:
            self._add(Break(Fault.EARLIER_CONTENT, n, row))
        self._compare_to_earlier(row, content)
        self._earlier[row] = (n, content)

    def _compare_to_earlier(self, row: int, content: bytes | None) -> None:
        earlier = self._earlier.pop(row, None)
        if earlier is None:
            return
        self._changed += 1
        if content is not None and len(self._changes) < MOST_TOLD:
            n, before = earlier
            self._changes.append(Change(row, n, _differences(before, content)))

    def _look_at_anchor(self, n: int, number: int, digest: bytes, superseded: str | None) -> None:
        anchor = self._anchors_left.pop(number, None)
        if anchor is None or superseded is not None or chain.digest_of(anchor.content) != digest:
            self._add(Break(Fault.ANCHOR, n))

    # What has no entry

    def _look_for_lone_rows(self) -> None:
        for row, received in self._connection.execute(_UNCHAINED):
            self._add(Break(Fault.ROW_INSERTED, None, row, _time(received)))
        for (row,) in self._connection.execute(_LONE_GAPS):
            self._add(Break(Fault.ROW_INSERTED, None, row))

    # A head that was kept

    def _remember(self, n: int, link: bytes) -> None:
        if self._wanted_head is not None and n == self._wanted_head.number:
            self._links[n] = link

    def _head_found(self) -> HeadFound:
        wanted = self._wanted_head
        if wanted is None:
            return HeadFound.NOT_GIVEN
        newest = chain.head(self._connection)
        if newest is None or wanted.number > newest.number:
            self._add(Break(Fault.CUT_OFF, wanted.number))
            return HeadFound.CUT_OFF
        link = self._links.get(wanted.number)
        if link is None and self._anchors and wanted.number < self._anchors[-1].n:
            return HeadFound.TRIMMED
        if link is None or link.hex() != wanted.link.lower():
            self._add(Break(Fault.OTHER_HEAD, wanted.number))
            return HeadFound.DIFFERS
        return HeadFound.HOLDS


def _content(values: Sequence[Any]) -> bytes | None:
    try:
        return chain.content_of(values)
    except (ValueError, TypeError, OverflowError):
        return None  # no row was ever stored like this


def _received(values: Sequence[Any]) -> datetime | None:
    return _time(values[chain.RECEIVED])


def _time(stamp: int | None) -> datetime | None:
    try:
        return None if stamp is None else from_microseconds(stamp)
    except OverflowError:
        return None  # a year that there is not


def _differences(before: bytes, after: bytes) -> list[tuple[str, Any, Any]]:
    try:
        was, now = (msgspec.json.decode(each, type=dict[str, Any]) for each in (before, after))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []  # that it is no content of a row is told as a break
    names = sorted({*was, *now} - {"search"})
    return [(name, was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)]
