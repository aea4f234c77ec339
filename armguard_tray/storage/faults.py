"""What SQLite's errors mean to the person at the desk."""

import sqlite3
from pathlib import Path

from armguard_tray.errors import JournalError

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
    "Quit the program, move this file and those that begin with its name away (keep them), and start again.",
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
}
_PRIMARY = 0xFF  # an extended code has its primary one in the lowest byte


def journal_error(file: Path, error: sqlite3.Error) -> JournalError:
    """Return what `error`, met in the journal `file`, is to the user."""
    # Errors of the sqlite3 module itself carry no code.
    code = getattr(error, "sqlite_errorcode", None)
    meaning = None if code is None else _MEANING.get(code & _PRIMARY)
    if meaning is None:
        return JournalError(f"The journal in {file} cannot be used: {error}.")
    message, remedy = meaning
    return JournalError(message.format(file=file), remedy.format(file=file))
