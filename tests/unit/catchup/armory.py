"""An armory's server at work: it numbers what begins, shows what is committed, and tells of it or not."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

import httpx

from armguard_tray.catchup.history_page import ROWS_A_PAGE, Action, HistoryRow
from armguard_tray.clock import Clock
from armguard_tray.connection.login import Page
from tests.unit.catchup.pages import MANILA, cells, page

A_MONTH = timedelta(days=30)
_WORDS = {Action.TAKE: "Withdrawal", Action.RETURN: "Return"}


@dataclass(frozen=True, slots=True)
class Made:
    """A transaction.

    Attributes:
        row: as the history shows it; its person is never the same twice.
        began: when it began, by a monotonic clock.
        seen: from when on the history shows it, by the desk's clock; never before what was seen before.
        at: from when on, by the monotonic clock.

    """

    row: HistoryRow
    began: float
    seen: datetime
    at: float


class Armory:
    """A server with a record that goes on, and that may be exchanged for another one.

    Attributes:
        record: what its history has, by number.
        gone: what it had, and lost when an older copy was put back.
        next_number: the number of what begins next.
        ahead: by how much its clock is ahead of the desk's.
        shift: by how much the zone of its times is off.
        made: how many transactions ever began.

    """

    def __init__(self, clock: Clock) -> None:
        """Begin without transactions."""
        self.record: dict[int, Made] = {}
        self.gone: dict[int, Made] = {}
        self.next_number = 1
        self.ahead = timedelta()
        self.shift = timedelta()
        self.made = 0
        self._clock = clock
        self._seen = clock.now()

    @property
    def now(self) -> datetime:
        """The time on its clock."""
        return self._clock.now() + self.ahead

    @property
    def newest(self) -> int:
        """The newest number that it has; 0 if it is empty."""
        return max(self.record, default=0)

    def begin(self, before: timedelta = timedelta()) -> Made:
        """Begin a transaction, `before` now; nobody sees it."""
        self.made += 1
        row = HistoryRow(
            id=self.next_number,
            personnel=f"Person {self.made}",
            rank="",
            item=f"M4 - {self.made % 40:05}",
            action=Action.TAKE if self.made % 2 else Action.RETURN,
            time=(self.now - before).replace(microsecond=0),
            notes="",
        )
        self.next_number += 1
        return Made(row, self._clock.monotonic(), self._clock.now(), self._clock.monotonic())

    def commit(self, made: Made) -> None:
        """Show a transaction from now on."""
        self._seen = max(self._seen, self._clock.now())
        self.record[made.row.id] = replace(made, seen=self._seen, at=self._clock.monotonic())

    def restore(self, to: int) -> None:
        """Put back a copy of its record that ends at number `to`."""
        self.gone = {number: made for number, made in self.record.items() if number > to}
        self.record = {number: made for number, made in self.record.items() if number <= to}
        self.next_number = to + 1

    def come_again(self) -> None:
        """Have again what was lost when a copy was put back, if nothing else has these numbers."""
        if self.gone and self.next_number <= min(self.gone):
            self.next_number = max(self.gone) + 1
            for made in self.gone.values():
                self.commit(made)
        self.gone = {}

    def exchange(self, count: int, first: int, apart: float) -> None:
        """Be another server, with `count` transactions from number `first` on, seconds `apart`."""
        self.record, self.gone, self.next_number = {}, {}, first
        for index in range(count):
            self.commit(self.begin(timedelta(seconds=apart * (count - index))))

    def frame(self, made: Made, late: float = 0) -> str:
        """Return what announces a transaction, so many seconds after it began."""
        row = made.row
        kind = "created" if row.action is Action.TAKE else "returned"
        told: dict[str, Any] = {
            "id": row.id,
            "action": row.action.value,
            "personnel": row.personnel,
            "item": row.item,
            "issued_by": "armorer1",
        }
        at = self._shown(row.time + timedelta(seconds=late)).isoformat(timespec="microseconds")
        return json.dumps({"type": f"transaction_{kind}", "transaction": told, "timestamp": at})

    def shows(self, made: Made) -> bool:
        """Tell whether the history of a month has a transaction."""
        return made.row.time >= self.now - A_MONTH

    def page(self, number: int) -> Page:
        """Return page `number` of the history."""
        rows = [made.row for _, made in sorted(self.record.items(), reverse=True) if self.shows(made)]
        shown = rows[(number - 1) * ROWS_A_PAGE : number * ROWS_A_PAGE]
        headers = httpx.Headers({"Date": format_datetime(self.now, usegmt=True)})
        if not shown and number > 1:
            return Page(404, headers, {}, "<h1>Not found</h1>")
        return Page(200, headers, {}, page(*map(self._cells, shown)))

    def _cells(self, row: HistoryRow) -> str:
        return cells(
            row.id,
            personnel=row.personnel,
            rank="",
            item=row.item,
            action=_WORDS[row.action],
            time=f"{self._shown(row.time):%d/%m/%y %H:%M:%S}",
        )

    def _shown(self, time: datetime) -> datetime:
        return (time + self.shift).astimezone(MANILA).replace(tzinfo=None)


def opened_with(armory: Armory, rng: Random) -> None:
    """Let it have some weeks of transactions, with numbers that were never used, or none."""
    count = rng.choice((0, rng.randint(1, 19), rng.randint(20, 200)))
    for index in range(count):
        if rng.random() < 0.05:
            armory.next_number += rng.randint(1, 5)
        armory.commit(armory.begin(timedelta(seconds=30 + 3600 * (count - index))))
