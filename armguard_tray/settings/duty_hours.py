"""PURE: after how many hours a weapon is overdue, by the duty that it was taken for: text and meaning."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

OTHER: Final = "other"
"""What stands for each duty that is not named, and for weapons whose duty is not known."""
DEFAULT_HOURS: Final = "other 24"
MOST: Final = 9999
"""Hours: more than a year, for what is never to be overdue."""
_MOST_DUTIES: Final = 50
_LONGEST_NAME: Final = 60
_PART: Final = re.compile(r"(?P<duty>.+?)\s*[:=]?\s+(?P<hours>[0-9]{1,6})\s*(?:h|hours?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DutyHours:
    """After how long a weapon is overdue.

    Attributes:
        other: hours for every duty that has none of its own, and where the duty is not known.
        by_duty: hours by the duty's name, case-folded.

    """

    other: int
    by_duty: Mapping[str, int] = field(default_factory=dict)

    def limit(self, duty: str | None) -> timedelta:
        """Return after how long a weapon taken for `duty` is overdue; None: it is not known what for."""
        named = None if duty is None else self.by_duty.get(_folded(duty))
        return timedelta(hours=self.other if named is None else named)


def parse_duty_hours(text: str) -> DutyHours:
    """Return what a text such as `Guard Duty 12, Training 4, other 24` means.

    Raises:
        ValueError: it means nothing; the error's text says why, in words for people.

    """
    hours: dict[str, int] = {}
    for part in filter(None, (each.strip() for each in re.split(r"[,;\n]", text))):
        duty, limit = _duty_and_hours(part)
        if duty in hours:
            raise ValueError(f"“{_short(duty)}” stands there twice.")
        hours[duty] = limit
    if len(hours) > _MOST_DUTIES:
        raise ValueError(f"At most {_MOST_DUTIES} duties.")
    if OTHER not in hours:
        raise ValueError("Say what goes for all other duties, for example “other 24”.")
    return DutyHours(hours.pop(OTHER), hours)


def check_duty_hours(text: str) -> str | None:
    """Return what is wrong with a text, in words, or None."""
    try:
        parse_duty_hours(text)
    except ValueError as error:
        return str(error)
    return None


def _duty_and_hours(part: str) -> tuple[str, int]:
    found = _PART.fullmatch(part)
    if found is None:
        raise ValueError(f"“{_short(part)}” is no duty with its hours, such as “Guard Duty 12”.")
    duty, hours = _folded(found["duty"]), int(found["hours"])
    if not 1 <= hours <= MOST:
        raise ValueError(f"For “{_short(found['duty'])}” give 1 to {MOST} hours.")
    if len(duty) > _LONGEST_NAME:
        raise ValueError(f"“{_short(duty)}” is too long for the name of a duty.")
    return duty, hours


def _folded(duty: str) -> str:
    return " ".join(duty.split()).casefold()


def _short(text: str) -> str:
    most = 30
    return text if len(text) <= most else f"{text[: most - 1]}…"
