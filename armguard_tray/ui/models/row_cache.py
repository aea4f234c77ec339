"""PURE: the rows that were looked at last."""

from collections import OrderedDict
from collections.abc import Iterable

from armguard_tray.ui.models.shown_row import ShownRow


class RowCache:
    """Rows by their place, at most so many; those that were not looked at for the longest time go first."""

    def __init__(self, capacity: int) -> None:
        """Keep at most `capacity` rows."""
        self._capacity = capacity
        self._rows: OrderedDict[int, ShownRow] = OrderedDict()

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._rows)

    def __contains__(self, place: int) -> bool:
        """Tell whether the row in `place` is kept."""
        return place in self._rows

    def get(self, place: int) -> ShownRow | None:
        """Return the row in `place`, None if it is not kept."""
        return self._rows.get(place)

    def keep(self, rows: Iterable[ShownRow]) -> None:
        """Keep these, as looked at last."""
        for row in rows:
            place = row.stored.place
            self._rows[place] = row
            self._rows.move_to_end(place)
        while len(self._rows) > self._capacity:
            self._rows.popitem(last=False)

    def touch(self, places: Iterable[int]) -> None:
        """Take the rows in these places as looked at last."""
        for place in places:
            if place in self._rows:
                self._rows.move_to_end(place)

    def forget(self, place: int) -> None:
        """Keep the row in `place` no longer."""
        self._rows.pop(place, None)

    def clear(self) -> None:
        """Keep none."""
        self._rows.clear()
