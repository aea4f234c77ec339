"""SQL for the readers of the journal. Values travel as parameters, always.

The journal is never ANALYZEd: with its statistics SQLite prefers to walk the table for two rare categories
(over a second for a million rows), without them it takes the index and stops early.
"""

# ruff: noqa: S608  (what is pasted into the statements are constants of this package and question marks)

from dataclasses import dataclass
from datetime import datetime

from armguard_tray.messages.event import Category, Source
from armguard_tray.storage.log_filter import LogFilter, microseconds
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
ITEM_NAME = """
    SELECT item FROM event WHERE server = ? AND item_id = ? AND transaction_id IS NOT NULL
    ORDER BY row DESC LIMIT 1
"""
MOVE = "REPLACE INTO position (server, account, epoch, seq, at) VALUES (?, ?, ?, ?, ?)"
# Of another account if this one never followed the server: what is for everybody is here up to there, too.
# Each move makes a new row, so the last one moved is the last in number.
POSITION = """
    SELECT epoch, seq, at FROM position WHERE server = ? ORDER BY account = ? DESC, rowid DESC LIMIT 1
"""
# The same thing as the stock server's own socket announced it, in other words, within so many microseconds.
TWIN = """
    SELECT 1 FROM event
    WHERE coalesce(time, received) BETWEEN ?1 - 2000000 AND ?1 + 2000000 AND server = ?2 AND stream = ?3
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
ATTEND = "REPLACE INTO attendance (server, account, stream, until, row) VALUES (?, ?, ?, ?, ?)"
ONE = f"SELECT {COLUMNS} FROM event WHERE row = ?"


def page_query(log_filter: LogFilter, *, before: int | None, limit: int) -> Query:
    """Return the query for the newest events, newest first, of those below place `before`."""
    where, parameters = _where(log_filter)
    if before is not None:
        where += f" AND {PLACE} < ?"
        parameters.append(before)
    return f"SELECT {COLUMNS} FROM event WHERE {where} ORDER BY {PLACE} DESC LIMIT ?", [*parameters, limit]


def newer_query(log_filter: LogFilter, *, after: int, limit: int) -> Query:
    """Return the query for the events above place `after`, oldest first."""
    where, parameters = _where(log_filter)
    statement = f"SELECT {COLUMNS} FROM event WHERE {where} AND {PLACE} > ? ORDER BY {PLACE} LIMIT ?"
    return statement, [*parameters, after, limit]


def count_query(log_filter: LogFilter) -> Query:
    """Return the query for the number of events."""
    where, parameters = _where(log_filter)
    return f"SELECT count(*) FROM event WHERE {where}", parameters


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
        "SELECT transaction_id FROM event WHERE coalesce(time, received) >= ? "
        f"AND source = '{Source.UNANNOUNCED}' AND server = (SELECT id FROM server WHERE url = ?)"
    )
    return statement, [microseconds(since), server]


def by_stream_query(server: str, *, since: datetime) -> Query:
    """Return the query for how many events each stream of a server had since a time; a gap is none."""
    statement = (
        "SELECT stream, count(*) FROM event WHERE coalesce(time, received) >= ? "
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
        "SELECT transaction_id FROM event WHERE coalesce(time, received) >= ? "
        "AND +transaction_id IS NOT NULL AND server = (SELECT id FROM server WHERE url = ?)"
    )
    values: list[str | int] = [microseconds(since), server]
    if heard_in is None:
        return statement, values
    # Unary plus: the same index as before is to be walked, not the table.
    statement += f" AND +row > ? AND +received >= ? AND source = '{Source.LIVE}'"
    return statement, [*values, heard_in.row, microseconds(heard_in.since)]


def _where(log_filter: LogFilter) -> Query:
    conditions = ["TRUE"]
    parameters: list[str | int] = []
    if log_filter.categories:
        conditions.append(f"category IN ({', '.join('?' * len(log_filter.categories))})")
        parameters.extend(category.value for category in log_filter.categories)
    if log_filter.since is not None:
        since = microseconds(log_filter.since)
        conditions.append("coalesce(time, received) >= ?")
        # Rows and times ascend nearly together, but SQLite cannot know. Without a lower end, to find the few
        # events of today is a walk through the whole table: 0.3 s for a million rows. The unary plus keeps
        # SQLite from finding the least row by the same walk (https://www.sqlite.org/optoverview.html#minmax).
        conditions.append("row >= (SELECT min(+row) FROM event WHERE coalesce(time, received) >= ?)")
        parameters += [since, since]
    if log_filter.needs_look:
        # The first is to the letter what the partial index `event_look` holds, so that SQLite may take it
        # (https://www.sqlite.org/partialindex.html); the second is one look-up for each row of that.
        conditions.append(NEEDS_LOOK)
        conditions.append(
            "NOT EXISTS (SELECT 1 FROM gap WHERE gap.row = event.row AND closed_at IS NOT NULL)"
        )
    for term in log_filter.terms:
        conditions.append("instr(search, ?)")
        parameters.append(term)
    return " AND ".join(conditions), parameters
