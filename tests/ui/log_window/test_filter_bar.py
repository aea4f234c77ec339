"""What the reader asks for."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from armguard_tray.messages.event import Category
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.ui.log_window.filter_bar import FilterBar, Period
from tests.fakes.clock import FakeClock
from tests.fakes.events import MANILA
from tests.fakes.signals import Recorder


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 24, 15, 59, tzinfo=UTC))  # 23:59 in Manila


@pytest.fixture
def bar(qtbot: QtBot, clock: FakeClock) -> Iterator[FilterBar]:
    bar = FilterBar(clock, MANILA)
    bar.show()
    yield bar
    bar.deleteLater()
    qtbot.wait(0)


def test_nothing_is_hidden_at_first(bar: FilterBar) -> None:
    assert bar.log_filter == LogFilter()
    assert bar.everything.isChecked()


def test_typing_is_told_once_it_pauses(bar: FilterBar, qtbot: QtBot) -> None:
    heard = Recorder(bar.changed)
    with qtbot.waitSignal(bar.changed):
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
        (Period.TODAY, datetime(2026, 11, 24, tzinfo=MANILA)),
        (Period.WEEK, datetime(2026, 11, 18, tzinfo=MANILA)),
        (Period.MONTH, datetime(2026, 10, 26, tzinfo=MANILA)),
        (Period.EVERYTHING, None),
    ],
)
def test_periods_begin_at_midnight_of_the_server(
    bar: FilterBar, period: Period, since: datetime | None
) -> None:
    bar.period.setCurrentText(period.label)
    assert bar.log_filter.since == since


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
