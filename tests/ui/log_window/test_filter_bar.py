"""What the reader asks for."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from armguard_tray.filtering.wanted import Wanted
from armguard_tray.filtering.when import Dates, When
from armguard_tray.messages.event import Category, Source
from armguard_tray.storage.choices import Choice
from armguard_tray.storage.log_filter import MAX_TERMS, LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.log_window.filter_bar import FilterBar
from armguard_tray.ui.log_window.more_conditions import MoreConditions
from armguard_tray.ui.log_window.period_choice import DATES
from tests.fakes.clock import FakeClock
from tests.fakes.events import MANILA, issued
from tests.fakes.signals import PATIENCE_MS, Recorder

SHIFTS = (time(6), time(18))
EVERYTHING_BUT_THE_TEXT = Wanted(
    categories=frozenset({Category.ISSUED}),
    item_types=frozenset({"M4"}),
    duties=frozenset({"Guard Duty"}),
    issuers=frozenset({"armorer1"}),
    statuses=frozenset({"Available"}),
    sources=frozenset({Source.CATCHUP}),
    needs_look=True,
    person="Juan Dela Cruz",
    item="M4 - 00077",
    when=When.SHIFT,
)


async def nothing_to_choose(_choice: Choice) -> Sequence[str]:
    return ()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 24, 15, 59, tzinfo=UTC))  # 23:59 in Manila


@pytest.fixture
def store(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "looks.ini"), QSettings.Format.IniFormat)


def new_bar(clock: FakeClock, store: QSettings) -> FilterBar:
    return FilterBar(
        clock,
        MANILA,
        ask=nothing_to_choose,
        keeper=TaskKeeper("filters"),
        store=store,
        shifts=lambda: SHIFTS,
    )


@pytest.fixture
def bar(qtbot: QtBot, clock: FakeClock, store: QSettings) -> Iterator[FilterBar]:
    bar = new_bar(clock, store)
    bar.show()
    yield bar
    bar.deleteLater()
    qtbot.wait(0)


@pytest.fixture
def next_bar(qtbot: QtBot, clock: FakeClock, store: QSettings) -> Iterator[FilterBar]:
    """Return the bar of the next start; nothing is restored yet."""
    bar = new_bar(clock, store)
    bar.show()
    yield bar
    bar.deleteLater()
    qtbot.wait(0)


def test_nothing_is_hidden_at_first(bar: FilterBar) -> None:
    assert bar.log_filter == LogFilter()
    assert bar.everything.isChecked()


def test_typing_is_told_once_it_pauses(bar: FilterBar, qtbot: QtBot) -> None:
    heard = Recorder(bar.changed)
    with qtbot.waitSignal(bar.changed, timeout=PATIENCE_MS):
        QTest.keyClicks(bar.search, "reyes ")
        assert heard.calls == []
    assert heard.calls == [(LogFilter(text="reyes"),)]


def test_kinds_add_up_and_all_takes_them_back(bar: FilterBar) -> None:
    heard = Recorder(bar.changed)
    bar.chips[Category.ISSUED].click()
    bar.chips[Category.RETURNED].click()
    assert heard.last == LogFilter(frozenset({Category.ISSUED, Category.RETURNED}))
    assert not bar.everything.isChecked()
    bar.everything.click()
    assert heard.last == LogFilter()
    assert not bar.chips[Category.ISSUED].isChecked()


def test_the_last_kind_taken_away_means_all(bar: FilterBar) -> None:
    bar.chips[Category.STATUS].click()
    bar.chips[Category.STATUS].click()
    assert bar.everything.isChecked()
    assert bar.log_filter == LogFilter()


def test_all_cannot_be_unpressed(bar: FilterBar) -> None:
    bar.everything.click()
    assert bar.everything.isChecked()


@pytest.mark.parametrize(
    ("period", "since"),
    [
        ("Today", datetime(2026, 11, 24, tzinfo=MANILA)),
        ("This shift", datetime(2026, 11, 24, 18, tzinfo=MANILA)),
        ("Last 24 h", datetime(2026, 11, 23, 23, tzinfo=MANILA)),
        ("Last 7 days", datetime(2026, 11, 18, tzinfo=MANILA)),
        ("Last 30 days", datetime(2026, 10, 26, tzinfo=MANILA)),
        ("This month", datetime(2026, 11, 1, tzinfo=MANILA)),
        ("Everything", None),
    ],
)
def test_periods_begin_by_the_servers_calendar(bar: FilterBar, period: str, since: datetime | None) -> None:
    bar.period.setCurrentText(period)
    assert bar.log_filter.since == since


def test_last_month_is_a_whole_one(bar: FilterBar) -> None:
    bar.period.setCurrentText("Last month")
    assert bar.log_filter == LogFilter(
        since=datetime(2026, 10, 1, tzinfo=MANILA), until=datetime(2026, 11, 1, tzinfo=MANILA)
    )
    assert bar.words.text() == "Filter: Last month (October 2026)"


def test_today_is_another_day_after_midnight(bar: FilterBar, clock: FakeClock) -> None:
    bar.period.setCurrentText("Today")
    heard = Recorder(bar.changed)
    bar.refresh()
    assert heard.calls == []
    clock.advance(60)
    bar.refresh()
    assert heard.last.since == datetime(2026, 11, 25, tzinfo=MANILA)


def test_clear_asks_for_everything_with_one_word(bar: FilterBar) -> None:
    bar.search.setText("reyes")
    bar.chips[Category.ISSUED].click()
    bar.period.setCurrentText("Today")
    heard = Recorder(bar.changed)
    bar.clear()
    assert heard.calls == [(LogFilter(),)]
    assert bar.everything.isChecked()


def test_what_needs_a_look_is_asked_for_alone_or_among_a_kind(bar: FilterBar) -> None:
    bar.look.click()
    assert bar.log_filter == LogFilter(needs_look=True)
    assert not bar.everything.isChecked()
    bar.chips[Category.NOTICE].click()
    assert bar.log_filter == LogFilter(frozenset({Category.NOTICE}), needs_look=True)
    bar.everything.click()
    assert bar.log_filter == LogFilter()


def test_all_that_needs_a_look_is_asked_for_with_one_word(bar: FilterBar) -> None:
    bar.search.setText("reyes")
    bar.chips[Category.ISSUED].click()
    bar.period.setCurrentText("Today")
    heard = Recorder(bar.changed)
    bar.ask_for_what_needs_a_look()
    assert heard.calls == [(LogFilter(needs_look=True),)]
    assert bar.look.isChecked()
    bar.clear()
    assert not bar.look.isChecked()


def test_that_numbers_can_be_searched_is_said(bar: FilterBar) -> None:
    assert "number" in bar.search.placeholderText()


def test_esc_clears_first_and_leaves_then(bar: FilterBar) -> None:
    left = Recorder(bar.leftDownwards)
    bar.search.setText("reyes")
    QTest.keyClick(bar.search, Qt.Key.Key_Escape)
    assert (bar.search.text(), left.calls) == ("", [])
    QTest.keyClick(bar.search, Qt.Key.Key_Escape)
    assert len(left.calls) == 1


def test_a_kind_is_chosen_by_keyboard(bar: FilterBar) -> None:
    QTest.keyClick(bar.chips[Category.NOTICE], Qt.Key.Key_Space)
    assert bar.log_filter.categories == {Category.NOTICE}


# In words


def test_what_is_not_asked_for_needs_no_words(bar: FilterBar) -> None:
    assert not bar.words.isVisible()
    assert not bar.clear_button.isVisible()
    assert not bar.conditions.isVisible()


def test_the_filter_is_told_in_words(bar: FilterBar) -> None:
    bar.chips[Category.ISSUED].click()
    bar.period.setCurrentText("This shift")
    assert bar.words.isVisible()
    assert bar.words.text() == "Filter: Issued · this shift (since 24/11/26 18:00)"


def test_words_follow_the_calendar(bar: FilterBar, clock: FakeClock) -> None:
    bar.period.setCurrentText("Today")
    clock.advance(60)
    bar.refresh()
    assert "since 25/11/26 00:00" in bar.words.text()


def test_one_button_takes_all_back(bar: FilterBar) -> None:
    bar.show_wanted(EVERYTHING_BUT_THE_TEXT)
    bar.clear_button.click()
    assert bar.wanted == Wanted()
    assert not bar.words.isVisible()
    assert bar.focusWidget() is bar.search


def test_the_search_can_be_cleared_with_its_button_however_its_words_came(
    bar: FilterBar, qtbot: QtBot
) -> None:
    (button,) = bar.search.findChildren(QToolButton)

    bar.show_wanted(Wanted(text="reyes"))
    qtbot.waitUntil(lambda: button.property("opacity") == 1.0, timeout=PATIENCE_MS)

    bar.show_wanted(Wanted(person="Ana Reyes"))
    qtbot.waitUntil(lambda: button.property("opacity") == 0.0, timeout=PATIENCE_MS)


# Further conditions


def test_what_is_shown_is_what_is_asked_for(bar: FilterBar) -> None:
    heard = Recorder(bar.changed)
    bar.show_wanted(EVERYTHING_BUT_THE_TEXT)
    assert bar.wanted == EVERYTHING_BUT_THE_TEXT
    assert len(heard.calls) == 1


def test_each_condition_that_no_button_shows_is_a_chip(bar: FilterBar) -> None:
    bar.show_wanted(EVERYTHING_BUT_THE_TEXT)
    assert bar.conditions.isVisible()
    assert {name: chip.accessibleName() for name, chip in bar.conditions.chips.items()} == {
        "item_types": "Take back: M4",
        "duties": "Take back: Guard Duty",
        "statuses": "Take back: status Available",
        "issuers": "Take back: by armorer1",
        "sources": "Take back: came caught up",
    }
    assert {name: chip.accessibleName() for name, chip in bar.subject.chips.items()} == {
        "item": "Take back: only the item M4 - 00077",
        "person": "Take back: only Juan Dela Cruz",
    }


def test_whose_history_is_on_show_stands_beside_the_search_and_can_be_taken_back(bar: FilterBar) -> None:
    assert bar.search.placeholderText() == "Search people, items, duty, number…"
    bar.show_wanted(Wanted(person="Juan Dela Cruz"))
    QTest.keyClicks(bar.search, "m4")
    chip = bar.subject.chips["person"]
    QApplication.sendPostedEvents()

    assert chip.isVisible()
    assert chip.text() == "Only Juan Dela Cruz  ✕"
    assert chip.mapTo(bar, chip.rect().topRight()).x() < bar.search.x()
    assert bar.search.placeholderText() == "Search in this history…"

    chip.click()
    assert bar.wanted == Wanted(text="m4")
    assert not bar.subject.isVisible()


def test_the_words_of_a_search_in_a_history_can_be_sought_everywhere(bar: FilterBar) -> None:
    bar.show_wanted(Wanted(text="reyes", person="Juan Dela Cruz", when=When.TODAY))
    assert bar.searches_a_part
    assert bar.part_words == "Only Juan Dela Cruz · today (since 24/11/26 00:00)"

    bar.search_everything()

    assert bar.wanted == Wanted(text="reyes")
    assert not bar.searches_a_part


def test_words_that_are_not_looked_for_are_told(bar: FilterBar) -> None:
    many = " ".join(map(str, range(MAX_TERMS + 1)))
    bar.show_wanted(Wanted(text=many))
    assert bar.limit.words == "Only the first 100 words are searched for."

    bar.show_wanted(Wanted(text=many.removesuffix(" 100")))
    assert not bar.limit.words


def test_a_name_that_took_and_issued_can_be_told_apart(bar: FilterBar) -> None:
    found = [issued(personnel="Ana Reyes"), issued(personnel="Juan Cruz", issued_by="sgt.reyes")]
    bar.show_wanted(Wanted(text="reyes m4"))
    bar.offer_narrower(found)
    assert [each.text() for each in bar.roles.buttons] == ["taken by Ana Reyes", "issued by sgt.reyes"]

    bar.roles.buttons[1].setFocus()
    bar.roles.buttons[1].click()

    assert bar.wanted == Wanted(text="m4", issuers=frozenset({"sgt.reyes"}))
    assert bar.focusWidget() is bar.search, "Esc goes on from here"
    bar.offer_narrower(found)
    assert not bar.roles.isVisible()


def test_without_words_there_is_nothing_to_tell_apart(bar: FilterBar) -> None:
    bar.show_wanted(Wanted(text="reyes"))
    bar.offer_narrower([issued(personnel="Ana Reyes"), issued(personnel="José Reyes")])
    assert bar.roles.isVisible()
    bar.search.clear()
    bar.show_wanted(Wanted(duties=frozenset({"Patrol"})))
    assert not bar.roles.isVisible()


def test_a_chip_takes_its_condition_back(bar: FilterBar) -> None:
    bar.show_wanted(Wanted(duties=frozenset({"Guard Duty"}), item_types=frozenset({"M4"})))
    heard = Recorder(bar.changed)
    bar.conditions.chips["duties"].click()
    assert heard.calls == [(LogFilter(item_types=frozenset({"M4"})),)]
    assert list(bar.conditions.chips) == ["item_types"]


def test_chips_are_taken_back_by_keyboard_one_after_the_other(bar: FilterBar) -> None:
    bar.show_wanted(Wanted(duties=frozenset({"Guard Duty"}), item_types=frozenset({"M4"})))
    bar.conditions.chips["item_types"].setFocus()
    QTest.keyClick(bar.conditions.chips["item_types"], Qt.Key.Key_Delete)
    QTest.keyClick(bar.conditions.chips["duties"], Qt.Key.Key_Space)
    assert bar.wanted == Wanted()
    assert bar.focusWidget() is bar.more


def test_a_kind_that_has_no_button_is_not_dropped(bar: FilterBar) -> None:
    bar.show_wanted(Wanted(categories=frozenset({Category.PRESENCE})))
    assert bar.log_filter == LogFilter(frozenset({Category.PRESENCE}))
    assert not bar.everything.isChecked()
    bar.chips[Category.ISSUED].click()
    assert bar.log_filter == LogFilter(frozenset({Category.PRESENCE, Category.ISSUED}))
    bar.conditions.chips["categories"].click()
    assert bar.log_filter == LogFilter(frozenset({Category.ISSUED}))
    bar.show_wanted(Wanted(categories=frozenset({Category.PRESENCE})))
    bar.everything.click()
    assert bar.log_filter == LogFilter()


def test_server_text_in_a_chip_is_plain(bar: FilterBar) -> None:
    bar.show_wanted(Wanted(duties=frozenset({"<b>&Guard</b>\u202e" + "x" * 100})))
    chip = bar.conditions.chips["duties"]
    assert "&&Guard" in chip.text()
    assert len(chip.text()) < 60
    assert "&lt;b&gt;" in chip.toolTip()


def test_chips_go_on_in_the_next_row(bar: FilterBar) -> None:
    bar.show_wanted(EVERYTHING_BUT_THE_TEXT)
    row = next(iter(bar.conditions.chips.values())).sizeHint().height()
    assert bar.conditions.heightForWidth(2000) == row
    assert bar.conditions.heightForWidth(300) > 2 * row


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)")
async def test_more_is_asked_for_in_a_popup(bar: FilterBar) -> None:
    assert bar.findChild(MoreConditions) is None
    bar.show_wanted(Wanted(text="reyes", duties=frozenset({"Guard Duty"}), when=When.TODAY))
    bar.more.click()
    assert bar.popup is not None
    heard = Recorder(bar.changed)
    bar.popup.item.setText("M4 - 00077")
    bar.popup.close()
    assert heard.last.item == "M4 - 00077"
    assert bar.wanted == Wanted(
        text="reyes", duties=frozenset({"Guard Duty"}), when=When.TODAY, item="M4 - 00077"
    )


# Dates


def test_dates_are_shown_as_a_chip_and_taken_back_with_it(bar: FilterBar) -> None:
    dates = Dates(datetime(2026, 11, 1, tzinfo=MANILA), datetime(2026, 11, 2, tzinfo=MANILA))
    bar.show_wanted(Wanted(when=dates))
    assert bar.period.currentText() == DATES
    assert bar.log_filter == LogFilter(since=dates.since, until=dates.until)
    assert bar.conditions.chips["when"].text().startswith("01/11/26 00:00 to 02/11/26 00:00")
    bar.conditions.chips["when"].click()
    assert bar.period.currentText() == "Everything"
    assert bar.log_filter == LogFilter()


def test_the_period_stays_until_dates_are_chosen(bar: FilterBar) -> None:
    bar.period.setCurrentText("Today")
    heard = Recorder(bar.changed)
    bar.period.setCurrentIndex(bar.period.count() - 1)
    bar.period.activated.emit(bar.period.count() - 1)
    assert bar.period.currentText() == "Today"
    assert heard.calls == []


def test_who_scrolls_over_the_period_by_accident_keeps_it(bar: FilterBar) -> None:
    turned = QWheelEvent(
        QPointF(5, 5),
        QPointF(bar.period.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(bar.period, turned)
    assert bar.period.currentText() == "Everything"


# After a restart


def test_the_last_filter_comes_back_and_is_plainly_seen(bar: FilterBar, next_bar: FilterBar) -> None:
    bar.show_wanted(EVERYTHING_BUT_THE_TEXT)
    bar.search.setText("reyes")
    bar.save_state()
    heard = Recorder(next_bar.changed)
    next_bar.restore_state()
    assert next_bar.wanted == bar.wanted
    assert heard.calls == []
    assert "not the whole log" in next_bar.banner.words
    assert "only Juan Dela Cruz" in next_bar.banner.words
    next_bar.banner.action_button.click()
    assert heard.calls == [(LogFilter(),)]
    assert next_bar.banner.words == ""


def test_without_a_filter_nothing_is_said_of_one(bar: FilterBar, next_bar: FilterBar) -> None:
    bar.save_state()
    next_bar.restore_state()
    assert next_bar.banner.words == ""


def test_who_filters_anew_knows_of_the_filter(bar: FilterBar, next_bar: FilterBar) -> None:
    bar.show_wanted(Wanted(text="reyes"))
    bar.save_state()
    next_bar.restore_state()
    next_bar.chips[Category.ISSUED].click()
    assert next_bar.banner.words == ""
    assert next_bar.words.isVisible()
    assert next_bar.wanted.text == "reyes"


def test_who_puts_the_message_away_still_sees_the_filter(bar: FilterBar, next_bar: FilterBar) -> None:
    bar.show_wanted(Wanted(text="reyes"))
    bar.save_state()
    next_bar.restore_state()
    next_bar.banner.hide()
    next_bar.banner.dismissed.emit()
    assert next_bar.words.isVisible()
    assert next_bar.words.text() == "Filter: “reyes”"


@pytest.mark.parametrize(
    "text", ['{"version":2,"mood":"sunny"}', '{"version":1,"colour":"green"}', "[", "a,b"]
)
def test_a_last_filter_that_is_not_understood_is_told_and_not_on(
    next_bar: FilterBar, store: QSettings, text: str
) -> None:
    store.setValue("log_window/filter", text)
    next_bar.restore_state()
    assert next_bar.log_filter == LogFilter()
    assert next_bar.banner.words.startswith("The filter of last time is not on")
