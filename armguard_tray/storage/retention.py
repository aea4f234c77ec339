"""How long the journal keeps what it has, and the removal of what is older, in small steps.

Rows go as a beginning of the journal by their numbers, so that what is left is whole, and the newest row
stays whatever its age, since numbers go on above it. How old a row is counts from when it reached this desk.
A clock that is set wrong must not empty the journal: it counts back from now, or from the newest time that a
server told and this desk's clock did not contradict, whichever is earlier.

What is removed is no loss: the ledger answers only for what is above it from then on, and the time before is
not fetched again. The chain says up to which row was removed, and when.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from armguard_tray.storage import chain, choices, items, queries, schema, text_index
from armguard_tray.storage.choices import Choice
from armguard_tray.storage.ledger import Backlog
from armguard_tray.storage.log_filter import LogFilter, microseconds

KEPT_WHATEVER_THE_SIZE: Final = timedelta(days=30)
"""What is younger is kept even where the journal is larger than it may be."""
ROWS_A_STEP: Final = 250
"""So many rows go at once: nobody waits for the writer for long."""
_MICROSECOND: Final = timedelta(microseconds=1)
_A_DAY: Final = timedelta(days=1) // _MICROSECOND
_FOR_EVER: Final = 1 << 63
_TOLD_LATELY = 1000  # rows among which the newest time is sought that a server told


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is kept.

    Attributes:
        keep: for how long; None: for ever.
        size: how many bytes of the file may be in use; None: any number.

    """

    keep: timedelta | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What one step has removed.

    Attributes:
        up_to_row: the last row that is gone.
        rows: how many rows went.

    """

    up_to_row: int
    rows: int


def step(
    connection: sqlite3.Connection, limits: Limits, now: datetime, *, most: int = ROWS_A_STEP
) -> Trimmed | None:
    """Remove the oldest rows that are to go, at most so many; None: all is as it should be.

    Args:
        connection: to the journal, outside of any transaction.
        limits: what is kept.
        now: the time, aware.
        most: how many rows may go.

    """
    with schema.transaction(connection):
        last = _last_to_go(connection, limits, now, most)
        if last is None:
            return None
        (rows,) = connection.execute("SELECT count(*) FROM event WHERE row <= ?", [last]).fetchone()
        _lower_claims(connection, last)
        (first,) = connection.execute("SELECT min(row) FROM event").fetchone()
        text_index.drop(connection, first, last)
        connection.execute("DELETE FROM gap WHERE row <= ?", [last])
        connection.execute("DELETE FROM event WHERE row <= ?", [last])
        items.forget(connection, first)
        chain.trim(connection, last, now)
        return Trimmed(last, rows)


def bytes_in_use(connection: sqlite3.Connection) -> int:
    """Return how large the file is without its free pages, in bytes."""
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def is_too_large(connection: sqlite3.Connection, limits: Limits) -> bool:
    """Tell whether it is larger than it may be."""
    return limits.size is not None and bytes_in_use(connection) > limits.size


@dataclass(frozen=True, slots=True)
class Unborne:
    """Values to choose from that no row up to `last_row` bears any more."""

    values: tuple[tuple[Choice, str], ...]
    last_row: int


def unborne(connection: sqlite3.Connection) -> Unborne:
    """Return the values to choose from that went with what was removed."""
    (last,) = connection.execute(queries.LAST_ROW).fetchone()
    there = [(choice, value) for choice in Choice for value in choices.of(connection, choice)]
    return Unborne(tuple(each for each in there if not _is_borne(connection, *each)), last)


def forget(connection: sqlite3.Connection, gone: Unborne) -> None:
    """Offer these values no more, but for those that a newer row bears."""
    with schema.transaction(connection):
        (last,) = connection.execute(queries.LAST_ROW).fetchone()
        connection.executemany(_FORGET, [(choice.value, value) for choice, value in gone.values])
        choices.add_rows(connection, gone.last_row + 1, last)


def _is_borne(connection: sqlite3.Connection, choice: Choice, value: str) -> bool:
    values = frozenset({value})
    match choice:
        case Choice.ITEM_TYPE:
            wanted = LogFilter(item_types=values)
        case Choice.DUTY:
            wanted = LogFilter(duties=values)
        case Choice.ISSUER:
            wanted = LogFilter(issuers=values)
        case Choice.STATUS:
            wanted = LogFilter(statuses=values)
    query = queries.places_query(wanted, span=queries.Span(), limit=1)
    return connection.execute(*query).fetchone() is not None


_FORGET = "DELETE FROM choice WHERE kind = ? AND value = ?"
_OLDEST = "SELECT row, received FROM event ORDER BY row LIMIT ?"
# What a server tells of a time to come is no later than when it came: one absurd time must not empty it all.
_NEWEST_TOLD = (
    "SELECT max(min(time, received)) FROM (SELECT time, received FROM event ORDER BY row DESC LIMIT ?)"
)
_CLAIMS = "SELECT server, begins, complete_to FROM ledger"
# The unary plus: of the few rows that go, not of all transactions of the server.
_LAST_CLAIMED = """
    SELECT max(number) FROM (
        SELECT transaction_id AS number, row FROM event
        WHERE row <= ?1 AND +server = ?2 AND +transaction_id <= ?3
        UNION ALL
        SELECT min(last, ?3), row FROM gap WHERE row <= ?1 AND server = ?2 AND first <= ?3
    ) AS gone
    WHERE NOT EXISTS (
        SELECT 1 FROM era WHERE era.server = ?2 AND era.row > gone.row AND era.first <= gone.number
    )
"""
_CLAIM_LESS = "UPDATE ledger SET begins = ?, backlog = ? WHERE server = ?"


def _last_to_go(connection: sqlite3.Connection, limits: Limits, now: datetime, most: int) -> int | None:
    keeps = [] if limits.keep is None else [limits.keep]
    if is_too_large(connection, limits):
        keeps.append(KEPT_WHATEVER_THE_SIZE)
    if not keeps:
        return None
    clocks = [microseconds(now)]
    (told,) = connection.execute(_NEWEST_TOLD, [_TOLD_LATELY]).fetchone()
    clocks += [] if told is None else [told]
    kept_from = min(clocks) - min(keeps) // _MICROSECOND
    # Where both clocks say that a row has not come yet, its own time was wrong, and keeps nothing.
    kept_to = max(clocks) + _A_DAY if told is not None else _FOR_EVER
    last: int | None = None
    oldest = connection.execute(_OLDEST, [most + 1]).fetchall()
    # One more than may go was read, so that the newest row stays.
    for row, received in oldest[: min(most, len(oldest) - 1)]:
        if kept_from <= received <= kept_to:
            break
        last = int(row)
    return last


def _lower_claims(connection: sqlite3.Connection, last: int) -> None:
    """Answer no more for the transactions in the rows that go, nor for anything below the greatest of them.

    Of another record than the server's present one they are not answered for anyway.
    """
    for server, begins, complete_to in connection.execute(_CLAIMS).fetchall():
        (gone,) = connection.execute(_LAST_CLAIMED, [last, server, complete_to]).fetchone()
        if gone is not None and gone >= begins:
            connection.execute(_CLAIM_LESS, [gone + 1, Backlog.DONE.value, server])
