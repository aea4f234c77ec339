"""PURE: how often to tell of what happens again and again."""

import time
from collections.abc import Callable


class Tally:
    """Counts what happens; it is to be told of at once, and then at most once in a while."""

    def __init__(self, every: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin at none.

        Args:
            every: seconds between two tellings.
            clock: seconds that only go forward.

        """
        self._every = every
        self._clock = clock
        self._untold = 0
        self._next = float("-inf")

    def add(self) -> int:
        """Count one more; return how many are to be told of now, 0 while it is too soon."""
        self._untold += 1
        if self._clock() < self._next:
            return 0
        self._next = self._clock() + self._every
        told, self._untold = self._untold, 0
        return told
