"""A desk whose journal has rows that are too old: they leave the open log, and are no longer unread."""

from datetime import timedelta

import pytest
from PySide6.QtCore import QSettings

from armguard_tray.clock import SystemClock
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.paths import Paths
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.storage import upkeep
from armguard_tray.storage.journal import Journal
from armguard_tray.ui.log_window import LogWindow
from armguard_tray.ui.log_window.filter_store import FilterStore
from tests.fakes.events import issued
from tests.ui.desktop.conftest import desktop, session
from tests.ui.test_desk import paths, running_desk, session_bus, stay_without_windows, until, window

__all__ = ["desktop", "paths", "session", "session_bus", "stay_without_windows"]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise")
NOWHERE = "https://127.0.0.1:1"
SETTINGS = Settings(server=ServerSettings(address=NOWHERE, username="reyes"))


async def fill(paths: Paths, *, old: int, new: int) -> None:
    """Let the journal have events that came three years ago, and others that came today."""
    now = SystemClock().now()
    ago = now - timedelta(days=3 * 366)
    paths.journal_file.parent.mkdir(parents=True, exist_ok=True)
    journal = await Journal.open(paths.journal_file, clock=SystemClock())
    await journal.append(NOWHERE, [issued(number, at=ago) for number in range(1, old + 1)])
    await journal.append(NOWHERE, [issued(number, at=now) for number in range(old + 1, old + new + 1)])
    await journal.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is too old go some seconds after the start, though somebody has just written."""
    for name, seconds in (("FIRST_AFTER", 2.0), ("BETWEEN", 0.0), ("QUIET", 0.0)):
        monkeypatch.setattr(upkeep, name, seconds)


async def test_it_leaves_the_open_log(paths: Paths) -> None:
    await fill(paths, old=1200, new=3)
    async with running_desk(SETTINGS, "secret", paths) as tray:
        tray.open_log.emit()
        log = await until(lambda: window(LogWindow))

        await until(lambda: log.table.rowCount() == 3 and log.status.counts.startswith("3 rows"))


async def test_it_is_unread_no_more(paths: Paths) -> None:
    await fill(paths, old=1200, new=3)
    # Without a tray the log opens by itself; what its filter hides stays unread.
    looks = QSettings(str(paths.window_file), QSettings.Format.IniFormat)
    FilterStore(looks).keep_last(Wanted(text="nobody"))
    looks.sync()
    async with running_desk(SETTINGS, "secret", paths) as tray:
        await until(lambda: tray.icon.toolTip().endswith("· 3 unread"))
