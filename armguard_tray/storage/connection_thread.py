"""A thread that owns a connection to the journal, so that the event loop never waits for the disk."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from armguard_tray.errors import JournalError
from armguard_tray.storage.faults import journal_error

T = TypeVar("T")

_STEPS_BETWEEN_LOOKS = 20_000  # of SQLite's virtual machine: less than a millisecond
_BUSY_TIMEOUT = 5.0  # seconds that a statement waits for another process's transaction
_LOG_PAGES = 4000
_PRAGMAS = (
    "foreign_keys = ON",
    # A commit that has returned survives a power cut, not only a crash
    # (https://www.sqlite.org/pragma.html#pragma_synchronous).
    "synchronous = FULL",
    # The write-ahead log is written back when it has 16 MiB: pages that each write touches go back once for
    # many. One that a storm made longer is cut to that afterwards.
    f"wal_autocheckpoint = {_LOG_PAGES}",
    f"journal_size_limit = {16 << 20}",
)


class JournalGoneError(JournalError):
    """The file was moved or deleted while it was open: what is written would never be seen again."""


class ConnectionThread:
    """One connection and the only thread that touches it, which does one job after another."""

    def __init__(
        self, file: Path, prepare: Callable[[sqlite3.Connection], None], *, name: str, read_only: bool = False
    ) -> None:
        """Use the database `file`; it is opened with the first job, after `prepare`."""
        self._file = file
        self._prepare = prepare
        self._opened: os.stat_result | None = None
        self._pragmas = (*_PRAGMAS, "query_only = ON") if read_only else _PRAGMAS
        self._connection: sqlite3.Connection | None = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def call(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `job` returns, when the jobs before it are done.

        A job that has begun is carried through even if the caller is cancelled.

        Raises:
            JournalError: SQLite could not do it.

        """
        return await asyncio.wrap_future(self._executor.submit(self._do, job))

    async def call_while_wanted(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `job` returns, as `call`; it is broken off when the caller is cancelled."""
        unwanted = threading.Event()

        def do(connection: sqlite3.Connection) -> T:
            if unwanted.is_set():
                raise CancelledError
            connection.set_progress_handler(unwanted.is_set, _STEPS_BETWEEN_LOOKS)
            try:
                return job(connection)
            except sqlite3.OperationalError as error:
                if unwanted.is_set() and error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                    raise CancelledError from None
                raise
            finally:
                connection.set_progress_handler(None, 0)

        try:
            return await self.call(do)
        finally:
            unwanted.set()

    async def write(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `job` returns; it is done only while the file is the one that others find there.

        Raises:
            JournalGoneError: it is not; see `reopen`.
            JournalError: SQLite could not do it.

        """

        def if_in_place(connection: sqlite3.Connection) -> T:
            self._check_place()
            return job(connection)

        return await self.call(if_in_place)

    async def is_in_place(self) -> bool:
        """Tell whether the file is the one that was opened last, when the jobs before are done."""

        def look() -> bool:
            try:
                self._check_place()
            except JournalGoneError:
                return False
            return True

        return await asyncio.wrap_future(self._executor.submit(look))

    async def with_file_closed(self, job: Callable[[], T]) -> T:
        """Close the connection, after the jobs that wait, and return what `job` returns."""

        def do() -> T:
            self._close()
            return job()

        return await asyncio.wrap_future(self._executor.submit(do))

    async def reopen(self) -> None:
        """Open the file that lies there now, after the jobs that wait. Raises JournalError."""
        await self.with_file_closed(lambda: None)
        await self.call(lambda _: None)

    async def close(self) -> None:
        """Close the connection after the jobs that wait, and end the thread."""
        try:
            await asyncio.wrap_future(self._executor.submit(self._close))
        finally:
            # The thread has nothing left to do, so this does not block.
            self._executor.shutdown()

    def _do(self, job: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = self._open()
            return job(self._connection)
        except sqlite3.Error as error:
            raise journal_error(self._file, error) from error

    def _open(self) -> sqlite3.Connection:
        # Transactions are begun and ended by hand: isolation_level=None.
        connection = sqlite3.connect(self._file, timeout=_BUSY_TIMEOUT, isolation_level=None)
        try:
            for pragma in self._pragmas:
                connection.execute(f"PRAGMA {pragma}")
            self._prepare(connection)
            self._opened = self._file.stat()
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_place(self) -> None:
        try:
            found = self._file.stat()
        except (FileNotFoundError, NotADirectoryError):
            found = None
        except OSError:
            return  # a folder that may not be looked into tells nothing
        if found is None or self._opened is None or not os.path.samestat(found, self._opened):
            raise JournalGoneError(
                f"The journal {self._file} was moved or deleted while the program ran.",
                "Another one is begun in its place; what was stored until now is not in it.",
            )

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
