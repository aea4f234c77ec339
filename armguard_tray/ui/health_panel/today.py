"""How many events each stream had today: counted off the UI thread, while somebody sees it."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from armguard_tray.clock import Clock
from armguard_tray.errors import UserError
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.health_panel.sources import CountEvents
from armguard_tray.ui.health_panel.words import midnight

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from armguard_tray.messages.streams import Stream

AT_MOST_EVERY = 5.0
AT_LEAST_EVERY = 60.0
"""Seconds between two counts: while events come, and while none does (what was caught up counts, too)."""


class Today(QObject):
    """Counts again when there is reason to.

    Attributes:
        counts: how many events each stream had; None while that is not known.

    Signals:
        counted(): they are known anew.

    """

    counted = Signal()

    def __init__(
        self, count: CountEvents | None, clock: Clock, zone: tzinfo | None, parent: QObject | None = None
    ) -> None:
        """Know nothing yet."""
        super().__init__(parent)
        self._count = count
        self._clock = clock
        self._zone = zone
        self.counts: Mapping[Stream, int] | None = None
        self._keeper = TaskKeeper("events-today")
        self._task: asyncio.Task[None] | None = None
        self._counted_at = self._came_at = float("-inf")
        self._seen = -1
        self._day: datetime | None = None

    def look(self, events: int) -> None:
        """Count if that may bring something new; `events` is how many came in this run."""
        now = self._clock.monotonic()
        if events != self._seen:
            self._seen, self._came_at = events, now
        if self._count is None or (self._task is not None and not self._task.done()):
            return
        day = midnight(self._clock.now(), self._zone)
        # What comes is stored a moment later: a count soon after it may not have it.
        news = self._counted_at < self._came_at + AT_MOST_EVERY
        if day != self._day or now - self._counted_at >= (AT_MOST_EVERY if news else AT_LEAST_EVERY):
            self._day, self._counted_at = day, now
            self._task = self._keeper.start(self._run(self._count, day), name="count")

    def stop(self) -> None:
        """End a count that is under way: nobody sees it any more, and its window may go."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            self._task, self._counted_at = None, float("-inf")

    async def _run(self, count: CountEvents, day: datetime) -> None:
        try:
            self.counts = await count(day)
        except UserError:
            # The journal's own trouble is said elsewhere, and loudly.
            self.counts = None
        self.counted.emit()
