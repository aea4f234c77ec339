"""PURE: from when to when a shift is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from armguard_tray.errors import FilterError
from armguard_tray.filtering.when import FIRST_YEAR, LAST_YEAR, shift_start

LONGEST: Final = timedelta(days=7)
"""More is no shift; the log's export is made for that."""
_DAYS_ON: Final = 2
_A_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift, or what somebody wants to see as one.

    Attributes:
        since: its first moment, aware.
        until: the first moment behind it, aware.

    Raises:
        FilterError: it does not end after it begins, is too long, or lies in no year of any armory.

    """

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        """Let no absurd times be."""
        if not all(FIRST_YEAR <= each.year <= LAST_YEAR for each in (self.since, self.until)):
            raise FilterError(f"Years from {FIRST_YEAR} to {LAST_YEAR} can be asked for.")
        # By the moment, not by the hands of the clock: they go back once a year.
        length = self.until.astimezone(UTC) - self.since.astimezone(UTC)
        if length <= timedelta():
            raise FilterError("The end of the shift is not after its beginning.", "Turn the two round.")
        if length > LONGEST:
            raise FilterError(
                f"A shift report is for at most {LONGEST.days} days.", "Export the log for a longer time."
            )

    def end(self, now: datetime) -> datetime:
        """Return up to when something can have happened in it at `now`, aware."""
        return min(self.until, max(self.since, now))

    def is_over(self, now: datetime) -> bool:
        """Tell whether it is over at `now`, aware."""
        return now >= self.until


def shift_at(moment: datetime, zone: tzinfo, shifts: Sequence[time]) -> Shift:
    """Return the shift that is on at `moment`, aware; they begin at these times in `zone`, or at midnight."""
    here = moment.astimezone(zone)
    since = shift_start(here, shifts)
    days = (since.date() + timedelta(days=day) for day in range(_DAYS_ON + 1))
    starts = (datetime.combine(day, start, zone) for day in days for start in shifts or (time.min,))
    return Shift(since, min(start for start in starts if start.astimezone(UTC) > here.astimezone(UTC)))


def shift_before(shift: Shift, zone: tzinfo, shifts: Sequence[time]) -> Shift:
    """Return the one before that begins and ends by the clock, as `shift_at`."""
    return shift_at(shift.since.astimezone(UTC) - _A_MOMENT, zone, shifts)
