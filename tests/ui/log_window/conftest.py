"""A log window over a journal in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget

from armguard_tray.messages.event import Event
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.log_window import LogWindow
from tests.fakes.clock import FakeClock
from tests.fakes.events import MANILA
from tests.fakes.journal import FakeJournal
from tests.fakes.signals import emitted, settled

ARTEFACTS = Path(__file__).parents[2] / "artefacts"

Picture = Callable[[QWidget, str], Awaitable[None]]


@dataclass
class Desk:
    """A window, and all that it stands on."""

    window: LogWindow
    journal: FakeJournal
    feed: Feed
    clock: FakeClock
    store: QSettings

    async def open(self) -> None:
        """Show the window and wait for its rows."""
        self.window.show()
        await emitted(self.window.table.loaded)

    def arrive(self, *events: Event) -> None:
        """Store events and announce them at once, as if after a quiet time."""
        self.clock.advance(1)
        self.feed.on_stored(self.journal.append(*events))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    QApplication.setQuitOnLastWindowClosed(False)  # as the program has it; else Qt ends the test's event loop
    clock, journal = FakeClock(), FakeJournal()
    feed = Feed(clock)
    store = QSettings(str(tmp_path / "looks.ini"), QSettings.Format.IniFormat)
    keeper = TaskKeeper("log window")
    window = LogWindow(
        journal=journal,
        feed=feed,
        zone=MANILA,
        desk_zone=MANILA,
        clock=clock,
        keeper=keeper,
        store=store,
    )
    yield Desk(window, journal, feed, clock, store)
    await keeper.close()
    window.close()
    window.deleteLater()
    feed.deleteLater()


@pytest.fixture
def picture() -> Picture:
    async def save(widget: QWidget, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        await settled()
        assert widget.grab().save(str(ARTEFACTS / f"{name}.png"))

    return save
