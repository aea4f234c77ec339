"""PURE: which pages of the history need not be read, since this very connection has told of all they have.

After a long absence the server's app has sent what was missed before the first page is asked for::

    page 1 │ 1000 ... 981
           │  980 ... 26    all told by this connection: not read
    page 49│   40 ... 21    shows 26 again, and that 25 and below are what the journal has

Nothing more is claimed for that: what is not read is in the journal, and it was the server of now that told
of it, for the pages on both sides show the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.storage.ledger import KnownTransaction


@dataclass(frozen=True, slots=True)
class Leap:
    """A step over pages.

    Attributes:
        over: the numbers below those of the last page that were told, all of them.
        since: the page after which it begins.
        to: the page on which the least of them must stand, if the history has them all.

    """

    over: range
    since: int
    to: int

    def lands(self, rows: Iterable[HistoryRow]) -> bool:
        """Tell whether that page joins them: numbers may be deleted there, or come meanwhile."""
        return any(row.id in self.over for row in rows)


def leap_of(
    page: int,
    rows: Sequence[HistoryRow],
    known: Mapping[int, KnownTransaction],
    was_told: Callable[[KnownTransaction], bool],
) -> Leap | None:
    """Return the leap that can be made behind page number `page`; None: the next one is to be read.

    Args:
        page: its number.
        rows: what it shows, as the journal has it.
        known: what the journal has of its numbers and of those below.
        was_told: tells whether this connection told of it.

    """

    def told(number: int) -> bool:
        return number in known and was_told(known[number])

    lowest = min((row.id for row in rows), default=0)
    if not told(lowest):
        return None
    first = lowest
    while told(first - 1):
        first -= 1
    further = -(-(lowest - first) // len(rows))
    return Leap(range(first, lowest), page, page + further) if further > 1 else None
