"""The journal read from outside: by a process, or a thread, that is not one of those that keep it."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from armguard_tray.errors import JournalDamagedError, JournalError
from armguard_tray.storage.faults import journal_error

_BUSY_TIMEOUT: Final = 5.0  # seconds
_STEPS_BETWEEN_LOOKS: Final = 20_000  # of SQLite's virtual machine: less than a millisecond


def connect(file: Path) -> sqlite3.Connection:
    """Return a connection to the journal `file`, which is only read.

    Raises:
        JournalError: there is no journal, or it cannot be read.

    """
    if not file.exists():
        raise JournalError(
            f"There is no journal in {file.parent}.", "The program makes one when it first runs."
        )
    try:
        uri = f"{file.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT, isolation_level=None)
        connection.execute("PRAGMA temp_store = FILE").close()
    except sqlite3.Error as error:
        raise _meaning_of(file, error) from error
    return connection


@contextmanager
def reading(file: Path, connection: sqlite3.Connection, unwanted: threading.Event) -> Iterator[None]:
    """Say what SQLite's errors mean to whoever wants to read; stop once `unwanted` is set.

    Raises:
        JournalError: it cannot be read.
        CancelledError: nobody wants it any more.

    """
    connection.set_progress_handler(unwanted.is_set, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    except sqlite3.Error as error:
        if unwanted.is_set():
            raise CancelledError from None
        raise _meaning_of(file, error) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise _damaged(file) from error  # nothing like it was ever stored


def _meaning_of(file: Path, error: sqlite3.Error) -> JournalError:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return JournalError(
            "There is not enough room for temporary files.",
            "Free some space; SQLITE_TMPDIR may name a folder on another disk.",
        )
    meaning = journal_error(file, error)
    return _damaged(file) if isinstance(meaning, JournalDamagedError) else meaning


def _damaged(file: Path) -> JournalDamagedError:
    return JournalDamagedError(
        f"The journal in {file} is damaged.",
        "Start the program: it makes a new one of what can be read, and keeps the damaged file beside it.",
    )
