"""A journal in memory that keeps the ledger's rules, and checks what it claims."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from armguard_tray.catchup.era import LAST_NUMBER
from armguard_tray.messages.event import Category, Event, Source
from armguard_tray.messages.gap import Gap
from armguard_tray.storage.ledger import KnownTransaction, Ledger, Planner
from armguard_tray.storage.sameness import is_same


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the journal."""

    row: int
    event: Event


class Journal:
    """Implements `storage.ledger.View`; carries out plans, and takes what is announced."""

    def __init__(self) -> None:
        self.ledger: Ledger | None = None
        self.last_row = 0
        self.rows: list[Row] = []
        self._of: dict[int, list[KnownTransaction]] = {}

    def known(self, first: int, last: int) -> Mapping[int, KnownTransaction]:
        numbers = [first] if first == last else [each for each in self._of if first <= each <= last]
        return {
            number: known
            for number in numbers
            for known in self._of.get(number, [])
            if self._in_era(known.row, number)
        }

    def declared(self, first: int, last: int) -> list[range]:
        gaps = [(row.row, row.event.gap) for row in self.rows if row.event.gap is not None]
        return [
            range(max(first, _first(gap)), min(last, _last(gap), self._last_in_era(row)) + 1)
            for row, gap in gaps
            if _first(gap) <= last and first <= _last(gap)
        ]

    def _last_in_era(self, row: int) -> int:
        ledger = self.ledger
        return ledger.era_first - 1 if ledger is not None and row < ledger.era_row else LAST_NUMBER

    def _in_era(self, row: int, number: int) -> bool:
        ledger = self.ledger
        return ledger is None or row >= ledger.era_row or number < ledger.era_first

    def carry_out(self, planner: Planner) -> None:
        """Write what is planned."""
        plan = planner(self)
        self.ledger = plan.ledger or self.ledger
        found = [each.transaction_id for each in plan.found]
        assert len(found) == len(set(found))
        fresh = [
            each for each in plan.found if not self.known(each.transaction_id or 0, each.transaction_id or 0)
        ]
        for each in fresh:
            self._insert(each)
        self._fill_gaps()
        for each in plan.gaps:
            assert each.gap is not None
            first, last = each.gap.first, each.gap.last
            assert first is not None
            assert last is not None
            assert not self.known(first, last), "a gap over what the journal has"
            for row in self.rows:
                if (gap := row.event.gap) is not None and self._gap_in_era(row.row, gap):
                    assert not (_first(gap) <= last and first <= _last(gap)), "two gaps over one number"
            self._insert(each)
        for each in plan.told:
            self._insert(each)

    def announced(self, event: Event, *, claim: bool = True) -> None:
        """Take what the server announces; with `claim` it moves up over it."""
        number = event.transaction_id
        assert number is not None
        before = self.known(number, number).get(number)
        if before is not None:
            if is_same(before, event.time, event.person, event.item, event.action):
                return
            if self.ledger is not None:
                self.ledger = replace(
                    self.ledger,
                    era_row=self.last_row + 1,
                    era_first=number,
                    begins=min(self.ledger.begins, number),
                    complete_to=min(self.ledger.complete_to, number - 1),
                )
        self._insert(event)
        self._fill_gaps()
        ledger = self.ledger
        if claim and ledger is not None and number == ledger.complete_to + 1:
            while self.known(number + 1, number + 1):
                number += 1
            self.ledger = replace(ledger, complete_to=number, as_of=max(ledger.as_of, event.received))

    def _insert(self, event: Event) -> None:
        self.last_row += 1
        self.rows.append(Row(self.last_row, event))
        if event.transaction_id is not None:
            self._of.setdefault(event.transaction_id, []).append(_known(self.rows[-1]))

    def _fill_gaps(self) -> None:
        for index, row in enumerate(self.rows):
            gap = row.event.gap
            if gap is None or not gap.is_open or not self._gap_in_era(row.row, gap):
                continue
            missing = _last(gap) - _first(gap) + 1 - len(self.known(_first(gap), _last(gap)))
            closed_at = None if missing else self.rows[-1].event.received
            gap = replace(gap, missing=missing, closed_at=closed_at)
            self.rows[index] = Row(row.row, replace(row.event, gap=gap))

    def _gap_in_era(self, row: int, gap: Gap) -> bool:
        return self._in_era(row, _last(gap))

    # What is checked

    @property
    def transactions(self) -> list[Event]:
        """All transactions, of whatever record."""
        return [row.event for row in self.rows if row.event.transaction_id is not None]

    @property
    def gaps(self) -> list[Gap]:
        """All gaps, of whatever record."""
        return [row.event.gap for row in self.rows if row.event.gap is not None]

    @property
    def told(self) -> list[Event]:
        """What was told of the server's record."""
        return [row.event for row in self.rows if row.event.category is Category.OTHER]

    def accounts_for(self, number: int) -> bool:
        """Tell whether a number of the present record is there, or within a gap."""
        return bool(self.known(number, number)) or any(
            row.event.gap is not None and _first(row.event.gap) <= number <= _last(row.event.gap)
            for row in self.rows
        )

    def unaccounted(self, committed: Iterable[tuple[int, datetime]]) -> list[int]:
        """Return what of the transactions, by number and time of commit, it claims to have and has not."""
        ledger = self.ledger
        if ledger is None:
            return []
        return [
            number
            for number, at in committed
            if ledger.begins <= number <= ledger.complete_to
            and at <= ledger.as_of
            and not self.accounts_for(number)
        ]


def _known(row: Row) -> KnownTransaction:
    event = row.event
    assert event.transaction_id is not None
    return KnownTransaction(
        row=row.row,
        number=event.transaction_id,
        time=event.time,
        person=event.person,
        item=event.item,
        action=event.action,
        source=event.source,
        received=event.received,
    )


def _first(gap: Gap) -> int:
    assert gap.first is not None
    return gap.first


def _last(gap: Gap) -> int:
    assert gap.last is not None
    return gap.last


def sources(events: Iterable[Event]) -> dict[int, Source]:
    """Return how the transactions came, by number."""
    return {each.transaction_id: each.source for each in events if each.transaction_id is not None}
