"""Copies of the journal, made while it is written to.

A copy is made under another name first, looked through, forced onto the disk, and only then gets its own:
what bears the name of a backup is one. It is a single file, which opens anywhere.
"""

import logging
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from errno import ENOSPC
from os import strerror
from pathlib import Path
from typing import Final

from armguard_tray.errors import JournalError
from armguard_tray.owner import owner_of
from armguard_tray.storage import schema
from armguard_tray.storage.faults import damaged, journal_error
from armguard_tray.unfinished import Unfinished, clear

log = logging.getLogger(__name__)

SUFFIX: Final = ".sqlite3"
_PAGES_A_STEP = 256  # a megabyte: whoever cancels waits no longer than for that
_STEPS_BETWEEN_LOOKS = 20_000
_BUSY_TIMEOUT = 5.0  # seconds
_STAMP = "%Y%m%d-%H%M%S"
_OWN_NAME = re.compile(rf"(-before-format-\d+)?-\d{{8}}-\d{{6}}{re.escape(SUFFIX)}")
"""What `name_of` puts behind the journal's own name and whose it is."""

Progress = Callable[[int, int], None]
"""Is told how many pages are copied, and how many there are."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that there is: its file, when it was made (aware), and its size in bytes."""

    file: Path
    at: datetime
    size: int


def folder_of(journal: Path) -> Path:
    """Return where the backups of a journal lie unless a setting says otherwise."""
    return journal.parent / "backups"


def name_of(journal: Path, at: datetime, *, why: str = "") -> str:
    """Return what a backup is called that is made `at` that time, aware: also whose it is."""
    reason = f"-{why}" if why else ""
    return f"{journal.stem}-{owner_of(journal)}{reason}-{at.astimezone(UTC):{_STAMP}}{SUFFIX}"


def newest(journal: Path, folder: Path) -> Backup | None:
    """Return the newest backup of a journal in a folder; None if there is none, or it cannot be looked at."""
    found = _backups(journal, folder)
    return found[-1] if found else None


def keep_newest(journal: Path, folder: Path, count: int, made: Path) -> None:
    """Delete all but the newest backups of a journal in a folder, but not `made`. Raises OSError.

    A file that a person gave a name of their own is not among them, nor is another desk's. And where the
    clock was wrong, older ones may seem to be the newer ones: `made`, which was made just now, stays all the
    same.
    """
    beginnings = _beginnings(journal, folder)
    ours = [
        each.file
        for each in _backups(journal, folder)
        if any(_OWN_NAME.fullmatch(each.file.name.removeprefix(begin)) for begin in beginnings)
    ]
    for file in ours[:-count]:
        if file != made:
            file.unlink(missing_ok=True)


def clear_up(journal: Path, folder: Path) -> None:
    """Remove what was left half done in a folder of backups, and by older versions in the journal's own."""
    clear(folder)
    if folder.resolve() != folder_of(journal).resolve():
        return
    with suppress(OSError):  # then it lies there a while longer
        for left in folder.glob(f"{_escaped(journal.stem)}-*{SUFFIX}.partial"):
            left.unlink()
            log.warning("removed %s, which an older version has left half done", left)


def back_up(
    journal: Path,
    target: Path,
    *,
    progress: Progress = lambda _done, _of: None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Copy the journal as it is at this moment into the file `target`; it blocks.

    Raises:
        JournalError: it could not be done; there is no such file then, or the one that was there before.
        JournalDamagedError: the journal itself is damaged.
        CancelledError: it is not wanted any more.

    """
    _check_is_another(target, journal)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        clear(target.parent)
        _check_space(journal, target.parent)
        unfinished = Unfinished(target)
        try:
            with closing(_connect(journal)) as source, closing(_opened(unfinished.path)) as copy:
                _copy(source, copy, progress, is_wanted)
                _check(copy, journal, is_wanted)
            os.fsync(unfinished.descriptor)
            unfinished.into(target)
        finally:
            _discard(unfinished)
        if os.name == "posix":
            _force(target.parent)  # so that the name is there, too, after a power cut
    except OSError as error:
        raise _not_done(target, error.strerror or str(error)) from error
    except sqlite3.Error as error:
        raise _failed(journal, target, error) from error


def back_up_before_migration(
    connection: sqlite3.Connection, journal: Path, folder: Path, now: datetime
) -> Path | None:
    """Copy a journal of an older version before it is changed; None: there is nothing to copy.

    A journal of which no copy can be made is not changed. A migration is done as a whole or not at all, so
    this is for faults of our own; and where there is no room for a copy there is none for the migration.

    Raises:
        JournalError: no copy could be made; the journal is as it was.

    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != schema.APPLICATION_ID or not 0 < version < len(schema.MIGRATIONS):
        return None
    target = folder / name_of(journal, now, why=f"before-format-{len(schema.MIGRATIONS)}")
    try:
        back_up(journal, target)
    except JournalError as error:
        if type(error) is not JournalError:
            raise  # it is damaged: that is another matter
        raise JournalError(
            f"This version keeps its journal in a new format, and will not change yours without a backup. "
            f"{error.message}",
            f"{error.remedy} Then start ArmGuard Tray again; the journal is as it was.".strip(),
        ) from error
    return target


def _backups(journal: Path, folder: Path) -> list[Backup]:
    """Return the backups, oldest first."""
    found = []
    # The last beginning is the shortest, and the others begin with it.
    begin = _escaped(_beginnings(journal, folder)[-1])
    with suppress(OSError):  # a folder that cannot be looked into shows none
        for file in folder.glob(f"{begin}-*{SUFFIX}"):
            stat = file.stat()
            found.append(Backup(file, datetime.fromtimestamp(stat.st_mtime, UTC), stat.st_size))
    return sorted(found, key=lambda each: (each.at, each.file.name))


def _beginnings(journal: Path, folder: Path) -> list[str]:
    """Return how the names of a journal's backups in a folder begin.

    Older versions did not say whose they are. In the journal's own folder they are its own; in any other,
    which other desks may use as well, there is no telling, and they are left alone.
    """
    whose = f"{journal.stem}-{owner_of(journal)}"
    is_own_folder = folder.resolve() == folder_of(journal).resolve()
    return [whose, journal.stem] if is_own_folder else [whose]


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _connect(journal: Path) -> sqlite3.Connection:
    uri = f"{journal.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT, isolation_level=None)


def _opened(partial: Path) -> sqlite3.Connection:
    return sqlite3.connect(partial, isolation_level=None)


def _copy(
    source: sqlite3.Connection,
    copy: sqlite3.Connection,
    progress: Progress,
    is_wanted: Callable[[], bool],
) -> None:
    # As long as it reads, what others write meanwhile is not seen, and the copying does not begin anew
    # (https://www.sqlite.org/backup.html).
    source.execute("BEGIN")
    source.execute("SELECT 1 FROM sqlite_schema").close()

    def step(_status: int, remaining: int, total: int) -> None:
        progress(total - remaining, total)
        if not is_wanted():
            raise CancelledError

    source.backup(copy, pages=_PAGES_A_STEP, progress=step)
    copy.execute("PRAGMA journal_mode = DELETE").close()


def _check(copy: sqlite3.Connection, journal: Path, is_wanted: Callable[[], bool]) -> None:
    copy.set_progress_handler(lambda: not is_wanted(), _STEPS_BETWEEN_LOOKS)
    try:
        found = copy.execute("PRAGMA quick_check (1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise CancelledError from None
        raise
    if found != ("ok",):
        raise damaged(journal)


def _check_is_another(target: Path, journal: Path) -> None:
    """Raise where the copy would take the place of the journal itself, or of what SQLite keeps beside it."""
    itself = journal.resolve()
    ends = ("", "-wal", "-shm", "-journal")
    if target.resolve() in {itself.with_name(f"{itself.name}{end}") for end in ends}:
        raise JournalError(f"{target} is the journal itself.", "Choose another file for the backup.")


def _check_space(journal: Path, folder: Path) -> None:
    """Fail at once where there is surely no room, and do not fill the disk before that."""
    if shutil.disk_usage(folder).free < journal.stat().st_size:
        raise OSError(ENOSPC, strerror(ENOSPC))


def _force(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _discard(unfinished: Unfinished) -> None:
    with suppress(OSError):  # why it is to go is what counts
        unfinished.discard()


def _failed(journal: Path, target: Path, error: sqlite3.Error) -> JournalError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        return _not_done(target, strerror(ENOSPC) if code == sqlite3.SQLITE_FULL else str(error))
    return journal_error(journal, error)


def _not_done(target: Path, reason: str) -> JournalError:
    return JournalError(
        f"The journal could not be backed up to {target.parent}: {reason}.",
        "Free some space there, or check the folder and its permissions.",
    )
