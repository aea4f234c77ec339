"""A board window over what a test says the journal has."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from armguard_tray.catchup.completeness import Completeness
from armguard_tray.catchup.issued_page import IssuedNow
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.storage.holdings import NOTHING_HANDLED, Handlings
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.board import BoardWindow
from armguard_tray.ui.feed import Feed
from tests.fakes.clock import FakeClock
from tests.fakes.events import MANILA
from tests.fakes.handlings import NOW
from tests.fakes.signals import emitted

SERVER = "https://armory.local:8443"
COMPLETE = Completeness(begins=1, complete_to=48_211, as_of=NOW, is_current=True, checked=NOW)


@dataclass
class FakeHandlings:
    """Answers as `storage.journal.Journal` does.

    Attributes:
        have: the answer.
        failure: what is raised while it is set.
        asked: the servers that were asked for.

    """

    have: Handlings = NOTHING_HANDLED
    failure: Exception | None = None
    asked: list[str] = field(default_factory=list)

    async def last_handled(self, server: str) -> Handlings:
        self.asked.append(server)
        if self.failure is not None:
            raise self.failure
        return self.have


@dataclass
class Desk:
    """A window, and all that it stands on."""

    window: BoardWindow
    journal: FakeHandlings
    feed: Feed
    clock: FakeClock
    store: QSettings
    keeper: TaskKeeper
    issued: IssuedNow | None = None

    async def open(self, have: Handlings) -> None:
        """Show the window and wait for its board."""
        self.journal.have = have
        self.window.show()
        await emitted(self.window.reader.told)

    async def become(self, have: Handlings) -> None:
        """Let the journal have something else, and wait until that is shown."""
        self.journal.have = have
        self.window.reader.want()
        await emitted(self.window.reader.told)

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """The texts on show."""
        table = self.window.table
        return [table.row_at(place).texts for place in range(table.rowCount())]

    @property
    def items(self) -> list[str]:
        return [texts[0] for texts in self.rows]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    QApplication.setQuitOnLastWindowClosed(False)  # as the program has it; else Qt ends the test's event loop
    clock, journal = FakeClock(NOW), FakeHandlings()
    feed = Feed(clock)
    feed.on_completeness(COMPLETE)
    store = QSettings(str(tmp_path / "looks.ini"), QSettings.Format.IniFormat)
    keeper = TaskKeeper("board")
    made: list[Desk] = []
    window = BoardWindow(
        journal=journal,
        server=SERVER,
        feed=feed,
        zone=MANILA,
        desk_zone=MANILA,
        clock=clock,
        keeper=keeper,
        store=store,
        hours=DutyHours(24, {"training": 4}),
        issued=lambda: made[0].issued,
    )
    made.append(Desk(window, journal, feed, clock, store, keeper))
    yield made[0]
    window.close()
    await keeper.close()
    window.deleteLater()
    feed.deleteLater()
