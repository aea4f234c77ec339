"""Reads a SQLite database of a running program, without standing in its way."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_PATIENCE = 0.2  # seconds; the next look is soon


class NotReadableNow(Exception):  # noqa: N818 - named for what it says
    """The database is not there, busy, or in a state that only its program mends."""


@contextmanager
def one_moment_of(file: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection whose statements all see the same moment. Raises NotReadableNow."""
    try:
        uri = f"file:{file}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None)) as database:
            database.execute("BEGIN")
            yield database
    except sqlite3.DatabaseError as error:
        raise NotReadableNow(str(error)) from error
