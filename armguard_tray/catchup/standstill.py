"""PURE: pages of the history that lead no further down, one after the other.

What is new pushes the older transactions on to later pages while these are read::

    read:  page 1 │ 100 ... 81        then 25 more are made:   page 2 │ 105 ... 86
                                                               page 3 │  85 ... 66

So a page may show only what was seen, and the next one goes on. A server that shows one page for all others
does the same again and again; so does one that is faster than pages may be asked for.
"""

from collections.abc import Collection
from dataclasses import dataclass

MOST = 5
"""Pages in a row that may lead no further down."""
REPEATED = "the history page shows the same transactions again in place of older ones"
OUTRUN = "transactions are made faster than the server's history may be read"


@dataclass(frozen=True, slots=True)
class Standstill:
    """How long nothing older has come.

    Attributes:
        pages: on how many pages in a row.
        shown: what the last of them showed, by number.
        alike: whether each of them showed the same.

    """

    pages: int = 0
    shown: frozenset[int] = frozenset()
    alike: bool = True

    def and_then(self, numbers: Collection[int]) -> "Standstill":
        """Take one more page, which shows these."""
        shown = frozenset(numbers)
        return Standstill(self.pages + 1, shown, self.alike and (not self.pages or shown == self.shown))

    @property
    def failure(self) -> str:
        """Why it is of no use to go on, in words; empty while it may be of use."""
        if self.pages < MOST:
            return ""
        return REPEATED if self.alike else OUTRUN


MOVING = Standstill()


def pages_on(shown: Collection[int], seen: Collection[int]) -> int:
    """Return how many pages further down the first may stand that was not seen, as the history is now.

    Args:
        shown: numbers on the page that was read last; some.
        seen: all that were seen of the history, without any between them that were not.

    """
    lowest = min(shown)
    return 1 + sum(number < lowest for number in seen) // len(shown)
