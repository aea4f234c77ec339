"""Pictures of what the log shows, from the server to the window, through the journal."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from armguard_tray.messages.event import Category
from armguard_tray.paths import Paths
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.tallies.picture import Kind
from armguard_tray.ui.log_window import LogWindow
from armguard_tray.ui.pictures import PicturesWindow
from tests.fakes.demo_server import DemoClient, armorer, demo_server
from tests.ui.desktop.conftest import desktop, session
from tests.ui.test_desk import live_desk, paths, session_bus, stay_without_windows, until, window

__all__ = ["armorer", "demo_server", "desktop", "paths", "session", "session_bus", "stay_without_windows"]

# The offscreen platform has no stack of windows.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise")


def by_type(pictures: PicturesWindow) -> dict[str, tuple[str, str]]:
    """Return what was issued and returned of each type, as the table has it."""
    numbers = pictures.numbers
    if pictures.picture is None or pictures.picture.kind is not Kind.TYPE:
        return {}
    rows = [[numbers.index(row, column).data() for column in range(3)] for row in range(numbers.rowCount())]
    return {name: (taken, returned) for name, taken, returned in rows}


async def test_pictures_follow_the_filter_of_the_log(
    demo_server: DemoServer, armorer: DemoClient, paths: Paths
) -> None:
    armorer.issue()
    armorer.take_back()
    async with live_desk(demo_server, paths) as tray:
        tray.open_log.emit()
        log = await until(lambda: window(LogWindow))
        await until(lambda: log.table.rowCount() >= 2)

        QTest.keyClick(
            log,
            Qt.Key.Key_P,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        )
        pictures = await until(lambda: window(PicturesWindow))
        pictures.tabs.setCurrentIndex(list(Kind).index(Kind.TYPE))
        await until(lambda: by_type(pictures) == {"M4": ("1", "1")})

        log.filters.chips[Category.ISSUED].click()
        await until(lambda: by_type(pictures) == {"M4": ("1", "0")})
        assert pictures.caption.text().startswith("Issued. 1 issued and 0 returned.")


async def test_the_menu_shows_pictures_before_the_log_was_ever_opened(
    demo_server: DemoServer, paths: Paths
) -> None:
    async with live_desk(demo_server, paths) as tray:
        tray.open_pictures.emit()
        await until(lambda: window(PicturesWindow))
        assert window(LogWindow) is not None
