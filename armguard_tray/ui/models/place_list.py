"""PURE: the places of all rows that match, newest first.

A million of them are 8 MiB, and one is found among them in 20 steps. As many Python objects would be a
hundred times as much, and the garbage collector would look at each.
"""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from operator import neg


class PlaceList:
    """Places (`StoredEvent.place`), descending, each once."""

    def __init__(self) -> None:
        """Start empty."""
        self._all = array("q")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all)

    def __getitem__(self, index: int) -> int:
        """Return the place at an index, 0 being the newest; negative ones count from the oldest."""
        return self._all[index]

    def between(self, first: int, end: int) -> "array[int]":
        """Return the places from index `first` to the one before `end`, as far as there are any."""
        return self._all[max(0, first) : max(0, end)]

    def find(self, place: int) -> tuple[int, bool]:
        """Return the index of the first that is not above `place`, and whether it is that one."""
        index = bisect_left(self._all, -place, key=neg)
        return index, index < len(self._all) and self._all[index] == place

    def runs_of(self, ascending: Sequence[int]) -> "list[tuple[int, array[int]]]":
        """Return which of these are not there, and where: neighbours together, the lowest run first.

        Put in in this order, by the indexes that are given here, each run comes to where it belongs.
        """
        runs: list[tuple[int, array[int]]] = []
        for place in ascending:
            index, there = self.find(place)
            if there or (runs and runs[-1][1][-1] == place):
                continue
            if runs and runs[-1][0] == index:
                runs[-1][1].append(place)
            else:
                runs.append((index, array("q", [place])))
        for _, run in runs:
            run.reverse()
        return runs

    def insert(self, index: int, descending: "array[int]") -> None:
        """Put a run in at an index."""
        self._all[index:index] = descending

    def remove(self, index: int, count: int) -> None:
        """Take `count` of them out from an index on."""
        del self._all[index : index + count]

    def replace(self, descending: "array[int]") -> None:
        """Begin anew with these."""
        self._all = descending
