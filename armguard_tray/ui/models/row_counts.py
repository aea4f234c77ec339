"""How many rows match and how many there are: counted once by the journal, then kept up to date."""

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from armguard_tray.messages.event import StoredEvent
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.models.event_source import EventSource

_ATTEMPTS = 3


class RowCounts(QObject):
    """Counts the journal's rows.

    Attributes:
        matching, total: how many match the filter, and how many there are; None until counted.

    Signals:
        changed(): a count changed.

    """

    changed = Signal()

    def __init__(self, journal: EventSource, keeper: TaskKeeper, parent: QObject | None = None) -> None:
        """Count rows of `journal` in tasks of `keeper`."""
        super().__init__(parent)
        self.matching: int | None = None
        self.total: int | None = None
        self._journal = journal
        self._keeper = keeper
        self._filter = LogFilter()
        self._counting: asyncio.Task[None] | None = None
        self._through = 0  # the last row that the counts include
        self._meanwhile: list[StoredEvent] = []  # announced while the journal counts

    def recount(self, log_filter: LogFilter) -> None:
        """Count again, now for `log_filter`."""
        if self._counting is not None:
            self._counting.cancel()
        self._filter = log_filter
        self.matching = self.total = None
        self._meanwhile.clear()
        self._counting = self._keeper.start(self._count(), name="count rows")
        self._counting.add_done_callback(self._counted)
        self.changed.emit()

    def add(self, events: Sequence[StoredEvent]) -> None:
        """Take rows that were just stored."""
        if self._counting is not None:
            self._meanwhile.extend(events)
        elif self.matching is not None and self.total is not None:
            news = [stored for stored in events if stored.row > self._through]
            self.matching += sum(self._filter.matches(stored.event) for stored in news)
            self.total += len(news)
            self.changed.emit()

    def change(self, _events: Sequence[StoredEvent]) -> None:
        """Take rows that read differently now. Their number stays; but others may match now."""
        asked = self._filter
        if asked.terms or asked.since is not None or asked.needs_look:
            self.recount(self._filter)

    def _counted(self, task: asyncio.Task[None]) -> None:
        if task is not self._counting:
            return
        self._counting = None
        meanwhile, self._meanwhile = self._meanwhile, []
        self.add(meanwhile)

    async def _count(self) -> None:
        everything = LogFilter()
        # What is stored between the two counts must neither be missed nor counted twice, so they must see the
        # same journal. Where rows pour in without a pause the figures may be a few off until the next count.
        for _ in range(_ATTEMPTS):
            before = await self._journal.last_row()
            matching = await self._journal.count(self._filter)
            total = matching if self._filter == everything else await self._journal.count(everything)
            through = await self._journal.last_row()
            if through == before:
                break
        self.matching, self.total, self._through = matching, total, through
