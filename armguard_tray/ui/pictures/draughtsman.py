"""Has the picture drawn that the window wants now: while one is being drawn, it may want another."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from armguard_tray.errors import UserError
from armguard_tray.tallies.look import Look
from armguard_tray.tallies.picture import Picture
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.pictures.studio import Studio

if TYPE_CHECKING:
    import asyncio


class Draughtsman(QObject):
    """Draws one picture after the other; of those that wait only the last is drawn.

    Signals:
        drawn(Picture, QImage): this is how it looks.
        failed(str): it cannot be drawn, in words.

    """

    drawn = Signal(object, QImage)
    failed = Signal(str)

    def __init__(self, studio: Studio, keeper: TaskKeeper, parent: QObject | None = None) -> None:
        """Have them drawn by `studio`."""
        super().__init__(parent)
        self._studio = studio
        self._keeper = keeper
        self._drawing: asyncio.Task[None] | None = None
        self._next: tuple[Picture, Look, tuple[int, int], float] | None = None

    def draw(self, picture: Picture, look: Look, size: tuple[int, int], scale: float) -> None:
        """Draw `picture`, so many pixels of 1/96 inch wide and high, each `scale` of the screen's."""
        self._next = picture, look, size, scale
        if self._drawing is None:
            self._start()

    def drop(self) -> None:
        """Show nothing of what is being drawn or waits for it."""
        self._next = None
        if self._drawing is not None:
            self._drawing.cancel()

    def _start(self) -> None:
        if self._next is None:
            return
        job, self._next = self._next, None
        self._drawing = self._keeper.start(self._draw(*job), name="draw a picture")
        self._drawing.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._drawing = None
        if not task.cancelled() and task.exception() is not None:  # the keeper has logged it
            self.failed.emit("The picture cannot be drawn; the log of the program says more.")
        self._start()

    async def _draw(self, picture: Picture, look: Look, size: tuple[int, int], scale: float) -> None:
        try:
            drawing = await self._studio.draw(picture, look, size, scale)
        except UserError as error:
            self.failed.emit(str(error))
            return
        if self._next is not None:
            return  # another one is wanted by now
        width, height = drawing.width, drawing.height
        image = QImage(drawing.data, width, height, width * 4, QImage.Format.Format_RGBA8888).copy()
        image.setDevicePixelRatio(scale)
        self.drawn.emit(picture, image)
