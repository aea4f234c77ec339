"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """A `Clock` whose hands the test moves."""

    def __init__(self, start: datetime = datetime(2026, 11, 24, 3, 25, 26, tzinfo=UTC)) -> None:
        """Begin at `start`."""
        self._now = start
        self._monotonic = 1000.0

    def now(self) -> datetime:
        """Return the wall-clock time."""
        return self._now

    def monotonic(self) -> float:
        """Return the monotonic time in seconds."""
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let `seconds` go by."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds
