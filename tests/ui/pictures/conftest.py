"""The window over sums that a test gives, drawn in this process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from armguard_tray.errors import UserError
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.tallies import Moves, Tallies
from armguard_tray.tallies import drawing
from armguard_tray.tallies.look import Look
from armguard_tray.tallies.making import Asked, pictures_of
from armguard_tray.tallies.picture import Kind, Picture
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.pictures import PicturesWindow
from armguard_tray.ui.pictures.studio import SVG, Drawing
from tests.fakes.clock import FakeClock
from tests.fakes.signals import settled
from tests.fakes.tallies import MADE, MANILA, at, sums

A_DAY = sums({at(8): Moves(3, 0), at(17): Moves(1, 2)})


@dataclass
class FakeStudio:
    """Makes and draws pictures as `app.pictures_beside.PicturesBeside` does, in this process.

    Attributes:
        have: the sums of which it makes pictures.
        failure: what is raised while it is set, in place of pictures.
        cannot_draw: what is raised while it is set, in place of a drawing.
        may_answer, may_draw: answers and drawings wait for it.
        asked: the filters that were asked for.
        broken_off: how many questions nobody waited for.
        rests: how often it was told that there is nothing to do.

    """

    have: Tallies = A_DAY
    failure: Exception | None = None
    cannot_draw: UserError | None = None
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    may_draw: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[LogFilter] = field(default_factory=list)
    broken_off: int = 0
    rests: int = 0

    async def pictures(self, log_filter: LogFilter, asked: Asked) -> Sequence[Picture]:
        self.asked.append(log_filter)
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.broken_off += 1
            raise
        if self.failure is not None:
            raise self.failure
        return pictures_of(self.have, asked)

    async def draw(self, picture: Picture, look: Look, size: tuple[int, int], scale: float) -> Drawing:
        await self.may_draw.wait()
        if self.cannot_draw is not None:
            raise self.cannot_draw
        drawn = drawing.pixels(picture, look, drawing.Size(*size, scale))
        return Drawing(drawn.width, drawn.height, drawn.data)

    async def file(self, picture: Picture, look: Look, form: str) -> bytes:
        draw = drawing.svg if form == SVG else drawing.png
        return draw(picture, look, drawing.Size(600, 400))

    def rest(self) -> None:
        self.rests += 1


@dataclass
class Desk:
    """A window, and all that it stands on."""

    window: PicturesWindow
    studio: FakeStudio
    clock: FakeClock
    store: QSettings

    async def open(self, have: Tallies = A_DAY, kind: Kind = Kind.HOUR) -> Picture:
        """Show the window and wait for its picture."""
        self.studio.have = have
        self.window.tabs.setCurrentIndex(list(Kind).index(kind))
        self.window.show()
        return await self.drawn(kind)

    async def drawn(self, kind: Kind, words: str = "") -> Picture:
        """Wait until a picture of this kind is on show, with these words in its caption."""
        while not self._shows(kind, words):
            await settled()
        assert self.window.picture is not None
        return self.window.picture

    def _shows(self, kind: Kind, words: str) -> bool:
        picture = self.window.picture
        is_it = picture is not None and picture.kind is kind and words in self.window.caption.text()
        return is_it and self.window.view.image is not None

    @property
    def table(self) -> list[list[str]]:
        """The texts on show."""
        model = self.window.numbers
        return [
            [model.index(row, column).data() for column in range(model.columnCount())]
            for row in range(model.rowCount())
        ]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    QApplication.setQuitOnLastWindowClosed(False)  # as the program has it; else Qt ends the test's event loop
    clock, studio = FakeClock(MADE), FakeStudio()
    studio.may_answer.set()
    studio.may_draw.set()
    store = QSettings(str(tmp_path / "looks.ini"), QSettings.Format.IniFormat)
    keeper = TaskKeeper("pictures")
    window = PicturesWindow(studio=studio, zone=MANILA, clock=clock, keeper=keeper, store=store)
    yield Desk(window, studio, clock, store)
    window.close()
    await keeper.close()
    window.deleteLater()
