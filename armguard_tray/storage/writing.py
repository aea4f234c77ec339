"""One write to the journal, from its beginning to its commit: events, their places, the ledger and the gaps.

::

    announced ──► twin? same number? ──► new row at the end ──┐
    planned   ──► has it already?    ──► new row in its place ┼──► gaps it fills ──► ledger moves up
    gaps      ──────────────────────────► row in its place ───┘

Everything here happens inside one transaction of SQLite: a position, a claim and the rows that they stand on
are on the disk together or not at all.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from armguard_tray.messages.event import FETCHED, PLACES_A_ROW, Category, Event, Source, StoredEvent, named
from armguard_tray.storage import chain, choices, gap_rows, items, queries, rows, text_index
from armguard_tray.storage.ledger import Backlog, KnownTransaction, Ledger, Plan, Written
from armguard_tray.storage.log_filter import from_microseconds, happened, microseconds
from armguard_tray.storage.record_change import other_record
from armguard_tray.storage.sameness import is_same

_LAST_PLACE = PLACES_A_ROW - 1
_ROWS_SOUGHT = 2000
"""Rows in which a fetched transaction's place is sought: each of a thousand that were missed looks there."""


class Writing:
    """One write for one server; a `storage.ledger.View` for whoever plans what to write.

    Attributes:
        ledger: the server's ledger as it is with what was written up to now; None if there is none.
        last_row: the newest row, whoever wrote it.

    """

    def __init__(self, connection: sqlite3.Connection, server: int, last_row: int) -> None:
        """Write to `connection`, inside its transaction, for `server`; rows go on above `last_row`."""
        self._connection = connection
        self._server = server
        self.last_row = max(last_row, connection.execute(queries.LAST_ROW).fetchone()[0])
        self.ledger = _read_ledger(connection, server)
        self._ledger_before = self.ledger
        self._new: list[StoredEvent] = []
        self._values: dict[int, rows.Row] = {}
        self._changed: dict[int, StoredEvent] = {}
        self._before: dict[int, bytes] = {}

    # What a plan sees

    def known(self, first: int, last: int) -> Mapping[int, KnownTransaction]:
        """Return what it has of the server's present record from number `first` to `last`, by number."""
        found = self._connection.execute(_KNOWN_BETWEEN, [self._server, first, last])
        return {known.number: known for known in map(_known, found)}

    def declared(self, first: int, last: int) -> Sequence[range]:
        """Return which of these were declared missing in that record, whether they have come since or not."""
        found = self._connection.execute(_DECLARED, [self._server, last, first])
        return [range(max(first, lowest), min(last, highest) + 1) for lowest, highest in found]

    def _known_of(self, numbers: Collection[int]) -> dict[int, KnownTransaction]:
        wanted = f"[{','.join(map(str, numbers))}]"
        found = self._connection.execute(_KNOWN_OF, [self._server, wanted])
        return {known.number: known for known in map(_known, found)}

    @property
    def _era(self) -> tuple[int, int]:
        return (self.ledger.era_row, self.ledger.era_first) if self.ledger is not None else (0, 0)

    # What it writes

    def announced(self, events: Sequence[Event], *, claim: bool = True) -> None:
        """Write what the server told, as it came; what the journal has already is left out.

        With `claim` the ledger moves up over it; else it stays until a look at the history has shown that
        this is still the record that the journal has.
        """
        events = [each for each in events if not self._is_twin(each)]
        self._insert_unknown(self._with_item_names(events))
        numbers = {each.event.transaction_id for each in self._new if each.event.transaction_id is not None}
        if numbers:
            at = events[-1].received
            self._fill_gaps(numbers, at)
            if claim:
                self._advance(numbers, at)

    def carry_out(self, plan: Plan, at: datetime) -> None:
        """Write what was planned; `at` is when it was found, aware."""
        self._go_on_with(plan.ledger or self.ledger)
        have = self._known_of([each.transaction_id for each in plan.found if each.transaction_id is not None])
        fresh = [each for each in plan.found if each.transaction_id not in have]
        for each in sorted(fresh, key=lambda each: each.transaction_id or 0):
            self._insert_transaction(each)
        self._fill_gaps({each.transaction_id for each in fresh if each.transaction_id is not None}, at)
        for each in plan.gaps:
            self._insert_gap(each)
        self._insert(plan.told)

    def declare(self, gap: Event, behind: int) -> None:
        """Write a gap in time; it stands right behind row `behind`, the newest before it began."""
        self._insert_gap(gap, moved=behind * PLACES_A_ROW + 1)

    def finish(self) -> Written:
        """Write the ledger, and return all that was written."""
        if self.ledger is not None and self.ledger != self._ledger_before:
            self._connection.execute(_WRITE_LEDGER, _ledger_values(self._server, self.ledger))
        # Only now, as they will be read: each new row once, whatever it has been through here.
        if self._new:
            chain.append(self._connection, self._new_contents())
        chain.supersede(self._connection, self._before)
        # What was refused as a copy of what is there has left its number unused.
        changed = gap_rows.with_gaps(self._connection, list(self._changed.values()))
        return Written(
            new=gap_rows.with_gaps(self._connection, self._new), changed=changed, ledger=self.ledger
        )

    def _new_contents(self) -> Iterator[tuple[int, bytes]]:
        (url,) = self._connection.execute("SELECT url FROM server WHERE id = ?", [self._server]).fetchone()
        for each in self._new:
            # To read everything back would take longer than to write it.
            if each.event.gap is None and each.row not in self._changed:
                yield each.row, chain.content_of_new(self._values[each.row], url)
            elif (content := chain.content_now(self._connection, each.row)) is not None:
                yield each.row, content

    def _insert(self, events: Sequence[Event], *, moved: int | None = None) -> list[StoredEvent]:
        """Give the events the next rows; return those that are new."""
        if not events:
            return []
        first = self.last_row + 1
        stored = [StoredEvent(row, event, moved) for row, event in enumerate(events, first)]
        # Rows are numbered here, not by SQLite, so that those which were taken tell which events they are:
        # executemany cannot say it.
        values = [rows.to_row(self._server, each) for each in stored]
        self._connection.executemany(rows.INSERT, values)
        self.last_row = stored[-1].row
        taken = self._connection.execute("SELECT row FROM event WHERE row >= ? ORDER BY row", [first])
        new = [stored[row - first] for (row,) in taken.fetchall()]
        self._index(new)
        self._new += new
        self._values.update((each.row, values[each.row - first]) for each in new)
        return new

    def _index(self, stored: Sequence[StoredEvent], *, rename: bool = True) -> None:
        if not stored:
            return
        text_index.add(self._connection, stored[0].row, stored[-1].row)
        choices.add(self._connection, (each.event for each in stored))
        items.add(self._connection, self._server, stored, rename=rename)

    def _insert_transaction(self, event: Event) -> None:
        """Put a transaction where its number belongs."""
        number = event.transaction_id or 0
        self._insert([event], moved=self._place(number, 2 * number + 2, event.time))

    def _is_late(self, number: int) -> bool:
        """Tell whether a transaction is announced that the journal has declared missing."""
        return self.ledger is not None and number <= self.ledger.complete_to

    # The same thing twice

    def _is_twin(self, event: Event) -> bool:
        """Tell whether an event of the live app is one that the stock server's socket has brought already.

        That is so after the desk had to do without the app for a while: the app then sends it all again.
        Transactions are known by their numbers.
        """
        if event.seq is None or event.transaction_id is not None:
            return False
        same = (event.transaction_id, event.item_id, event.status, event.title, event.detail)
        when = microseconds(happened(event))
        known = [when, self._server, event.stream.value, event.category.value, *same]
        return self._connection.execute(queries.TWIN, known).fetchone() is not None

    def _insert_unknown(self, events: Iterable[Event]) -> None:
        """Write what is new; complete what the history has told less of; begin a new era where it must be."""
        events = list(events)
        numbers = {each.transaction_id for each in events if each.transaction_id is not None}
        known = self._known_of(numbers) if numbers else {}
        at_the_end: list[Event] = []
        for event in events:
            number = event.transaction_id
            if number is None:
                at_the_end.append(event)
                continue
            before = known.get(number)
            if before is not None and is_same(before, event.time, event.person, event.item, event.action):
                self._complete(before, event)
                continue
            if before is not None and self.ledger is not None:
                self._insert(at_the_end)
                at_the_end = self._change_record(self.ledger, before, event)
                known = self._of_present_record(known)
            if self._is_late(number):
                self._insert(at_the_end)
                at_the_end = []
                self._insert_transaction(event)
            else:
                at_the_end.append(event)
            known[number] = _as_known(self.last_row + len(at_the_end), number, event)
        self._insert(at_the_end)

    def _change_record(self, ledger: Ledger, before: KnownTransaction, event: Event) -> list[Event]:
        """Note that from a number on the server's record is another than `before` tells; return what is told.

        If that stood there when the record last changed, this is the same change, and only reaches further
        down: announcements overtake each other.
        """
        number = before.number
        is_news = before.row >= ledger.era_row
        self._go_on_with(
            replace(
                ledger,
                era_row=self.last_row + 1 if is_news else ledger.era_row,
                era_first=number,
                begins=min(ledger.begins, number),
                complete_to=min(ledger.complete_to, number - 1),
            )
        )
        return [other_record(number, before, event.received)] if is_news else []

    def _of_present_record(self, known: Mapping[int, KnownTransaction]) -> dict[int, KnownTransaction]:
        era_row, era_first = self._era
        return {number: each for number, each in known.items() if number < era_first or each.row >= era_row}

    def _complete(self, known: KnownTransaction, event: Event) -> None:
        """Let an announcement that comes late say what the history could not: duty, ammunition, by whom."""
        if known.source not in FETCHED:
            return
        stored = self._read(known.row)
        if stored is None or not stored.event.raw.startswith(HISTORY_RAW):
            return  # what is there is an announcement itself
        # Announced after all, only late: no longer a fault of the server.
        source = event.source if known.source is Source.UNANNOUNCED else known.source
        told = replace(event, source=source, received=stored.event.received, key=None)
        completed = StoredEvent(stored.row, told, stored.moved)
        self._keep(stored.row)
        text_index.drop(self._connection, stored.row, stored.row)
        self._connection.execute("DELETE FROM event WHERE row = ?", [stored.row])
        self._connection.execute(rows.INSERT, rows.to_row(self._server, completed))
        self._index([completed], rename=False)
        self._changed[stored.row] = completed

    def _keep(self, row: int) -> None:
        """Keep what a row says before it is changed, for the chain; what is new here is not in it yet."""
        is_new = bool(self._new) and row >= self._new[0].row
        if not is_new and row not in self._before:
            content = chain.content_now(self._connection, row)
            if content is not None:
                self._before[row] = content

    def _read(self, row: int) -> StoredEvent | None:
        values = self._connection.execute(queries.ONE, [row]).fetchone()
        return None if values is None else rows.from_row(values)

    # Names

    def _with_item_names(self, events: Sequence[Event]) -> list[Event]:
        """Name the items of changes of status after the transactions before them, or stored with them."""
        announced = {each.item_id: each.item for each in events if each.transaction_id is not None}

        def with_name(event: Event) -> Event:
            if event.category is not Category.STATUS or event.item_id is None or event.item != event.item_id:
                return event
            name = announced.get(event.item_id) or self._item_name(event.item_id)
            return named(event, name) if name else event

        return [with_name(event) for event in events]

    def _item_name(self, item_id: str) -> str | None:
        found = self._connection.execute(items.NAME, [self._server, item_id]).fetchone()
        return None if found is None else str(found[0])

    # Places

    def _place(self, number: int, rank: int, time: datetime | None = None) -> int:
        """Return a free place behind the transaction before `number`, or where those stand that are older.

        Between it and the next transaction, what happened before `time` comes first.
        """
        before = self._connection.execute(_BEFORE, [self._server, number]).fetchone()
        anchor = self._start(number) if before is None else int(before[0]) // PLACES_A_ROW
        (era_row,) = self._connection.execute(_ERA_OF, [self._server, number]).fetchone()
        anchor = max(anchor, int(era_row) - 1)  # behind all of the record before
        if before is not None and time is not None:
            anchor = max(anchor, self._last_before(number, anchor, time))
        place = anchor * PLACES_A_ROW + min(max(rank, 1), _LAST_PLACE)
        while self._connection.execute(_AT_PLACE, [place]).fetchone() is not None:
            place -= 1
        return place

    def _last_before(self, number: int, first: int, time: datetime) -> int:
        """Return the newest row, other than transactions, that happened before `time`; 0 if there is none.

        It is sought behind row `first`, and not behind any transaction of a greater number.
        """
        after = self._connection.execute(_AFTER, [self._server, number]).fetchone()
        last = min(self.last_row, first + _ROWS_SOUGHT)
        if after is not None:
            row, rank = divmod(int(after[0]), PLACES_A_ROW)
            last = min(last, row if rank else row - 1)
        # Announcements may come in another order than their numbers: the next one is not always the first.
        greater = self._connection.execute(_FIRST_GREATER, [self._server, first, last, number]).fetchone()[0]
        last = last if greater is None else greater - 1
        sought = [self._server, first, last, microseconds(time)]
        return int(self._connection.execute(_LAST_BEFORE, sought).fetchone()[0])

    def _start(self, number: int) -> int:
        """Return behind which row a transaction stands that is older than all others.

        What was announced before the ledger was begun stands in older rows.
        """
        start = self.ledger.start_row if self.ledger is not None else 0
        after = self._connection.execute(_AFTER, [self._server, number]).fetchone()
        return start if after is None else min(start, (int(after[0]) - 1) // PLACES_A_ROW)

    # Gaps

    def _insert_gap(self, event: Event, *, moved: int | None = None) -> None:
        gap = event.gap
        if gap is None:
            raise ValueError("an event that is no gap was planned as one")
        first, last = gap.first, gap.last
        if first is not None and last is not None:
            gap = replace(gap, missing=last - first + 1 - len(self.known(first, last)))
            moved = self._place(first, 2 * first + 1)
        elif moved is not None:
            while self._connection.execute(_AT_PLACE, [moved]).fetchone() is not None:
                moved += 1
        for stored in self._insert([replace(event, gap=gap)], moved=moved):
            self._connection.execute(gap_rows.INSERT, gap_rows.to_row(stored.row, self._server, gap))

    def _fill_gaps(self, numbers: Collection[int], at: datetime) -> None:
        """Count anew what is missing in the gaps into which some of `numbers` fall."""
        if not numbers:
            return
        found = self._connection.execute(_OPEN_GAPS, [self._server, max(numbers), min(numbers)])
        for row, first, last in found.fetchall():
            if not any(first <= number <= last for number in numbers):
                continue
            missing = last - first + 1 - len(self.known(first, last))
            closed = None if missing else microseconds(at)
            self._keep(row)
            self._connection.execute(_SHRINK_GAP, [missing, closed, row])
            gap = self._read(row)
            if gap is not None:
                self._changed[row] = gap

    # The ledger

    def _go_on_with(self, ledger: Ledger | None) -> None:
        """Let `ledger` count from now on, and the change of the record that it tells of, beside those before.

        A later change that reaches less far down must not bring back what an earlier one has put out.
        """
        before, self.ledger = self._era, ledger
        if self._era != before:
            change = [self._server, *self._era]
            self._connection.execute(_FORGET_COVERED_ERAS, change)
            self._connection.execute(_BEGIN_ERA, change)

    def _advance(self, numbers: Collection[int], at: datetime) -> None:
        """Move up over what is there without a hole, if it came now or since the claim was last seen to hold.

        What is older and was not claimed then may be of a record that was set back.
        """
        ledger = self.ledger
        if ledger is None or max(numbers) <= ledger.complete_to:
            return
        reached = ledger.complete_to
        since = microseconds(ledger.as_of)
        above = self._connection.execute(_ABOVE, [self._server, reached])
        for number, received in above:
            if number != reached + 1 or (number not in numbers and received < since):
                break
            reached = number
        above.close()
        if reached > ledger.complete_to:
            self.ledger = replace(ledger, complete_to=reached, as_of=max(ledger.as_of, at))


HISTORY_RAW = '{"history"'
"""How the raw text of a transaction begins that was read on the server's history; a frame never does."""

# Whether a transaction is of the server's present record: that has not changed since, or only further up.
IN_ERA = (
    "NOT EXISTS (SELECT 1 FROM era WHERE era.server = event.server AND era.row > event.row "
    "AND era.first <= transaction_id) "
)
_KNOWN_OF = (
    "SELECT row, transaction_id, time, person, item, action, source, received FROM event "  # noqa: S608 - no data
    f"WHERE server = ? AND transaction_id IS NOT NULL AND {IN_ERA} "
    "AND transaction_id IN (SELECT value FROM json_each(?)) ORDER BY row"
)
_KNOWN_BETWEEN = (
    "SELECT row, transaction_id, time, person, item, action, source, received FROM event "  # noqa: S608 - no data
    f"WHERE server = ? AND transaction_id IS NOT NULL AND {IN_ERA} "
    "AND transaction_id BETWEEN ? AND ? ORDER BY row"
)
_DECLARED = """
    SELECT first, min(last, coalesce(
        (SELECT min(era.first) - 1 FROM era WHERE era.server = gap.server AND era.row > gap.row), last))
    FROM gap WHERE server = ? AND first <= ? AND last >= ?
"""
_BEFORE = (
    f"SELECT {queries.PLACE} FROM event "  # noqa: S608 - no data
    f"WHERE server = ? AND transaction_id IS NOT NULL AND {IN_ERA} AND transaction_id < ? "
    "ORDER BY transaction_id DESC, row DESC LIMIT 1"
)
_AFTER = (
    f"SELECT {queries.PLACE} FROM event "  # noqa: S608 - no data
    f"WHERE server = ? AND transaction_id IS NOT NULL AND {IN_ERA} AND transaction_id > ? "
    "ORDER BY transaction_id, row LIMIT 1"
)
_ABOVE = (
    "SELECT transaction_id, max(received) FROM event "  # noqa: S608 - no data
    f"WHERE server = ? AND transaction_id IS NOT NULL AND {IN_ERA} AND transaction_id > ? "
    "GROUP BY transaction_id ORDER BY transaction_id"
)
_FIRST_GREATER = """
    SELECT min(row) FROM event WHERE server = ? AND row > ? AND row <= ?
        AND moved IS NULL AND +transaction_id > ?
"""
_LAST_BEFORE = """
    SELECT coalesce(max(row), 0) FROM event WHERE server = ? AND row > ? AND row <= ?
        AND moved IS NULL AND transaction_id IS NULL AND happened <= ?
"""
_AT_PLACE = f"SELECT 1 FROM event WHERE {queries.PLACE} = ?"  # noqa: S608 - no data
_OPEN_GAPS = (
    "SELECT row, first, last FROM gap WHERE server = ? AND closed_at IS NULL AND first <= ? AND last >= ? "
    "AND NOT EXISTS (SELECT 1 FROM era WHERE era.server = gap.server AND era.row > gap.row "
    "AND era.first <= gap.last)"
)
_SHRINK_GAP = "UPDATE gap SET missing = ?, closed_at = ? WHERE row = ?"
_FORGET_COVERED_ERAS = "DELETE FROM era WHERE server = ? AND (row = ? OR first >= ?)"
_ERA_OF = "SELECT coalesce(max(row), 0) FROM era WHERE server = ? AND first <= ?"
_BEGIN_ERA = "INSERT INTO era (server, row, first) VALUES (?, ?, ?)"
_WRITE_LEDGER = """
    REPLACE INTO ledger (server, begins, complete_to, as_of, era_row, era_first, start_row, backlog)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_READ_LEDGER = """
    SELECT begins, complete_to, as_of, era_row, era_first, start_row, backlog FROM ledger WHERE server = ?
"""


def _read_ledger(connection: sqlite3.Connection, server: int) -> Ledger | None:
    return ledger_of(connection.execute(_READ_LEDGER, [server]).fetchone())


def ledger_of(values: Sequence[Any] | None) -> Ledger | None:
    """Return the ledger whose columns are `values`, in the order of the type's fields; None of none."""
    if values is None:
        return None
    begins, complete_to, as_of, era_row, era_first, start_row, backlog = values
    return Ledger(
        begins=int(begins),
        complete_to=int(complete_to),
        as_of=from_microseconds(int(as_of)),
        era_row=int(era_row),
        era_first=int(era_first),
        start_row=int(start_row),
        backlog=Backlog(backlog),
    )


def _ledger_values(server: int, ledger: Ledger) -> list[int | str]:
    numbers = (ledger.era_row, ledger.era_first, ledger.start_row)
    as_of = microseconds(ledger.as_of)
    return [server, ledger.begins, ledger.complete_to, as_of, *numbers, ledger.backlog.value]


def _known(values: Sequence[Any]) -> KnownTransaction:
    row, number, time, person, item, action, source, received = values
    return KnownTransaction(
        row=row,
        number=number,
        time=None if time is None else from_microseconds(time),
        person=person,
        item=item,
        action=action,
        source=Source(source),
        received=from_microseconds(received),
    )


def _as_known(row: int, number: int, event: Event) -> KnownTransaction:
    return KnownTransaction(
        row=row,
        number=number,
        time=event.time,
        person=event.person,
        item=event.item,
        action=event.action,
        source=event.source,
        received=event.received,
    )
