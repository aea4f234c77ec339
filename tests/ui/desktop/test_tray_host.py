"""A tray host that is there, comes late, goes, or comes back."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from armguard_tray.desktop.session_bus import SessionBus
from armguard_tray.desktop.toast.linux_dbus import LinuxDBusAdapter
from armguard_tray.desktop.tray_host import TrayHostWatcher
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.notification_service import WATCHER
from tests.fakes.private_desktop import PrivateDesktop
from tests.ui.desktop.programs import program


class Changes:
    """What the watcher has told, in order."""

    def __init__(self, watcher: TrayHostWatcher) -> None:
        self._queue: asyncio.Queue[bool] = asyncio.Queue()
        watcher.available_changed.connect(self._queue.put_nowait)

    async def next(self) -> bool:
        return await self._queue.get()

    def none_left(self) -> bool:
        return self._queue.empty()


@pytest_asyncio.fixture
async def watcher(bus: SessionBus) -> AsyncIterator[TrayHostWatcher]:
    """Make a watcher that knows only what the session bus says."""
    made = TrayHostWatcher(bus, look=lambda: False)
    yield made
    await made.close()


async def test_a_host_that_is_there_already_is_found(
    desktop: PrivateDesktop, watcher: TrayHostWatcher
) -> None:
    changes = Changes(watcher)
    assert desktop
    await watcher.start()
    assert watcher.available
    assert await changes.next() is True
    assert changes.none_left()


async def test_no_host_is_no_news(session: DesktopSession, watcher: TrayHostWatcher) -> None:
    changes = Changes(watcher)
    async with PrivateDesktop(session, tray=False):
        await watcher.start()
        assert not watcher.available
        assert changes.none_left()


async def test_a_host_that_comes_goes_and_comes_back(
    desktop: PrivateDesktop, watcher: TrayHostWatcher
) -> None:
    await desktop.disown(WATCHER)
    await watcher.start()
    changes = Changes(watcher)
    for _ in range(2):
        await desktop.own(WATCHER)
        assert await changes.next() is True
        await desktop.disown(WATCHER)
        assert await changes.next() is False


async def test_a_watcher_without_a_host_shows_nothing(
    desktop: PrivateDesktop, watcher: TrayHostWatcher
) -> None:
    await desktop.set_tray_host(present=False)
    await watcher.start()
    assert not watcher.available
    changes = Changes(watcher)
    await desktop.set_tray_host(present=True)
    assert await changes.next() is True


async def test_where_the_bus_knows_of_none_the_older_tray_is_looked_for() -> None:
    there = False
    watcher = TrayHostWatcher(None, look=lambda: there, look_again_ms=1)
    await watcher.start()
    assert not watcher.available
    changes = Changes(watcher)
    there = True
    assert await changes.next() is True
    there = False
    assert await changes.next() is False
    await watcher.close()


async def test_without_a_session_bus_it_still_works(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    watcher = TrayHostWatcher(SessionBus("unix:path=/nowhere/bus"), look=lambda: True)
    await watcher.start()
    assert watcher.available
    assert "cannot be watched" in caplog.text
    await watcher.close()


async def test_an_icon_appears_in_a_tray_that_comes_late_and_again_in_a_new_one(
    session: DesktopSession, desktop: PrivateDesktop
) -> None:
    await desktop.disown(WATCHER)
    with program("tests.ui.desktop.tray_program", env=session.env) as tray_program:
        assert await tray_program.line() == "started, tray host: False"
        for _ in range(2):
            await desktop.own(WATCHER)
            item = await desktop.wait_for_item()
            assert item.tooltip == "ArmGuard: live"
            assert len(await desktop.items()) == 1
            await desktop.disown(WATCHER)
            await desktop.wait_for_no_item()


async def test_from_the_icon_to_the_toast_to_what_it_opens(
    session: DesktopSession, desktop: PrivateDesktop
) -> None:
    with program("tests.ui.desktop.tray_program", env=session.env) as tray_program:
        assert await tray_program.line() == "started, tray host: True"
        item = await desktop.wait_for_item()
        await desktop.activate(item)
        await desktop.choose(item, "Show a toast")
        toast = await desktop.wait_for_notification(lambda toast: toast.replaces > 0)
        assert toast.title == "M4 - 00077 issued"
        await desktop.click(toast, "show")
        opened = f"opened row 7, shown by {LinuxDBusAdapter.name}"
        await desktop.wait_for_item(lambda item: item.tooltip == opened)
