"""Times are told exactly, whatever the zone does with its clocks."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from armguard_tray.export.local_times import LocalTimes
from armguard_tray.storage.log_filter import microseconds

ZONES = [
    *map(
        ZoneInfo,
        ("Asia/Manila", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Monrovia", "America/St_Johns"),
    ),
    UTC,
    timezone(timedelta(hours=-3, minutes=-30)),
]


def told(times: LocalTimes, time: datetime) -> str:
    """Return one time as it is told."""
    (text,) = times([microseconds(time)])
    assert text is not None
    return text


A_CHANGE = datetime(2026, 10, 25, 1, tzinfo=UTC)  # of Berlin's clocks


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from(ZONES))
@example(A_CHANGE - timedelta(microseconds=1), ZONES[1])
@example(A_CHANGE, ZONES[1])
@example(datetime.min.replace(tzinfo=UTC), ZONES[5])
@example(datetime.max.replace(tzinfo=UTC), ZONES[0])
@example(datetime(1972, 1, 7, tzinfo=UTC), ZONES[3])
def test_a_time_is_the_same_moment(time: datetime, zone: ZoneInfo) -> None:
    assert datetime.fromisoformat(told(LocalTimes(zone), time)) == time


class Odd(tzinfo):
    """A zone whose clocks are put forward in the middle of a quarter of an hour."""

    def utcoffset(self, time: datetime | None) -> timedelta:
        return timedelta(hours=1 if time is not None and time.minute >= 10 else 0)

    def dst(self, _: datetime | None) -> timedelta:
        return timedelta()

    def tzname(self, _: datetime | None) -> str:
        return "odd"

    def fromutc(self, time: datetime) -> datetime:
        return time + self.utcoffset(time)


def test_clocks_that_change_at_any_moment_are_told() -> None:
    times = LocalTimes(Odd())
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert told(times, noon + timedelta(minutes=9))[11:19] == "12:09:00"
    assert told(times, noon + timedelta(minutes=11))[11:19] == "13:11:00"


@pytest.mark.parametrize(
    ("zone", "told_as"),
    [
        (ZONES[0], "2026-11-24T11:25:26.000001+08:00"),
        (ZONES[4], "2026-11-23T23:55:26.000001-03:30"),
        (UTC, "2026-11-24T03:25:26.000001+00:00"),
    ],
)
def test_it_is_told_in_the_zone(zone: ZoneInfo, told_as: str) -> None:
    assert told(LocalTimes(zone), datetime(2026, 11, 24, 3, 25, 26, 1, tzinfo=UTC)) == told_as


def test_both_hours_of_a_change_are_told_apart() -> None:
    times = LocalTimes(ZONES[1])
    assert times([microseconds(A_CHANGE + timedelta(minutes=each)) for each in (-30, 30)]) == [
        "2026-10-25T02:30:00.000000+02:00",
        "2026-10-25T02:30:00.000000+01:00",
    ]


def test_what_has_no_time_stays_without_one_between_those_that_have() -> None:
    noon = microseconds(datetime(2026, 11, 24, 12, tzinfo=UTC))
    first, nothing, last = LocalTimes(UTC)([noon, None, noon])
    assert (first, nothing) == (last, None)
