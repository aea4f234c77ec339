"""The care of a journal while it is in use: what is too old goes, and the file is kept tidy.

::

    start ──► last end unclean? ──► look through the file ──► damaged: rebuild
      │
      └──► every now and then, when nobody writes: old rows go ──► indexes are merged ──► log is written back

All of it is done in small steps between two writes. It is put off while events come one after the other, but
not for ever. Free pages are filled by new rows, so the file needs no compaction as a rule, and SQLite's
incremental vacuum would cost each write; where much has gone at once, a person may want the space back, and
`compact` does that. The journal is never ANALYZEd, and so not optimised (`PRAGMA optimize`): see `queries`.
"""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from armguard_tray.clock import Clock
from armguard_tray.errors import JournalDamagedError, JournalError
from armguard_tray.storage import backup, chain, retention
from armguard_tray.storage.backup import Backup
from armguard_tray.storage.chain import ChainHead
from armguard_tray.storage.faults import damaged, journal_error
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import from_microseconds
from armguard_tray.storage.retention import Limits, Trimmed
from armguard_tray.storage.verification import Verified, verify

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_AFTER: Final = 60.0
"""Seconds after the start when it is looked for the first time whether there is something to do."""
EVERY: Final = 600.0
"""Seconds between two such looks."""
QUIET: Final = 3.0
"""Seconds without a write after which nobody is taken to write."""
AT_LAST: Final = 60.0
"""Seconds after which one step is done although somebody writes."""
BETWEEN: Final = 0.1
"""Seconds between two steps, so that a step never keeps a writer waiting twice."""
MUCH_FREE: Final = 0.25
"""The share of free pages from which on compaction is worth it."""
_MERGED_AT_ONCE = 64  # pages
_STEPS_BETWEEN_LOOKS = 20_000
_BUSY_TIMEOUT = 5.0  # seconds

Progress = Callable[[int, int], None]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the user wants of it.

    Attributes:
        limits: how much is kept.
        backups: in which folder the backups lie; None: beside the journal.
        backups_kept: how many of them are kept.

    """

    limits: Limits = field(default_factory=Limits)
    backups: Path | None = None
    backups_kept: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What there is to say of a journal now.

    Attributes:
        file: its file.
        size: in bytes, with its write-ahead log.
        free: the share of the file that is free, from 0 to 1.
        rows: how many events it has.
        since: when the oldest of them reached this desk, aware; None: it has none.
        trimmed_to: the last row that retention has removed, and when, aware; None: none yet.
        over_size: whether it is larger than it may be, since the rest is too young to go.
        backup: the newest backup.

    """

    file: Path
    size: int
    free: float
    rows: int
    since: datetime | None
    trimmed_to: tuple[int, datetime | None] | None
    over_size: bool
    backup: Backup | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has found: when, aware, and whether the chain holds. The file was sound."""

    at: datetime
    verified: Verified


class Upkeep:
    """Takes care of one journal.

    Attributes:
        checked: what the last check has found; None: there was none since the start.

    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        wishes: Callable[[], Wishes],
        *,
        on_trimmed: Callable[[int], None] = lambda _: None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Prepare; nothing is done before `run`.

        Args:
            journal: the journal, open.
            clock: the time.
            wishes: returns the user's wishes that are in force.
            on_trimmed: called in the loop's thread with the last row that is gone, after each step.
            sleep: waits for so many seconds.

        """
        self.checked: Checked | None = None
        self._journal = journal
        self._clock = clock
        self._wishes = wishes
        self._on_trimmed = on_trimmed
        self._sleep = sleep
        self._stepped_at = clock.monotonic()

    async def run(self) -> None:
        """Take care, until cancelled."""
        try:
            was_unclean = await asyncio.to_thread(self._mark_in_use)
            await asyncio.to_thread(backup.clear_up, self._journal.file, self._backups)
            if was_unclean:
                await self._check_after_unclean_end()
            await self._sleep(FIRST_AFTER)
            while True:
                await self._tend()
                await self._sleep(EVERY)
        except OSError as error:
            log.warning("the journal's folder cannot be used for its upkeep: %s", error)

    def note_clean_end(self) -> None:
        """Remember that the journal was closed in order; it blocks while a file is deleted."""
        with suppress(OSError):  # then it is looked through once more than need be
            self._mark.unlink(missing_ok=True)

    # What the user asks for

    async def facts(self) -> Facts:
        """Return what there is to say of it now. Raises JournalError."""
        wishes = self._wishes()
        return await self._alone(lambda connection: _facts(connection, self._journal.file, wishes))

    async def back_up(self, target: Path | None, progress: Progress = lambda _done, _of: None) -> Backup:
        """Copy the journal into the file `target`, by default a new one in the folder of backups.

        Those in that folder that are too many are deleted then. Raises JournalError.
        """
        wishes, file, folder = self._wishes(), self._journal.file, self._backups
        now = self._clock.now()
        wanted = target or folder / backup.name_of(file, now)

        def copy(is_wanted: Callable[[], bool]) -> Backup:
            backup.back_up(file, wanted, progress=progress, is_wanted=is_wanted)
            with suppress(OSError):  # one too many is better than none
                backup.keep_newest(file, folder, wishes.backups_kept, wanted)
            return Backup(wanted, now, wanted.stat().st_size)

        made = await _in_thread(copy)
        log.info("the journal is backed up in %s", made.file)
        return made

    async def check(
        self, progress: Progress = lambda _done, _of: None, head: ChainHead | None = None
    ) -> Checked:
        """Look whether file and chain are sound; a damaged file is rebuilt. Raises JournalError."""
        try:
            await self._look_through()
        except JournalDamagedError:
            self.checked = None
            await self._journal.rebuild()
            raise
        file = self._journal.file
        verified = await _in_thread(
            lambda is_wanted: verify(file, head, progress=progress, is_wanted=is_wanted)
        )
        self.checked = checked = Checked(self._clock.now(), verified)
        if verified.holds:
            log.info("the journal's chain holds; its head is %s", verified.head)
        else:
            log.error("the journal's chain is broken in %d places: %s", verified.broken, verified.breaks[0])
        return checked

    async def compact(self) -> None:
        """Give back what is free in the file; meanwhile nothing is stored. Raises JournalError."""
        await self._journal.tend_long(lambda connection: connection.execute("VACUUM").close())
        await self._journal.tend(_write_back)

    # What is done unasked

    @property
    def _backups(self) -> Path:
        return self._wishes().backups or backup.folder_of(self._journal.file)

    @property
    def _mark(self) -> Path:
        file = self._journal.file
        return file.with_name(f"{file.name}-in-use")

    def _mark_in_use(self) -> bool:
        """Leave a mark that is deleted at a clean end; tell whether there was one."""
        was_there = self._mark.exists()
        self._mark.touch()
        return was_there

    async def _check_after_unclean_end(self) -> None:
        log.info("the program did not end in order the last time: the journal is looked through")
        try:
            await self._look_through()
        except JournalDamagedError as error:
            log.warning("%s", error)
            await self._tried(self._journal.rebuild)
        except JournalError as error:
            log.warning("the journal could not be looked through: %s", error)
        else:
            log.info("the journal is sound")

    async def _look_through(self) -> None:
        await self._alone(lambda connection: _look_through(connection, self._journal.file))

    async def _tend(self) -> None:
        """Do all that there is to do."""
        if await self._trim():
            await self._tried(self._forget_values)
        await self._steps(_merge)
        await self._steps(_write_back)

    async def _trim(self) -> bool:
        """Remove what is too old; tell whether anything was."""
        now = self._clock.now()
        any_gone = False
        while True:
            await self._wait_for_quiet()
            try:
                trimmed = await self._trim_a_little(now)
            except JournalError as error:
                log.warning("what is too old could not be removed from the journal: %s", error)
                return any_gone
            if trimmed is None:
                return any_gone
            if not any_gone:
                log.info("old events are removed from the journal, from row %d on", trimmed.up_to_row)
            any_gone = True
            try:
                self._on_trimmed(trimmed.up_to_row)
            except Exception:
                # A fault in what shows must not stop what keeps.
                log.exception("that rows are removed is not told")

    async def _trim_a_little(self, now: datetime) -> Trimmed | None:
        limits = self._wishes().limits
        return await self._journal.tend(lambda connection: retention.step(connection, limits, now))

    async def _forget_values(self) -> None:
        gone = await self._alone(retention.unborne)
        if gone.values:
            await self._journal.tend(lambda connection: retention.forget(connection, gone))

    async def _steps(self, step: Callable[[sqlite3.Connection], bool]) -> None:
        """Do a step as often as it says that there is more."""
        more = True
        while more:
            await self._wait_for_quiet()
            try:
                more = await self._journal.tend(step)
            except JournalError as error:
                log.warning("the journal could not be tidied up: %s", error)
                return

    async def _wait_for_quiet(self) -> None:
        await self._sleep(BETWEEN)
        while self._is_busy and self._clock.monotonic() - self._stepped_at < AT_LAST:
            await self._sleep(QUIET)
        self._stepped_at = self._clock.monotonic()

    @property
    def _is_busy(self) -> bool:
        written_at = self._journal.written_at
        return written_at is not None and self._clock.monotonic() - written_at < QUIET

    async def _tried(self, job: Callable[[], Awaitable[None]]) -> None:
        try:
            await job()
        except JournalError as error:
            log.warning("upkeep of the journal: %s", error)

    async def _alone(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Read over a connection that nobody else waits for."""
        file = self._journal.file

        def read(is_wanted: Callable[[], bool]) -> T:
            uri = f"{file.absolute().as_uri()}?mode=ro"
            try:
                with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT)) as connection:
                    connection.set_progress_handler(lambda: not is_wanted(), _STEPS_BETWEEN_LOOKS)
                    return job(connection)
            except sqlite3.Error as error:
                raise journal_error(file, error) from error

        return await _in_thread(read)


async def _in_thread(job: Callable[[Callable[[], bool]], T]) -> T:
    """Return what `job` returns in a thread; what it is given tells whether anybody still waits for it."""
    unwanted = threading.Event()
    try:
        return await asyncio.to_thread(job, lambda: not unwanted.is_set())
    finally:
        unwanted.set()


def _look_through(connection: sqlite3.Connection, file: Path) -> None:
    (found,) = connection.execute("PRAGMA quick_check (1)").fetchone()
    if found != "ok":
        log.warning("%s: %s", file, found)
        raise damaged(file)


def _facts(connection: sqlite3.Connection, file: Path, wishes: Wishes) -> Facts:
    pages, free = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count")
    )
    (rows,) = connection.execute("SELECT count(*) FROM event").fetchone()
    oldest = connection.execute("SELECT received FROM event ORDER BY row LIMIT 1").fetchone()
    anchor = chain.newest_anchor(connection)
    is_trimmed = anchor is not None and anchor.reason == chain.Reason.RETENTION
    return Facts(
        file=file,
        size=sum(_length(file.with_name(file.name + part)) for part in ("", "-wal")),
        free=free / pages if pages else 0.0,
        rows=int(rows),
        since=None if oldest is None else from_microseconds(oldest[0]),
        trimmed_to=(anchor.up_to_row, anchor.at) if anchor is not None and is_trimmed else None,
        over_size=retention.is_too_large(connection, wishes.limits),
        backup=backup.newest(file, wishes.backups or backup.folder_of(file)),
    )


def _merge(connection: sqlite3.Connection) -> bool:
    """Merge a little of the text indexes; tell whether there is more (fts5.html#the_merge_command)."""
    more = False
    for table in ("event_text", "moved_text"):
        before = connection.total_changes
        merge = f"INSERT INTO {table} ({table}, rank) VALUES ('merge', {_MERGED_AT_ONCE})"  # noqa: S608 - no data
        connection.execute(merge).close()
        more |= connection.total_changes - before > 1  # the command counts as one change itself
    return more


def _write_back(connection: sqlite3.Connection) -> bool:
    """Write the write-ahead log back into the database and cut it off, unless somebody reads in it now."""
    (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0").close()
    try:
        connection.execute("PRAGMA wal_checkpoint (TRUNCATE)").close()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {patience}").close()
    return False


def _length(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
