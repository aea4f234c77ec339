"""Of which time events are wanted."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from armguard_tray.errors import FilterError
from armguard_tray.filtering.when import Dates, When, bounds, shift_start
from tests.fakes.events import MANILA

NOW = datetime(2026, 11, 24, 15, 59, tzinfo=UTC)  # 23:59 in Manila
SHIFTS = (time(6), time(18))


@pytest.mark.parametrize(
    ("when", "since"),
    [
        (When.TODAY, datetime(2026, 11, 24, tzinfo=MANILA)),
        (When.SHIFT, datetime(2026, 11, 24, 18, tzinfo=MANILA)),
        (When.DAY, datetime(2026, 11, 23, 23, tzinfo=MANILA)),
        (When.WEEK, datetime(2026, 11, 18, tzinfo=MANILA)),
        (When.MONTH, datetime(2026, 10, 26, tzinfo=MANILA)),
        (When.THIS_MONTH, datetime(2026, 11, 1, tzinfo=MANILA)),
        (When.EVERYTHING, None),
    ],
)
def test_what_ends_now_begins_by_the_servers_calendar(when: When, since: datetime | None) -> None:
    assert bounds(when, NOW, MANILA, SHIFTS) == (since, None)


@pytest.mark.parametrize(
    ("now", "month", "next_month"),
    [
        (NOW, datetime(2026, 10, 1, tzinfo=MANILA), datetime(2026, 11, 1, tzinfo=MANILA)),
        (
            datetime(2027, 1, 15, tzinfo=UTC),
            datetime(2026, 12, 1, tzinfo=MANILA),
            datetime(2027, 1, 1, tzinfo=MANILA),
        ),
        # In Manila March has begun already.
        (
            datetime(2028, 2, 29, 16, tzinfo=UTC),
            datetime(2028, 2, 1, tzinfo=MANILA),
            datetime(2028, 3, 1, tzinfo=MANILA),
        ),
    ],
)
def test_last_month_is_a_whole_one_by_the_servers_calendar(
    now: datetime, month: datetime, next_month: datetime
) -> None:
    assert bounds(When.LAST_MONTH, now, MANILA, SHIFTS) == (month, next_month)


def test_fixed_times_stay_as_they_are() -> None:
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    assert bounds(Dates(since, until), NOW, MANILA, SHIFTS) == (since, until)


@pytest.mark.parametrize(
    ("hour", "start"),
    [
        (5, datetime(2026, 11, 23, 22, tzinfo=MANILA)),  # it began yesterday
        (6, datetime(2026, 11, 24, 6, tzinfo=MANILA)),
        (13, datetime(2026, 11, 24, 6, tzinfo=MANILA)),
        (23, datetime(2026, 11, 24, 22, tzinfo=MANILA)),
    ],
)
def test_a_shift_lasts_until_the_next_one_begins(hour: int, start: datetime) -> None:
    now = datetime(2026, 11, 24, hour, tzinfo=MANILA)
    assert shift_start(now, (time(6), time(14), time(22))) == start


def test_without_shifts_the_day_is_the_shift() -> None:
    assert shift_start(NOW.astimezone(MANILA), ()) == datetime(2026, 11, 24, tzinfo=MANILA)


def test_a_shift_that_begins_in_the_hour_that_comes_twice_has_begun_by_the_second() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    second_time = datetime(2026, 10, 25, 1, 15, tzinfo=UTC).astimezone(berlin)  # 02:15 once more
    assert shift_start(second_time, (time(2, 30),)).astimezone(UTC) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_the_last_24_hours_move_on_only_with_the_hour() -> None:
    later = NOW.replace(minute=1)
    assert bounds(When.DAY, later, MANILA, SHIFTS) == bounds(When.DAY, NOW, MANILA, SHIFTS)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), None),
        (None, datetime(9999, 12, 31, tzinfo=UTC)),
        (datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None), None),
        (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
    ],
    ids=["year 1", "year 9999", "no zone", "the wrong way round", "no time at all"],
)
def test_absurd_times_are_refused_in_words(since: datetime | None, until: datetime | None) -> None:
    with pytest.raises(FilterError) as refused:
        Dates(since, until)
    assert refused.value.message.endswith(".")
