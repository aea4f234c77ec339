"""How many rows there are, whatever is shown: counted once by the journal, then kept up to date."""

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
        total: how many there are; None until counted.

    Signals:
        changed(): the count changed.

    """

    changed = Signal()

    def __init__(self, journal: EventSource, keeper: TaskKeeper, parent: QObject | None = None) -> None:
        """Count rows of `journal` in tasks of `keeper`."""
        super().__init__(parent)
        self.total: int | None = None
        self._journal = journal
        self._keeper = keeper
        self._counting: asyncio.Task[None] | None = None
        self._through = 0  # the last row that the count includes
        self._meanwhile: list[StoredEvent] = []  # announced while the journal counts

    def count(self) -> None:
        """Count, unless that is done already."""
        if self.total is None and self._counting is None:
            self._counting = self._keeper.start(self._count(), name="count rows")
            self._counting.add_done_callback(self._counted)

    def make_way(self) -> None:
        """Break off counting, since something else is asked of the journal."""
        if self._counting is not None:
            self._counting.cancel()
            self._counting = None
            self._meanwhile.clear()

    def forget(self) -> None:
        """Count anew next time: rows have left the journal."""
        self.make_way()
        self.total = None

    def add(self, events: Sequence[StoredEvent]) -> None:
        """Take rows that were just stored."""
        if self._counting is not None:
            self._meanwhile.extend(events)
        elif self.total is not None:
            self.total += sum(stored.row > self._through for stored in events)
            self.changed.emit()

    def _counted(self, task: asyncio.Task[None]) -> None:
        if task is not self._counting:
            return
        self._counting = None
        meanwhile, self._meanwhile = self._meanwhile, []
        self.add(meanwhile)

    async def _count(self) -> None:
        # What is stored between the two looks must neither be missed nor counted twice, so they must see the
        # same journal. Where rows pour in without a pause the figure may be a few off until the next count.
        for _ in range(_ATTEMPTS):
            before = await self._journal.last_row()
            total = await self._journal.count(LogFilter())
            through = await self._journal.last_row()
            if through == before:
                break
        self.total, self._through = total, through
