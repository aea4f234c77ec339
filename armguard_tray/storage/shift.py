"""What the journal has of one shift, all at one moment: what a shift report is made of."""

# ruff: noqa: S608  (what is pasted into the statements are constants of this package and question marks)

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from armguard_tray.errors import FilterError
from armguard_tray.messages.event import Category, Source, StoredEvent
from armguard_tray.messages.streams import Stream
from armguard_tray.storage import chain, gap_rows, queries, rows
from armguard_tray.storage.chain import ChainHead
from armguard_tray.storage.holdings import NOTHING_HANDLED, Handlings, at_one_moment, handlings_before
from armguard_tray.storage.log_filter import from_microseconds, microseconds
from armguard_tray.storage.writing import IN_ERA

MOST_ROWS: Final = 20_000
"""More than any armory hands out in a week; each is a row on paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGap:
    """A gap, open or not, of which something may have happened in the shift.

    Attributes:
        stored: its event.
        since, until: from when to when what is missing happened at the utmost, aware; `since` is None where
            that is not known.

    """

    stored: StoredEvent
    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRecords:
    """What the journal has of one server and one time.

    Attributes:
        events: what happened then, but for notices, comings and goings and gaps; in the order of the log.
        gone: the rows of those transactions that are of a record which the server has no more.
        gaps: the gaps that may concern that time, in the order of the log.
        handlings: what was done with each item up to the end of that time.
        live_since: when the first event arrived live that the journal has, aware; None: none has.
        heard: up to when each stream was surely heard, by whatever account, aware.
        head: the end of the journal's chain; None: there is none.

    """

    events: Sequence[StoredEvent] = ()
    gone: frozenset[int] = frozenset()
    gaps: Sequence[FoundGap] = ()
    handlings: Handlings = NOTHING_HANDLED
    live_since: datetime | None = None
    heard: Mapping[Stream, datetime] = field(default_factory=dict)
    head: ChainHead | None = None


def shift_records(
    connection: sqlite3.Connection, server: str, since: datetime, until: datetime
) -> ShiftRecords:
    """Return what the journal has of the server at URL `server`, from `since` to before `until`, aware.

    Raises:
        FilterError: so much happened then that nobody would read it on paper.

    """
    with at_one_moment(connection):
        found = connection.execute("SELECT id FROM server WHERE url = ?", [server]).fetchone()
        head = chain.head(connection)
        if found is None:
            return ShiftRecords(head=head)
        (number,) = found
        span = [number, microseconds(since), microseconds(until)]
        events = [rows.from_row(values) for values in connection.execute(_EVENTS, [*span, MOST_ROWS + 1])]
        if len(events) > MOST_ROWS:
            raise FilterError(
                f"More than {MOST_ROWS:,} transactions and changes of status lie in that time.",
                "Choose a shorter one, or export the log.",
            )
        return ShiftRecords(
            events=events,
            gone=frozenset(row for (row,) in connection.execute(_GONE, span)),
            gaps=list(_gaps(connection, number, since, until)),
            handlings=handlings_before(connection, server, until),
            live_since=_time(connection, _FIRST_LIVE, [number]),
            heard={
                Stream(stream): from_microseconds(until)
                for stream, until in connection.execute(_HEARD, [number])
            },
            head=head,
        )


def _gaps(
    connection: sqlite3.Connection, server: int, since: datetime, until: datetime
) -> Iterator[FoundGap]:
    events = [rows.from_row(values) for values in connection.execute(_GAPS, [server])]
    for stored in gap_rows.with_gaps(connection, events):
        begins, ends = _times(connection, server, stored)
        if ends >= since and (begins is None or begins < until):
            yield FoundGap(stored=stored, since=begins, until=ends)


def _times(
    connection: sqlite3.Connection, server: int, stored: StoredEvent
) -> tuple[datetime | None, datetime]:
    """Return from when to when what is missing happened at the utmost.

    What is missing was made after the transaction with the number before, and before it was found to be
    missing. What the server itself says it cannot deliver happened since the desk last heard something live.
    """
    gap, found = stored.event.gap, stored.event.received
    if gap is None:
        return gap_rows.heard_before(connection, stored.row), found
    begins = gap.since
    if begins is None and gap.first is not None:
        begins = _time(connection, _MADE_BEFORE, [server, gap.first])
    ends = found if gap.until is None else gap.until
    if begins is not None and begins > ends:
        return ends, begins  # the server's clock and this desk's disagree
    return begins, ends


def _time(connection: sqlite3.Connection, query: str, values: list[Any]) -> datetime | None:
    found = connection.execute(query, values).fetchone()
    return None if found is None else from_microseconds(found[0])


# The unary plusses let SQLite go by the time, not walk through the whole log in its order.
_EVENTS: Final = f"""
    SELECT {rows.COLUMNS} FROM event WHERE +server = ? AND happened >= ? AND happened < ?
        AND category NOT IN ('{Category.NOTICE}', '{Category.PRESENCE}', '{Category.GAP}')
    ORDER BY +{queries.PLACE} LIMIT ?
"""
_GONE: Final = f"""
    SELECT row FROM event WHERE +server = ? AND happened >= ? AND happened < ?
        AND +transaction_id IS NOT NULL AND NOT {IN_ERA}
"""
_GAPS: Final = f"""
    SELECT {rows.COLUMNS} FROM event WHERE category = '{Category.GAP}' AND +server = ?
    ORDER BY {queries.PLACE}
"""
_MADE_BEFORE: Final = f"""
    SELECT happened FROM event
    WHERE server = ? AND transaction_id IS NOT NULL AND transaction_id < ? AND {IN_ERA}
    ORDER BY transaction_id DESC LIMIT 1
"""
_FIRST_LIVE: Final = f"""
    SELECT received FROM event WHERE +server = ? AND +source = '{Source.LIVE}' ORDER BY row LIMIT 1
"""
_HEARD: Final = "SELECT stream, max(until) FROM attendance WHERE server = ? GROUP BY stream"
