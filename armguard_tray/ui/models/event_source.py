"""What the models ask of the journal. `storage.journal.Journal` answers; tests answer from memory."""

from collections.abc import Sequence
from typing import Protocol

from armguard_tray.messages.event import StoredEvent
from armguard_tray.storage.log_filter import LogFilter


class EventSource(Protocol):
    """The journal, as far as it is read here. A call may raise `JournalError`; none blocks the event loop."""

    async def page(
        self, log_filter: LogFilter, *, before: int | None = None, limit: int = 200
    ) -> Sequence[StoredEvent]:
        """Return the highest rows in the log that match (below place `before`), highest first."""
        ...

    async def newer(self, log_filter: LogFilter, *, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return the first rows above place `after` that match, lowest first."""
        ...

    async def count(self, log_filter: LogFilter) -> int:
        """Return how many rows match."""
        ...

    async def get(self, row: int) -> StoredEvent | None:
        """Return one row, None if there is none of that number."""
        ...

    async def last_row(self) -> int:
        """Return the newest row's number, 0 if there is none."""
        ...
