"""PURE: lengths of time in words, the same in every window, file and line."""

from datetime import timedelta
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_YEAR: Final = 31_556_952
"""Seconds in a year of the calendar, on the average: 365.2425 days."""
_MANY_DAYS: Final = 10 * _DAY
"""From here on nobody asks for the hours."""
_TWO_YEARS: Final = 2 * _YEAR  # "700 days" says more than "1 year"
# The least unit that is told, in seconds, of lengths below so many.
_LEAST: Final = (
    (1, _MINUTE),
    (_MINUTE, _DAY),
    (_HOUR, _MANY_DAYS),
    (_DAY, _TWO_YEARS),
    (_YEAR, float("inf")),
)


def length(span: timedelta) -> str:
    """Return a length of time: 12 s, 4 min, 2 h 05 min, 1 day 17 h, 36 days, 9 years; at least 0 s.

    What is less than the least unit that is told has not gone by yet, and is left out.
    """
    return _words(max(0, int(span.total_seconds())))


def rounded_length(span: timedelta) -> str:
    """Return a length of time that is over, as `length`, but to the nearest: 2 min for 1 min 50 s."""
    seconds = max(0, round(span.total_seconds()))
    unit = next(each for each, below in _LEAST if seconds + each // 2 < below)
    return _words((seconds + unit // 2) // unit * unit)


def _words(seconds: int) -> str:
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < _DAY:
        minutes = seconds % _HOUR // _MINUTE
        return f"{seconds // _HOUR} h" + (f" {minutes:02} min" if minutes else "")
    days = seconds // _DAY
    if seconds < _MANY_DAYS:
        hours = seconds % _DAY // _HOUR
        return ("1 day" if days == 1 else f"{days} days") + (f" {hours} h" if hours else "")
    return f"{days} days" if seconds < _TWO_YEARS else f"{seconds // _YEAR:,} years"
