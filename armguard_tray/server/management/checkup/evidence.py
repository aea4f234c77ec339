"""How events came to a server, by its own figures. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto


@dataclass(frozen=True, slots=True)
class Figures:
    """What one process has counted since it began to serve.

    Attributes:
        told: events that it was told of.
        found: events that it found by looking at the log, as nobody had told it of them.
        seen: when it said so.
        users: the names of those who are connected to it.

    """

    told: int
    found: int
    seen: datetime
    users: frozenset[str]

    def since(self, earlier: "Figures | None") -> tuple[int, int]:
        """Return how many events it was told of, and how many it found, since earlier figures, or at all."""
        if earlier is None:
            return self.told, self.found
        return self.told - earlier.told, self.found - earlier.found


class How(Enum):
    """How events came to a server."""

    TOLD = auto()
    FOUND = auto()
    UNKNOWN = auto()


def how(before: Mapping[str, Figures], after: Mapping[str, Figures]) -> How:
    """Return how events that have come since `before` came to the processes of `after`.

    Where a process has been told of some events, and found others, ours may be among either.
    """
    counts = [now.since(before.get(key)) for key, now in after.items()]
    if any(told == 0 for told, _ in counts):
        return How.FOUND
    if counts and all(found == 0 for _, found in counts):
        return How.TOLD
    return How.UNKNOWN
