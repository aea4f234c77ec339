"""A journal in memory that answers as `storage.journal.Journal` does, and can be slow or broken."""

import asyncio
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from operator import attrgetter

from armguard_tray.messages.event import Event, StoredEvent
from armguard_tray.storage.choices import Choice
from armguard_tray.storage.log_filter import LogFilter, happened, item_type


class FakeJournal:
    """Keeps rows in a list.

    Attributes:
        rows: all rows, in order of their numbers.
        failure: what every call raises while it is set.
        open_gate: calls wait for it; clear it to be slow.
        asked: the names of the calls so far.

    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        """Begin with `events`, numbered from 1."""
        self.rows: list[StoredEvent] = []
        self.failure: Exception | None = None
        self.open_gate = asyncio.Event()
        self.open_gate.set()
        self.asked: list[str] = []
        self.append(*events)

    def append(self, *events: Event) -> list[StoredEvent]:
        """Store `events` and return their rows."""
        first = self.rows[-1].row + 1 if self.rows else 1
        new = [StoredEvent(row, event) for row, event in enumerate(events, first)]
        self.rows += new
        return new

    def insert(self, event: Event, place: int) -> StoredEvent:
        """Store `event` at a place of the log that its row does not give it, and return its row."""
        (new,) = self.append(event)
        self.rows[-1] = moved = StoredEvent(new.row, event, place)
        return moved

    def change(self, row: int, event: Event) -> StoredEvent:
        """Let row `row` read as `event`, where it stands, and return it."""
        index = next(index for index, stored in enumerate(self.rows) if stored.row == row)
        self.rows[index] = changed = replace(self.rows[index], event=event)
        return changed

    def remove(self, *rows: int) -> None:
        """Let rows leave, as retention does."""
        self.rows = [stored for stored in self.rows if stored.row not in set(rows)]

    async def page(
        self, log_filter: LogFilter, *, before: int | None = None, limit: int = 200
    ) -> list[StoredEvent]:
        """Return the highest rows in the log, highest first."""
        await self._ask("page")
        below = (stored for stored in reversed(self.in_order()) if before is None or stored.place < before)
        return [stored for stored in below if log_filter.matches(stored.event)][:limit]

    async def places(self, log_filter: LogFilter, *, before: int | None = None, limit: int) -> "array[int]":
        """Return the highest places in the log, highest first."""
        await self._ask("places")
        below = (stored for stored in reversed(self.in_order()) if before is None or stored.place < before)
        matching = (stored.place for stored in below if log_filter.matches(stored.event))
        return array("q", islice(matching, limit))

    async def at(self, places: Sequence[int]) -> list[StoredEvent]:
        """Return the rows in these places that are there."""
        await self._ask("at")
        wanted = set(places)
        return [stored for stored in self.rows if stored.place in wanted]

    async def place_before(self, time: datetime) -> int | None:
        """Return the place of the newest row that happened then or before, None without one."""
        await self._ask("place_before")
        then = [(happened(each.event), each.place) for each in self.rows if happened(each.event) <= time]
        return max(then)[1] if then else None

    async def count(self, log_filter: LogFilter) -> int:
        """Return how many rows match."""
        await self._ask("count")
        return sum(log_filter.matches(stored.event) for stored in self.rows)

    async def choices(self, choice: Choice) -> list[str]:
        """Return the values that any event bears, ascending."""
        await self._ask("choices")
        values = {_value(stored.event, choice) for stored in self.rows}
        return sorted(value for value in values if value)

    async def get(self, row: int) -> StoredEvent | None:
        """Return one row, or None."""
        await self._ask("get")
        return next((stored for stored in self.rows if stored.row == row), None)

    async def last_row(self) -> int:
        """Return the newest row, 0 where there is none."""
        await self._ask("last_row")
        return self.rows[-1].row if self.rows else 0

    def in_order(self) -> list[StoredEvent]:
        """Return all rows as they stand in the log, lowest first."""
        return sorted(self.rows, key=attrgetter("place"))

    async def _ask(self, name: str) -> None:
        self.asked.append(name)
        await asyncio.sleep(0)
        await self.open_gate.wait()
        if self.failure is not None:
            raise self.failure


def _value(event: Event, choice: Choice) -> str | None:
    return {
        Choice.ITEM_TYPE: item_type(event.item or ""),
        Choice.DUTY: event.duty,
        Choice.ISSUER: event.issued_by,
        Choice.STATUS: event.status,
    }[choice]
