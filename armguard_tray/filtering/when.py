"""PURE: of which time events are wanted, and where that time begins and ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

from armguard_tray.errors import FilterError

FIRST_YEAR, LAST_YEAR = 1970, 2999
"""No armory wrote this log before, and none will after."""
_A_DAY = timedelta(days=1)


class When(StrEnum):
    """A span of time that moves along with the present, by the server's calendar."""

    TODAY = "today"
    SHIFT = "shift"
    """Since the shift began that is on now."""
    DAY = "day"
    """The last 24 hours, from the full hour on."""
    WEEK = "week"
    """The last seven days, today included."""
    MONTH = "month"
    """The last thirty days, today included. The value is older than the two that follow, and stays."""
    THIS_MONTH = "this-month"
    """Since the first of the month that is on now."""
    LAST_MONTH = "last-month"
    """The whole month before that one: the only one that has an end."""
    EVERYTHING = "everything"


_DAYS_BEFORE = {When.TODAY: 0, When.WEEK: 6, When.MONTH: 29}


@dataclass(frozen=True, slots=True)
class Dates:
    """Two fixed times, either of which may be left open.

    Attributes:
        since: the first moment that counts, aware; None: from the very first event on.
        until: the first moment that does not count any more, aware; None: to the last event.

    Raises:
        FilterError: a time is absurd, or they are the wrong way round.

    """

    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Let no absurd times be."""
        for moment in (self.since, self.until):
            if moment is not None:
                _check(moment)
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise FilterError(
                "The end of the time that is asked for is not after its beginning.", "Turn the two round."
            )


def _check(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise FilterError("A time in the filter does not say its zone.")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise FilterError(
            f"There is nothing of the year {moment.year}.",
            f"Years from {FIRST_YEAR} to {LAST_YEAR} can be asked for.",
        )


def bounds(
    when: When | Dates, now: datetime, zone: tzinfo, shifts: Sequence[time]
) -> tuple[datetime | None, datetime | None]:
    """Return the first moment that is wanted and the first that is not any more, aware; None: open.

    Args:
        when: the time that is asked for.
        now: the present, aware.
        zone: the server's, whose days and shifts count.
        shifts: when shifts begin there; none: at midnight.

    """
    if isinstance(when, Dates):
        return when.since, when.until
    here = now.astimezone(zone)
    return _beginning(when, here, shifts), _first_of_month(here) if when is When.LAST_MONTH else None


def _beginning(when: When, now: datetime, shifts: Sequence[time]) -> datetime | None:
    match when:
        case When.TODAY | When.WEEK | When.MONTH:
            return _midnight(now, _DAYS_BEFORE[when])
        case When.SHIFT:
            return shift_start(now, shifts)
        case When.DAY:
            # From the full hour: what is being read is not to move with every minute.
            began = (now.astimezone(UTC) - _A_DAY).astimezone(now.tzinfo)
            return began.replace(minute=0, second=0, microsecond=0)
        case When.THIS_MONTH:
            return _first_of_month(now)
        case When.LAST_MONTH:
            return _first_of_month(_first_of_month(now) - _A_DAY)
        case When.EVERYTHING:
            return None


def _midnight(now: datetime, days_before: int) -> datetime:
    return datetime.combine(now.date() - timedelta(days=days_before), time.min, now.tzinfo)


def _first_of_month(now: datetime) -> datetime:
    return datetime.combine(now.date().replace(day=1), time.min, now.tzinfo)


def shift_start(now: datetime, shifts: Sequence[time]) -> datetime:
    """Return when the shift began that is on at `now`, whose zone is the one that `shifts` are told in."""
    days = (now.date() - _A_DAY, now.date())
    starts = [datetime.combine(day, start, now.tzinfo) for day in days for start in shifts or (time.min,)]
    # By the moment, not by the hands of the clock: they go back once a year.
    return max(start for start in starts if start.astimezone(UTC) <= now.astimezone(UTC))
