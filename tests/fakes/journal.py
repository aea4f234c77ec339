"""A journal in memory that answers as `storage.journal.Journal` does, and can be slow or broken."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter

from armguard_tray.messages.event import Event, StoredEvent
from armguard_tray.storage.log_filter import LogFilter


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

    async def page(
        self, log_filter: LogFilter, *, before: int | None = None, limit: int = 200
    ) -> list[StoredEvent]:
        """Return the highest rows in the log, highest first."""
        await self._ask("page")
        below = (stored for stored in reversed(self.in_order()) if before is None or stored.place < before)
        return [stored for stored in below if log_filter.matches(stored.event)][:limit]

    async def newer(self, log_filter: LogFilter, *, after: int, limit: int) -> list[StoredEvent]:
        """Return the first rows above place `after`, lowest first."""
        await self._ask("newer")
        above = (stored for stored in self.in_order() if stored.place > after)
        return [stored for stored in above if log_filter.matches(stored.event)][:limit]

    async def count(self, log_filter: LogFilter) -> int:
        """Return how many rows match."""
        await self._ask("count")
        return sum(log_filter.matches(stored.event) for stored in self.rows)

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
