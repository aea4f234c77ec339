"""The desk, joined from its real parts: from the server to the row that a click on the toast opens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget

from armguard_tray.app.desk import Desk
from armguard_tray.catchup.history_page import ROWS_A_PAGE
from armguard_tray.clock import Clock, SystemClock
from armguard_tray.paths import Paths, paths_below
from armguard_tray.rules.storm import Summary, tally
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.model import NotificationSettings, ServerSettings, Settings
from armguard_tray.settings.store import SettingsStore
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.first_run import FirstRunDialog
from armguard_tray.ui.log_window import LogWindow
from armguard_tray.ui.log_window.progress_line import NOT_FETCHED
from armguard_tray.ui.models.event_table import EVENT_ROLE
from armguard_tray.ui.settings_dialog import SettingsDialog
from armguard_tray.ui.settings_dialog.redis_words import PROVEN
from armguard_tray.ui.settings_pages import PageName
from armguard_tray.ui.tone_label import Tone
from armguard_tray.ui.tray import TrayIcon
from tests.end_to_end.catchup.armory import Armory
from tests.end_to_end.catchup.following import following
from tests.fakes.demo_server import (
    GLOCK_BKP417,
    SANTOS,
    DemoClient,
    RestartableDemo,
    armorer,
    demo_server,
    restartable_demo,
)
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.events import issued, notice, stored
from tests.fakes.private_desktop import PrivateDesktop
from tests.fakes.redis_server import REDIS_SERVER, redis_server
from tests.fakes.signals import emitted
from tests.ui.desktop.conftest import desktop, session

__all__ = ["armorer", "demo_server", "desktop", "restartable_demo", "session"]

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
    try:
        yield tray
    finally:  # else what a failed test leaves here goes on in the next one, without a loop
        tray.quit.emit()
        await task
        tray.deleteLater()


@asynccontextmanager
async def live_desk(server: DemoServer, paths: Paths, *, outage_after: int = 20) -> AsyncIterator[TrayIcon]:
    """Run a desk that follows `server`, from when it is live."""
    settings = Settings(
        server=ServerSettings(address=server.url, username=server.username),
        notifications=NotificationSettings(outage_after=outage_after),
    )
    async with running_desk(settings, server.password, paths) as tray:
        await until(lambda: "live since" in tray.icon.toolTip())
        yield tray


async def until(condition: Callable[[], T | None]) -> T:
    """Return what `condition` returns as soon as it is true; Qt tells nobody of it all."""
    async with asyncio.timeout(60):
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


async def test_a_login_that_was_refused_asks_for_help_until_the_right_password_is_saved(
    desktop: PrivateDesktop, demo_server: DemoServer, armorer: DemoClient, paths: Paths
) -> None:
    settings = Settings(server=ServerSettings(address=demo_server.url, username=demo_server.username))
    async with running_desk(settings, "wrong", paths) as tray:
        cry = await desktop.wait_for_notification(lambda toast: toast.title == "ArmGuard needs you")
        dialog = await until(lambda: window(SettingsDialog))
        assert await desktop.asked_to_close() == [], "the trouble lasts"
        dialog.server.form.fields["password"].value = demo_server.password
        dialog.accept()
        await desktop.wait_until_withdrawn(cry)
        await until(lambda: "live since" in tray.icon.toolTip())
        armorer.issue()
        await desktop.wait_for_notification(lambda toast: toast.title == "M4 - 00077 issued")
    assert await desktop.asked_to_close() == [cry.number], "what happened stays on the desktop"


async def test_an_outage_is_told_once_and_once_when_it_is_over(
    desktop: PrivateDesktop, restartable_demo: RestartableDemo, paths: Paths
) -> None:
    async with live_desk(restartable_demo.server, paths, outage_after=5):
        await restartable_demo.stop()
        told = await desktop.wait_for_notification(lambda toast: toast.title.startswith("ArmGuard events"))
        # Why depends on whether it was tried again by then.
        assert told.body.endswith("It is tried again by itself.")
        await desktop.click(told)
        dialog = await until(lambda: window(SettingsDialog))
        assert dialog.connection.isVisible(), "what is known of the cause"
        await restartable_demo.start()
        over = await desktop.wait_for_notification(lambda toast: toast.title.startswith("Connected again"))
        assert over.body.endswith("may have been missed.")
        assert [toast.title for toast in desktop.notifications] == [told.title, over.title], "and no more"
        assert [Path(toast.app_icon).name for toast in (told, over)] == ["offline.svg", "armguard-tray.svg"]


async def test_a_summary_opens_the_log_with_what_needs_a_look(
    desktop: PrivateDesktop, demo_server: DemoServer, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds: list[Feed] = []

    def noted(clock: Clock) -> Feed:
        feeds.append(Feed(clock))
        return feeds[-1]

    monkeypatch.setattr("armguard_tray.app.desk.Feed", noted)
    monkeypatch.setattr("armguard_tray.app.outage.SETTLES_WITHIN", 0.0)
    async with live_desk(demo_server, paths):
        summary: Summary | None = None
        for each in stored(1, issued(2), notice("Backup failed", "no space", level="error")):
            summary = tally(summary, each)
        feeds[-1].on_toast(summary)
        toast = await desktop.wait_for_notification(lambda toast: "1 needs a look" in toast.title)
        await desktop.click(toast)
        log = await until(lambda: window(LogWindow))
        await until(lambda: log.table.log_filter == LogFilter(needs_look=True) or None)
        assert log.filters.look.isChecked()


async def test_a_call_for_help_is_gone_once_the_program_has_ended(
    desktop: PrivateDesktop, demo_server: DemoServer, paths: Paths
) -> None:
    settings = Settings(server=ServerSettings(address=demo_server.url, username=demo_server.username))
    async with running_desk(settings, "wrong", paths):
        cry = await desktop.wait_for_notification(lambda toast: toast.title == "ArmGuard needs you")
        assert Path(cry.app_icon).name == "needs-you.svg"
        await until(lambda: window(SettingsDialog))  # it is opened beside, and ends with the desk
    assert await desktop.asked_to_close() == [cry.number]


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


async def test_a_test_climbs_to_the_session_with_the_password_that_the_desk_has(
    demo_server: DemoServer, paths: Paths
) -> None:
    async with live_desk(demo_server, paths) as tray:
        attempt = (await settings_dialog(tray, PageName.SERVER)).server.form.attempt
        attempt.button.click()
        await emitted(attempt.finished)
        assert attempt.outcome.tone is Tone.GOOD
        last = attempt.rungs.lines[-1]
        assert (last.name.text(), last.word.text()) == ("Session", "ok")


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


async def test_a_gap_that_is_fetched_again_is_answered_and_closes(tmp_path: Path, paths: Paths) -> None:
    async with Armory.open(tmp_path, stock=True) as armory:
        demo = armory.demo.server
        server = ServerSettings(address=demo.url, username=demo.username)
        with armory.armorer() as armorer:
            made = [armorer.issue(), armorer.take_back(), armorer.issue(), armorer.take_back()]
        row = armory.lose(made[1])
        async with following(server, demo.password, paths.journal_file.parent) as desk:
            await desk.has_the_month_before()
            (gap,) = [each for each in await desk.log() if each.event.gap is not None]
        async with live_desk(demo, paths) as tray:
            tray.open_log.emit()
            log = await until(lambda: window(LogWindow))
            log.show_row(gap.row)
            await until(lambda: log.details.stored)
            log.details.fetch_button.click()
            await until(lambda: log.details.answer.endswith(")"))
            assert log.details.answer.startswith("Looked back to ")
            assert "still not there" in log.details.answer

            armory.put_back(row)
            log.details.fetch_button.click()
            await until(lambda: log.details.answer == "It came")
            await until(lambda: "received later" in log.details.title)


async def test_the_time_before_that_was_cancelled_is_fetched_after_all(tmp_path: Path, paths: Paths) -> None:
    async with Armory.open(tmp_path, stock=True, history=12 * ROWS_A_PAGE) as armory:
        demo = armory.demo.server
        server = ServerSettings(address=demo.url, username=demo.username)
        async with following(server, demo.password, paths.journal_file.parent) as desk:
            await desk.screen.until(lambda: desk.screen.completeness.progress is not None)
            await desk.core.cancel_backlog()
        async with live_desk(demo, paths) as tray:
            tray.open_log.emit()
            log = await until(lambda: window(LogWindow))
            await until(lambda: log.progress.words == NOT_FETCHED)
            log.progress.fetch_button.click()
            await until(
                lambda: log.progress.words.startswith("\N{DOWNWARDS ARROW} Fetching the last month: ")
            )
            log.progress.cancel_button.click()
            await until(lambda: log.progress.words == NOT_FETCHED)
