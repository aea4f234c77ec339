"""One program a data folder: two that share a journal would each show only half of what arrives."""

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from armguard_tray.errors import JournalError, UserError


class FolderInUseError(UserError):
    """Another program uses this data folder."""


class FolderLock:
    """Holds a data folder for as long as the process lives.

    SQLite's own file lock does it, on every platform, and the system lifts it when the process dies.
    """

    def __init__(self, folder: Path) -> None:
        """Lock `folder`, which is made if need be.

        Raises:
            FolderInUseError: another program holds it.
            JournalError: the folder cannot be written.

        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._connection = _locked(folder / "in-use.lock")
        except sqlite3.Error as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise FolderInUseError(
                    f"Another ArmGuard Tray uses the folder {folder}.",
                    "Give this one a folder of its own: --data-dir.",
                ) from error
            raise JournalError(f"The folder {folder} cannot be used: {error}.") from error
        except OSError as error:
            raise JournalError(f"The folder {folder} cannot be used: {error}.") from error

    def release(self) -> None:
        """Let others use the folder."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Hold the folder for a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let others use the folder."""
        self.release()


def _locked(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
