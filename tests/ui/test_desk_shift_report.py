"""The report on a shift, from the server to the window."""

import pytest

from armguard_tray.paths import Paths
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.ui.shift_report import ShiftReportWindow
from tests.fakes.demo_server import GLOCK_BKP417, SANTOS, DemoClient, armorer, demo_server
from tests.fakes.signals import emitted
from tests.ui.desktop.conftest import desktop, session
from tests.ui.test_desk import live_desk, paths, session_bus, stay_without_windows, until, window

__all__ = ["armorer", "demo_server", "desktop", "paths", "session", "session_bus", "stay_without_windows"]

# The offscreen platform has no stack of windows.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise")


async def text_once(report: ShiftReportWindow, words: str) -> str:
    """Return the text of the report, made anew until these words are in it."""
    while words not in (text := report.page.toPlainText()):
        report.read()
        await emitted(report.told)
    return text


async def test_what_was_handed_out_and_taken_back_is_in_the_report(
    demo_server: DemoServer, armorer: DemoClient, paths: Paths
) -> None:
    armorer.issue()
    armorer.take_back()
    armorer.issue(SANTOS, GLOCK_BKP417)
    async with live_desk(demo_server, paths) as tray:
        tray.open_shift_report.emit()
        report = await until(lambda: window(ShiftReportWindow))

        text = await text_once(report, "Issued (2)")

        assert "Returned (1)" in text
        assert "Still out (1)" in text
        assert "BKP417" in text
        assert "Rogelio Santos" in text
