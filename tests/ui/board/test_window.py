"""The window "Who holds what", as its reader meets it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, QItemSelectionModel, Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from armguard_tray.errors import JournalError
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.ui.board.board_reader import REST_MS
from armguard_tray.ui.board.columns import SPECS, Column
from tests.fakes.events import issued, notice
from tests.fakes.handlings import JUAN, M4, NOW, have, hours, lack, last, ledger, listed
from tests.fakes.journal import FakeJournal
from tests.fakes.signals import Recorder, emitted, settled
from tests.ui.board.conftest import COMPLETE, SERVER, Desk

AN_HOUR_MS = 3_600_000
GLOCK = "GLOCK - 00031"
SEVERAL = have(last(M4, ago=hours(30)), last(GLOCK, "Ana Lim", number=101, ago=hours(1)))


async def test_it_shows_what_is_out_and_sums_it_up(desk: Desk) -> None:
    await desk.open(SEVERAL)

    assert desk.journal.asked == [SERVER]
    assert desk.items == [M4, GLOCK]
    assert desk.window.summary.text() == "2 items out · 1 overdue · complete to #48211, as of 14:02"
    assert "Worked out from the log alone" in desk.window.notes.text()


async def test_while_cut_off_it_says_as_of_when(desk: Desk) -> None:
    desk.clock.advance(1)
    desk.feed.on_completeness(replace(COMPLETE, is_current=False, as_of=NOW - hours(1)))
    await desk.open(SEVERAL)

    assert desk.window.summary.text().endswith(
        "⚠ complete to #48211 at 13:02; newer transactions may be missing"
    )


async def test_what_the_server_lists_is_looked_at_as_well(desk: Desk) -> None:
    desk.issued = listed((GLOCK, "Ana Lim", hours(1)), ("M16 - 00001", "José Peña", hours(2)))
    await desk.open(SEVERAL)

    assert [texts[Column.STATE] for texts in desk.rows] == [
        "⚠ Overdue by 6 h · ? uncertain",
        "? Uncertain",
        "→ Out",
    ]


async def test_it_follows_what_arrives(desk: Desk) -> None:
    await desk.open(SEVERAL)
    desk.journal.have = have(last(GLOCK, number=101, ago=hours(1)))

    desk.feed.on_stored(FakeJournal().append(issued(2)))
    await emitted(desk.window.reader.told)

    assert desk.items == [GLOCK]


async def test_a_notice_is_no_reason_to_look_again(desk: Desk) -> None:
    await desk.open(SEVERAL)
    wanted = Recorder(desk.window.reader.told)

    desk.feed.on_stored(FakeJournal().append(notice()))
    await settled()

    assert len(desk.journal.asked) == 1
    assert not wanted.calls


async def test_a_storm_is_read_once_and_once_more_at_its_end(desk: Desk) -> None:
    reader = desk.window.reader
    assert reader._rest.interval() == REST_MS == 500
    reader._rest.setInterval(AN_HOUR_MS)  # it is over when this test says so
    await desk.open(SEVERAL)
    await settled()

    for _ in range(50):
        reader.want()
    assert reader._reading is None, "it rests after the first one"
    reader._rest.timeout.emit()
    await emitted(reader.told)
    await settled()

    assert len(desk.journal.asked) == 2


async def test_it_rests_while_nobody_sees_it(desk: Desk) -> None:
    await desk.open(SEVERAL)
    desk.window.hide()

    desk.clock.advance(1)
    desk.feed.on_stored(FakeJournal().append(issued(2)))
    desk.clock.advance(1)
    desk.feed.on_completeness(COMPLETE)
    await settled()

    assert len(desk.journal.asked) == 1


async def test_words_find_rows_and_are_cleared_again(desk: Desk) -> None:
    await desk.open(SEVERAL)

    QTest.keyClicks(desk.window.search, "ana")
    assert desk.items == [GLOCK]
    assert desk.window.summary.text().startswith("1 found · 2 items out")

    QTest.keyClicks(desk.window.search, "x")
    assert desk.window.rows.currentWidget() is desk.window.empty
    assert "Nothing matches" in desk.window.empty.words

    QTest.keyClick(desk.window.search, Qt.Key.Key_Escape)
    assert desk.items == [M4, GLOCK]


async def test_the_keyboard_leads_from_the_search_to_a_history_and_back(desk: Desk) -> None:
    await desk.open(SEVERAL)
    wanted = Recorder(desk.window.historyWanted)
    view = desk.window.view

    QTest.keyClick(desk.window.search, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Return)

    assert wanted.calls == [(None, GLOCK), ("Ana Lim", None)]
    QTest.keyClick(view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert desk.window.focusWidget() is desk.window.search


@pytest.mark.parametrize("where", ["search", "view"])
async def test_esc_clears_the_search_and_then_closes_the_window(desk: Desk, where: str) -> None:
    await desk.open(SEVERAL)
    QTest.keyClicks(desk.window.search, "ana")
    if where == "view":
        QTest.keyClick(desk.window.search, Qt.Key.Key_Down)

    QTest.keyClick(getattr(desk.window, where), Qt.Key.Key_Escape)
    assert desk.items == [M4, GLOCK]
    assert desk.window.focusWidget() is desk.window.search
    assert desk.window.isVisible()

    QTest.keyClick(getattr(desk.window, where), Qt.Key.Key_Escape)
    assert not desk.window.isVisible()


async def test_in_a_small_window_the_chosen_row_tells_what_has_no_room(desk: Desk) -> None:
    desk.window.resize(600, 400)
    await desk.open(have(last(M4, ago=hours(65), duty="Patrol")))
    view = desk.window.view
    shown = {column for column in Column if not view.isColumnHidden(column)}

    QTest.keyClick(desk.window.search, Qt.Key.Key_Down)

    assert shown >= {Column.ITEM, Column.HOLDER, Column.SINCE, Column.STATE}
    assert set(view.hidden) == set(Column) - shown >= {Column.BY}
    for heading, text in (("Out for", "2 days 17 h"), ("Duty", "Patrol"), ("Issued by", "armorer1")):
        assert (f"{heading}: {text}" in desk.window.detail.text()) == (
            heading in {SPECS[column].title for column in view.hidden}
        )
    assert not view.horizontalScrollBar().isVisible()


async def test_the_keyboard_that_comes_to_the_rows_chooses_none(desk: Desk) -> None:
    await desk.open(have(last(number=100), lacks=[lack(101, 103)]))

    for reason in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
        QApplication.sendEvent(desk.window.view, QFocusEvent(QEvent.Type.FocusIn, reason))

    assert desk.window.view.current is None
    assert not desk.window.detail.isVisible()
    QTest.keyClick(desk.window.view, Qt.Key.Key_Down)
    assert desk.window.view.selectionModel().isRowSelected(0)
    assert desk.window.detail.isVisible()


async def test_why_the_chosen_row_is_uncertain_can_be_read_without_a_mouse(desk: Desk) -> None:
    desk.window.resize(980, 560)
    await desk.open(have(last(number=100), lacks=[lack(101, 103)]))
    assert not desk.window.detail.isVisible()

    QTest.keyClick(desk.window.search, Qt.Key.Key_Down)

    assert desk.window.detail.isVisible()
    assert desk.window.detail.text().startswith("M4 - 00077 · A gap in the log since then")
    await desk.become(have())
    assert not desk.window.detail.isVisible()


async def test_a_double_click_on_a_person_or_an_item_asks_for_its_history(desk: Desk) -> None:
    await desk.open(SEVERAL)
    wanted = Recorder(desk.window.historyWanted)
    view, table = desk.window.view, desk.window.table

    for column in (Column.HOLDER, Column.SINCE):
        view.doubleClicked.emit(table.index(0, column))

    assert wanted.calls == [(JUAN, None), (None, M4)]


async def test_the_menu_of_a_row_says_whose_history(desk: Desk) -> None:
    await desk.open(have(last(person="Smith & Wesson")))
    wanted = Recorder(desk.window.historyWanted)
    menu = desk.window.view.menu_for(desk.window.table.row_at(0))

    texts = [action.text() for action in menu.actions() if action.text()]
    menu.actions()[1].trigger()

    assert texts == [f"History of &item {M4}", "History of &person Smith && Wesson", "&Copy"]
    assert wanted.calls == [("Smith & Wesson", None)]
    menu.close()


async def test_selected_rows_are_copied_as_a_table(desk: Desk) -> None:
    await desk.open(SEVERAL)
    rows = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for place in (1, 0):
        desk.window.view.selectionModel().select(desk.window.table.index(place, 0), rows)

    QTest.keyClick(desk.window.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text().splitlines() == ["\t".join(texts) for texts in desk.rows]


async def test_minutes_go_by(desk: Desk) -> None:
    await desk.open(SEVERAL)

    desk.clock.advance(timedelta(hours=1).total_seconds())
    desk.window._minute.timeout.emit()

    assert desk.rows[0][Column.STATE] == "⚠ Overdue by 7 h"
    assert desk.window.summary.text().endswith("as of 15:02")


async def test_other_hours_take_effect_at_once(desk: Desk) -> None:
    await desk.open(SEVERAL)

    desk.window.set_hours(DutyHours(48))
    await emitted(desk.window.reader.told)

    assert [texts[Column.STATE] for texts in desk.rows] == ["→ Out", "→ Out"]


async def test_nothing_out_is_only_said_with_evidence(desk: Desk) -> None:
    await desk.open(have())
    assert "Nothing is out" in desk.window.empty.words

    await desk.become(have(ledger=None))
    assert "It has not been checked yet" in desk.window.empty.words
    assert "nothing here is certain" in desk.window.notes.text()

    await desk.become(have(last(taken=False, number=50), lacks=[lack(101, 103)]))
    assert "Nothing is known to be out" in desk.window.empty.words


async def test_a_log_that_cannot_be_read_is_told(desk: Desk) -> None:
    desk.journal.failure = JournalError("The journal cannot be read.")
    desk.window.show()
    await emitted(desk.window.reader.failed)

    assert "The board cannot be shown" in desk.window.empty.words
    assert "The journal cannot be read." in desk.window.summary.text()


async def test_a_board_that_cannot_be_renewed_stays_and_says_so(desk: Desk) -> None:
    await desk.open(SEVERAL)
    desk.journal.failure = JournalError("The journal cannot be read.")

    desk.window.reader.want()
    await emitted(desk.window.reader.failed)

    assert desk.items == [M4, GLOCK]
    assert desk.window.summary.text() == "⚠ Not up to date: The journal cannot be read."


async def test_the_place_on_screen_is_remembered(desk: Desk) -> None:
    await desk.open(have(ledger=ledger()))
    desk.window.resize(600, 400)
    desk.window.close()

    assert desk.store.value("board/geometry") is not None


async def test_everything_that_takes_the_keyboard_has_a_name(desk: Desk) -> None:
    window = desk.window

    named = (window.search, window.view, window.summary, window.notes)
    assert all(widget.accessibleName() for widget in named)
