"""The machine's clocks behind the interface."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from armguard_tray.clock import Clock, SystemClock, in_zone


def test_the_wall_clock_is_aware_and_in_utc() -> None:
    clock: Clock = SystemClock()

    before = datetime.now(UTC)
    now = clock.now()

    assert now.utcoffset() == timedelta(0)
    assert before <= now


def test_the_monotonic_clock_never_runs_backwards() -> None:
    clock = SystemClock()

    readings = [clock.monotonic() for _ in range(100)]

    assert readings == sorted(readings)


MANILA, HAWAII = timezone(timedelta(hours=8)), timezone(timedelta(hours=-10))


def test_a_time_is_told_by_another_clock() -> None:
    assert in_zone(datetime(2026, 11, 24, 4, tzinfo=UTC), MANILA).isoformat() == "2026-11-24T12:00:00+08:00"


@pytest.mark.parametrize(
    ("time", "zone"),
    [
        (datetime(9999, 12, 31, 23, tzinfo=UTC), MANILA),
        (datetime(1, 1, 1, tzinfo=UTC), HAWAII),
    ],
)
def test_a_time_that_a_zone_does_not_have_stays_as_it_is(time: datetime, zone: timezone) -> None:
    assert in_zone(time, zone) is time
