"""What SQLite's errors mean to the person at the desk."""

import sqlite3
from pathlib import Path

from armguard_tray.errors import JournalDamagedError, JournalError

_FULL = (
    "The disk is full: the journal cannot be written.",
    "Free some space. Until then, what arrives is held in memory and not shown.",
)
_LOCKED = ("The journal is locked by another program.", "Close whatever else has {file} open.")
_FORBIDDEN = (
    "The journal in {file} cannot be opened or written.",
    "Check the permissions of file and folder.",
)
_DAMAGED = (
    "The journal in {file} is damaged.",
    "A new one is made of what can be read; the damaged file is kept beside it, as damaged, with the time.",
)
_DISK = (
    "The disk reports an error: the journal in {file} cannot be used.",
    "Check the disk and its free space.",
)

# https://www.sqlite.org/rescode.html
_MEANING = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _FORBIDDEN,
    sqlite3.SQLITE_PERM: _FORBIDDEN,
    sqlite3.SQLITE_AUTH: _FORBIDDEN,
    sqlite3.SQLITE_CANTOPEN: _FORBIDDEN,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: _DISK,
    # The file ends before it should; an extended code that means more than its primary one.
    sqlite3.SQLITE_IOERR_SHORT_READ: _DAMAGED,
}
# What the program asks of SQLite is always the same, and right: where it is told so, the file is wrong.
_DAMAGED_WORDS = (
    "malformed database schema",
    "no such table",
    "no such column",
    "no such index",
    "Could not decode to UTF-8",
)
_PRIMARY = 0xFF  # an extended code has its primary one in the lowest byte


def journal_error(file: Path, error: sqlite3.Error) -> JournalError:
    """Return what `error`, met in the journal `file`, is to the user."""
    # Errors of the sqlite3 module itself carry no code.
    code = getattr(error, "sqlite_errorcode", None)
    meaning = None if code is None else _MEANING.get(code, _MEANING.get(code & _PRIMARY))
    if meaning is None and str(error).startswith(_DAMAGED_WORDS):
        meaning = _DAMAGED
    if meaning is None:
        return JournalError(f"The journal in {file} cannot be used: {error}.")
    if meaning is _DAMAGED:
        return damaged(file)
    message, remedy = meaning
    return JournalError(message.format(file=file), remedy.format(file=file))


def damaged(file: Path) -> JournalDamagedError:
    """Return what damage in the journal `file` is to the user."""
    message, remedy = _DAMAGED
    return JournalDamagedError(message.format(file=file), remedy)
