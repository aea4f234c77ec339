"""What the models ask of the journal. `storage.journal.Journal` answers; tests answer from memory."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from armguard_tray.messages.event import StoredEvent
from armguard_tray.storage.choices import Choice
from armguard_tray.storage.log_filter import LogFilter

if TYPE_CHECKING:
    from array import array


class EventSource(Protocol):
    """The journal, as far as it is read here. A call may raise `JournalError`; none blocks the event loop."""

    async def page(
        self, log_filter: LogFilter, *, before: int | None = None, limit: int = 200
    ) -> Sequence[StoredEvent]:
        """Return the highest rows in the log that match (below place `before`), highest first."""
        ...

    async def places(self, log_filter: LogFilter, *, before: int | None = None, limit: int) -> "array[int]":
        """Return the places of the highest rows that match (below place `before`), highest first."""
        ...

    async def at(self, places: Sequence[int]) -> Sequence[StoredEvent]:
        """Return the rows in these places, in any order; what is not there any more is left out."""
        ...

    async def place_before(self, time: datetime) -> int | None:
        """Return the place of the newest row that happened at `time`, aware, or before; None without one."""
        ...

    async def count(self, log_filter: LogFilter) -> int:
        """Return how many rows match."""
        ...

    async def choices(self, choice: Choice) -> Sequence[str]:
        """Return the values of one kind that any event ever bore, ascending."""
        ...

    async def get(self, row: int) -> StoredEvent | None:
        """Return one row, None if there is none of that number."""
        ...

    async def last_row(self) -> int:
        """Return the newest row's number, 0 if there is none."""
        ...
