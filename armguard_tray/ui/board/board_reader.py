"""Works the board out anew when something has changed, away from the UI thread and not too often.

::

    want ──► reading ──► told, then a rest of REST_MS ──► reading, if it was wanted meanwhile
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from armguard_tray.catchup.issued_page import IssuedNow
from armguard_tray.errors import JournalError
from armguard_tray.holdings.board import board_of
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.storage.holdings import Handlings
from armguard_tray.tasks import TaskKeeper

REST_MS = 500


class HandlingsSource(Protocol):
    """What the journal answers, as `storage.journal.Journal`. Raises JournalError."""

    async def last_handled(self, server: str) -> Handlings:
        """Return what was done last with each item of a server, and what is missing since."""
        ...


class BoardReader(QObject):
    """Reads boards of one server.

    Attributes:
        hours: after how long weapons are overdue.

    Signals:
        told(Board): it is this now.
        failed(str): the log could not be read, in words.

    """

    told = Signal(object)
    failed = Signal(str)

    def __init__(  # noqa: PLR0913 - what it joins
        self,
        *,
        journal: HandlingsSource,
        server: str,
        issued: Callable[[], IssuedNow | None],
        hours: DutyHours,
        keeper: TaskKeeper,
        parent: QObject | None = None,
    ) -> None:
        """Read the server at URL `server` from `journal`, beside what it lists as `issued`; nothing yet."""
        super().__init__(parent)
        self.hours = hours
        self._journal = journal
        self._server = server
        self._issued = issued
        self._keeper = keeper
        self._reading: asyncio.Task[None] | None = None
        self._wanted = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._rested)

    def want(self) -> None:
        """Tell the board soon: it may have changed."""
        self._wanted = True
        if self._reading is None and not self._rest.isActive():
            self._start()

    def stop(self) -> None:
        """Tell nothing more until it is wanted again."""
        self._wanted = False
        self._rest.stop()
        if self._reading is not None:
            self._reading.cancel()

    def _rested(self) -> None:
        if self._wanted:
            self._start()

    def _start(self) -> None:
        self._wanted = False
        self._reading = self._keeper.start(self._read(), name="board")
        self._reading.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._reading = None
        if not task.cancelled():
            self._rest.start()
        elif self._wanted:
            self._start()  # it was shown again while it ended

    async def _read(self) -> None:
        try:
            have = await self._journal.last_handled(self._server)
        except JournalError as error:
            self.failed.emit(str(error))
            return
        # Some thousand weapons take longer than a window may stand still.
        self.told.emit(await asyncio.to_thread(board_of, have, self._issued(), self.hours))
