"""The tray on a desktop: what happens on the server is told by a toast and stands in the live log."""

import signal
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from armguard_tray.server.demo.process import DemoServer
from tests.end_to_end.desk_process import DeskProcess, configure, live_item
from tests.fakes.demo_server import JOSE, M4_00077, M4_00177, DemoClient, RestartableDemo
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.notification_service import WATCHER
from tests.fakes.private_desktop import PrivateDesktop


@pytest.fixture
def session() -> Iterator[DesktopSession]:
    with tempfile.TemporaryDirectory(prefix="desk") as folder, DesktopSession(Path(folder)) as private:
        yield private


@pytest_asyncio.fixture
async def desktop(session: DesktopSession) -> AsyncIterator[PrivateDesktop]:
    async with PrivateDesktop(session) as private:
        yield private


@pytest.fixture
def data_dir(tmp_path: Path, demo_server: DemoServer) -> Path:
    """Return the folder of a desk that is set up for the demo server."""
    configure(tmp_path, demo_server)
    return tmp_path


CRITICAL = 2


def persons(data_dir: Path, transaction: int) -> list[str]:
    """Return who is in the journal for a transaction, a name a row."""
    query = "SELECT person FROM event WHERE transaction_id = ?"
    with closing(sqlite3.connect(data_dir / "journal.sqlite3")) as journal:
        return [person for (person,) in journal.execute(query, [transaction])]


def open_to_others(folder: Path) -> list[str]:
    """Return the names of the files that others than their owner may read."""
    return [file.name for file in folder.rglob("*") if file.stat().st_mode & 0o077]


def rescued(folder: Path) -> bytes:
    """Return what could not be stored."""
    (file,) = folder.glob("armguard-unstored-*.jsonl")
    return file.read_bytes()


async def test_a_transaction_is_a_toast_a_row_and_a_count_on_the_icon(
    session: DesktopSession,
    desktop: PrivateDesktop,
    data_dir: Path,
    demo_server: DemoServer,
    armorer: DemoClient,
) -> None:
    async with DeskProcess.start(session, data_dir, password=demo_server.password) as desk:
        await live_item(desktop)
        number = armorer.issue(mags=3, rounds=90)
        toast = await desktop.wait_for_notification(lambda toast: "issued" in toast.title)
        assert toast.title == "M4 - 00077 issued"
        assert toast.body.startswith("Juan Dela Cruz · Guard Duty · 3 mags, 90 rounds · by ")
        assert "Show" in toast.actions.values()
        await desktop.wait_for_item(lambda item: "unread" in item.tooltip)
        desk.process.send_signal(signal.SIGTERM)
        assert await desk.end() == 0
        await desktop.wait_for_no_item()
    assert persons(data_dir, number) == ["Juan Dela Cruz"]
    assert open_to_others(data_dir) == []


async def test_a_click_on_a_toast_opens_the_live_log(
    session: DesktopSession,
    desktop: PrivateDesktop,
    data_dir: Path,
    demo_server: DemoServer,
    armorer: DemoClient,
) -> None:
    async with DeskProcess.start(session, data_dir, password=demo_server.password) as desk:
        await live_item(desktop)
        armorer.change_status(M4_00177, "Maintenance")
        toast = await desktop.wait_for_notification(lambda toast: M4_00177 in toast.title)
        await desktop.click(toast)
        assert await desk.window("Live log")
        armorer.change_status(M4_00177, "Available")


async def test_markup_in_a_name_is_shown_as_text(
    session: DesktopSession,
    desktop: PrivateDesktop,
    data_dir: Path,
    demo_server: DemoServer,
    armorer: DemoClient,
) -> None:
    await desktop.set_capabilities("body", "body-markup", "actions")
    async with DeskProcess.start(session, data_dir, password=demo_server.password):
        await live_item(desktop)
        armorer.issue(JOSE, M4_00077)
        toast = await desktop.wait_for_notification(lambda toast: "issued" in toast.title)
    assert "José &lt;B&gt;X&lt;/B&gt; Peña" in toast.body


async def test_a_second_start_says_so_and_shows_the_first_ones_window(
    session: DesktopSession, desktop: PrivateDesktop, data_dir: Path, demo_server: DemoServer
) -> None:
    async with DeskProcess.start(session, data_dir, password=demo_server.password) as first:
        await live_item(desktop)
        async with DeskProcess.start(session, data_dir) as second:
            assert second.process.stdout is not None
            said = await second.process.stdout.read()
            assert await second.end() == 0
        assert said == b"ArmGuard Tray is already running; its window is shown.\n"
        assert await first.window("Live log")


async def test_the_menu_pauses_and_quits(
    session: DesktopSession,
    desktop: PrivateDesktop,
    data_dir: Path,
    demo_server: DemoServer,
    armorer: DemoClient,
) -> None:
    async with DeskProcess.start(session, data_dir, password=demo_server.password) as desk:
        item = await live_item(desktop)
        await desktop.choose(item, "30 minutes")
        item = await desktop.wait_for_item(lambda item: "paused" in item.tooltip)
        armorer.issue()
        item = await desktop.wait_for_item(lambda item: "unread" in item.tooltip)
        assert desktop.notifications == []
        await desktop.choose(item, "Quit")
        assert await desk.end() == 0
    async with DeskProcess.start(session, data_dir, password=demo_server.password):
        # The pause and what is unread outlive the program.
        await desktop.wait_for_item(lambda item: "paused" in item.tooltip and "unread" in item.tooltip)


async def test_a_server_that_goes_away_is_said_and_its_return_too(
    session: DesktopSession, desktop: PrivateDesktop, restartable_demo: RestartableDemo, tmp_path: Path
) -> None:
    configure(tmp_path / "data", restartable_demo.server)
    async with DeskProcess.start(session, tmp_path / "data", password=restartable_demo.server.password):
        await live_item(desktop)
        await restartable_demo.kill()
        await desktop.wait_for_item(lambda item: "offline" in item.tooltip)
        await restartable_demo.start()
        await live_item(desktop)


async def test_a_refused_password_needs_the_user_and_is_sent_once(
    session: DesktopSession, desktop: PrivateDesktop, data_dir: Path
) -> None:
    async with DeskProcess.start(session, data_dir, password="s3cret-and-wrong") as desk:
        toast = await desktop.wait_for_notification(lambda toast: toast.title == "ArmGuard needs you")
        assert toast.hints["urgency"] == CRITICAL
        assert await desk.window("Settings")
        item = await desktop.wait_for_item(lambda item: "refused" in item.tooltip)
        await desktop.choose(item, "Reconnect now")
        assert desk.log().count("login failed") == 1
        assert "s3cret-and-wrong" not in desk.log()


async def test_without_a_server_it_asks_for_one(
    session: DesktopSession, desktop: PrivateDesktop, tmp_path: Path
) -> None:
    async with DeskProcess.start(session, tmp_path) as desk:
        assert await desk.window("Set up")
        await desktop.wait_for_item()


async def test_a_desktop_without_a_tray_gets_a_window_and_later_an_icon(
    session: DesktopSession, data_dir: Path, demo_server: DemoServer
) -> None:
    async with (
        PrivateDesktop(session, tray=False) as desktop,
        DeskProcess.start(session, data_dir, password=demo_server.password) as desk,
    ):
        assert await desk.window("Live log")
        await desktop.own(WATCHER)
        await live_item(desktop)


async def test_a_killed_tray_starts_again_cleanly_with_all_it_had_shown(
    session: DesktopSession,
    desktop: PrivateDesktop,
    data_dir: Path,
    demo_server: DemoServer,
    armorer: DemoClient,
) -> None:
    async with DeskProcess.start(session, data_dir, password=demo_server.password) as desk:
        await live_item(desktop)
        number = armorer.issue()
        await desktop.wait_for_notification(lambda toast: "issued" in toast.title)
        desk.process.kill()
        await desk.end()
    assert persons(data_dir, number) == ["Juan Dela Cruz"]
    await desktop.wait_for_no_item()
    async with DeskProcess.start(session, data_dir, password=demo_server.password):
        await live_item(desktop)


async def test_a_journal_that_cannot_be_written_is_said_and_nothing_is_lost(
    session: DesktopSession,
    desktop: PrivateDesktop,
    data_dir: Path,
    demo_server: DemoServer,
    armorer: DemoClient,
) -> None:
    async with DeskProcess.start(session, data_dir, password=demo_server.password):
        await live_item(desktop)
        with closing(sqlite3.connect(data_dir / "journal.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            number = armorer.issue()
            said = await desktop.wait_for_notification(lambda toast: toast.title == "ArmGuard needs you")
            assert said.body.startswith("Events cannot be stored. ")
            await desktop.wait_for_item(lambda item: "events cannot be stored" in item.tooltip)
            assert len(desktop.notifications) == 1, "what is not stored is not shown"
            other.execute("ROLLBACK")
        await desktop.wait_for_notification(lambda toast: toast.title == "M4 - 00077 issued")
        await desktop.wait_until_withdrawn(said)
        await live_item(desktop)
    assert await desktop.asked_to_close() == [said.number], "what happened stays on the desktop"
    assert persons(data_dir, number) == ["Juan Dela Cruz"]


async def test_what_could_not_be_stored_at_the_end_is_counted_and_kept_in_a_file(
    session: DesktopSession,
    desktop: PrivateDesktop,
    data_dir: Path,
    demo_server: DemoServer,
    armorer: DemoClient,
) -> None:
    expected = b"could not be stored"
    async with DeskProcess.start(session, data_dir, password=demo_server.password, says=expected) as desk:
        await live_item(desktop)
        with closing(sqlite3.connect(data_dir / "journal.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            number = armorer.issue()
            await desktop.wait_for_notification(lambda toast: toast.title == "ArmGuard needs you")
            desk.process.send_signal(signal.SIGTERM)
            assert await desk.end() == 1
    assert f'\\"id\\": {number}'.encode() in rescued(data_dir)
