"""The Connection page of a real desk: what it finds, and what that costs the server."""

import sqlite3
from contextlib import closing

import pytest

from armguard_tray.diagnosis.codes import Code
from armguard_tray.messages.streams import Stream
from armguard_tray.paths import Paths
from armguard_tray.ui.health_panel import HealthPanel
from armguard_tray.ui.health_panel.ladder_view import RowView
from armguard_tray.ui.health_panel.sign import Sign
from armguard_tray.ui.settings_dialog import SettingsDialog
from armguard_tray.ui.tray import TrayIcon
from tests.fakes.demo_server import DATABASE, DemoClient, RestartableDemo, restartable_demo
from tests.ui.desktop.conftest import session
from tests.ui.test_desk import live_desk, paths, session_bus, stay_without_windows, until, window

__all__ = ["paths", "restartable_demo", "session", "session_bus", "stay_without_windows"]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise")


async def shown(tray: TrayIcon) -> HealthPanel:
    """Open the page, and return it once it has checked."""
    tray.open_connection.emit()
    dialog = await until(lambda: window(SettingsDialog))
    await until(lambda: is_checked(dialog.connection.panel))
    return dialog.connection.panel


def is_checked(panel: HealthPanel) -> bool:
    return panel.checker.checked_at is not None and not panel.checker.is_running


def causes(panel: HealthPanel) -> list[Code]:
    """Return the causes that are named, the first one first."""
    diagnosis = panel.checker.diagnosis
    return [] if diagnosis is None else [cause.code for cause in diagnosis.causes]


def row(panel: HealthPanel, name: str) -> RowView:
    return next(row for row in panel.ladder.rows if row.name.text() == name)


def sessions(demo: RestartableDemo) -> int:
    """Return how many logins the server knows."""
    with closing(sqlite3.connect(demo.data_dir / DATABASE)) as database:
        return int(database.execute("SELECT count(*) FROM django_session").fetchone()[0])


async def test_a_desk_that_works_is_said_to_and_nobody_logs_in_again(
    restartable_demo: RestartableDemo, paths: Paths
) -> None:
    async with live_desk(restartable_demo.server, paths) as tray:
        before = sessions(restartable_demo)
        panel = await shown(tray)

        assert panel.sign.sign in {Sign.OK, Sign.WARNING}, panel.headline.text()
        for name in ("Name", "TCP", "TLS", "HTTP", "Password", "Login", "Session", "Subscription"):
            assert row(panel, name).sign.sign is Sign.OK, row(panel, name).evidence.text()
        assert "live since" in row(panel, "Handshake").evidence.text()
        assert sessions(restartable_demo) == before


async def test_events_of_today_come_from_the_journal(restartable_demo: RestartableDemo, paths: Paths) -> None:
    with DemoClient(restartable_demo.server) as armorer:
        armorer.log_in()
        async with live_desk(restartable_demo.server, paths) as tray:
            panel = await shown(tray)
            stream = panel.streams.rows[Stream.TRANSACTIONS]
            await until(lambda: "today" in stream.came.text())
            armorer.issue()
            await until(lambda: "1 event today" in stream.came.text())


async def test_a_server_that_goes_away_is_named_as_the_cause(
    restartable_demo: RestartableDemo, paths: Paths
) -> None:
    async with live_desk(restartable_demo.server, paths) as tray:
        panel = await shown(tray)
        await restartable_demo.stop()
        await until(lambda: panel.headline.text().startswith("○ Offline") or panel.sign.sign is Sign.FAILED)
        panel.check_button.click()
        await until(lambda: is_checked(panel) and causes(panel)[:1] == [Code.REFUSED])
        assert panel.sign.sign is Sign.FAILED
        assert row(panel, "Login").evidence.text() == "unknown while TCP fails"

        await restartable_demo.start()
        await until(lambda: "Live since" in panel.state.text() or "Live since" in panel.headline.text())
        reconnects = panel.streams.rows[Stream.TRANSACTIONS].reconnects
        await until(lambda: reconnects.text() == "1 reconnect")
        assert "away for" in reconnects.toolTip()
