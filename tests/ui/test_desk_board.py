"""Who holds what, from the server to the window: through the journal, and beside the server's own list."""

import pytest

from armguard_tray.paths import Paths
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.ui.board import BoardWindow
from armguard_tray.ui.board.columns import Column
from armguard_tray.ui.log_window import LogWindow
from armguard_tray.ui.settings_dialog import SettingsDialog
from tests.fakes.demo_server import GLOCK_BKP417, SANTOS, DemoClient, armorer, demo_server
from tests.ui.desktop.conftest import desktop, session
from tests.ui.test_desk import live_desk, paths, session_bus, stay_without_windows, until, window

__all__ = ["armorer", "demo_server", "desktop", "paths", "session", "session_bus", "stay_without_windows"]

# The offscreen platform has no stack of windows.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise")


def states(board: BoardWindow) -> dict[str, str]:
    """Return the state of each weapon on the board."""
    rows = [board.table.row_at(place) for place in range(board.table.rowCount())]
    return {row.texts[Column.ITEM]: row.texts[Column.STATE] for row in rows}


async def test_what_is_issued_is_on_the_board_until_it_comes_back(
    demo_server: DemoServer, armorer: DemoClient, paths: Paths
) -> None:
    armorer.issue()
    async with live_desk(demo_server, paths) as tray:
        tray.open_board.emit()
        board = await until(lambda: window(BoardWindow))
        await until(lambda: states(board) == {"M4 - 00077": "→ Out"})
        await until(lambda: "Compared with the server's list" in board.notes.text())

        armorer.issue(SANTOS, GLOCK_BKP417)
        await until(lambda: len(states(board)) == 2)
        armorer.take_back()
        await until(lambda: "M4 - 00077" not in states(board))

        board.view.selectRow(0)
        board.view.itemWanted.emit(board.table.row_at(0).holding.item)
        log = await until(lambda: window(LogWindow))
        await until(lambda: log.table.rowCount() == 1)


async def test_new_hours_go_for_the_open_board(demo_server: DemoServer, paths: Paths) -> None:
    async with live_desk(demo_server, paths) as tray:
        tray.open_board.emit()
        board = await until(lambda: window(BoardWindow))
        tray.open_settings.emit()
        dialog = await until(lambda: window(SettingsDialog))

        dialog.shifts.form.fields["duty_hours"].value = "Guard Duty 12, other 8"
        dialog.accept()

        await until(lambda: board.reader.hours == DutyHours(8, {"guard duty": 12}))


async def test_the_board_of_a_server_that_is_not_followed_any_more_is_closed(
    demo_server: DemoServer, paths: Paths
) -> None:
    async with live_desk(demo_server, paths) as tray:
        tray.open_board.emit()
        await until(lambda: window(BoardWindow))
        tray.open_settings.emit()
        dialog = await until(lambda: window(SettingsDialog))

        dialog.server.form.fields["time_zone"].value = "Asia/Tokyo"
        dialog.accept()

        await until(lambda: window(BoardWindow) is None)
