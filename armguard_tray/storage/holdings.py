"""What a board of holders stands on: what was done last with each item, and what is missing since.

The last transaction of each item is found by a loose walk along the table `handled`: from an item's name
SQLite leaps to the next one (https://wiki.postgresql.org/wiki/Loose_indexscan does the same by hand), and
goes through the stretches that it is in from the newest down. So it looks at a few rows for each item,
however many there are of it; see `items`.
"""

# ruff: noqa: S608  (what is pasted into the statements are constants of this package and question marks)

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from armguard_tray.messages.event import PLACES_A_ROW, Category, Source
from armguard_tray.messages.gap import Gap
from armguard_tray.messages.streams import Stream
from armguard_tray.storage import gap_rows, items, queries
from armguard_tray.storage.ledger import KnownTransaction, Ledger
from armguard_tray.storage.log_filter import from_microseconds, microseconds
from armguard_tray.storage.writing import IN_ERA, ledger_of

_LOOKED_AT: Final = 8
"""Rows of an item of which the one with the greatest number is its last.

Announcements overtake each other, and what a server's event log sends again stands behind what was announced
meanwhile. So what is newest may stand before what is older; an item that changes hands so often in that time
has not been seen.
"""
_END_OF_TIME: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTransaction:
    """The last transaction of an item in the server's present record.

    Attributes:
        known: what the journal's own rules compare: number, time, person, item.
        place: where it stands in the log.
        taken: whether the item went out with it.
        time: when it happened by the server's clock, or when it came where the server does not say; aware.
        item_id, duty, issued_by: as the event has it; None where it is not known.

    """

    known: KnownTransaction
    place: int
    taken: bool
    time: datetime
    item_id: str | None
    duty: str | None
    issued_by: str | None

    @property
    def number(self) -> int:
        """Its number."""
        return self.known.number

    @property
    def item(self) -> str:
        """The item."""
        return self.known.item or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """The last status of an item that was set by hand; of an item without a name `item` is its id."""

    item: str
    item_id: str | None
    status: str
    place: int
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A gap that is open, of transactions.

    Attributes:
        gap: the gap.
        place: where it stands in the log.
        found: when it was found, aware.
        greatest: the greatest number that is missing of it; None of a gap in time.

    """

    gap: Gap
    place: int
    found: datetime
    greatest: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlings:
    """What the journal has of a server's items, all at one moment.

    Attributes:
        last: the last transaction of each item, by its name.
        statuses: the last status of each item that was set by hand, by the item's name or id.
        lacks: the gaps that are open.
        ledger: what the journal answers for; None: nothing yet.
        first: number and time, aware, of the first transaction that it answers for; None: there is none.
        undone: the last transaction of each item in a record that the server has no more, where the item has
            none in the present one behind it: what was done at the counter, and a backup has put back.
        hole: the greatest number that has not come and is not in a gap yet, for what has come has greater
            ones; None: there is no such.

    """

    last: Mapping[str, LastTransaction]
    statuses: Mapping[str, StatusChange]
    lacks: Sequence[Lack]
    ledger: Ledger | None
    first: tuple[int, datetime] | None
    hole: int | None
    undone: Mapping[str, LastTransaction] = field(default_factory=dict)


NOTHING_HANDLED: Final = Handlings(last={}, statuses={}, lacks=(), ledger=None, first=None, hole=None)


def handlings(connection: sqlite3.Connection, server: str) -> Handlings:
    """Return what the journal has of the items of the server at URL `server`."""
    with at_one_moment(connection):
        return handlings_before(connection, server, None)


def handlings_before(connection: sqlite3.Connection, server: str, until: datetime | None) -> Handlings:
    """Return what it has of what happened before `until`, aware; None: of everything.

    Of a time that is over it is what is known of it now: what came late counts as well. The caller lets all
    that is read be of one state of the journal.
    """
    found = connection.execute("SELECT id FROM server WHERE url = ?", [server]).fetchone()
    if found is None:
        return NOTHING_HANDLED
    (server_id,) = found
    ledger = ledger_of(connection.execute(queries.LEDGER, [server]).fetchone())
    first = None if ledger is None else connection.execute(_FIRST, [server_id, ledger.begins]).fetchone()
    before = _END_OF_TIME if until is None else microseconds(until)
    last = _last(connection, server_id, before, by_number=ledger is not None)
    return Handlings(
        last=last,
        statuses={
            each.item: each for each in map(_status, connection.execute(_STATUSES, [server_id, before]))
        },
        lacks=[each for each in _lacks(connection, server_id) if _may_be_before(each, until)],
        ledger=ledger,
        first=None if first is None else (first[0], from_microseconds(first[1])),
        hole=None if ledger is None else _hole(connection, server_id, ledger),
        undone=_undone(connection, server_id, before, last),
    )


def _may_be_before(lack: Lack, until: datetime | None) -> bool:
    """Tell whether something of a gap may have happened before a time; where that is not known, it may."""
    return until is None or lack.gap.since is None or lack.gap.since < until


@contextmanager
def at_one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """Let all that is read inside be of one state of the journal."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _last(
    connection: sqlite3.Connection, server: int, before: int, *, by_number: bool
) -> dict[str, LastTransaction]:
    """Return the last transaction of each item; with `by_number` numbers tell which of a few that is."""
    lowest, highest = _floor(connection, server), _ceiling(connection, before)
    asked = [server, lowest, highest, _LOOKED_AT, by_number, before]
    found = map(_transaction, connection.execute(LAST_OF_EACH, asked))
    return {each.item: each for each in found}


def _undone(
    connection: sqlite3.Connection, server: int, before: int, last: Mapping[str, LastTransaction]
) -> dict[str, LastTransaction]:
    asked = [server, _floor(connection, server), before]
    newest = {each.item: each for each in map(_transaction, connection.execute(_UNDONE, asked))}
    return {item: each for item, each in newest.items() if item not in last or last[item].place < each.place}


def _floor(connection: sqlite3.Connection, server: int) -> int:
    """Return the place below which all is of a record that the server has no more.

    Else, where the server was exchanged for another, each item's whole past would be looked at.
    """
    (least,) = connection.execute(_LEAST, [server]).fetchone()
    (row,) = connection.execute(_WHOLE_ERA, [server, least]).fetchone()
    return 0 if row is None else (int(row) - 1) * PLACES_A_ROW


def _ceiling(connection: sqlite3.Connection, before: int) -> int:
    """Return the place above which nothing happened before that time.

    Else, for a day long ago, each item's whole time since then would be looked at.
    """
    if before == _END_OF_TIME:
        return _END_OF_TIME
    (greatest,) = connection.execute(_GREATEST, [before]).fetchone()
    return 0 if greatest is None else int(greatest)


def _transaction(values: Sequence[Any]) -> LastTransaction:
    place, row, number, item, category, time, happened, person, action, source, received, *facts = values
    item_id, duty, issued_by = facts
    return LastTransaction(
        known=KnownTransaction(
            row=row,
            number=number,
            time=None if time is None else from_microseconds(time),
            person=person,
            item=item,
            action=action,
            source=Source(source),
            received=from_microseconds(received),
        ),
        place=place,
        taken=category == Category.ISSUED,
        time=from_microseconds(happened),
        item_id=item_id,
        duty=duty,
        issued_by=issued_by,
    )


def _status(values: Sequence[Any]) -> StatusChange:
    item, item_id, status, happened, place = values
    return StatusChange(
        item=item, item_id=item_id, status=status, time=from_microseconds(happened), place=place
    )


def _lacks(connection: sqlite3.Connection, server: int) -> Iterator[Lack]:
    found = {row: (place, received) for row, place, received in connection.execute(_OPEN, [server])}
    for row, gap in gap_rows.of_rows(connection, found).items():
        place, received = found[row]
        yield Lack(
            gap=gap,
            place=place,
            found=from_microseconds(received),
            greatest=_greatest_missing(connection, server, gap),
        )


def _greatest_missing(connection: sqlite3.Connection, server: int, gap: Gap) -> int | None:
    if gap.first is None or gap.last is None or gap.missing == gap.last - gap.first + 1:
        return gap.last
    known = connection.execute(_DOWNWARDS, [server, gap.first, gap.last])
    return _below_run(gap.last, (number for (number,) in known))


def _hole(connection: sqlite3.Connection, server: int, ledger: Ledger) -> int | None:
    reached = ledger.complete_to
    # What an older record has above is passed over by its row: there may be hundreds of thousands of it.
    row = ledger.era_row if reached + 1 >= ledger.era_first else 0
    descending = (int(number) for (number,) in connection.execute(_ABOVE, [server, reached, row]))
    newest = next(descending, reached)
    missing = _below_run(newest - 1, descending)
    return missing if missing > reached else None


def _below_run(last: int, descending: Iterable[int]) -> int:
    """Return the greatest number up to `last` that is not among the numbers, which descend."""
    for number in descending:
        if number == last:
            last -= 1
        elif number < last:
            break
    return last


LAST_OF_EACH: Final = f"""
    WITH RECURSIVE named (name) AS (
        SELECT min(item) FROM handled WHERE server = ?1
        UNION ALL
        SELECT (SELECT min(item) FROM handled WHERE server = ?1 AND item > name)
        FROM named WHERE name IS NOT NULL
    )
    SELECT {queries.PLACE} AS place, row, transaction_id, item, category, time, happened, person, action,
        source, received, item_id, duty, issued_by
    FROM named CROSS JOIN event ON row = (
        SELECT row FROM (
            SELECT row, transaction_id, {queries.PLACE} AS place
            FROM handled CROSS JOIN event ON event.server = ?1 AND {items.STRETCH} = +stretch
                AND event.item = name AND transaction_id IS NOT NULL
            WHERE handled.server = ?1 AND handled.item = name
                AND stretch BETWEEN {items.STRETCH_OF.format("?2")} AND {items.STRETCH_OF.format("?3")}
                AND {queries.PLACE} BETWEEN ?2 AND ?3 AND happened < ?6 AND {IN_ERA}
            ORDER BY stretch DESC, {queries.PLACE} DESC LIMIT ?4
        ) ORDER BY iif(?5, transaction_id, 0) DESC, place DESC LIMIT 1
    )
    WHERE name IS NOT NULL
"""
# By the numbers from which on an era counts; the rows behind its beginning are passed over in the index.
_UNDONE: Final = f"""
    SELECT {queries.PLACE} AS place, row, transaction_id, item, category, time, happened, person, action,
        source, received, item_id, duty, issued_by
    FROM (SELECT row AS era_row, first AS era_first FROM era WHERE server = ?1)
        CROSS JOIN event ON server = ?1 AND transaction_id IS NOT NULL
            AND transaction_id >= era_first AND +row < era_row
    WHERE {queries.PLACE} >= ?2 AND happened < ?3 AND item IS NOT NULL
    ORDER BY place
"""
_STATUSES: Final = f"""
    SELECT item, item_id, status, happened, max({queries.PLACE}) FROM event
    WHERE category = '{Category.STATUS}' AND server = ? AND item IS NOT NULL AND status IS NOT NULL
        AND happened < ?
    GROUP BY item
"""
_LEAST: Final = "SELECT min(transaction_id) FROM event WHERE server = ? AND transaction_id IS NOT NULL"
# The unary plus, as in `queries.within`: by the time, not down from the greatest place.
_GREATEST: Final = f"SELECT max(+{queries.PLACE}) FROM event WHERE happened < ?"
_WHOLE_ERA: Final = "SELECT max(row) FROM era WHERE server = ? AND first <= ?"
_FIRST: Final = f"""
    SELECT transaction_id, happened FROM event
    WHERE server = ? AND transaction_id IS NOT NULL AND transaction_id >= ? AND {IN_ERA}
    ORDER BY transaction_id LIMIT 1
"""
_DOWNWARDS: Final = f"""
    SELECT DISTINCT transaction_id FROM event
    WHERE server = ? AND transaction_id IS NOT NULL AND transaction_id BETWEEN ? AND ? AND {IN_ERA}
    ORDER BY transaction_id DESC
"""
_ABOVE: Final = f"""
    SELECT DISTINCT transaction_id FROM event
    WHERE server = ? AND transaction_id IS NOT NULL AND transaction_id > ? AND row >= ? AND {IN_ERA}
    ORDER BY transaction_id DESC
"""
_OPEN: Final = f"""
    SELECT gap.row, {queries.PLACE}, received FROM gap JOIN event USING (row)
    WHERE gap.server = ? AND closed_at IS NULL
        AND CASE WHEN first IS NULL THEN instr(streams, '{Stream.TRANSACTIONS}') ELSE NOT EXISTS (
            SELECT 1 FROM era WHERE era.server = gap.server AND era.row > gap.row AND era.first <= gap.last
        ) END
"""
