"""PURE: what to write to the journal after reading the server's history.

Each function returns what the journal runs on its own view, in the transaction in which it writes: what is
announced meanwhile is in the view then, and nothing is written twice. A walk reads pages from the newest down
and hands each of them over::

    page 1 ──► fill ──► reach: not yet ──► page 2 ──► fill ──► reach: far enough ──► settle

Until it has settled, nothing is claimed: it may be interrupted anywhere.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from armguard_tray.catchup.entries import RecordChange, event_of_row, gap_event, record_event
from armguard_tray.catchup.era import LAST_NUMBER, Record, down_to_both, in_era, record_of
from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.catchup.holes import Hole, Neighbours, contiguous, gap_of, holes, times_of, undeclared
from armguard_tray.catchup.sameness import others
from armguard_tray.messages.event import Event, Source
from armguard_tray.messages.gap import Reason
from armguard_tray.storage.ledger import Backlog, KnownTransaction, Ledger, Plan, Planner, View

_NOTHING = Plan()
_LOOK_BACK = 1000
"""Numbers below the claimed ones among which the neighbour of a hole is sought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What a walk has read of the history up to now.

    Attributes:
        rows: the transactions, of all its pages, or of the one that is handed over; in any order, each once.
        at: when they were read, aware.
        asked_row: the journal's newest row when the first of its pages was asked for, or a moment before that
            since an announcement may overtake its transaction. What stands in newer rows the pages may not
            have yet.
        sources: how they came that did not come by CATCHUP, by number.
        shown: numbers that the walk has seen on other pages; what it has not seen is not there any more.
        settled: up to which number they are stored; those above were made just now, and are only compared,
            since their announcements may be under way. None: all are stored.

    """

    rows: Sequence[HistoryRow]
    at: datetime
    asked_row: int
    sources: Mapping[int, Source] = field(default_factory=dict)
    shown: Collection[int] = ()
    settled: int | None = None

    def events(self, first: int, known: Mapping[int, KnownTransaction]) -> list[Event]:
        """Return what is to be stored from number `first` on and is not `known`, ascending."""
        last = LAST_NUMBER if self.settled is None else self.settled
        return [
            event_of_row(row, at=self.at, source=self.sources.get(row.id, Source.CATCHUP))
            for row in sorted(self.rows, key=lambda each: each.id)
            if first <= row.id <= last and row.id not in known
        ]


def begin(newest: int, at: datetime) -> Planner:
    """Answer for what comes after transaction `newest`, the newest there is (0: none), if for nothing yet."""

    def plan(view: View) -> Plan:
        if view.ledger is not None:
            return _NOTHING
        return Plan(
            ledger=Ledger(begins=newest + 1, complete_to=newest, as_of=at, start_row=view.last_row),
        )

    return plan


def fill(walk: Walk) -> Planner:
    """Store what the journal does not have of what it answers for. It claims no more with that.

    If a number is another transaction's, a new era begins, and it claims less.
    """

    def plan(view: View) -> Plan:
        if view.ledger is None:
            return _NOTHING
        record = _record(view, view.ledger, walk)
        known = in_era(view.known(*_range(walk.rows)), record.ledger)
        return Plan(
            found=walk.events(record.ledger.begins, known),
            told=_told(record, walk.at),
            ledger=_if_changed(record.ledger, view.ledger),
        )

    return plan


def settle(
    walk: Walk,
    up_to: int,
    *,
    reaches: bool,
    reason: Reason = Reason.NOT_IN_HISTORY,
    cause: str = "",
) -> Planner:
    """Claim all up to number `up_to`: what neither the journal nor the walk has of it becomes gaps.

    Args:
        walk: all that the walk has read; what is still not stored is stored as well.
        up_to: the newest number that was made long enough before.
        reaches: whether it came down to what was claimed before; else what is older is given up.
        reason: why the journal cannot have what the walk does not have.
        cause: what ended the connection in which it was to be announced; may be empty.

    """

    def plan(view: View) -> Plan:
        if view.ledger is None:
            return _NOTHING
        record = _record(view, view.ledger, walk)
        ledger = record.ledger
        lowest = min((ledger.complete_to - _LOOK_BACK, *(row.id for row in walk.rows)))
        known = in_era(view.known(lowest, LAST_NUMBER), ledger)
        found = walk.events(ledger.begins, known)
        present = {*known, *_numbers(found)}
        oldest = min((row.id for row in walk.rows), default=LAST_NUMBER)
        neighbours = Neighbours(times_of(walk.rows, known))

        def gap(hole: Hole) -> Event:
            why = Reason.TOO_OLD if not reaches and hole.last < oldest else reason
            return gap_event(gap_of(hole, why, neighbours, cause=cause), at=walk.at)

        settled = max(ledger.complete_to, up_to)
        missing = holes(present, ledger.complete_to + 1, settled)
        declared = view.declared(ledger.complete_to + 1, settled)
        return Plan(
            found=found,
            # What was declared before the record was set back is not declared again.
            gaps=[gap(hole) for hole in undeclared(missing, declared)],
            told=_told(record, walk.at),
            ledger=replace(
                ledger,
                complete_to=contiguous(_vouched_for(present, known, walk), settled),
                as_of=max(ledger.as_of, walk.at),
            ),
        )

    return plan


def recover(rows: Sequence[HistoryRow], at: datetime) -> Planner:
    """Store what the journal has declared missing and a page of the history has, read at `at`.

    The page is from somewhere below, so it begins no new era: from the lowest number on that is another
    transaction in the journal, nothing of it is taken. A look finds why that is so.
    """

    def plan(view: View) -> Plan:
        ledger = view.ledger
        if ledger is None:
            return _NOTHING
        known = view.known(*_range(rows))
        differs_from = min((each.number for each in others(rows, known)), default=LAST_NUMBER)
        up_to = min(ledger.complete_to, differs_from - 1)
        walk = Walk(rows=rows, at=at, asked_row=view.last_row, settled=up_to)
        return Plan(found=walk.events(ledger.begins, known))

    return plan


def set_back(newest: int, at: datetime, *, asked_row: int) -> Planner:
    """Claim no more than the server's record has now, if that ends at number `newest` (0: it is empty).

    If the journal got all that is above that after its row `asked_row` (as in `Walk`), the record only went
    on since.
    If all that it answers for is gone, it begins anew: the time before is fetched again, and with it what
    was made since.
    """

    def plan(view: View) -> Plan:
        ledger = view.ledger
        if ledger is None or newest >= ledger.complete_to:
            return _NOTHING
        above = view.known(newest + 1, ledger.complete_to)
        if above and min(each.row for each in above.values()) > asked_row:
            return _NOTHING
        had = ledger.complete_to
        if newest >= ledger.begins - 1:
            told = record_event(RecordChange.SET_BACK, newest=newest, had=had, at=at)
            return Plan(told=[told], ledger=replace(ledger, complete_to=newest, as_of=max(ledger.as_of, at)))
        anew = Ledger(
            begins=newest + 1,
            complete_to=newest,
            as_of=max(ledger.as_of, at),
            era_row=view.last_row + 1,
            era_first=newest + 1,
            start_row=view.last_row,
        )
        return Plan(told=[record_event(RecordChange.ANOTHER, newest=newest, had=had, at=at)], ledger=anew)

    return plan


def lower(rows: Sequence[HistoryRow], at: datetime, *, is_last: bool, from_newest: bool) -> Planner:
    """Answer for the time before, down to the oldest of `rows`.

    Args:
        rows: transactions that follow each other on the history, from one at or above the ledger's beginning.
        at: when they were read, aware.
        is_last: whether the history has no older ones.
        from_newest: whether they begin with the newest there is; then they may be right below it.

    Returns:
        A planner that leaves the beginning where it is if `rows` do not adjoin it: then they are to be read
        anew from there, or the record was set back, which a walk will find.

    """

    def plan(view: View) -> Plan:
        if view.ledger is None:
            return _NOTHING
        begins = view.ledger.begins
        older = [row for row in rows if row.id < begins]
        record = record_of(view, view.ledger, older, asked_row=view.ledger.start_row)
        lost = [each for each in record.dropped - {row.id for row in rows} if each >= begins]
        ledger = replace(record.ledger, begins=max(lost, default=begins - 1) + 1)
        told = _told(record, at)
        if rows and _range(rows)[1] < ledger.begins - from_newest:
            return Plan(told=told, ledger=_if_changed(ledger, view.ledger))
        lowest = min((ledger.begins, *(row.id for row in older)))
        known = in_era(view.known(lowest, LAST_NUMBER), ledger)
        found = [
            event_of_row(row, at=at, source=Source.HISTORY)
            for row in sorted(rows, key=lambda each: each.id)
            if row.id not in known and (row.id < begins or row.id in record.dropped)
        ]
        neighbours = Neighbours(times_of(rows, known))
        missing = holes({*known, *_numbers(found)}, lowest, ledger.begins - 1)
        return Plan(
            found=found,
            gaps=[gap_event(gap_of(each, Reason.NOT_IN_HISTORY, neighbours), at=at) for each in missing],
            told=told,
            ledger=replace(ledger, begins=lowest, backlog=Backlog.DONE if is_last else ledger.backlog),
        )

    return plan


def _range(rows: Sequence[HistoryRow]) -> tuple[int, int]:
    """Return the lowest and the greatest number; of no rows a range without any."""
    numbers = [row.id for row in rows]
    return min(numbers, default=0), max(numbers, default=-1)


def _numbers(events: Iterable[Event]) -> set[int]:
    return {each.transaction_id for each in events if each.transaction_id is not None}


def _record(view: View, ledger: Ledger, walk: Walk) -> Record:
    """Return the present record; of numbers that stand for other transactions now, nothing is claimed."""
    rows = [row for row in walk.rows if row.id >= ledger.begins]
    record = record_of(view, ledger, rows, asked_row=walk.asked_row, shown=walk.shown)
    present = record.ledger
    if record.differs_from is not None:
        present = replace(present, complete_to=min(present.complete_to, record.differs_from - 1))
    shown = {each for each in (*(row.id for row in rows), *walk.shown) if each >= ledger.begins}
    return replace(record, ledger=down_to_both(view, present, shown))


def _told(record: Record, at: datetime) -> list[Event]:
    return (
        []
        if record.had is None
        else [record_event(RecordChange.SET_BACK, newest=None, had=record.had, at=at)]
    )


def _if_changed(ledger: Ledger, before: Ledger) -> Ledger | None:
    return None if ledger == before else ledger


def _vouched_for(present: Iterable[int], known: Mapping[int, KnownTransaction], walk: Walk) -> set[int]:
    """Return the numbers that the server surely has: those that it showed, and those that it told of since.

    The journal may have greater ones, which the server has no more.
    """
    newest = _range(walk.rows)[1]
    return {
        each for each in present if each <= newest or (each in known and known[each].row > walk.asked_row)
    }
