"""Times as the journal stores them, told in a zone as ISO 8601: exact, and the same to every reader."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from armguard_tray.clock import in_zone
from armguard_tray.storage.log_filter import from_microseconds

_SECOND: Final = 1_000_000  # microseconds
_DAY: Final = 86_400 * _SECOND
_MOST_REMEMBERED: Final = 10_000  # days: of any journal all
_MINUTE: Final = timedelta(minutes=1)
_NONE: Final = timedelta()
_MICROSECOND: Final = timedelta(microseconds=1)
_MINUTES: Final = [f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60)]
_SECONDS: Final = [f"{second:02}." for second in range(60)]
_DIGITS: Final = [f"{number:03}" for number in range(1000)]
_BEFORE_1970: Final = date(1970, 1, 1).toordinal()


class LocalTimes:
    """Tells times in one zone: two millions of them, so the zone is asked once for each day.

    Attributes:
        zone: the zone.

    """

    def __init__(self, zone: tzinfo) -> None:
        """Tell times in `zone`."""
        self.zone = zone
        self._shifts: dict[int, tuple[int, str] | None] = {}
        self._dates: dict[int, str] = {}

    def __call__(self, times: Sequence[int | None]) -> list[str | None]:
        """Return times since 1970 in UTC, in microseconds, such as 2026-11-24T11:25:26.899686+08:00."""
        told: list[str | None] = []
        shifts, dates = self._shifts, self._dates
        for time in times:
            if time is None:
                told.append(None)
                continue
            number = time // _DAY
            shift = shifts[number] if number in shifts else self._remember(number)
            if shift is None:
                told.append(iso(from_microseconds(time), self.zone))
                continue
            # By hand, and without calls: it is half of what a row costs.
            second, fraction = divmod(time + shift[0], _SECOND)
            minute, second = divmod(second, 60)
            day, minute = divmod(minute, 24 * 60)
            thousand, one = divmod(fraction, 1000)
            begins = dates[day] if day in dates else self._date(day)
            told.append(
                f"{begins}{_MINUTES[minute]}{_SECONDS[second]}{_DIGITS[thousand]}{_DIGITS[one]}{shift[1]}"
            )
        return told

    def _remember(self, number: int) -> tuple[int, str] | None:
        if len(self._shifts) >= _MOST_REMEMBERED:
            self._shifts.clear()
            self._dates.clear()
        shift = self._shifts[number] = self._shift(number * _DAY)
        return shift

    def _shift(self, first: int) -> tuple[int, str] | None:
        """Return how far the zone's clocks are ahead of UTC on a day of UTC, in microseconds and in words.

        None: they change meanwhile, or are ahead by no whole minutes. That they change twice within a day and
        end as they began has no zone ever done.
        """
        begins, ends = (self._told(moment) for moment in (first, first + _DAY - 1))
        if begins is None or ends is None or begins.utcoffset() != ends.utcoffset():
            return None
        ahead = begins.utcoffset() or _NONE
        if ahead % _MINUTE:
            return None
        return ahead // _MICROSECOND, begins.isoformat()[-len("+08:00") :]

    def _date(self, day: int) -> str:
        text = self._dates[day] = date.fromordinal(_BEFORE_1970 + day).isoformat()
        return text

    def _told(self, microseconds: int) -> datetime | None:
        try:
            return from_microseconds(microseconds).astimezone(self.zone)
        except (OverflowError, ValueError, OSError):
            return None


def iso(time: datetime, zone: tzinfo) -> str:
    """Return a time, aware, in `zone`, or in UTC where the zone's offset then had seconds.

    Few programs read such offsets; the last ones ended in 1972 (https://data.iana.org/time-zones/theory.html).
    """
    told = in_zone(time, zone)
    exact = time.astimezone(UTC) if (told.utcoffset() or _NONE) % _MINUTE else told
    return exact.isoformat(timespec="microseconds")
