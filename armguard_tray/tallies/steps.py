"""PURE: into which stretches of the calendar a time is cut, so that there are not too many to tell apart."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum


class Step(Enum):
    """A stretch of the calendar: its name, and over how many days it is used.

    Attributes:
        word: what it is called.
        most_days: a time of more days than these is cut into longer stretches.

    """

    DAY = "day", 62
    WEEK = "week", 62 * 7
    MONTH = "month", 60 * 31
    YEAR = "year", 60 * 366
    # Only where something bears an absurd date.
    CENTURY = "century", 10_000 * 366

    def __init__(self, word: str, most_days: int) -> None:
        self.word = word
        self.most_days = most_days


def step_for(first: date, last: date) -> Step:
    """Return the shortest stretch of which there are not too many between two days."""
    days = (last - first).days + 1
    return next(step for step in Step if days <= step.most_days)


def start_of(day: date, step: Step) -> date:
    """Return the first day of the stretch in which `day` lies; a week begins on Monday."""
    match step:
        case Step.DAY:
            return day
        case Step.WEEK:
            return day - timedelta(days=min(day.weekday(), (day - date.min).days))
        case Step.MONTH:
            return day.replace(day=1)
        case Step.YEAR:
            return date(day.year, 1, 1)
        case Step.CENTURY:
            return date(max(day.year - day.year % 100, 1), 1, 1)


def starts(first: date, last: date, step: Step) -> Iterator[date]:
    """Yield the first day of each stretch from the one of `first` to the one of `last`."""
    current: date | None = start_of(first, step)
    while current is not None and current <= last:
        yield current
        current = _next(current, step)


def _next(start: date, step: Step) -> date | None:
    try:
        match step:
            case Step.DAY:
                return start + timedelta(days=1)
            case Step.WEEK:
                return start + timedelta(days=7)
            case Step.MONTH:
                return start_of(start + timedelta(days=31), step)
            case Step.YEAR:
                return date(start.year + 1, 1, 1)
            case Step.CENTURY:
                return date(start.year - start.year % 100 + 100, 1, 1)
    except (OverflowError, ValueError):
        return None  # the calendar ends


def label_of(start: date, step: Step) -> str:
    """Return what a stretch is called on an axis: "24/11/26", "11/2026", "2026"."""
    match step:
        case Step.DAY | Step.WEEK:
            return f"{start:%d/%m/%y}"
        case Step.MONTH:
            return f"{start:%m}/{start.year}"
        case Step.YEAR | Step.CENTURY:
            return str(start.year)
