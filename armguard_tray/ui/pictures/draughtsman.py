"""Has pictures drawn in a thread: the plotting library takes a second to load, and some tenths for each."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from armguard_tray.errors import UserError
from armguard_tray.tallies.picture import Picture
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.pictures.look import Look

if TYPE_CHECKING:
    from armguard_tray.ui.pictures.drawing import Pixels

Make = Callable[[], Picture]
SAVED_WIDTH, SAVED_HEIGHT, SAVED_SCALE = 1200, 800, 2.0
"""How large a picture is that leaves the window, in pixels of 1/96 inch, and how much finer a PNG is."""
PNG, SVG = "png", "svg"
_LETTERS: Final = 10.0
_NOT_THERE: Final = "Pictures need Matplotlib, which is not installed here. The set-up installs it."


class Draughtsman(QObject):
    """Draws one picture after the other; of those that wait only the last is drawn.

    Signals:
        drawn(Picture, QImage): this is how it looks.
        failed(str): it cannot be drawn, in words.

    """

    drawn = Signal(object, QImage)
    failed = Signal(str)

    def __init__(self, keeper: TaskKeeper, cache: Path, parent: QObject | None = None) -> None:
        """Keep what the library finds out about fonts in the folder `cache`."""
        super().__init__(parent)
        self._keeper = keeper
        self._cache = cache
        self._drawing: asyncio.Task[None] | None = None
        self._next: tuple[Make, Look, tuple[int, int], float] | None = None

    def draw(self, make: Make, look: Look, size: tuple[int, int], scale: float) -> None:
        """Draw what `make` makes, so many pixels of 1/96 inch wide and high, each `scale` of the screen's."""
        self._next = make, look, size, scale
        if self._drawing is None:
            self._start()

    def drop(self) -> None:
        """Show nothing of what is being drawn or waits for it."""
        self._next = None
        if self._drawing is not None:
            self._drawing.cancel()

    async def file(self, picture: Picture, look: Look, form: str) -> bytes:
        """Return a picture as the content of a file, PNG or SVG, with its caption.

        Raises:
            UserError: the library is not there.

        """
        from_desktop = Look(look.background, look.text, look.faint, look.taken, look.returned, _LETTERS)
        return await asyncio.to_thread(self._file, picture, from_desktop, form)

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

    async def _draw(self, make: Make, look: Look, size: tuple[int, int], scale: float) -> None:
        try:
            picture, pixels = await asyncio.to_thread(self._pixels, make, look, size, scale)
        except UserError as error:
            self.failed.emit(str(error))
            return
        if self._next is None:
            image = QImage(
                pixels.data, pixels.width, pixels.height, pixels.width * 4, QImage.Format.Format_RGBA8888
            ).copy()
            image.setDevicePixelRatio(scale)
            self.drawn.emit(picture, image)

    # In the thread

    def _pixels(
        self, make: Make, look: Look, size: tuple[int, int], scale: float
    ) -> "tuple[Picture, Pixels]":
        self._prepare()
        with _saying_if_missing():
            from armguard_tray.ui.pictures import drawing  # noqa: PLC0415 - only here, as the module says
        picture = make()
        return picture, drawing.pixels(picture, look, drawing.Size(*size, scale))

    def _file(self, picture: Picture, look: Look, form: str) -> bytes:
        self._prepare()
        with _saying_if_missing():
            from armguard_tray.ui.pictures import drawing  # noqa: PLC0415 - as above
        if form == SVG:
            return drawing.svg(picture, look, drawing.Size(SAVED_WIDTH, SAVED_HEIGHT))
        return drawing.png(picture, look, drawing.Size(SAVED_WIDTH, SAVED_HEIGHT, SAVED_SCALE))

    def _prepare(self) -> None:
        # Looked at when the library is imported
        # (https://matplotlib.org/stable/install/environment_variables_faq.html#envvar-MPLCONFIGDIR).
        os.environ.setdefault("MPLCONFIGDIR", str(self._cache))


@contextmanager
def _saying_if_missing() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise UserError(_NOT_THERE) from error
