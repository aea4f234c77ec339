"""SQL for the readers of the journal. Values travel as parameters, always.

The journal is never ANALYZEd: with its statistics SQLite prefers to walk the table for two rare categories
(over a second for a million rows), without them it takes the index and stops early.
"""

# ruff: noqa: S608  (what is pasted into the statements are constants of this package and question marks)

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from armguard_tray.messages.event import PLACES_A_ROW, Category, Source
from armguard_tray.storage import text_index
from armguard_tray.storage.choices import ITEM_TYPE
from armguard_tray.storage.log_filter import TYPE_ENDS, LogFilter, microseconds
from armguard_tray.storage.rows import COLUMNS
from armguard_tray.storage.schema import NEEDS_LOOK

Query = tuple[str, list[str | int]]

# Where a row stands in the log, `StoredEvent.place`: the very expression of the indexes.
PLACE = "coalesce(moved, row << 33)"

# People who come and go are no news that waits to be read, nor is what happened before this desk was there.
# The unary plus: the rows behind one are few, those of a category are not.
UNREAD = (
    "SELECT count(*) FROM event WHERE row > (SELECT up_to_row FROM reading) "
    f"AND +category <> '{Category.PRESENCE}' AND source <> '{Source.HISTORY}'"
)
MARK_READ = """
    UPDATE reading SET up_to_row = max(up_to_row, min(?, (SELECT coalesce(max(row), 0) FROM event)))
"""
LAST_ROW = "SELECT coalesce(max(row), 0) FROM event"
MOVE = "REPLACE INTO position (server, account, epoch, seq, at) VALUES (?, ?, ?, ?, ?)"
# Of another account if this one never followed the server: what is for everybody is here up to there, too.
# Each move makes a new row, so the last one moved is the last in number.
POSITION = """
    SELECT epoch, seq, at FROM position WHERE server = ? ORDER BY account = ? DESC, rowid DESC LIMIT 1
"""
# The same thing as the stock server's own socket announced it, in other words, within so many microseconds.
TWIN = """
    SELECT 1 FROM event
    WHERE happened BETWEEN ?1 - 2000000 AND ?1 + 2000000 AND server = ?2 AND stream = ?3
        AND seq IS NULL AND category = ?4 AND transaction_id IS ?5
        AND (category <> 'status' OR (item_id = ?6 AND status = ?7))
        AND (category <> 'notice' OR (title = ?8 AND detail = ?9))
    LIMIT 1
"""
LEDGER = """
    SELECT begins, complete_to, as_of, era_row, era_first, start_row, backlog FROM ledger
    WHERE server = (SELECT id FROM server WHERE url = ?)
"""
ATTENDANCE = "SELECT stream, until, row FROM attendance WHERE server = ? AND account = ?"
# Where nothing is remembered of anybody since the journal was damaged: what the gap says of that.
UP_TO_THE_LOSS = """
    SELECT streams, until, row FROM gap
    WHERE server = ? AND reason = 'journal lost' AND until IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM attendance WHERE attendance.server = gap.server)
    ORDER BY row DESC LIMIT 1
"""
# Not from before a loss: of what was lost there, some may have been announced.
LAST_TOLD = """
    SELECT received FROM event
    WHERE server = (SELECT id FROM server WHERE url = ?) AND stream = 'transactions' AND source = 'live'
        AND row > coalesce((SELECT max(row) FROM gap WHERE reason = 'journal lost'), 0)
    ORDER BY row DESC LIMIT 1
"""
ATTEND = "REPLACE INTO attendance (server, account, stream, until, row) VALUES (?, ?, ?, ?, ?)"
ONE = f"SELECT {COLUMNS} FROM event WHERE row = ?"


@dataclass(frozen=True, slots=True)
class Span:
    """Places, both ends included, outside of which nothing matches."""

    first: int = 0
    last: int = (1 << 63) - 1


_EVERYWHERE: Final = Span()


def within(connection: sqlite3.Connection, log_filter: LogFilter, span: Span = _EVERYWHERE) -> Span:
    """Return the part of `span` in which the time of a filter lies.

    Rows and times ascend nearly together, but SQLite cannot know: without these ends, to find the few events
    of one day is a walk through the whole table.
    """
    conditions, parameters = _times(log_filter)
    if not conditions:
        return span
    # The unary plus keeps SQLite from finding the least place by the very walk that this is to spare
    # (https://www.sqlite.org/optoverview.html#minmax).
    ends = f"SELECT min(+{PLACE}), max(+{PLACE}) FROM event WHERE {' AND '.join(conditions)}"
    first, last = connection.execute(ends, parameters).fetchone()
    return Span(1, 0) if first is None else Span(max(span.first, first), min(span.last, last))


def page_query(log_filter: LogFilter, *, span: Span, limit: int) -> Query:
    """Return the query for the newest events inside `span`, newest first."""
    return _selected(COLUMNS, log_filter, span, f"ORDER BY {PLACE} DESC", limit)


def newer_query(log_filter: LogFilter, *, span: Span, limit: int) -> Query:
    """Return the query for the oldest events inside `span`, oldest first."""
    return _selected(COLUMNS, log_filter, span, f"ORDER BY {PLACE}", limit)


def places_query(log_filter: LogFilter, *, span: Span, limit: int) -> Query:
    """Return the query for the places of the newest events inside `span`, newest first."""
    return _selected(f"{PLACE} AS place", log_filter, span, "ORDER BY place DESC", limit)


def in_one_text(query: Query) -> Query:
    """Return the query for what `query` finds of places, apart by commas, in one row; NULL for none.

    Each row that SQLite hands over waits for Python's lock, which whoever shows the rows needs as well: for
    twenty thousand of them both would wait.
    """
    statement, parameters = query
    return f"SELECT group_concat(place) FROM ({statement})", parameters


def count_query(log_filter: LogFilter, *, span: Span) -> Query:
    """Return the query for the number of events inside `span`."""
    statement, parameters = _selected("1", log_filter, span)
    return f"SELECT count(*) FROM ({statement})", parameters


def matching_query(columns: str, log_filter: LogFilter, *, span: Span) -> Query:
    """Return the query for columns of all events inside `span`, in no order; the first is their place."""
    return _selected(f"{PLACE} AS place, {columns}", log_filter, span)


def scan_query(columns: str, log_filter: LogFilter) -> Query:
    """Return the query for columns of all events that match, by reading the table once from end to end.

    Where most of a million rows match, each look-up that an index leads to costs more than it spares.
    """
    where, parameters = _where(log_filter)
    return f"SELECT {columns} FROM event NOT INDEXED WHERE {where}", parameters


AT_PLACES = f"SELECT {COLUMNS} FROM event WHERE {PLACE} IN (SELECT value FROM json_each(?))"
# Of those that happened at the same time, the newest.
PLACE_BEFORE = f"SELECT {PLACE} FROM event WHERE happened <= ? ORDER BY happened DESC, {PLACE} DESC LIMIT 1"


def gaps_query(server: str, *, since: datetime) -> Query:
    """Return the query for how many gaps of a server are open that were found since a time."""
    statement = (
        "SELECT count(*) FROM gap JOIN event USING (row) WHERE closed_at IS NULL AND received >= ? "
        "AND gap.server = (SELECT id FROM server WHERE url = ?)"
    )
    return statement, [microseconds(since), server]


def missing_query(server: str, *, since: datetime) -> Query:
    """Return the query for the least and the greatest number of gaps that are open and no older than a time.

    Gaps of a record that the server has no more are left out: its numbers stand for others now.
    """
    statement = (
        "SELECT min(first), max(last) FROM gap JOIN event USING (row) WHERE closed_at IS NULL "
        "AND first IS NOT NULL AND coalesce(until, received) >= ? "
        "AND gap.server = (SELECT id FROM server WHERE url = ?) "
        "AND NOT EXISTS (SELECT 1 FROM era WHERE era.server = gap.server AND era.row > gap.row "
        "AND era.first <= gap.last)"
    )
    return statement, [microseconds(since), server]


def unannounced_query(server: str, *, since: datetime) -> Query:
    """Return the query for the ids of the transactions since a time that a server announced to nobody."""
    statement = (
        "SELECT transaction_id FROM event WHERE happened >= ? "
        f"AND source = '{Source.UNANNOUNCED}' AND server = (SELECT id FROM server WHERE url = ?)"
    )
    return statement, [microseconds(since), server]


def by_stream_query(server: str, *, since: datetime) -> Query:
    """Return the query for how many events each stream of a server had since a time; a gap is none."""
    statement = (
        "SELECT stream, count(*) FROM event WHERE happened >= ? "
        f"AND category <> '{Category.GAP}' AND server = (SELECT id FROM server WHERE url = ?) GROUP BY stream"
    )
    return statement, [microseconds(since), server]


@dataclass(frozen=True, slots=True)
class Subscription:
    """When a subscription began, aware, and the newest row then; clocks may be set, rows only ascend."""

    since: datetime
    row: int


def transaction_ids_query(server: str, *, since: datetime, heard_in: Subscription | None = None) -> Query:
    """Return the query for the ids of the transactions of a server that were made since a time.

    With `heard_in` only for those that were certainly heard live in that subscription.
    """
    statement = (
        # The unary plus: else SQLite walks through all transactions there are, by their index.
        "SELECT transaction_id FROM event WHERE happened >= ? "
        "AND +transaction_id IS NOT NULL AND server = (SELECT id FROM server WHERE url = ?)"
    )
    values: list[str | int] = [microseconds(since), server]
    if heard_in is None:
        return statement, values
    # Unary plus: the same index as before is to be walked, not the table.
    statement += f" AND +row > ? AND +received >= ? AND source = '{Source.LIVE}'"
    return statement, [*values, heard_in.row, microseconds(heard_in.since)]


def _selected(columns: str, log_filter: LogFilter, span: Span, order: str = "", limit: int = -1) -> Query:
    """Return the query for what matches inside `span`, by an ORDER BY of places; no limit if negative.

    Where the filter has words or values that the text index knows, it is asked first, and what it finds is
    looked at; else the log is walked along in its order. FTS5 returns by row or by place, ascending or
    descending, and stops as soon as there is enough.
    """
    where, parameters = _where(log_filter)
    inside: list[str | int] = [span.first, span.last]
    # What needs a look is so little that its own index is the shortest way.
    match = None if log_filter.needs_look else text_index.match_of(_texts(log_filter))
    if match is None:
        statement = f"SELECT {columns} FROM event WHERE {where} AND {PLACE} BETWEEN ? AND ?"
        return f"{statement} {order} LIMIT ?", [*parameters, *inside, limit]
    by_number = order and ("ORDER BY {}.rowid DESC" if order.endswith("DESC") else "ORDER BY {}.rowid")
    here = (
        f"SELECT {columns} FROM event_text CROSS JOIN event ON row = event_text.rowid "
        f"WHERE event_text MATCH ? AND event_text.rowid BETWEEN ? AND ? AND {where} "
        f"{by_number.format('event_text')} LIMIT ?"
    )
    moved = (
        f"SELECT {columns} FROM moved_text CROSS JOIN event ON {PLACE} = moved_text.rowid "
        f"WHERE moved_text MATCH ? AND moved_text.rowid BETWEEN ? AND ? AND {where} "
        f"{by_number.format('moved_text')} LIMIT ?"
    )
    rows_inside = [-(-span.first // PLACES_A_ROW), span.last // PLACES_A_ROW]
    return (
        f"SELECT * FROM (SELECT * FROM ({here}) UNION ALL SELECT * FROM ({moved})) {order} LIMIT ?",
        [match, *rows_inside, *parameters, limit, match, *inside, *parameters, limit, limit],
    )


def _texts(log_filter: LogFilter) -> list[Sequence[str]]:
    """Return what an event that matches bears, as `text_index.match_of` takes it."""
    values = (
        [text_index.category_text(each) for each in log_filter.categories],
        [f"{each}{TYPE_ENDS}" for each in log_filter.item_types],
        log_filter.duties,
        log_filter.issuers,
        log_filter.statuses,
        () if log_filter.person is None else (log_filter.person,),
        () if log_filter.item is None else (log_filter.item,),
    )
    one_of = [sorted(text.casefold() for text in each) for each in values if each]
    # The kinds alone would be slower than their own index.
    if not log_filter.terms and one_of == [sorted(values[0])]:
        return []
    return [*log_filter.spellings, *one_of]


def _times(log_filter: LogFilter) -> tuple[list[str], list[str | int]]:
    conditions: list[str] = []
    parameters: list[str | int] = []
    if log_filter.since is not None:
        conditions.append("happened >= ?")
        parameters.append(microseconds(log_filter.since))
    if log_filter.until is not None:
        conditions.append("happened < ?")
        parameters.append(microseconds(log_filter.until))
    return conditions, parameters


def _where(log_filter: LogFilter) -> Query:
    times, parameters = _times(log_filter)
    conditions = ["TRUE", *times]
    for column, values in (
        ("category", log_filter.categories),
        ("source", log_filter.sources),
        (ITEM_TYPE, log_filter.item_types),
        ("duty", log_filter.duties),
        ("issued_by", log_filter.issuers),
        ("status", log_filter.statuses),
        ("person", {log_filter.person} - {None}),
        ("item", {log_filter.item} - {None}),
    ):
        if values:
            conditions.append(f"{column} IN ({', '.join('?' * len(values))})")
            parameters.extend(str(each) for each in values)
    if log_filter.needs_look:
        # The first is to the letter what the partial index `event_look` holds, so that SQLite may take it
        # (https://www.sqlite.org/partialindex.html); the second is one look-up for each row of that.
        conditions.append(NEEDS_LOOK)
        conditions.append(
            "NOT EXISTS (SELECT 1 FROM gap WHERE gap.row = event.row AND closed_at IS NOT NULL)"
        )
    for word in log_filter.spellings:
        conditions.append(f"({' OR '.join(['instr(search, ?)'] * len(word))})")
        parameters.extend(word)
    return " AND ".join(conditions), parameters
