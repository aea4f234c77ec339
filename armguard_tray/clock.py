"""Time as a parameter: the real clock, behind the interface that tests replace."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Moment:
    """A time on both clocks: the wall's, aware, and seconds that never run backwards."""

    wall: datetime
    monotonic: float


class Clock(Protocol):
    """Where the program takes the time from."""

    def now(self) -> datetime:
        """Return the wall-clock time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards; only differences mean anything."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Return the wall-clock time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()


def in_zone(time: datetime, zone: tzinfo | None) -> datetime:
    """Return `time`, aware, in `zone` (None: this machine's), or as it is where `zone` has no such time.

    A server may write any date, and not every zone has those at the ends of the calendar (nor Windows, in its
    own zone, those before 1970).
    """
    try:
        return time.astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return time
