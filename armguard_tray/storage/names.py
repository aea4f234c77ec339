"""Who and what the journal names, for whoever must hide it."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from armguard_tray.errors import JournalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Each name once, in no order.

    Attributes:
        persons: of people who took or returned something.
        personnel_ids: what is printed on their badges.
        items: such as `M4 - 00077`.
        item_ids: what is printed on the items.
        users: accounts of the server.

    """

    persons: frozenset[str] = frozenset()
    personnel_ids: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    item_ids: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()


_LOCKED_AT_MOST = 0.5
"""Seconds to wait for a journal that is locked: a report without its log is better than none in time."""
_COLUMNS = {
    "persons": "person",
    "personnel_ids": "personnel_id",
    "items": "item",
    "item_ids": "item_id",
    "users": "issued_by",
}


def read_names(file: Path) -> Names:
    """Return all names in the journal `file`; none where there is no file. Nothing is written; it blocks.

    Raises:
        JournalError: it cannot be read.

    """
    if not file.exists():
        return Names()
    try:
        with closing(_connect(file)) as connection:
            connection.execute("BEGIN")  # one wait for a lock, not one for each column
            return Names(**{name: _all(connection, column) for name, column in _COLUMNS.items()})
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"The journal cannot be read: {error}.") from error


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=_LOCKED_AT_MOST)


def _all(connection: sqlite3.Connection, column: str) -> frozenset[str]:
    # People who come and go are known by their user names, as `person`.
    query = f"SELECT DISTINCT {column} FROM event WHERE {column} <> ''"  # noqa: S608 - a constant of this module
    return frozenset(str(value) for (value,) in connection.execute(query))
