"""The machine's clocks behind the interface."""

from datetime import UTC, datetime, timedelta

from armguard_tray.clock import Clock, SystemClock


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
