"""Sums over what a filter shows of the journal: how much was issued and returned, when, of what, for what.

SQLite does the summing, so that Python, and the windows with it, goes on meanwhile.
"""

# ruff: noqa: S608  (what is pasted into the statements are constants of this package and question marks)

import sqlite3
import threading
from array import array
from bisect import bisect_left
from collections.abc import ItemsView, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from armguard_tray.messages.event import PLACES_A_ROW, Category, StoredEvent
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage import gap_rows, outside, queries, rows, schema
from armguard_tray.storage.choices import ITEM_TYPE
from armguard_tray.storage.ledger import Ledger
from armguard_tray.storage.log_filter import LogFilter, from_microseconds, happened
from armguard_tray.storage.writing import IN_ERA, ledger_of

QUARTER: Final = timedelta(minutes=15)
"""Hours and days of every zone begin with one; none has had another offset since Liberia in 1972."""
_FIRST_YEAR: Final = datetime(1, 1, 1, tzinfo=UTC)
_TRANSACTIONS: Final = frozenset({Category.ISSUED, Category.RETURNED})
_MICROSECONDS: Final = QUARTER // timedelta(microseconds=1)
# From the year 1 to 1970: SQLite divides towards zero, and below it that would be upwards.
_UP: Final = 62_135_596_800_000_000


class Moves(NamedTuple):
    """How many items went out, and how many came back."""

    taken: int = 0
    returned: int = 0

    def __add__(self, other: object) -> "Moves":
        """Return both together."""
        if not isinstance(other, Moves):
            return NotImplemented
        return Moves(self.taken + other.taken, self.returned + other.returned)

    @property
    def both(self) -> int:
        """How many transactions that are."""
        return self.taken + self.returned

    @property
    def net(self) -> int:
        """How many more items are out after them."""
        return self.taken - self.returned


class Quarters(Mapping[datetime, Moves]):
    """What was done in each quarter of an hour, by its beginning, ascending.

    Numbers in arrays: of a hundred thousand objects the garbage collector would look at each, again and
    again, and all threads would stand still meanwhile.
    """

    def __init__(self, rows: Iterable[tuple[int, int, int]]) -> None:
        """Take rows, ascending: quarters since the year 1, how many went out, how many transactions."""
        self._numbers, self._taken, self._both = array("q"), array("q"), array("q")
        for number, taken, both in rows:
            self._numbers.append(number)
            self._taken.append(taken)
            self._both.append(both)

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[datetime]:
        return (_FIRST_YEAR + number * QUARTER for number in self._numbers)

    def __getitem__(self, start: datetime) -> Moves:
        number, rest = divmod(start - _FIRST_YEAR, QUARTER)
        place = bisect_left(self._numbers, number)
        if rest or place == len(self) or self._numbers[place] != number:
            raise KeyError(start)
        return self.at(place)

    def items(self) -> "_Items":
        """Return what was done with when, without a search for each."""
        return _Items(self)

    def at(self, place: int) -> Moves:
        """Return what was done in the quarter at a place, from 0 on."""
        return Moves(self._taken[place], self._both[place] - self._taken[place])


class _Items(ItemsView[datetime, Moves]):
    _mapping: Quarters

    def __iter__(self) -> Iterator[tuple[datetime, Moves]]:
        return ((start, self._mapping.at(place)) for place, start in enumerate(self._mapping))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """The sums, all of one moment.

    Attributes:
        quarters: the beginning of each quarter of an hour in which something was done, aware, ascending, and
            what was done in it. Of an event without a time it is when it came.
        sorts: type of the item and duty, empty where it has none, and what was done with such.
        before: what was done before the time of the filter, as far as it matches else; None where takes and
            returns do not match alike, so that it says nothing.
        open_gaps: the gaps in that time, or of an unknown time, in which transactions may be missing.
        servers: the URL of each server that the journal knows, and what it answers for; None: nothing.
        gone: how many of these transactions are of a record that a server has no more.
        complete_since: the first transaction that it answers for happened then, aware, and older ones are
            missing; None: it begins with the first of all, or nothing is known.

    """

    quarters: Mapping[datetime, Moves]
    sorts: Mapping[tuple[str, str], Moves]
    before: Moves | None
    open_gaps: Sequence[StoredEvent]
    servers: Mapping[str, Ledger | None]
    complete_since: datetime | None
    gone: int = 0

    @property
    def total(self) -> Moves:
        """Everything that was done."""
        return sum(self.sorts.values(), Moves())


def pairs_takes_and_returns(log_filter: LogFilter) -> bool:
    """Tell whether the return of each item matches if its going out does, but for the time.

    A return bears no duty and may be entered by somebody else, and words may stand in one of the two only.
    """
    narrowed = log_filter.categories and not log_filter.categories >= _TRANSACTIONS
    others = (log_filter.text.strip(), log_filter.needs_look, log_filter.duties)
    more = (log_filter.issuers, log_filter.statuses, log_filter.sources)
    return not (narrowed or any(others) or any(more))


def read_tallies(file: Path, log_filter: LogFilter, unwanted: threading.Event) -> Tallies:
    """Return the sums of what matches in the journal `file`; some two seconds of work for a million rows.

    Raises:
        JournalError: it cannot be read.
        CancelledError: `unwanted` was set.

    """
    with closing(outside.connect(file)) as connection, outside.reading(file, connection, unwanted):
        schema.check_is_current(connection)
        return tallies(connection, log_filter)


def tallies(connection: sqlite3.Connection, log_filter: LogFilter) -> Tallies:
    """Return the sums of what matches."""
    with _at_one_moment(connection):
        quarters, sorts = _count(connection, log_filter)
        servers = {
            str(url): ledger_of(connection.execute(queries.LEDGER, [url]).fetchone())
            for (url,) in connection.execute("SELECT url FROM server ORDER BY id").fetchall()
        }
        return Tallies(
            quarters=quarters,
            sorts=sorts,
            before=_before(connection, log_filter),
            open_gaps=list(_open_gaps(connection, log_filter)),
            servers=servers,
            complete_since=_complete_since(connection, servers),
            gone=_gone(connection, log_filter),
        )


@contextmanager
def _at_one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _count(
    connection: sqlite3.Connection, log_filter: LogFilter
) -> tuple[Quarters, dict[tuple[str, str], Moves]]:
    inner, parameters = _matching(connection, log_filter)
    quarters = Quarters(connection.execute(_BY_QUARTER.format(inner=inner), parameters))
    sorts = {
        (item_type, duty): Moves(taken, both - taken)
        for item_type, duty, taken, both in connection.execute(_BY_SORT.format(inner=inner), parameters)
    }
    return quarters, sorts


def _matching(connection: sqlite3.Connection, log_filter: LogFilter) -> queries.Query:
    """Return the query for what matches: by the indexes where its time is short, else by one long look."""
    if log_filter.since is not None:
        span = queries.within(connection, log_filter)
        if span.last - span.first < _FEW_ROWS * PLACES_A_ROW:
            return queries.matching_query(_COLUMNS, log_filter, span=span)
    return queries.scan_query(_COLUMNS, log_filter)


_FEW_ROWS: Final = 100_000
_COLUMNS: Final = f"category, happened, {ITEM_TYPE} AS item_type, duty"
_TRANSACTION: Final = f"category IN ('{Category.ISSUED}', '{Category.RETURNED}')"
_SUMS: Final = f"sum(category = '{Category.ISSUED}'), count(*)"
_BY_QUARTER: Final = f"""
    SELECT (happened + {_UP}) / {_MICROSECONDS} AS quarter, {_SUMS} FROM ({{inner}})
    WHERE {_TRANSACTION} GROUP BY quarter ORDER BY quarter
"""
_BY_SORT: Final = f"""
    SELECT coalesce(item_type, '') AS item_type, coalesce(duty, '') AS duty, {_SUMS} FROM ({{inner}})
    WHERE {_TRANSACTION} GROUP BY 1, 2
"""


def _gone(connection: sqlite3.Connection, log_filter: LogFilter) -> int:
    """Count what matches up to the end of the time, and is of a record that a server has no more."""
    if connection.execute("SELECT 1 FROM era LIMIT 1").fetchone() is None:
        return 0  # as a rule: it spares a look at each row
    inner, parameters = queries.scan_query("server, row, transaction_id", replace(log_filter, since=None))
    return int(connection.execute(_GONE.format(inner=inner), parameters).fetchone()[0])


_GONE: Final = f"""
    SELECT count(*) FROM ({{inner}}) AS event WHERE transaction_id IS NOT NULL AND NOT {IN_ERA}
"""


def _before(connection: sqlite3.Connection, log_filter: LogFilter) -> Moves | None:
    if not pairs_takes_and_returns(log_filter):
        return None
    if log_filter.since is None:
        return Moves()
    older = replace(log_filter, since=None, until=log_filter.since, categories=_TRANSACTIONS)
    taken, both = connection.execute(*queries.scan_query(_SUMS, older)).fetchone()
    return Moves(taken or 0, both - (taken or 0))


def _open_gaps(connection: sqlite3.Connection, log_filter: LogFilter) -> Iterator[StoredEvent]:
    found = [rows.from_row(values) for values in connection.execute(_OPEN_GAPS).fetchall()]
    for stored in gap_rows.with_gaps(connection, found):
        if not _may_hide_transactions(stored.event.gap):
            continue
        known = stored if stored.event.gap is not None else _told_by_server(connection, stored)
        if _may_concern(known, log_filter):
            yield known


def _told_by_server(connection: sqlite3.Connection, stored: StoredEvent) -> StoredEvent:
    """Return what the server said it cannot deliver with the time in which that happened."""
    event = stored.event
    until = happened(event)
    since = gap_rows.heard_before(connection, stored.row)
    gap = Gap(
        reason=Reason.AWAY,
        streams=tuple(Stream),
        since=None if since is None else min(since, until),
        until=until,
    )
    return replace(stored, event=replace(event, gap=gap))


# What the server told of is a gap without a row in `gap`, which nothing ever closes.
_OPEN_GAPS: Final = f"""
    SELECT {rows.COLUMNS} FROM event WHERE category = '{Category.GAP}'
    AND NOT EXISTS (SELECT 1 FROM gap WHERE gap.row = event.row AND closed_at IS NOT NULL)
    ORDER BY {queries.PLACE}
"""


def _may_hide_transactions(gap: Gap | None) -> bool:
    return gap is None or gap.first is not None or Stream.TRANSACTIONS in gap.streams


def _may_concern(stored: StoredEvent, log_filter: LogFilter) -> bool:
    """Tell whether something of it may have happened in the filter's time; not known: it may."""
    begins, ends = span_of(stored)
    since, until = log_filter.since, log_filter.until
    return not (since and ends and ends < since) and not (until and begins and begins >= until)


def span_of(stored: StoredEvent) -> tuple[datetime | None, datetime | None]:
    """Return from when to when a gap was, aware; None where that is not known."""
    gap = stored.event.gap
    return (None, None) if gap is None else (gap.since, gap.until)


def _complete_since(connection: sqlite3.Connection, servers: Mapping[str, Ledger | None]) -> datetime | None:
    firsts = [
        connection.execute(_FIRST, [url, ledger.begins]).fetchone()
        for url, ledger in servers.items()
        if ledger is not None and ledger.begins > 1
    ]
    return max((from_microseconds(first[0]) for first in firsts if first is not None), default=None)


_FIRST: Final = f"""
    SELECT happened FROM event
    WHERE server = (SELECT id FROM server WHERE url = ?) AND transaction_id IS NOT NULL
        AND transaction_id >= ? AND {IN_ERA}
    ORDER BY transaction_id LIMIT 1
"""
