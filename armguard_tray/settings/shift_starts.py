"""PURE: the times of day at which shifts begin, as people write them: "06:00, 14:00, 22:00"."""

import re
from datetime import time

MAX_SHIFTS = 24
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


def parse(text: str) -> tuple[time, ...]:
    """Return the times, ascending, each once.

    Raises:
        ValueError: it is not a list of times; the message says so to a person.

    """
    parts = [part for part in re.split(r"[,;\s]+", text) if part]
    if not parts:
        raise ValueError("Enter when shifts begin, for example 06:00, 18:00.")
    if len(parts) > MAX_SHIFTS:
        raise ValueError(f"At most {MAX_SHIFTS} shifts a day.")
    return tuple(sorted({_time(part) for part in parts}))


def _time(part: str) -> time:
    match = _TIME.fullmatch(part)
    if match is None:
        raise ValueError(f"“{part}” is not a time of day; it looks like 06:00.")
    return time(int(match[1]), int(match[2]))


def problem(text: str) -> str | None:
    """Return what is wrong with it, in words, or None."""
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return None


def tidy(text: str) -> str:
    """Return the times as they are usually written; what is no list of times stays as it is."""
    return text if problem(text) else ", ".join(f"{start:%H:%M}" for start in parse(text))
