"""Pictures of the window in each of its states, to be looked at: tests/artefacts/log_*.png."""

from collections.abc import Iterator
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Source, named
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.log_window import LogWindow
from armguard_tray.ui.log_window.columns import Columns
from armguard_tray.ui.log_window.columns_dialog import ColumnsDialog
from armguard_tray.ui.log_window.go_to_date import GoToDate
from armguard_tray.ui.models.event_columns import Column
from tests.fakes import gaps, stream_health
from tests.fakes.events import MANILA, issued, notice, returned, status_change, traffic, unreadable
from tests.fakes.journal import FakeJournal
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.signals import emitted, settled
from tests.ui.log_window.conftest import Desk, Picture

HOSTILE = (
    '<b onmouseover="x">José</b> <img src="file:///etc/passwd"> & \u202eñaC <a href="http://x">click</a>'
)

HALF = 128
USUAL_SIZE = (1080, 680)  # the offscreen screen is smaller


@pytest.fixture(autouse=True)
def usual_size(desk: Desk) -> None:
    desk.window.resize(*USUAL_SIZE)


async def test_empty(desk: Desk, picture: Picture) -> None:
    desk.feed.on_health(stream_health.healthy())
    await desk.open()
    await picture(desk.window, "log_empty")


async def test_a_few_rows_of_each_kind(desk: Desk, picture: Picture) -> None:
    desk.journal.append(
        notice("Account", "Your password expires in 3 days", source=Source.CATCHUP, level="warning"),
        issued(2),
        notice(),
        status_change(),
        named(status_change("IR-00077241126", "Damaged"), "M4 - 00077"),
        returned(3),
        unreadable(),
        issued(4, personnel=HOSTILE),
    )
    desk.feed.on_health(stream_health.healthy())
    await desk.open()
    desk.window.show_row(2)
    await emitted(desk.window.view.picked)
    await picture(desk.window, "log_few_rows")


async def test_full_while_reading_further_down(desk: Desk, picture: Picture) -> None:
    desk.journal.append(*islice(traffic(), 1204))
    desk.feed.on_health(stream_health.healthy())
    await desk.open()
    await listed(desk)
    desk.window.view.verticalScrollBar().setValue(40)
    desk.window.view.reveal(46)
    desk.arrive(*islice(traffic(), 4))
    await picture(desk.window, "log_full")


async def test_details_of_a_hostile_event(desk: Desk, picture: Picture) -> None:
    desk.journal.append(
        issued(4, personnel=HOSTILE, duty_type="<script>alert(1)</script>", issued_by="x" * 3000)
    )
    desk.feed.on_health(stream_health.healthy())
    await desk.open()
    desk.window.show_row(1)
    await emitted(desk.window.view.picked)
    await picture(desk.window, "log_hostile")


async def test_not_live_and_the_disk_is_full(desk: Desk, picture: Picture) -> None:
    desk.journal.append(*islice(traffic(), 300))
    desk.clock.advance(74)
    desk.feed.on_health(stream_health.broken())
    desk.feed.on_storage_trouble(
        JournalError("The disk is full.", "Free some space; nothing is lost meanwhile.")
    )
    await desk.open()
    await picture(desk.window, "log_not_live")


async def test_nothing_matches(desk: Desk, picture: Picture) -> None:
    desk.journal.append(*islice(traffic(), 30))
    desk.feed.on_health(stream_health.healthy())
    await desk.open()
    desk.window.filters.search.setText("nobody of that name")
    await emitted(desk.window.table.loaded)
    await picture(desk.window, "log_no_match")


async def test_small(desk: Desk, picture: Picture) -> None:
    desk.journal.append(*islice(traffic(), 300))
    desk.clock.advance(74)
    desk.feed.on_health(stream_health.broken())
    await desk.open()
    desk.window.resize(720, 420)
    desk.window.filters.chips[next(iter(desk.window.filters.chips))].click()
    await emitted(desk.window.table.loaded)
    await picture(desk.window, "log_small")


async def test_as_narrow_as_it_goes(desk: Desk, picture: Picture) -> None:
    desk.journal.append(*islice(traffic(), 300))
    desk.clock.advance(74)
    desk.feed.on_health(stream_health.locked_out())
    await desk.open()
    desk.window.resize(0, 0)
    await picture(desk.window, "log_narrow")


async def test_keyboard_in_the_rows_of_a_desk_abroad(desk: Desk, picture: Picture, qtbot: QtBot) -> None:
    desk.feed.on_health(stream_health.healthy())
    keeper = TaskKeeper("abroad")
    abroad = LogWindow(
        journal=FakeJournal(islice(traffic(), 300)),
        feed=desk.feed,
        zone=MANILA,
        desk_zone=ZoneInfo("Europe/Berlin"),
        clock=desk.clock,
        keeper=keeper,
        store=desk.store,
    )
    qtbot.addWidget(abroad)
    abroad.resize(*USUAL_SIZE)
    abroad.show()
    abroad.activateWindow()
    await emitted(abroad.table.loaded)
    QTest.keyClick(abroad.view, Qt.Key.Key_Down)
    await picture(abroad, "log_abroad")
    await keeper.close()


async def listed(desk: Desk) -> None:
    """Wait until all rows are listed."""
    while not desk.window.table.complete:
        await emitted(desk.window.table.extended)


def child(desk: Desk, kind: type[QWidget]) -> QWidget:
    found = desk.window.findChild(kind)
    assert found is not None
    return found


@pytest.mark.parametrize("look", LOOKS)
async def test_far_down_while_rows_are_being_fetched(desk: Desk, look: str) -> None:
    desk.journal.append(*islice(traffic(), 9000))
    desk.feed.on_health(stream_health.healthy())
    with system_look(look):
        await desk.open()
        await listed(desk)
        desk.window.view.verticalScrollBar().setValue(5000)
        while desk.window.table.row_at(5020) is None:
            await emitted(desk.window.table.filled)
        await settled()
        desk.journal.open_gate.clear()
        desk.window.view.verticalScrollBar().setValue(5030)
        await take_picture(desk.window, f"log_fetching_{look}")
        desk.journal.open_gate.set()


@pytest.mark.parametrize("look", LOOKS)
async def test_several_rows_selected_and_other_columns(desk: Desk, look: str) -> None:
    desk.journal.append(*islice(traffic(), 1204), gaps.found(gaps.numbers()), issued(7))
    desk.feed.on_health(stream_health.healthy())
    with system_look(look):
        await desk.open()
        await listed(desk)
        order = (Column.PERSON, Column.TIME, Column.WHAT, Column.ITEM, Column.DUTY)
        others = tuple(each for each in Column if each not in order)
        desk.window.view.header.arrange(Columns((*order, *others), frozenset({Column.MAGS, Column.ROUNDS})))
        desk.window.view.selectRow(2)
        QTest.keyClick(desk.window.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(desk.window.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        await take_picture(desk.window, f"log_other_columns_{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_the_dialogs_and_menus(desk: Desk, look: str) -> None:
    desk.journal.append(*islice(traffic(), 30))
    with system_look(look):
        await desk.open()
        desk.window.choose_columns()
        await take_picture(child(desk, ColumnsDialog), f"log_columns_{look}")
        desk.window.ask_for_date()
        await take_picture(child(desk, GoToDate), f"log_go_to_date_{look}")
        desk.window.view.selectRow(1)
        await take_picture(desk.window.row_menu(), f"log_row_menu_{look}")


@pytest.fixture
def dark() -> Iterator[None]:
    """Turn the desktop dark, after the window was made."""
    before = QApplication.palette()
    palette = QPalette()
    for role, colour in {
        QPalette.ColorRole.Window: 0x2B2B2E,
        QPalette.ColorRole.Base: 0x1F1F22,
        QPalette.ColorRole.AlternateBase: 0x26262A,
        QPalette.ColorRole.Button: 0x3A3A3F,
        QPalette.ColorRole.ToolTipBase: 0x3A3A3F,
        QPalette.ColorRole.Highlight: 0x2F6FB5,
        QPalette.ColorRole.Text: 0xE8E8EA,
        QPalette.ColorRole.WindowText: 0xE8E8EA,
        QPalette.ColorRole.ButtonText: 0xE8E8EA,
        QPalette.ColorRole.ToolTipText: 0xE8E8EA,
        QPalette.ColorRole.HighlightedText: 0xFFFFFF,
        QPalette.ColorRole.PlaceholderText: 0x9A9AA0,
        QPalette.ColorRole.Light: 0x4A4A50,
        QPalette.ColorRole.Midlight: 0x404046,
        QPalette.ColorRole.Mid: 0x202024,
        QPalette.ColorRole.Dark: 0x18181A,
    }.items():
        palette.setColor(role, QColor(colour))
    QApplication.setPalette(palette)
    yield
    QApplication.setPalette(before)


@pytest.mark.usefixtures("dark")
async def test_turned_dark_while_it_is_there(desk: Desk, picture: Picture) -> None:
    desk.journal.append(*islice(traffic(), 300), notice("Account", "Your password expires in 3 days"))
    desk.clock.advance(74)
    desk.feed.on_health(stream_health.locked_out())
    await desk.open()
    desk.window.view.reveal(3)
    desk.window.filters.search.setFocus(Qt.FocusReason.OtherFocusReason)
    await picture(desk.window, "log_dark")
    for part in (desk.window.view.horizontalHeader(), desk.window.details.fields.viewport()):
        assert part.grab().toImage().pixelColor(90, 2).lightness() < HALF
