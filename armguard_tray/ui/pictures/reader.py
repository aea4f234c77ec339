"""Has pictures made of the log when what is asked for has changed.

::

    want ──► a rest of REST_MS ──► reading ──► told
      └── what is being read then is broken off
"""

from collections.abc import Callable, Sequence
from datetime import time, tzinfo
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from armguard_tray import __version__
from armguard_tray.clock import Clock
from armguard_tray.errors import UserError
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.filtering.words import in_words
from armguard_tray.tallies.making import Asked
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.pictures.studio import Studio

if TYPE_CHECKING:
    from asyncio import Task

REST_MS: Final = 300
"""Longer than between two keys of a search: pictures follow what was typed, not each letter."""


class PicturesReader(QObject):
    """Reads the log, and has pictures made of it.

    Signals:
        began(): what was told last is old.
        told(Sequence[Picture]): these are they, one of each kind.
        failed(str): the log could not be read, in words.

    """

    began = Signal()
    told = Signal(object)
    failed = Signal(str)

    def __init__(  # noqa: PLR0913 - what it joins
        self,
        *,
        studio: Studio,
        zone: tzinfo,
        clock: Clock,
        keeper: TaskKeeper,
        shifts: Callable[[], Sequence[time]],
        parent: QObject | None = None,
    ) -> None:
        """Have them made by `studio`; days and `shifts` are those of `zone`, by `clock`."""
        super().__init__(parent)
        self._studio = studio
        self._zone = zone
        self._clock = clock
        self._keeper = keeper
        self._shifts = shifts
        self._wanted: Wanted | None = None
        self._reading: Task[None] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._start)

    def want(self, wanted: Wanted) -> None:
        """Tell the pictures of `wanted` soon, and none that were asked for before."""
        self.stop()
        self._wanted = wanted
        self.began.emit()
        self._rest.start()

    def stop(self) -> None:
        """Tell nothing more until something is wanted again."""
        self._rest.stop()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _start(self) -> None:
        if self._wanted is not None:
            self._reading = self._keeper.start(self._read(self._wanted), name="pictures")
            self._reading.add_done_callback(self._ended)

    def _ended(self, task: "Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:  # the keeper has logged it
            self.failed.emit("The pictures cannot be made; the log of the program says more.")

    async def _read(self, wanted: Wanted) -> None:
        now = self._clock.now()
        log_filter = wanted.at(now, self._zone, self._shifts())
        asked = Asked(
            wanted=in_words(wanted, self._zone, log_filter.since),
            since=log_filter.since,
            until=log_filter.until,
            zone=self._zone,
            made=now,
            program=f"ArmGuard Tray {__version__}",
        )
        try:
            pictures = await self._studio.pictures(log_filter, asked)
        except UserError as error:
            self.failed.emit(str(error))
            return
        self.told.emit(pictures)
