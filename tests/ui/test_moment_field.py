"""A day that is typed is the day that is taken, however it is typed and whatever stood there."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDateTimeEdit
from pytestqt.qtbot import QtBot

from armguard_tray.ui.moment_field import MomentField

MANILA = timezone(timedelta(hours=8))
IN_FEBRUARY = datetime(2026, 2, 10, 2, 18, tzinfo=MANILA)
IN_DECEMBER = datetime(2026, 12, 31, 2, 18, tzinfo=MANILA)

Make = Callable[[datetime], MomentField]


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    def field(shown: datetime) -> MomentField:
        made = MomentField("From", MANILA)
        qtbot.addWidget(made)
        made.show_moment(shown)
        made.setSelectedSection(QDateTimeEdit.Section.DaySection)
        return made

    return field


@pytest.mark.parametrize("shown", [IN_FEBRUARY, IN_DECEMBER])
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12/11/2025 08:00", "2025-11-12 08:00"),
        ("12.11.2025 08:00", "2025-11-12 08:00"),
        ("121120250800", "2025-11-12 08:00"),
        ("3/5/2025 8:05", "2025-05-03 08:05"),
        ("31/01/2025 00:00", "2025-01-31 00:00"),
        ("29/02/2024 23:59", "2024-02-29 23:59"),
    ],
)
@pytest.mark.parametrize("all_selected", [False, True])
def test_it_takes_what_is_typed(
    make: Make, shown: datetime, typed: str, meant: str, *, all_selected: bool
) -> None:
    field = make(shown)
    if all_selected:
        field.selectAll()
    QTest.keyClicks(field, typed)
    assert f"{field.moment:%Y-%m-%d %H:%M}" == meant


def test_only_the_time_may_be_typed(make: Make) -> None:
    field = make(IN_DECEMBER)
    field.setSelectedSection(QDateTimeEdit.Section.HourSection)
    QTest.keyClicks(field, "07:45")
    assert field.moment == IN_DECEMBER.replace(hour=7, minute=45)


def test_after_an_arrow_key_typing_begins_anew(make: Make) -> None:
    field = make(IN_DECEMBER)
    QTest.keyClicks(field, "12")
    QTest.keyClick(field, Qt.Key.Key_Home)
    QTest.keyClicks(field, "13/11/2025")
    assert field.moment == datetime(2025, 11, 13, 2, 18, tzinfo=MANILA)


def test_a_day_that_does_not_exist_is_not_made_up(make: Make) -> None:
    field = make(IN_DECEMBER)
    QTest.keyClicks(field, "99/99/2025")
    assert field.moment.year in {2025, 2026}
    assert field.text() == f"{field.moment:%d/%m/%Y %H:%M}"
