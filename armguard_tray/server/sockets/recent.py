"""The newest events, kept in memory for all connections of a process. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from armguard_tray.server.event_log import Logged


class RecentEvents:
    """A run of events without holes that ends with the newest.

    Attributes:
        last: the newest event's number.

    """

    def __init__(self, last: int, *, events: int, characters: int) -> None:
        """Begin empty after `last`; keep at most `events`, and at most `characters` of text."""
        self.last = last
        self._limit = events
        self._characters_limit = characters
        self._characters = 0
        self._events: dict[int, Logged] = {}

    @property
    def first(self) -> int:
        """The oldest number that is held; `last + 1` where none is."""
        return self.last - len(self._events) + 1

    def extend(self, events: Sequence["Logged"]) -> None:
        """Add newer events, in order. Where some are missing between, the older ones are dropped."""
        for event in events:
            if event.seq != self.last + 1:
                self._events.clear()
                self._characters = 0
            self._events[event.seq] = event
            self._characters += len(event.body)
            self.last = event.seq
        while len(self._events) > self._limit or self._characters > self._characters_limit:
            dropped = self._events.pop(self.first)
            self._characters -= len(dropped.body)

    def after(self, seq: int) -> "list[Logged] | None":
        """Return all events after `seq`, or None where the next one is not held any more."""
        if seq < self.first - 1:
            return None
        return [self._events[number] for number in range(seq + 1, self.last + 1)]
