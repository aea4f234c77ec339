"""Which items there are: what each is called, and in which stretches of the log it was handled.

With `event_handled`, the index of all transactions by item, it is an index in two steps. One sorted by item
alone has its newest entry in as many places as there are items: with a million rows, each new row would cost
a page of the file. So the log is cut into stretches. The index is sorted by stretch first, and what is new
falls into one small part of it; which stretches an item is in, the table `handled` tells. It may name some
where nothing is any more, but never leaves one out.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from armguard_tray.messages.event import PLACES_A_ROW, StoredEvent

_STRETCH: Final = 16_384 * PLACES_A_ROW
STRETCH_OF: Final = "{} >> 47"
STRETCH: Final = STRETCH_OF.format("coalesce(moved, row << 33)")
"""In which stretch of the log a row stands: the very expression of the index."""

CREATE: tuple[str, ...] = (
    # As its last transaction has it.
    """
    CREATE TABLE item_name (
        server INTEGER NOT NULL,
        item_id TEXT NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (server, item_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE handled (
        server INTEGER NOT NULL,
        item TEXT NOT NULL,
        stretch INTEGER NOT NULL,
        PRIMARY KEY (server, item, stretch)
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE INDEX event_handled ON event (server, {STRETCH}, item, coalesce(moved, row << 33))
    WHERE transaction_id IS NOT NULL AND item IS NOT NULL
    """,
)

NAME: Final = "SELECT name FROM item_name WHERE server = ? AND item_id = ?"
_CALL = """
    INSERT INTO item_name (server, item_id, name) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET name = excluded.name WHERE name <> excluded.name
"""
_CALL_IF_NEW = "INSERT OR IGNORE INTO item_name (server, item_id, name) VALUES (?, ?, ?)"
_HANDLE = "INSERT OR IGNORE INTO handled (server, item, stretch) VALUES (?, ?, ?)"
# Of the columns that are not grouped by, those of the row with the greatest number
# (https://www.sqlite.org/lang_select.html#bareagg).
_BUILD_NAMES = """
    INSERT INTO item_name (server, item_id, name)
    SELECT server, item_id, item FROM (
        SELECT server, item_id, item, max(row) FROM event
        WHERE transaction_id IS NOT NULL AND item_id IS NOT NULL AND item IS NOT NULL
        GROUP BY server, item_id
    )
"""
_BUILD_HANDLED = f"""
    INSERT INTO handled (server, item, stretch)
    SELECT DISTINCT server, item, {STRETCH} FROM event
    WHERE transaction_id IS NOT NULL AND item IS NOT NULL
"""  # noqa: S608 - a constant
_FORGET = f"""
    DELETE FROM handled WHERE stretch <= ? AND NOT EXISTS (
        SELECT 1 FROM event WHERE event.server = handled.server AND {STRETCH} = handled.stretch
            AND event.item = handled.item AND transaction_id IS NOT NULL
    )
"""  # noqa: S608 - a constant


def add(
    connection: sqlite3.Connection, server: int, stored: Iterable[StoredEvent], *, rename: bool = True
) -> None:
    """Note the items of events that are stored, in their order.

    Without `rename` an item that has a name keeps it: the events are older than what is stored.
    """
    names: dict[str, str] = {}
    handled: set[tuple[str, int]] = set()
    for each in stored:
        event = each.event
        if event.transaction_id is None or event.item is None:
            continue
        handled.add((event.item, each.place // _STRETCH))
        if event.item_id is not None:
            names[event.item_id] = event.item
    connection.executemany(_HANDLE, [(server, *each) for each in sorted(handled)])
    connection.executemany(
        _CALL if rename else _CALL_IF_NEW, [(server, *each) for each in sorted(names.items())]
    )


def build(connection: sqlite3.Connection) -> None:
    """Note the items of all events."""
    connection.execute(_BUILD_NAMES)
    connection.execute(_BUILD_HANDLED)


def forget(connection: sqlite3.Connection, first: int) -> None:
    """Note that rows are gone, of which `first` was the oldest of all; it is looked once for each stretch."""
    (oldest,) = connection.execute("SELECT min(row) FROM event").fetchone()
    over = oldest * PLACES_A_ROW // _STRETCH
    if first * PLACES_A_ROW // _STRETCH < over:
        connection.execute(_FORGET, [over - 1])
