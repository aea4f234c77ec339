"""A desk whose journal is taken away while nothing arrives: it says so, and goes on with another one."""

import pytest

from armguard_tray import pipeline
from armguard_tray.paths import Paths
from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import demo_server
from tests.fakes.private_desktop import PrivateDesktop
from tests.ui.desktop.conftest import desktop, session
from tests.ui.test_desk import live_desk, paths, session_bus, stay_without_windows, until

__all__ = ["demo_server", "desktop", "paths", "session", "session_bus", "stay_without_windows"]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise")


async def test_a_journal_that_is_taken_away_is_told_by_a_toast_that_stays(
    desktop: PrivateDesktop, demo_server: DemoServer, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "LOOK_EVERY", 0.05)
    async with live_desk(demo_server, paths):
        move_away(paths)
        toast = await desktop.wait_for_notification(lambda each: "moved or deleted" in each.body)
        await until(paths.journal_file.exists)

        assert "Another one is begun in its place" in toast.body
        assert await desktop.asked_to_close() == []


def move_away(paths: Paths) -> None:
    paths.journal_file.rename(paths.journal_file.with_name("away.sqlite3"))
