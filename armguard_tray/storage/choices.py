"""The values that events bear, to choose from in a filter: duties, issuers, types of items, statuses."""

import sqlite3
from collections.abc import Iterable
from enum import StrEnum

from armguard_tray.messages.event import Event
from armguard_tray.storage.log_filter import item_type


class Choice(StrEnum):
    """Of what there are values to choose from."""

    ITEM_TYPE = "item_type"
    DUTY = "duty"
    ISSUER = "issuer"
    STATUS = "status"


_VALUES = {
    # As `log_filter.item_type` has it.
    Choice.ITEM_TYPE: "substr(item, 1, instr(item, ' - ') - 1)",
    Choice.DUTY: "duty",
    Choice.ISSUER: "issued_by",
    Choice.STATUS: "status",
}
ITEM_TYPE = _VALUES[Choice.ITEM_TYPE]

CREATE = """
    CREATE TABLE choice (kind TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, value))
    STRICT, WITHOUT ROWID
"""
_VALUES_OF = "SELECT DISTINCT '{kind}', {value} FROM event WHERE row >= ?1 AND row <= ?2 AND {value} <> ''"
_EVERY_VALUE = " UNION ALL ".join(
    _VALUES_OF.format(kind=kind, value=value) for kind, value in _VALUES.items()
)
_ADD = "INSERT OR IGNORE INTO choice (kind, value) VALUES (?, ?)"
_ADD_ROWS = f"INSERT OR IGNORE INTO choice {_EVERY_VALUE}"
_ALL = "SELECT value FROM choice WHERE kind = ? ORDER BY value"


def add(connection: sqlite3.Connection, events: Iterable[Event]) -> None:
    """Note the values of events that are stored."""
    found: dict[Choice, set[str | None]] = {choice: set() for choice in Choice}
    types, duties, issuers, statuses = found.values()
    items: set[str] = set()
    for each in events:
        if each.item is not None:
            items.add(each.item)
        duties.add(each.duty)
        issuers.add(each.issued_by)
        statuses.add(each.status)
    types.update(map(item_type, items))
    new = [(choice.value, value) for choice, values in found.items() for value in values if value]
    connection.executemany(_ADD, new)


def add_rows(connection: sqlite3.Connection, first: int, last: int) -> None:
    """Note the values of the events in rows `first` to `last`."""
    connection.execute(_ADD_ROWS, [first, last])


def build(connection: sqlite3.Connection) -> None:
    """Note the values of all events."""
    first, last = connection.execute(
        "SELECT coalesce(min(row), 0), coalesce(max(row), 0) FROM event"
    ).fetchone()
    add_rows(connection, first, last)


def of(connection: sqlite3.Connection, choice: Choice) -> list[str]:
    """Return the values of one kind that any event ever bore, ascending."""
    return [str(value) for (value,) in connection.execute(_ALL, [choice.value])]
