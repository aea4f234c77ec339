"""The window over sums that a test gives."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.tallies import Moves, Tallies
from armguard_tray.tallies.picture import Kind, Picture
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.pictures import PicturesWindow
from tests.fakes.clock import FakeClock
from tests.fakes.signals import emitted, settled
from tests.fakes.tallies import MADE, MANILA, at, sums

A_DAY = sums({at(8): Moves(3, 0), at(17): Moves(1, 2)})


@dataclass
class FakeTallies:
    """Answers as `storage.journal.Journal` does.

    Attributes:
        have: the answer.
        failure: what is raised while it is set.
        may_answer: answers wait for it.
        asked: the filters that were asked for.
        broken_off: how many questions nobody waited for.

    """

    have: Tallies = A_DAY
    failure: Exception | None = None
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[LogFilter] = field(default_factory=list)
    broken_off: int = 0

    async def tallies(self, log_filter: LogFilter) -> Tallies:
        self.asked.append(log_filter)
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.broken_off += 1
            raise
        if self.failure is not None:
            raise self.failure
        return self.have


@dataclass
class Desk:
    """A window, and all that it stands on."""

    window: PicturesWindow
    journal: FakeTallies
    clock: FakeClock
    store: QSettings

    async def open(self, have: Tallies = A_DAY, kind: Kind = Kind.HOUR) -> Picture:
        """Show the window and wait for its picture."""
        self.journal.have = have
        self.window.tabs.setCurrentIndex(list(Kind).index(kind))
        self.window.show()
        return await self.drawn(kind)

    async def drawn(self, kind: Kind) -> Picture:
        """Wait until a picture of this kind is on show, as large as the window wants it."""
        await emitted(self.window.draughtsman.drawn, lambda picture, _: picture.kind is kind)
        await settled()
        assert self.window.picture is not None
        return self.window.picture

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
    clock, journal = FakeClock(MADE), FakeTallies()
    journal.may_answer.set()
    store = QSettings(str(tmp_path / "looks.ini"), QSettings.Format.IniFormat)
    keeper = TaskKeeper("pictures")
    window = PicturesWindow(
        journal=journal, zone=MANILA, clock=clock, keeper=keeper, store=store, cache=tmp_path / "fonts"
    )
    yield Desk(window, journal, clock, store)
    while window.draughtsman._drawing is not None:
        await settled()  # a thread that is left alone would answer a loop that is gone
    window.close()
    await keeper.close()
    window.deleteLater()
