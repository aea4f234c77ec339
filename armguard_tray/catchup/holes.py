"""PURE: which numbers are missing between those that are there, as gaps.

A hostile server may number as it likes: a hole is never counted through, however wide it is.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.ledger import KnownTransaction


@dataclass(frozen=True, slots=True)
class Hole:
    """Numbers that follow each other and are all missing."""

    first: int
    last: int


def holes(present: Collection[int], first: int, last: int) -> Iterator[Hole]:
    """Yield the holes from number `first` to `last` between those that are `present`, ascending."""
    expected = first
    for number in sorted(each for each in present if first <= each <= last):
        if number > expected:
            yield Hole(expected, number - 1)
        expected = number + 1
    if expected <= last:
        yield Hole(expected, last)


def undeclared(found: Iterable[Hole], declared: Iterable[range]) -> Iterator[Hole]:
    """Yield what of the holes was not `declared` missing before, ascending."""
    known = sorted((each for each in declared if each), key=lambda each: each.start)
    for hole in found:
        first = hole.first
        for each in known:
            if first < each.start <= hole.last:
                yield Hole(first, each.start - 1)
            if each.start <= hole.last:
                first = max(first, each.stop)
        if first <= hole.last:
            yield Hole(first, hole.last)


def contiguous(present: Collection[int], after: int) -> int:
    """Return the last number up to which all that follow `after` are `present`."""
    while after + 1 in present:
        after += 1
    return after


def times_of(rows: Iterable[HistoryRow], known: Mapping[int, KnownTransaction]) -> dict[int, datetime]:
    """Return when the transactions happened, by number; the server's page has the last word."""
    times = {number: each.time for number, each in known.items() if each.time is not None}
    return times | {row.id: row.time for row in rows}


class Neighbours:
    """When the transactions around a hole happened."""

    def __init__(self, times: Mapping[int, datetime]) -> None:
        """Look in `times`, by number."""
        self._times = times
        self._numbers = sorted(times)

    def around(self, hole: Hole) -> tuple[datetime | None, datetime | None]:
        """Return the times of the nearest transactions before and after; None where they are not known."""
        after = bisect_right(self._numbers, hole.last)
        before = bisect_left(self._numbers, hole.first) - 1
        since = self._times[self._numbers[before]] if before >= 0 else None
        until = self._times[self._numbers[after]] if after < len(self._numbers) else None
        if since is not None and until is not None and since > until:
            return None, None  # a clock was set, or a time zone: nobody knows
        return since, until


def gap_of(hole: Hole, reason: Reason, neighbours: Neighbours, *, cause: str = "") -> Gap:
    """Return the gap that a hole is; it happened between its neighbours."""
    since, until = neighbours.around(hole)
    return Gap(
        reason=reason,
        streams=(Stream.TRANSACTIONS,),
        since=since,
        until=until,
        first=hole.first,
        last=hole.last,
        cause=cause,
        missing=hole.last - hole.first + 1,
    )
