"""Times as the journal stores them, told in a zone as ISO 8601: exact, and the same to every reader."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from armguard_tray.clock import in_zone
from armguard_tray.storage.log_filter import from_microseconds

_SECOND: Final = 1_000_000  # microseconds
_QUARTER: Final = 900 * _SECOND
_MOST_REMEMBERED: Final = 1000
_MINUTE: Final = timedelta(minutes=1)
_NONE: Final = timedelta()
_IN_AN_HOUR: Final = [f"{second // 60:02}:{second % 60:02}" for second in range(3600)]
_Quarter = tuple[str, int, str]


class LocalTimes:
    """Tells times in one zone: two millions of them, so the zone is asked once for each quarter of an hour.

    Attributes:
        zone: the zone.

    """

    def __init__(self, zone: tzinfo) -> None:
        """Tell times in `zone`."""
        self.zone = zone
        self._quarters: dict[int, _Quarter | None] = {}

    def __call__(self, microseconds: int) -> str:
        """Return a time since 1970 in UTC, such as 2026-11-24T11:25:26.899686+08:00."""
        number, rest = divmod(microseconds, _QUARTER)
        quarter = self._quarters[number] if number in self._quarters else self._remember(number)
        if quarter is None:
            return iso(from_microseconds(microseconds), self.zone)
        begins, second, offset = quarter
        return f"{begins}{_IN_AN_HOUR[second + rest // _SECOND]}.{rest % _SECOND:06}{offset}"

    def _remember(self, number: int) -> _Quarter | None:
        if len(self._quarters) >= _MOST_REMEMBERED:
            self._quarters.clear()
        quarter = self._quarters[number] = self._read(number * _QUARTER)
        return quarter

    def _read(self, first: int) -> _Quarter | None:
        """Return a quarter of an hour by the clocks: day and hour, the second in it, and the clocks' offset.

        None: the clocks change meanwhile, or it is no quarter of theirs.
        """
        begins, ends = (self._told(moment) for moment in (first, first + _QUARTER - 1))
        if begins is None or ends is None or begins.utcoffset() != ends.utcoffset():
            return None
        if (begins.utcoffset() or _NONE) % timedelta(minutes=15):
            return None
        text = begins.isoformat(timespec="seconds")
        return text[:14], begins.minute * 60, text[19:]

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
