"""The desk, joined from its real parts: from the server to the row that a click on the toast opens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget

from armguard_tray.app.desk import Desk
from armguard_tray.clock import SystemClock
from armguard_tray.paths import Paths, paths_below
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.settings.store import SettingsStore
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.first_run import FirstRunDialog
from armguard_tray.ui.log_window import LogWindow
from armguard_tray.ui.models.event_table import EVENT_ROLE
from armguard_tray.ui.settings_dialog import SettingsDialog
from armguard_tray.ui.settings_dialog.redis_words import PROVEN
from armguard_tray.ui.settings_pages import PageName
from armguard_tray.ui.tray import TrayIcon
from tests.fakes.demo_server import GLOCK_BKP417, SANTOS, DemoClient, armorer, demo_server
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.private_desktop import PrivateDesktop
from tests.fakes.redis_server import REDIS_SERVER, redis_server
from tests.ui.desktop.conftest import desktop, session

__all__ = ["armorer", "demo_server", "desktop", "session"]

# The offscreen platform has no stack of windows.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise")
T = TypeVar("T")
W = TypeVar("W", bound=QWidget)


@pytest.fixture(autouse=True)
def session_bus(session: DesktopSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the desk find the private desktop."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", session.bus_address)


@pytest.fixture(autouse=True)
def stay_without_windows(qapp: QApplication) -> Iterator[None]:
    """Let the loop go on when the last window closes, as the program does."""
    qapp.setQuitOnLastWindowClosed(False)
    yield
    qapp.setQuitOnLastWindowClosed(True)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return paths_below(tmp_path)


@asynccontextmanager
async def running_desk(settings: Settings, password: str | None, paths: Paths) -> AsyncIterator[TrayIcon]:
    """Run a desk with `settings`, and return its icon.

    It is no fixture: pytest-qt lets Qt process events between a fixture and its test, outside of the loop.
    """
    clock = SystemClock()
    tray = TrayIcon(clock)
    desk = Desk(tray, paths, settings, password, clock)
    tasks = TaskKeeper("test")
    task = tasks.start(desk.run(), name="desk")
    yield tray
    tray.quit.emit()
    await task
    tray.deleteLater()


@asynccontextmanager
async def live_desk(server: DemoServer, paths: Paths) -> AsyncIterator[TrayIcon]:
    """Run a desk that follows `server`, from when it is live."""
    settings = Settings(server=ServerSettings(address=server.url, username=server.username))
    async with running_desk(settings, server.password, paths) as tray:
        await until(lambda: "live since" in tray.icon.toolTip())
        yield tray


async def until(condition: Callable[[], T | None]) -> T:
    """Return what `condition` returns as soon as it is true; Qt tells nobody of it all."""
    async with asyncio.timeout(20):
        while not (found := condition()):  # noqa: ASYNC110 - as said
            await asyncio.sleep(0.01)
        return found


def window(kind: type[W]) -> W | None:
    """Return the visible window of a kind, if there is one."""
    windows = (widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind))
    return next((widget for widget in windows if widget.isVisible()), None)


async def test_a_click_on_a_toast_opens_the_log_at_that_very_row(
    desktop: PrivateDesktop, demo_server: DemoServer, armorer: DemoClient, paths: Paths
) -> None:
    async with live_desk(demo_server, paths):
        first = armorer.issue(mags=3, rounds=90)
        armorer.issue(SANTOS, GLOCK_BKP417)
        toast = await desktop.wait_for_notification(lambda toast: toast.title == "M4 - 00077 issued")
        await desktop.click(toast)
        log = await until(lambda: window(LogWindow))
        await until(lambda: log.view.currentIndex().isValid())
        assert log.view.currentIndex().data(EVENT_ROLE).event.transaction_id == first


async def test_new_settings_take_effect_without_a_restart(
    desktop: PrivateDesktop, demo_server: DemoServer, armorer: DemoClient, paths: Paths
) -> None:
    async with live_desk(demo_server, paths) as tray:
        tray.open_settings.emit()
        dialog = await until(lambda: window(SettingsDialog))
        dialog.show_page(PageName.NOTIFICATIONS)
        issued = dialog.notifications.form.fields["issued"].editor
        assert isinstance(issued, QCheckBox)
        issued.click()
        dialog.accept()
        await until(paths.settings_file.exists)
        armorer.issue()
        armorer.take_back()
        toast = await desktop.wait_for_notification(lambda toast: "M4 - 00077" in toast.title)
        assert toast.title == "M4 - 00077 returned", "issued is switched off"
        assert not SettingsStore(paths.settings_file).load().notifications.issued


async def test_the_first_start_asks_for_a_server_and_goes_live(demo_server: DemoServer, paths: Paths) -> None:
    async with running_desk(Settings(), None, paths) as tray:
        dialog = await until(lambda: window(FirstRunDialog))
        assert "no server" in tray.icon.toolTip()
        dialog.form.fields["address"].value = demo_server.url
        dialog.form.fields["username"].value = demo_server.username
        dialog.form.fields["password"].value = demo_server.password
        dialog.accept()
        await until(lambda: "live since" in tray.icon.toolTip())
    kept = paths.settings_file.read_text()
    assert demo_server.url in kept
    assert demo_server.password not in kept


@pytest.mark.skipif(REDIS_SERVER is None, reason="redis-server is not installed")
async def test_the_redis_of_the_server_is_shown_proven_and_its_password_kept(
    paths: Paths, tmp_path: Path
) -> None:
    secret = "of the test"
    async with redis_server(tmp_path, "--requirepass", secret) as port:
        there = f"127.0.0.1:{port}"
        url = f"redis://:of%20the%20test@{there}/0"
        async with DemoServer.start(redis=url) as server, live_desk(server, paths) as tray:
            page = (await settings_dialog(tray, PageName.REDIS)).redis
            page.form.fields["address"].value = f"redis://{there}/0"
            page.form.fields["password"].value = secret
            page.look_button.click()
            await until(lambda: page.found.sentence.accessibleName().startswith("Redis 7") or None)
            page.answer.prove_button.click()
            await until(lambda: page.answer.sentence.text() == PROVEN or None)
            assert "joined armguard" in page.answer.evidence.accessibleName()
            dialog = window(SettingsDialog)
            assert dialog is not None
            dialog.accept()
            await until(paths.settings_file.exists)
            assert there in paths.settings_file.read_text()
            assert "of the test" not in paths.settings_file.read_text()

            page = (await settings_dialog(tray, PageName.REDIS)).redis
            await until(lambda: page.found.sentence.accessibleName().startswith("Redis 7") or None)
            assert page.form.fields["password"].value == "", "it is looked up, not shown"


async def settings_dialog(tray: TrayIcon, page: PageName) -> SettingsDialog:
    """Open the settings at a page."""
    await until(lambda: window(SettingsDialog) is None)
    tray.open_settings.emit()
    dialog = await until(lambda: window(SettingsDialog))
    dialog.show_page(page)
    return dialog
