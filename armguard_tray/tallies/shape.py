"""PURE: sums by the hour of the day, by the calendar, by a sort; and how many items were out when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby

from armguard_tray.clock import in_zone
from armguard_tray.storage.tallies import QUARTER, Moves, Tallies
from armguard_tray.tallies.steps import Step, start_of, starts, step_for

MOST_SPANS = 500
"""Of so many stretches each is told by four points: more would not be seen in a picture."""


def by_hour(tallies: Tallies, zone: tzinfo) -> list[Moves]:
    """Return what was done in each of the 24 hours of the day, by the clocks of `zone`."""
    hours = [Moves()] * 24
    for start, moves in tallies.quarters.items():
        hour = in_zone(start, zone).hour
        hours[hour] += moves
    return hours


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the calendar, and what was done in it."""

    start: date
    moves: Moves


def by_calendar(
    tallies: Tallies, zone: tzinfo, since: date | None = None, until: date | None = None
) -> tuple[Step, list[Stretch]]:
    """Return what was done in each stretch of the calendar of `zone`, also where that is nothing.

    They reach from the first day on which something was done to the last; or from `since` and to `until`,
    the last day, where that is farther.
    """
    days: dict[date, Moves] = {}
    for start, moves in tallies.quarters.items():
        day = in_zone(start, zone).date()
        days[day] = days.get(day, Moves()) + moves
    if not days:
        return Step.DAY, []
    first, last = min([*days, *([since] if since else [])]), max([*days, *([until] if until else [])])
    step = step_for(first, last)
    sums = dict.fromkeys(starts(first, last, step), Moves())
    for day, moves in days.items():
        sums[start_of(day, step)] += moves
    return step, [Stretch(start, moves) for start, moves in sums.items()]


def by_part(tallies: Tallies, part: int) -> list[tuple[str, Moves]]:
    """Return what was done by the type of the item (0) or by duty (1), most first; empty: it has none."""
    sums: dict[str, Moves] = {}
    for sort, moves in tallies.sorts.items():
        sums[sort[part]] = sums.get(sort[part], Moves()) + moves
    return sorted(sums.items(), key=lambda each: (-each[1].both, each[0]))


@dataclass(frozen=True, slots=True)
class Level:
    """How many items are out from a time on, aware."""

    since: datetime
    out: int


def levels(tallies: Tallies) -> Iterator[Level]:
    """Yield how many items were out, at the end of each quarter of an hour in which that changed.

    It is the sum of what went out less what came back, from the first row of the journal on.
    """
    before = tallies.before or Moves()
    out = before.net
    for start, moves in tallies.quarters.items():
        out += moves.net
        yield Level(_end(start), out)


def _end(start: datetime) -> datetime:
    try:
        return start + QUARTER
    except OverflowError:
        return start  # at the end of the calendar


def thinned(every: Iterator[Level], tallies: Tallies, most: int = MOST_SPANS) -> list[Level]:
    """Return those of the levels of `tallies` with which a curve looks the same.

    That are the first, the least, the greatest and the last one of each of `most` spans of time; all where
    there are no more. U. Jugel et al., M4: A Visualization-Oriented Time Series Data Aggregation, VLDB 2014.
    """
    if len(tallies.quarters) <= most * 4:
        return list(every)
    begin, end = (_end(start) for start in (min(tallies.quarters), max(tallies.quarters)))
    width = (end - begin) / most
    kept: list[Level] = []
    for _, group in groupby(every, lambda level: min(int((level.since - begin) / width), most - 1)):
        kept += _telling(group)
    return kept


def _telling(group: Iterator[Level]) -> list[Level]:
    first = least = greatest = last = next(group)
    for last in group:
        least = last if last.out < least.out else least
        greatest = last if last.out > greatest.out else greatest
    return sorted({first, least, greatest, last}, key=lambda level: level.since)
