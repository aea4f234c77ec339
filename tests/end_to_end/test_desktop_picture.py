"""The program on a desktop with a real panel and real toasts, as README shows it: look at the pictures."""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from armguard_tray.server.demo.process import DemoServer
from tests.end_to_end.desk_process import PATIENCE, DeskProcess, configure
from tests.fakes.demo_server import (
    GLOCK_BKP417,
    JOSE,
    JUAN,
    M4_00077,
    M4_00177,
    SANTOS,
    DemoClient,
    running_demo,
)
from tests.fakes.desktop_session import DesktopSession, missing_tools

ARTEFACTS = Path(__file__).resolve().parents[1] / "artefacts"
WALLPAPER = """
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
wall = QWidget()
wall.setAttribute(Qt.WidgetAttribute.WA_X11NetWmWindowTypeDesktop)
wall.setPalette(QPalette(QColor("#31506a")))
wall.setGeometry(application.primaryScreen().geometry())
wall.show()
application.exec()
"""
SHIELD_GREEN = QColor("#2e9454")


@pytest.fixture
def panel_session() -> Iterator[DesktopSession]:
    """Start a desktop with xfce4-panel and xfce4-notifyd."""
    missing = missing_tools(with_panel=True)
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    with (
        tempfile.TemporaryDirectory(prefix="panel") as folder,
        DesktopSession(Path(folder), with_panel=True, size="1440x720") as private,
    ):
        private.spawn([sys.executable, "-c", WALLPAPER])
        yield private


@pytest.fixture
def busy_server() -> Iterator[DemoServer]:
    """Start a server of the test's own, whose transactions begin at 1."""
    with running_demo() as server:
        yield server


def a_morning(client: DemoClient) -> None:
    """Issue and take back what an armory does in a morning."""
    client.issue(JOSE, M4_00177, duty_type="Duty Sentinel", mags=4, rounds=120)
    client.take_back(JOSE, M4_00177)
    client.change_status(M4_00177, "Maintenance")
    client.issue(SANTOS, GLOCK_BKP417, duty_type="Security Escort", mags=2, rounds=34)
    client.issue(JUAN, M4_00077, duty_type="Guard Duty", mags=3, rounds=90)


async def until_logged(desk: DeskProcess, words: str, times: int) -> None:
    """Wait until the log says `words` so often."""
    async with asyncio.timeout(PATIENCE):
        while desk.log().count(words) < times:  # noqa: ASYNC110 - a file tells nobody that it grew
            await asyncio.sleep(0.05)


def at_rest(session: DesktopSession, file: Path) -> QImage:
    """Take a picture of the screen once nothing moves on it, and return it."""
    before, now = QImage(), QImage(str(session.screenshot(file)))
    while before != now:
        before, now = now, QImage(str(session.screenshot(file)))
    return now


async def test_the_desktop(panel_session: DesktopSession, busy_server: DemoServer, tmp_path: Path) -> None:
    configure(tmp_path, busy_server)
    with DemoClient(busy_server) as client:
        client.log_in()
        async with DeskProcess.start(panel_session, tmp_path, password=busy_server.password) as desk:
            await until_logged(desk, "-> live", 3)
            async with DeskProcess.start(panel_session, tmp_path) as second:
                await second.end()
            log = await desk.window("Live log")
            await desk.place(log, x=20, y=70, width=980, height=600)
            a_morning(client)
            await desk.window_of("xfce4-notifyd")
            at_rest(panel_session, ARTEFACTS / "desktop.png")
            await desk.key(log, "Down", "Down")
            picture = at_rest(panel_session, ARTEFACTS / "desktop.png")
            await desk.key(log, "F10")
            at_rest(panel_session, ARTEFACTS / "desktop-menu.png")
    panel = [
        picture.pixelColor(x, y) for x in range(picture.width() - 60, picture.width()) for y in range(28)
    ]
    assert any(_close(colour, SHIELD_GREEN) for colour in panel), "the live shield stands in the panel"


def _close(one: QColor, other: QColor) -> bool:
    far = (one.red() - other.red(), one.green() - other.green(), one.blue() - other.blue())
    return all(abs(channel) < 24 for channel in far)
