"""PURE: of which times transactions may be missing, so that no picture looks complete where it is not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from armguard_tray.storage.tallies import Tallies, span_of

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is known to be missing.

    Attributes:
        spans: from when to when something may be, aware, ascending, none over another.
        without_time: how many gaps there are of which nobody knows when they were.

    """

    spans: Sequence[Span]
    without_time: int


def doubts(tallies: Tallies, begins: datetime, ends: datetime) -> Doubts:
    """Return what may be missing between two times, aware."""
    found = list(_spans(tallies, begins, ends))
    without = sum(1 for gap in tallies.open_gaps if span_of(gap) == (None, None))
    return Doubts(_joined(found), without)


def _spans(tallies: Tallies, begins: datetime, ends: datetime) -> Iterator[Span]:
    if None in tallies.servers.values():  # nobody has looked yet
        yield begins, ends
    if tallies.complete_since is not None and tallies.complete_since > begins:
        yield begins, min(tallies.complete_since, ends)
    for gap in tallies.open_gaps:
        since, until = span_of(gap)
        if since is None and until is None:
            continue
        # Where only one end is known, it may reach to the end of what is shown.
        first, last = max(since or begins, begins), min(until or ends, ends)
        if first <= last:
            yield first, last


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return joined
