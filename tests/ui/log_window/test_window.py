"""The live log as its reader meets it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations, islice
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QGuiApplication, QPalette, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from armguard_tray.catchup.completeness import Completeness, Progress
from armguard_tray.catchup.search import Searched
from armguard_tray.connection.health import Health
from armguard_tray.errors import JournalError
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.messages.event import PLACES_A_ROW, Category, StoredEvent
from armguard_tray.messages.gap import Gap
from armguard_tray.storage.ledger import Backlog
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.log_window import LogWindow
from armguard_tray.ui.log_window import window as window_module
from armguard_tray.ui.log_window.columns import USUAL, Columns
from armguard_tray.ui.log_window.columns_dialog import ColumnsDialog
from armguard_tray.ui.log_window.event_view import EventView
from armguard_tray.ui.log_window.go_to_date import GoToDate
from armguard_tray.ui.log_window.progress_line import SAID_FOR_MS
from armguard_tray.ui.log_window.row_painter import PADDING
from armguard_tray.ui.models.event_columns import Column
from armguard_tray.ui.models.event_table import EVENT_ROLE, PAGE
from tests.fakes import gaps, stream_health
from tests.fakes.events import MANILA, MORNING, issued, notice, returned, traffic, unreadable
from tests.fakes.journal import FakeJournal
from tests.fakes.machine_zone import machine_in
from tests.fakes.signals import Recorder, emitted, settled
from tests.ui.log_window.conftest import Desk

MANY = 1204


@pytest.fixture
async def full(desk: Desk) -> Desk:
    desk.journal.append(*islice(traffic(), MANY))
    await desk.open()
    await listed(desk)
    return desk


async def listed(desk: Desk) -> None:
    """Wait until all that matches is listed and counted."""
    while not desk.window.table.complete:
        await emitted(desk.window.table.extended)
    await settled()


def top_row(view: EventView) -> int:
    """Return the number of the row at the top edge of the view; none of them came later."""
    return view._table.place_at(view.rowAt(0)) // PLACES_A_ROW


def scroll(view: EventView, place: int) -> None:
    view.verticalScrollBar().setValue(place)


# Opening


async def test_a_full_journal_opens_with_one_page_and_lists_the_rest(full: Desk) -> None:
    assert full.journal.asked == ["page", "places"]
    assert full.window.table.rowCount() == MANY
    assert full.window.status.counts == "1,204 rows · < 1 ms"


async def test_until_all_is_listed_the_count_says_so(desk: Desk) -> None:
    desk.journal.append(*islice(traffic(), MANY))
    desk.window.table.loaded.connect(desk.journal.open_gate.clear)
    desk.window.show()
    assert desk.window.status.counts == "searching…"
    desk.clock.advance(0.006)
    await emitted(desk.window.table.loaded)
    await settled()
    assert desk.window.status.counts == "200+ rows… · < 1 ms"
    desk.journal.open_gate.set()
    await listed(desk)
    assert desk.window.status.counts == "1,204 rows · < 1 ms"


async def test_an_empty_journal_says_what_will_appear_and_whether_we_are_live(desk: Desk) -> None:
    desk.feed.on_health(stream_health.healthy())
    await desk.open()
    assert desk.window.rows.currentWidget() is desk.window.empty
    assert "Each weapon issued or returned" in desk.window.empty.words
    assert "● Live since 07:58" in desk.window.empty.words
    desk.arrive(issued())
    assert desk.window.rows.currentWidget() is desk.window.view


async def test_a_journal_that_cannot_be_read_is_no_empty_journal(desk: Desk) -> None:
    desk.journal.failure = JournalError("The journal is damaged.", "Move it away.")
    await desk.open()
    await settled()
    assert "The log cannot be shown\nThe journal is damaged. Move it away." in desk.window.empty.words
    assert desk.window.notice.words == "The journal is damaged. Move it away."
    assert desk.window.status.counts == ""


async def test_the_rows_have_the_keyboard_and_none_is_chosen(full: Desk) -> None:
    full.window.activateWindow()
    await settled()
    assert full.window.view.hasFocus()
    assert full.window.details.isHidden()
    QTest.keyClick(full.window.view, Qt.Key.Key_Down)
    assert full.window.view.currentIndex().row() == 0


async def test_opened_again_it_shows_the_newest_rows(full: Desk) -> None:
    view = full.window.view
    view.selectRow(3)
    scroll(view, 40)
    full.window.filters.focus_search()
    full.window.close()
    assert not full.window.isVisible()
    full.arrive(issued(1))
    full.window.show()
    await settled()
    assert top_row(view) == MANY + 1
    assert full.window.details.isHidden()
    assert full.window.focusWidget() is view


async def test_opened_again_for_a_row_it_shows_that_row(full: Desk) -> None:
    view = full.window.view
    scroll(view, 40)
    full.window.close()
    full.arrive(issued(1))
    full.window.show()
    full.window.show_row(MANY - 60)
    (picked,) = await emitted(view.picked)
    await settled()
    assert picked.row == MANY - 60
    assert view.currentIndex().data(EVENT_ROLE) == picked
    assert view.viewport().rect().contains(view.visualRect(view.currentIndex()).center())


async def test_minimised_and_restored_it_goes_on_where_it_was(full: Desk) -> None:
    view = full.window.view
    scroll(view, 40)
    before = top_row(view)
    full.window.showMinimized()
    await settled()
    full.window.showNormal()
    await settled()
    assert top_row(view) == before


# Following and staying


async def test_at_the_top_it_follows(full: Desk) -> None:
    full.arrive(issued(1), returned(2))
    await settled()
    assert top_row(full.window.view) == MANY + 2
    assert full.window.jump.isHidden()
    assert full.window.status.counts == "1,206 rows · < 1 ms"


async def test_elsewhere_it_stays_and_says_how_many_are_new(full: Desk) -> None:
    view = full.window.view
    scroll(view, 40)
    before = top_row(view)
    full.arrive(*(issued(number) for number in range(4)))
    await settled()
    assert top_row(view) == before
    assert full.window.jump.isVisible()
    assert full.window.jump.text() == "▲ 4 ne&w"
    assert full.window.jump.accessibleName() == "4 new rows above, go there"


async def test_the_button_jumps_to_the_newest(full: Desk) -> None:
    scroll(full.window.view, 40)
    full.arrive(issued(1))
    QTest.keyClick(full.window.jump, Qt.Key.Key_Space)
    await settled()
    assert top_row(full.window.view) == MANY + 1
    assert full.window.jump.isHidden()


async def test_scrolling_back_up_goes_on_where_the_reader_was(full: Desk) -> None:
    view = full.window.view
    scroll(view, 40)
    full.arrive(*(issued(number) for number in range(30)))
    assert view.verticalScrollBar().value() == 70
    scroll(view, 30)
    assert top_row(view) == MANY  # the row that was at the top; 30 newer ones are above it
    assert view.unseen == 30
    scroll(view, 10)
    assert view.unseen == 10
    scroll(view, 0)
    assert view.unseen == 0
    assert top_row(view) == MANY + 30


async def test_one_may_go_anywhere_and_the_rows_are_filled_in(full: Desk) -> None:
    view = full.window.view
    assert view.verticalScrollBar().maximum() > MANY - 100
    scroll(view, 700)
    view.viewport().repaint()
    assert full.window.table.row_at(view.rowAt(0)) is None
    await emitted(full.window.table.filled)
    assert full.window.table.row_at(view.rowAt(0)) is not None
    assert full.window.jump.text() == "▲ Ne&west"
    scroll(view, 40)
    assert full.window.jump.isHidden()


async def test_details_of_a_row_that_is_being_fetched_open_when_it_is_there(full: Desk) -> None:
    view = full.window.view
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.currentIndex().row() == MANY - 1
    assert full.window.details.isHidden()
    (picked,) = await emitted(view.picked)
    assert picked.row == 1
    assert full.window.details.stored == picked
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.currentIndex().row() == 0


async def test_rows_that_the_journal_has_no_more_move_nothing_that_is_read(full: Desk) -> None:
    view = full.window.view
    scroll(view, 700)
    await emitted(full.window.table.filled)
    scroll(view, 760)
    before = top_row(view)
    full.journal.remove(MANY - 751, MANY - 753)
    full.window.table._rows.clear()
    full.window.table.attend(740, 755)
    await emitted(full.window.table.vanished)
    await settled()
    assert top_row(view) == before
    assert full.window.status.counts == "1,202 rows · < 1 ms"


async def test_a_search_in_a_history_that_finds_nothing_offers_to_search_everything(full: Desk) -> None:
    window = full.window
    window.show_history(person="Juan Dela Cruz")
    await emitted(window.table.loaded)
    QTest.keyClicks(window.filters.search, "maria")
    await emitted(window.table.loaded, lambda: not window.table.rowCount())

    assert window.empty.everything_button.isVisible()
    assert "only where the rest of the filter holds: Only Juan Dela Cruz." in window.empty.words

    window.empty.everything_button.click()
    await emitted(window.table.loaded)
    assert window.table.rowCount()
    assert window.filters.wanted == Wanted(text="maria")
    assert window.focusWidget() is window.filters.search


async def test_a_name_that_took_and_issued_is_told_apart_in_the_log(full: Desk) -> None:
    full.arrive(issued(1, issued_by="sgt.cruz"))
    QTest.keyClicks(full.window.filters.search, "cruz")
    await emitted(full.window.table.loaded)

    by_issuer = {each.text(): each for each in full.window.filters.roles.buttons}["issued by sgt.cruz"]
    by_issuer.click()
    await emitted(full.window.table.loaded)

    assert full.window.table.rowCount() == 1


async def test_rows_that_were_too_old_leave_and_are_not_counted(full: Desk) -> None:
    window = full.window
    while not window.table.complete:
        await emitted(window.table.extended)
    full.journal.remove(*range(1, 205))
    full.clock.advance(1)

    full.feed.on_trimmed(204)
    assert window.status.counts.startswith("1,000 rows")

    window.filters.chips[Category.ISSUED].click()
    await emitted(window.counts.changed)
    assert " of 1,000 rows" in window.status.counts
    full.journal.remove(*range(205, 405))
    full.clock.advance(1)
    full.feed.on_trimmed(404)
    await emitted(window.counts.changed)
    assert " of 800 rows" in window.status.counts


async def test_what_came_later_above_the_reader_moves_nothing_that_is_read(full: Desk) -> None:
    view = full.window.view
    scroll(view, 40)
    before = top_row(view)
    for behind in (before, before + 10):  # right above the row at the top edge, and further up
        stored = full.journal.insert(issued(1), behind * PLACES_A_ROW + 1)
        full.clock.advance(1)
        full.feed.on_stored([stored])
        await settled()
        assert top_row(view) == before
    assert view.verticalScrollBar().value() == 42
    assert full.window.jump.text() == "▲ 2 ne&w"


async def test_what_came_later_below_the_reader_moves_nothing_at_all(full: Desk) -> None:
    view = full.window.view
    scroll(view, 40)
    stored = full.journal.insert(issued(1), (MANY - 150) * PLACES_A_ROW + 1)
    full.feed.on_stored([stored])
    await settled()
    assert view.verticalScrollBar().value() == 40
    assert full.window.jump.isHidden()


async def test_a_row_that_leaves_above_the_reader_moves_nothing_that_is_read(full: Desk) -> None:
    full.window.filters.search.setText("armorer1")
    await emitted(full.window.table.loaded)
    await settled()
    view = full.window.view
    scroll(view, 40)
    before = top_row(view)
    gone = full.window.table.place_at(10) // PLACES_A_ROW
    full.feed.on_changed([full.journal.change(gone, issued(7, issued_by="somebody else"))])
    await settled()
    assert full.window.table.index_of(gone * PLACES_A_ROW) is None
    assert top_row(view) == before


async def test_the_selected_row_stays_on_show_while_others_arrive(full: Desk) -> None:
    full.window.view.selectRow(2)
    full.arrive(*(issued(number) for number in range(5)))
    assert full.window.view.currentIndex().row() == 7
    stored = full.window.details.stored
    assert stored is not None
    assert stored.row == MANY - 2


# Finding


async def test_the_filter_asks_the_journal_and_counts_honestly(full: Desk) -> None:
    full.window.filters.chips[Category.RETURNED].click()
    await emitted(full.window.table.loaded)
    await listed(full)
    matching = sum(stored.event.category is Category.RETURNED for stored in full.journal.rows)
    assert full.window.status.counts == f"{matching:,} of 1,204 rows · < 1 ms"
    full.arrive(issued(1), returned(2))
    assert full.window.status.counts == f"{matching + 1:,} of 1,206 rows · < 1 ms"


async def test_nothing_matches_and_the_way_out(full: Desk) -> None:
    full.window.filters.search.setText("nobody of that name")
    await emitted(full.window.table.loaded)
    assert "Nothing matches" in full.window.empty.words
    QTest.mouseClick(full.window.empty.clear_button, Qt.MouseButton.LeftButton)
    await emitted(full.window.table.loaded)
    assert full.window.rows.currentWidget() is full.window.view
    assert full.window.filters.search.text() == ""


async def test_while_an_answer_takes_long_the_rows_before_do_not_pass_for_it(full: Desk) -> None:
    full.journal.open_gate.clear()
    full.window.filters.search.setText("zz")
    full.window.filters.refresh()
    assert full.window.status.counts == "searching…"
    assert full.window.rows.currentWidget() is full.window.view
    full.window._patience.timeout.emit()
    assert full.window.rows.currentWidget() is full.window.empty
    assert full.window.empty.words.startswith("Searching…")
    full.journal.open_gate.set()
    await emitted(full.window.table.loaded)
    assert full.window.empty.words.startswith("Nothing matches")


async def test_ctrl_f_goes_to_the_search_and_down_to_the_rows(full: Desk) -> None:
    window = full.window
    window.activateWindow()
    window.view.setFocus()
    await settled()
    QTest.keyClick(window.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.focusWidget() is window.filters.search
    QTest.keyClick(window.filters.search, Qt.Key.Key_Down)
    assert window.focusWidget() is window.view
    assert window.view.currentIndex().row() == 0


# Showing one row


async def test_a_row_far_away_is_brought_into_view_and_selected(full: Desk) -> None:
    full.window.show_row(17)
    (picked,) = await emitted(full.window.view.picked)
    await settled()
    assert picked.row == 17
    view = full.window.view
    assert view.viewport().rect().contains(view.visualRect(view.currentIndex()).center())
    assert full.window.notice.words == ""


async def test_a_row_that_the_filter_hides_clears_it_and_says_so(full: Desk) -> None:
    full.window.filters.chips[Category.NOTICE].click()
    await emitted(full.window.table.loaded)
    (row,) = full.journal.append(issued(7))
    full.window.show_row(row.row)
    (picked,) = await emitted(full.window.view.picked)
    assert picked == row
    assert full.window.filters.everything.isChecked()
    assert full.window.notice.words == "The filter was cleared: it hid the event that was asked for."
    await settled()
    assert full.window.status.counts == "1,205 rows · < 1 ms"


async def test_a_row_can_be_asked_for_before_the_window_is_shown(desk: Desk) -> None:
    desk.journal.append(*islice(traffic(), MANY))
    desk.window.show_row(600)
    desk.window.show()
    (picked,) = await emitted(desk.window.view.picked)
    await settled()
    assert picked.row == 600
    assert desk.window.status.counts == "1,204 rows · < 1 ms"


async def test_a_row_that_is_not_there_is_said(desk: Desk) -> None:
    desk.journal.append(issued())
    desk.window.show_row(99)
    desk.window.show()
    await emitted(desk.window.table.loaded)
    assert desk.window.notice.words == "That event is not in the log."
    assert desk.window.table.rowCount() == 1


# Details


async def test_details_show_server_text_as_it_stands(desk: Desk) -> None:
    desk.journal.append(issued(2, personnel="<b>José</b>"))
    await desk.open()
    desk.window.view.selectRow(0)
    details = desk.window.details
    assert details.isVisible()
    assert details.title.startswith("GLOCK - 00031 issued · <b>José</b>")
    model = details.fields.model()
    shown = {model.index(place, 0).data(): model.index(place, 1).data() for place in range(model.rowCount())}
    assert shown["Person"] == "<b>José</b>"
    assert '"personnel": "<b>José</b>"' in details.frame.toPlainText()


async def test_a_long_frame_comes_from_the_journal_and_is_copied_whole(desk: Desk) -> None:
    desk.journal.append(unreadable("x" * 100_000))
    await desk.open()
    desk.window.view.selectRow(0)
    await settled()
    assert desk.window.details.note.startswith("Frame as received · the first 16,384 of 100,000")
    desk.window.details.copy_button.click()
    assert QGuiApplication.clipboard().text().endswith("x" * 100_000)


async def test_open_on_the_server_names_the_event(full: Desk) -> None:
    wanted = Recorder(full.window.open_on_server)
    full.window.view.selectRow(3)
    full.window.details.open_button.click()
    assert wanted.last.row == MANY - 3
    QTest.keyClick(full.window.view, Qt.Key.Key_Return)
    assert len(wanted.calls) == 2


async def test_esc_closes_the_details(full: Desk) -> None:
    full.window.view.selectRow(3)
    QTest.keyClick(full.window.view, Qt.Key.Key_Escape)
    assert full.window.details.isHidden()
    full.window.view.selectRow(3)
    assert full.window.details.isVisible()


async def test_ctrl_c_copies_the_whole_row(desk: Desk) -> None:
    desk.journal.append(issued(2))
    await desk.open()
    desk.window.view.selectRow(0)
    QTest.keyClick(desk.window.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    await emitted(QGuiApplication.clipboard().dataChanged)
    assert QGuiApplication.clipboard().text() == (
        "24/11/26 08:00:09 · → Issued · 2 · GLOCK - 00031 · José Peña · VIP Escort · 3 · 90 · armorer1 · live"
    )


async def test_several_rows_are_copied_as_a_table_with_the_columns_on_show(full: Desk) -> None:
    view, both = full.window.view, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    full.arrive(issued(2), returned(3, personnel="=cmd|' /C calc'!A0"))
    order = (Column.PERSON, Column.NUMBER, Column.WHAT)
    others = tuple(each for each in Column if each not in order)
    view.header.arrange(Columns((*order, *others), hidden=frozenset(others)))
    view.selectRow(0)
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert full.window.details.stored == full.journal.rows[-2], "details are of the current one"
    QTest.keyClick(view, Qt.Key.Key_C, both)
    await emitted(QGuiApplication.clipboard().dataChanged)
    copied = QGuiApplication.clipboard().mimeData()
    assert copied.text() == "Person\tNo.\tWhat\n'=cmd|' /C calc'!A0\t3\t← Returned\nJosé Peña\t2\t→ Issued"
    assert ">&#x27;=cmd|&#x27; /C calc&#x27;!A0</td>" in copied.html()


async def test_rows_far_away_are_copied_as_well(full: Desk) -> None:
    full.window.view.selectAll()
    QTest.keyClick(full.window.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    await emitted(QGuiApplication.clipboard().dataChanged)
    assert QGuiApplication.clipboard().text().count("\n") == MANY - 1


async def test_many_rows_are_copied_in_portions_and_it_is_said_when_they_are_there(full: Desk) -> None:
    QGuiApplication.clipboard().setText("before")
    full.window.view.selectAll()
    QTest.keyClick(full.window.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    turns = 0
    while full.window.notice.words != "1,204 rows are copied.":
        assert full.window.notice.words in {"", "1,204 rows are being copied…"}
        assert QGuiApplication.clipboard().text() == "before"
        turns += 1
        await asyncio.sleep(0)
    assert turns > MANY // PAGE, "other things are done between portions"
    assert QGuiApplication.clipboard().text().count("\n") == MANY - 1


async def test_what_is_copied_last_is_what_is_on_the_clipboard(full: Desk) -> None:
    view = full.window.view
    view.selectAll()
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    for _ in range(3):
        await asyncio.sleep(0)  # it takes a turn for each of its seven portions
    assert full.window.notice.words == "1,204 rows are being copied…"
    view.reveal(0)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    await emitted(QGuiApplication.clipboard().dataChanged)

    await settled()

    assert "\n" not in QGuiApplication.clipboard().text()
    assert full.window.notice.words == ""


async def test_too_many_rows_to_copy_are_said_to_be_too_many(
    full: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window_module, "MOST_COPIED", 1000)
    full.window.view.selectAll()
    QTest.keyClick(full.window.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert full.window.notice.words.startswith("1,204 rows are too many to copy. At most 1,000")


# Going to a time, and to all about one thing


@pytest.mark.parametrize("zone", ["UTC", "Asia/Manila", "America/St_Johns"])
async def test_ctrl_g_goes_to_a_time_by_the_servers_clock_and_the_filter_stays(full: Desk, zone: str) -> None:
    full.window.filters.chips[Category.ISSUED].click()
    await emitted(full.window.table.loaded)
    await listed(full)
    wanted = full.journal.rows[299].event.time
    assert wanted is not None
    matching = (each for each in reversed(full.journal.rows) if each.event.category is Category.ISSUED)
    end = wanted.replace(second=59, microsecond=999_999)
    newest = next(each for each in matching if each.event.time is not None and each.event.time <= end)
    picked = Recorder(full.window.view.picked)
    with machine_in(zone):
        QTest.keyClick(full.window.view, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
        dialog = full.window.findChild(GoToDate)
        assert dialog is not None
        dialog.edit.selectAll()
        QTest.keyClicks(dialog.edit, f"{wanted.astimezone(MANILA):%d/%m/%Y %H:%M}")
        dialog.go_button.click()
        await emitted(full.window.view.picked)
        full.window.activateWindow()
        await settled()
    assert picked.calls == [(newest,)], "no other row's details are shown on the way"
    assert full.window.table.log_filter.categories == {Category.ISSUED}


async def test_a_time_before_all_goes_to_the_oldest_row_and_says_so(full: Desk) -> None:
    full.window.go_to(datetime(1990, 1, 1, tzinfo=UTC))
    (picked,) = await emitted(full.window.view.picked)
    await settled()
    assert picked.row == 1
    assert full.window.notice.words == "Nothing on show is as old as that. This is the oldest row."


async def test_person_and_item_lead_to_their_histories(full: Desk) -> None:
    full.arrive(issued(2, personnel="Juan <b>"))
    full.window.view.selectRow(0)
    links = {each.accessibleName(): each for each in full.window.details.fields.findChildren(QToolButton)}
    assert set(links) == {"History of Juan <b>", "History of GLOCK - 00031"}
    links["History of Juan <b>"].click()
    await emitted(full.window.table.loaded)
    await listed(full)
    assert full.window.table.log_filter == LogFilter(person="Juan <b>")
    assert full.window.status.counts == "1 of 1,205 rows · < 1 ms"


async def test_the_menu_of_a_row_offers_what_there_is(full: Desk) -> None:
    full.arrive(issued(2, personnel="Tom & Jerry"))
    full.window.view.selectRow(0)
    menu = full.window.row_menu()
    texts = {action.text() for action in menu.actions()}
    assert {"&Copy", "Copy as &table", "&Open on the server", "Colu&mns"} <= texts
    assert {"History of Tom && Jerry", "History of GLOCK - 00031", "&Go to date…"} <= texts


async def test_typing_in_the_rows_searches(full: Desk) -> None:
    full.window.activateWindow()
    full.window.view.setFocus()
    await settled()
    QTest.keyClicks(full.window.view, "p")
    assert full.window.focusWidget() is full.window.filters.search
    QTest.keyClicks(full.window.filters.search, "arade")
    assert full.window.filters.search.text() == "parade"


# Gaps, and how complete the log is


async def gap_on_show(desk: Desk, gap: Gap) -> StoredEvent:
    """Let a gap be found below the newest row, and select it."""
    desk.clock.advance(1)
    stored = desk.journal.insert(gaps.found(gap), (MANY - 1) * PLACES_A_ROW + 1)
    desk.feed.on_stored([stored])
    desk.window.view.selectRow(1)
    return stored


async def test_a_gap_that_is_filled_reads_so_in_its_row_and_in_the_details(full: Desk) -> None:
    stored = await gap_on_show(full, gaps.numbers())
    assert "not received" in full.window.table.index(1, Column.ITEM).data()
    full.clock.advance(1)
    full.feed.on_changed([full.journal.change(stored.row, gaps.found(gaps.numbers(), gaps.closed()))])
    assert full.window.table.index(1, Column.ITEM).data().endswith("received later")
    assert full.window.details.title.startswith("3 transactions (#48195\N{EN DASH}48197) received later")
    assert full.window.details.fetch_button.isHidden()


async def test_a_gap_offers_to_fetch_again_what_the_history_may_have(full: Desk) -> None:
    wanted = Recorder(full.window.fetch_wanted)
    stored = await gap_on_show(full, gaps.numbers())
    full.window.details.fetch_button.click()
    full.window.details.fetch_button.click()
    assert wanted.calls == [(stored,)], "once is enough"
    assert full.window.details.answer == "Looking…"
    full.window.view.selectRow(0)
    assert full.window.details.fetch_button.isHidden()


async def test_what_came_of_it_is_said_beside_the_button(full: Desk) -> None:
    stored = await gap_on_show(full, gaps.numbers())
    full.window.details.fetch_button.click()
    searched = Searched(at=full.clock.now(), back_to=gaps.SINCE)
    full.window.show_fetched(stored, stored, searched)
    at = f"{full.clock.now().astimezone(MANILA):%H:%M}"
    assert full.window.details.answer == f"Looked back to 24/11/26 11:02: still not there ({at})"

    wanted = Recorder(full.window.fetch_wanted)
    full.window.details.fetch_button.click()
    assert wanted.calls == [(stored,)]
    after = full.journal.change(stored.row, gaps.found(gaps.numbers(), gaps.closed()))
    full.clock.advance(1)
    full.feed.on_changed([after])
    full.window.show_fetched(stored, after, searched)
    assert full.window.details.answer == "All 3 came"
    assert full.window.details.fetch_button.isHidden(), "there is nothing more to fetch"


@pytest.mark.parametrize("leave", ["select another row", "close the details", "close the window"])
async def test_who_turns_away_does_not_wait_for_the_answer(full: Desk, leave: str) -> None:
    stored = await gap_on_show(full, gaps.numbers())
    left = Recorder(full.window.fetch_left)
    full.window.details.fetch_button.click()
    match leave:
        case "select another row":
            full.window.view.selectRow(0)
        case "close the details":
            full.window.details.closeWanted.emit()
        case _:
            full.window.close()
    assert left.calls == [()]
    full.window.show_fetched(stored, stored, Searched(at=full.clock.now(), failure="it was cancelled"))
    if leave == "select another row":
        assert full.window.details.answer == ""


async def test_gaps_can_be_looked_for(full: Desk) -> None:
    await gap_on_show(full, gaps.of_time())
    full.window.filters.chips[Category.GAP].click()
    await emitted(full.window.table.loaded)
    await settled()
    assert full.window.status.counts == "1 of 1,205 rows · < 1 ms"


async def test_the_status_line_says_how_complete_the_log_is(full: Desk) -> None:
    full.feed.on_health(stream_health.healthy())
    assert "completeness not known yet" in full.window.status.state
    full.clock.advance(1)
    full.feed.on_completeness(Completeness(begins=47_001, complete_to=48_211, is_current=True, gaps_today=2))
    assert "● Live since 07:58 · complete to #48211 · 2 gaps today · last event" in full.window.status.state


async def test_a_window_that_is_made_later_knows_how_complete_the_log_is(desk: Desk, qtbot: QtBot) -> None:
    desk.feed.on_health(stream_health.healthy())
    desk.feed.on_completeness(Completeness(begins=1, complete_to=7, is_current=True))
    later = LogWindow(
        journal=FakeJournal(),
        feed=desk.feed,
        zone=MANILA,
        desk_zone=MANILA,
        clock=desk.clock,
        keeper=TaskKeeper("second"),
        store=desk.store,
    )
    qtbot.addWidget(later)
    assert "complete to #7" in later.status.state


async def test_fetching_the_last_month_can_be_cancelled(full: Desk) -> None:
    cancelled = Recorder(full.window.backlog_cancel_wanted)
    progress = Progress(backlog=True, fetched=1240, back_to=MORNING)
    full.feed.on_completeness(Completeness(progress=progress))
    assert full.window.progress.words == "↓ Fetching the last month: 1,240 transactions, back to 24/11/26"
    full.window.progress.cancel_button.click()
    assert cancelled.calls == [()]
    full.clock.advance(1)
    full.feed.on_completeness(Completeness())
    assert full.window.progress.words == ""


LACKING = Completeness(begins=1269, complete_to=1510, is_current=True, backlog=Backlog.CANCELLED)
BROUGHT = Progress(backlog=True, fetched=1240, back_to=MORNING)


def tell(desk: Desk, completeness: Completeness) -> None:
    """Tell how complete the log is, after a while."""
    desk.clock.advance(1)
    desk.feed.on_completeness(completeness)


async def test_what_was_cancelled_can_be_fetched_after_all(full: Desk) -> None:
    full.feed.on_health(stream_health.healthy())
    tell(full, LACKING)
    line = full.window.progress
    assert "complete #1269\N{EN DASH}#1510" in full.window.status.state
    assert line.words == "Earlier transactions were not fetched."
    assert line.cancel_button.isHidden()
    wanted = Recorder(full.window.backlog_wanted)
    line.fetch_button.click()
    assert wanted.calls == [()]
    tell(full, replace(LACKING, backlog=Backlog.WANTED))
    assert line.words == "↓ Fetching the last month"
    assert line.fetch_button.isHidden()
    assert not line.cancel_button.isHidden()
    tell(full, LACKING)
    assert line.words == "Earlier transactions were not fetched."
    tell(full, replace(LACKING, begins=1))
    assert line.words == ""


async def test_when_all_is_there_it_is_said_for_a_while(full: Desk) -> None:
    line = full.window.progress
    tell(full, replace(LACKING, backlog=Backlog.WANTED, progress=BROUGHT))
    done = replace(LACKING, begins=1, backlog=Backlog.DONE, brought=BROUGHT)
    tell(full, done)
    assert line.words == "The last month is there: 1,240 transactions, back to 24/11/26"
    assert line.cancel_button.isHidden()
    assert line.fetch_button.isHidden()
    assert line._timer.interval() == SAID_FOR_MS
    tell(full, replace(done, complete_to=1511))
    assert line.words.startswith("The last month is there")
    line._timer.timeout.emit()
    assert line.words == ""
    tell(full, replace(done, complete_to=1512))
    assert line.words == "", "it is said once"


async def test_until_the_window_is_closed(full: Desk) -> None:
    tell(full, replace(LACKING, begins=1, backlog=Backlog.DONE, brought=BROUGHT))
    assert full.window.progress.words
    full.window.close()
    full.window.show()
    assert full.window.progress.words == ""


async def test_who_opens_the_window_later_is_told_as_well(desk: Desk) -> None:
    tell(desk, replace(LACKING, begins=1, backlog=Backlog.DONE, brought=BROUGHT))
    assert not desk.window.progress._timer.isActive()
    await desk.open()
    assert desk.window.progress.words.startswith("The last month is there")
    assert desk.window.progress._timer.isActive()


async def test_that_there_was_nothing_is_no_news(full: Desk) -> None:
    tell(full, replace(LACKING, begins=1, backlog=Backlog.DONE, brought=Progress(backlog=True)))
    assert full.window.progress.words == ""


async def test_catching_up_is_said_in_the_status_line_and_moves_nothing(full: Desk) -> None:
    full.feed.on_health(stream_health.healthy())
    full.clock.advance(1)
    full.feed.on_completeness(Completeness(progress=Progress(backlog=False, fetched=40)))
    assert "catching up: 40 fetched" in full.window.status.state
    assert full.window.progress.words == ""


# What is not well


@pytest.mark.parametrize(
    ("health", "says", "signal"),
    [
        (stream_health.broken(), "Reconn&ect now", "reconnect_wanted"),
        (stream_health.locked_out(), "Settin&gs…", "settings_wanted"),
    ],
)
async def test_the_warning_offers_what_can_be_done(
    full: Desk, health: Health, says: str, signal: str
) -> None:
    wanted = Recorder(getattr(full.window, signal))
    full.feed.on_health(health)
    assert full.window.offline.action_button.text() == says
    full.window.offline.action_button.click()
    assert wanted.calls == [()]


async def test_not_live_is_said_in_words_until_it_is_over(full: Desk) -> None:
    full.clock.advance(74)
    full.feed.on_health(stream_health.broken())
    assert full.window.offline.words.startswith("This log has not been live since 11:22")
    assert full.window.status.state.startswith(
        "○ Offline for 4 min · server refused the connection · retry in 12 s"
    )
    full.feed.on_health(stream_health.healthy())
    assert full.window.offline.words == ""


async def test_the_countdown_goes_on_while_it_can_be_seen(full: Desk) -> None:
    full.clock.advance(74)
    full.feed.on_health(stream_health.broken())
    full.clock.advance(5)
    await emitted(full.window.status.ticked)
    assert "retry in 7 s" in full.window.status.state
    full.window.hide()
    assert not full.window.status._timer.isActive()


async def test_storage_trouble_is_said_until_it_is_over(full: Desk) -> None:
    full.feed.on_storage_trouble(JournalError("The disk is full.", "Free some space."))
    assert full.window.trouble.words == "New events cannot be stored. The disk is full. Free some space."
    full.feed.on_storage_trouble(None)
    assert full.window.trouble.words == ""


async def test_before_anything_is_known_it_says_so(full: Desk) -> None:
    assert full.window.status.state == "◌ State of the connection not known yet"


# Reading


async def test_what_was_on_show_in_the_active_window_counts_as_read(full: Desk) -> None:
    read = Recorder(full.window.read_up_to)
    full.window.activateWindow()
    await settled()
    assert full.window.isActiveWindow()
    full.arrive(issued(1))
    assert read.last == MANY + 1
    scroll(full.window.view, 40)
    full.arrive(issued(2))
    assert read.last == MANY + 1
    full.window.jump_to_newest()
    assert read.last == MANY + 2
    assert len(read.calls) == len(set(read.calls))


async def test_what_was_caught_up_is_read_with_the_top_wherever_it_stands(full: Desk) -> None:
    read = Recorder(full.window.read_up_to)
    full.window.activateWindow()
    await settled()
    full.clock.advance(1)
    full.feed.on_stored([full.journal.insert(issued(1), 700 * PLACES_A_ROW + 1)])
    assert read.last == MANY + 1
    scroll(full.window.view, 40)
    full.arrive(issued(2))
    assert read.last == MANY + 1
    full.window.jump_to_newest()
    assert read.last == MANY + 2


async def test_what_a_filter_hides_is_not_read_with_what_it_shows(full: Desk) -> None:
    full.window.activateWindow()
    await settled()
    full.window.filters.chips[Category.RETURNED].click()
    await settled()
    read = Recorder(full.window.read_up_to)
    full.arrive(issued(1))
    full.arrive(returned(2))
    assert read.calls == []
    full.window.filters.clear()
    await settled()
    assert read.last == MANY + 2


async def test_a_window_in_the_background_reads_nothing(full: Desk, qtbot: QtBot) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    await settled()
    assert not full.window.isActiveWindow()
    read = Recorder(full.window.read_up_to)
    full.arrive(issued(1))
    assert read.calls == []
    full.window.activateWindow()
    await settled()
    assert read.last == MANY + 1


# Looks


async def test_it_remembers_its_looks(full: Desk, qtbot: QtBot) -> None:
    full.window.resize(711, 455)
    full.window.view.horizontalHeader().resizeSection(Column.ITEM, 321)
    full.window.close()
    full.store.sync()
    keeper = TaskKeeper("second")
    again = LogWindow(
        journal=FakeJournal(),
        feed=Feed(full.clock),
        zone=MANILA,
        desk_zone=MANILA,
        clock=full.clock,
        keeper=keeper,
        store=QSettings(full.store.fileName(), QSettings.Format.IniFormat),
    )
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (711, 455)
    assert again.view.columnWidth(Column.ITEM) == 321
    assert again.view.chosen_widths == {Column.ITEM: 321}
    await keeper.close()


async def test_made_in_several_turns_it_shows_what_came_meanwhile(full: Desk, qtbot: QtBot) -> None:
    keeper = TaskKeeper("second")
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    window = LogWindow(
        journal=full.journal,
        feed=full.feed,
        zone=MANILA,
        clock=full.clock,
        keeper=keeper,
        store=full.store,
        at_once=False,
    )
    qtbot.addWidget(window)
    keeper.start(count(), name="others")
    building = keeper.start(window.build_in_turns(), name="build")
    await asyncio.sleep(0)
    full.arrive(issued(MANY + 1))
    await building
    assert turns > 3, "other things are done between its parts"

    window.show()
    await emitted(window.table.loaded)
    assert window.table.stored_at(0) == full.journal.rows[-1]
    await keeper.close()
    window.close()


@pytest.mark.parametrize("remembered", ["", "ITEM=321 GONE=99 TIME=-4 BY=wide", 7, None])
async def test_widths_of_another_version_are_taken_as_far_as_they_fit(
    desk: Desk, qtbot: QtBot, remembered: object
) -> None:
    header = QHeaderView(Qt.Orientation.Horizontal)
    header.setModel(QStandardItemModel(1, 9))
    desk.store.setValue("log_window/columns", header.saveState())
    desk.store.setValue("log_window/column_widths", remembered)
    again = LogWindow(
        journal=FakeJournal(),
        feed=Feed(desk.clock),
        zone=MANILA,
        clock=desk.clock,
        keeper=TaskKeeper("second"),
        store=desk.store,
    )
    qtbot.addWidget(again)
    wanted = {Column.ITEM: 321} if isinstance(remembered, str) and remembered else {}
    assert again.view.chosen_widths == wanted
    assert all(again.view.columnWidth(column) > 0 for column in Column)


async def test_columns_are_chosen_ordered_and_remembered(full: Desk, qtbot: QtBot) -> None:
    header = full.window.view.header
    menu = header.menu(full.window)
    next(each for each in menu.actions() if each.text() == "Mags").trigger()
    header.moveSection(header.visualIndex(Column.PERSON), 0)
    full.window.close()
    keeper = TaskKeeper("second")
    again = LogWindow(
        journal=FakeJournal(),
        feed=Feed(full.clock),
        zone=MANILA,
        clock=full.clock,
        keeper=keeper,
        store=full.store,
    )
    qtbot.addWidget(again)
    assert again.view.columns.hidden == {Column.MAGS}
    assert again.view.columns.shown[:3] == (Column.PERSON, Column.TIME, Column.WHAT)
    assert again.view.isColumnHidden(Column.MAGS)
    assert again.view.header.visualIndex(Column.PERSON) == 0
    next(
        each for each in again.view.header.menu(again).actions() if each.text() == "&Usual columns"
    ).trigger()
    assert again.view.columns == USUAL
    assert not again.view.isColumnHidden(Column.MAGS)
    await keeper.close()


async def test_columns_can_be_chosen_ordered_and_sized_by_keyboard(full: Desk) -> None:
    full.window.choose_columns()
    dialog = full.window.findChild(ColumnsDialog)
    assert dialog is not None
    await settled()
    QTest.keyClick(dialog.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert dialog.current is Column.TIME
    assert full.window.view.columns.shown[:2] == (Column.WHAT, Column.TIME)
    QTest.keyClick(dialog.list, Qt.Key.Key_Space)
    assert full.window.view.columns.hidden == {Column.TIME}
    dialog.list.setCurrentRow(3)
    dialog.width_box.setValue(333)
    assert full.window.view.columnWidth(Column.ITEM) == 333
    dialog.usual_button.click()
    assert full.window.view.columns == USUAL
    dialog.close()


@pytest.mark.parametrize("width", [900, 1080, 1500])
async def test_how_it_came_is_in_sight_and_has_no_more_than_it_needs(full: Desk, width: int) -> None:
    full.window.resize(width, 560)
    await settled()
    view = full.window.view
    came = view.columnViewportPosition(Column.CAME) + view.columnWidth(Column.CAME)
    assert came <= view.viewport().width()
    assert view.columnWidth(Column.CAME) < 2 * view.fontMetrics().horizontalAdvance("not announced")
    assert not view.horizontalScrollBar().isVisible()


async def test_a_column_that_is_drawn_wider_takes_from_person_and_duty(full: Desk) -> None:
    full.window.resize(1200, 560)
    await settled()
    view = full.window.view
    before = {column: view.columnWidth(column) for column in Column}
    view.horizontalHeader().resizeSection(Column.TIME, before[Column.TIME] + 50)
    after = {column: view.columnWidth(column) for column in Column}
    assert sum(after.values()) == sum(before.values())
    assert {each for each in Column if after[each] < before[each]} == {Column.PERSON, Column.DUTY}


async def test_what_needs_a_look_is_shown_alone(full: Desk) -> None:
    full.arrive(notice("Backup failed", "no space", level="error"), gaps.found(gaps.numbers()))
    full.window.show_what_needs_a_look()
    await emitted(full.window.table.loaded)
    shown = [full.window.table.stored_at(each) for each in range(full.window.table.rowCount())]
    assert [each and each.row for each in shown] == [1206, 1205]
    full.arrive(issued(1))
    assert full.window.table.rowCount() == 2


async def test_no_part_of_a_new_window_is_outside_the_screen(desk: Desk) -> None:
    available = desk.window.screen().availableGeometry()
    assert available.width() < 1080
    assert desk.window.width() < available.width()


async def test_a_geometry_of_a_bigger_screen_is_cut_to_this_one(desk: Desk, qtbot: QtBot) -> None:
    desk.window.resize(3000, 2000)
    desk.window.show()
    desk.window.close()
    again = LogWindow(
        journal=FakeJournal(),
        feed=Feed(desk.clock),
        zone=MANILA,
        clock=desk.clock,
        keeper=TaskKeeper("second"),
        store=desk.store,
    )
    qtbot.addWidget(again)
    room = again.screen().availableGeometry()
    assert again.width() < room.width()
    assert again.height() < room.height()


@pytest.mark.parametrize("width", [0, 560, 700, 720, 760, 800, 1200])
async def test_no_control_covers_another_at_any_width(full: Desk, width: int) -> None:
    full.window.resize(width, 600)
    await settled()
    bar = full.window.filters
    at_the_right = (bar.period, bar.more, bar.saved, bar.menu_button)
    controls = [bar.search, bar.everything, *bar.chips.values(), bar.look, *at_the_right]
    places = [QRect(each.mapTo(bar, QPoint()), each.size()) for each in controls]
    overlaps = [(one, other) for one, other in combinations(places, 2) if one.intersects(other)]
    assert overlaps == []
    assert all(bar.rect().contains(place) for place in places)
    assert all(each.width() >= each.minimumSizeHint().width() for each in controls)
    assert all(chip.width() >= chip.sizeHint().width() for chip in bar.chips.values())


async def test_the_kinds_are_below_only_where_there_is_no_room_beside(full: Desk) -> None:
    for width, wrapped in ((1200, False), (560, True), (1200, False)):
        full.window.resize(width, 600)
        await settled()
        assert full.window.filters.wrapped is wrapped


async def test_where_desk_and_server_keep_other_times_the_window_says_whose_they_are(
    desk: Desk, qtbot: QtBot
) -> None:
    keeper = TaskKeeper("second")
    abroad = LogWindow(
        journal=FakeJournal([issued()]),
        feed=desk.feed,
        zone=MANILA,
        desk_zone=ZoneInfo("Europe/Berlin"),
        clock=desk.clock,
        keeper=keeper,
        store=desk.store,
    )
    qtbot.addWidget(abroad)
    abroad.show()
    await emitted(abroad.table.loaded)
    abroad.view.selectRow(0)
    fields = abroad.details.fields
    assert abroad.table.headerData(0, Qt.Orientation.Horizontal) == "Time (Manila)"
    assert [fields.model().index(place, 0).data() for place in (0, 1)] == [
        "Time (server, Manila)",
        "Received (this desk)",
    ]
    await keeper.close()


async def test_an_item_id_fits_its_column(desk: Desk) -> None:
    view = desk.window.view
    desk.window.resize(1080, 680)
    await desk.open()
    room = view.columnWidth(Column.ITEM) - 2 * PADDING
    assert view.fontMetrics().horizontalAdvance("IR-150016241126") <= room


async def test_the_frame_of_the_table_shows_where_the_keyboard_is(full: Desk) -> None:
    full.window.activateWindow()
    await settled()
    highlight = full.window.palette().color(QPalette.ColorRole.Highlight)
    assert full.window.view.grab().toImage().pixelColor(0, 0) == highlight
    full.window.filters.focus_search()
    assert full.window.view.grab().toImage().pixelColor(0, 0) != highlight


async def test_without_a_tray_it_stays_and_tells_that_it_was_to_be_closed(full: Desk) -> None:
    full.window.is_last_resort = True
    closing = Recorder(full.window.last_resort_closing)
    full.window.close()
    assert closing.calls == [()]
    assert full.window.isVisible()


async def test_every_access_key_belongs_to_one_control(full: Desk) -> None:
    full.window.view.selectRow(0)
    scroll(full.window.view, 40)
    full.arrive(issued(1))
    full.feed.on_health(stream_health.broken())
    keys = [
        button.text()[button.text().index("&") + 1].lower()
        for button in full.window.findChildren(QAbstractButton)
        if "&" in button.text()
    ]
    assert len(keys) >= 10
    assert sorted(keys) == sorted(set(keys))


async def test_every_control_has_a_name_for_those_who_cannot_see_it(full: Desk) -> None:
    full.feed.on_health(stream_health.broken())
    full.window.view.selectRow(0)
    kinds = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit)
    controls = [
        control
        for control in full.window.findChildren(QWidget)
        if isinstance(control, kinds) and control.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not control.isHidden()  # a button gets its name when it is offered
    ]
    assert len(controls) >= 12
    nameless = [control for control in controls if not (control.accessibleName() or _caption(control))]
    assert nameless == []


def _caption(control: QWidget) -> str:
    return control.text() if isinstance(control, QAbstractButton) else ""
