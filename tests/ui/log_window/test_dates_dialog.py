"""From when to when."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone
from pytestqt.qtbot import QtBot

from armguard_tray.filtering.when import Dates, When
from armguard_tray.ui.log_window.dates_dialog import DatesDialog
from tests.fakes.events import MANILA
from tests.fakes.signals import Recorder

NOW = datetime(2026, 11, 24, 15, 59, tzinfo=UTC)  # 23:59 in Manila


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[DatesDialog]:
    dialog = DatesDialog(None, NOW, MANILA)
    dialog.open()
    yield dialog
    dialog.deleteLater()
    qtbot.wait(0)


def at(day: int, hour: int) -> QDateTime:
    return QDateTime(QDate(2026, 11, day), QTime(hour, 0), QTimeZone.utc())


def test_it_begins_with_the_servers_day_and_an_open_end(dialog: DatesDialog) -> None:
    assert dialog.when == Dates(since=datetime(2026, 11, 24, tzinfo=MANILA))


def test_the_end_that_is_offered_is_that_of_the_day(dialog: DatesDialog) -> None:
    dialog.until.wanted.setChecked(True)
    assert dialog.when == Dates(datetime(2026, 11, 24, tzinfo=MANILA), datetime(2026, 11, 25, tzinfo=MANILA))


def test_what_is_chosen_is_told(dialog: DatesDialog) -> None:
    heard = Recorder(dialog.chosen)
    dialog.since.moment.setDateTime(at(20, 6))
    dialog.until.moment.setDateTime(at(21, 18))
    dialog.accept()
    assert heard.calls == [
        (Dates(datetime(2026, 11, 20, 6, tzinfo=MANILA), datetime(2026, 11, 21, 18, tzinfo=MANILA)),)
    ]


def test_the_wrong_way_round_is_said_and_not_chosen(dialog: DatesDialog) -> None:
    heard = Recorder(dialog.chosen)
    dialog.until.moment.setDateTime(at(23, 0))
    assert "not after its beginning" in dialog.problem.text()
    dialog.accept()
    assert heard.calls == []
    assert dialog.isVisible()
    dialog.until.moment.setDateTime(at(25, 0))
    assert dialog.problem.text() == ""


def test_no_end_at_all_is_everything(dialog: DatesDialog) -> None:
    dialog.since.wanted.setChecked(False)
    assert dialog.when is When.EVERYTHING


def test_absurd_dates_cannot_be_entered(dialog: DatesDialog) -> None:
    dialog.since.moment.setDateTime(QDateTime(QDate(9, 1, 1), QTime(0, 0), QTimeZone.utc()))
    dialog.until.moment.setDateTime(QDateTime(QDate(9999, 1, 1), QTime(0, 0), QTimeZone.utc()))
    when = dialog.when
    assert isinstance(when, Dates)
    assert (when.since, when.until) != (None, None)
    assert dialog.problem.text() == ""


def test_dates_in_force_are_what_it_begins_with(qtbot: QtBot) -> None:
    dates = Dates(until=datetime(2026, 3, 1, 6, tzinfo=MANILA))
    dialog = DatesDialog(dates, NOW, MANILA)
    qtbot.addWidget(dialog)
    assert dialog.when == dates
