"""From when to when shifts are."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from armguard_tray.errors import FilterError
from armguard_tray.shift_report.shift import Shift, shift_at, shift_before
from tests.fakes.events import MANILA

THREE = (time(6), time(14), time(22))


def manila(hour: int, minute: int = 0, *, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=MANILA)


@pytest.mark.parametrize(
    ("now", "since", "until"),
    [
        (manila(6), manila(6), manila(14)),
        (manila(13, 59), manila(6), manila(14)),
        (manila(22), manila(22), manila(6, day=25)),
        (manila(3), manila(22, day=23), manila(6)),
    ],
)
def test_a_shift_lasts_until_the_next_one_begins(now: datetime, since: datetime, until: datetime) -> None:
    assert shift_at(now.astimezone(UTC), MANILA, THREE) == Shift(since, until)


def test_the_last_shift_is_the_one_before() -> None:
    this = shift_at(manila(7), MANILA, THREE)
    assert shift_before(this, MANILA, THREE) == Shift(manila(22, day=23), manila(6))


def test_with_one_shift_or_none_it_is_a_day() -> None:
    assert shift_at(manila(7), MANILA, [time(6)]) == Shift(manila(6), manila(6, day=25))
    assert shift_at(manila(7), MANILA, []) == Shift(manila(0), manila(0, day=25))


def test_a_night_in_which_the_clocks_go_back_is_an_hour_longer() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = shift_at(datetime(2026, 10, 24, 23, tzinfo=berlin), berlin, THREE)
    length = night.until.astimezone(UTC) - night.since.astimezone(UTC)
    assert length == timedelta(hours=9)
    early = shift_at(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), berlin, [time(2, 15)])
    assert early.since.astimezone(UTC) <= datetime(2026, 10, 25, 1, 30, tzinfo=UTC) < early.until


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        (manila(14), manila(6), "not after"),
        (manila(6), manila(6), "not after"),
        (manila(6, day=1), manila(7, day=8), "at most 7 days"),
        (datetime(1, 1, 1, tzinfo=UTC), manila(6), "Years"),
    ],
)
def test_absurd_times_are_refused_in_words(since: datetime, until: datetime, why: str) -> None:
    with pytest.raises(FilterError, match=why):
        Shift(since, until)


def test_while_it_is_on_it_ends_now() -> None:
    shift = Shift(manila(6), manila(14))
    assert (shift.end(manila(9)), shift.is_over(manila(9))) == (manila(9), False)
    assert (shift.end(manila(15)), shift.is_over(manila(14))) == (manila(14), True)
    assert shift.end(manila(5)) == manila(6)
