"""PURE: the two clocks that times are told by, and how they are told apart where they differ."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from armguard_tray.clock import in_zone


@dataclass(frozen=True, slots=True)
class Clocks:
    """Whose clock tells which time.

    Attributes:
        server: the zone of what the server tells.
        desk: the zone of what this desk saw itself; None is this machine's.
        place: where the server's clock hangs, in one word; empty while both clocks read the same, so that it
            need not be said.
        explanation: one sentence on both clocks; empty as well.

    """

    server: tzinfo
    desk: tzinfo | None
    place: str = ""
    explanation: str = ""

    @property
    def differ(self) -> bool:
        """Whether it must be said whose clock is meant."""
        return bool(self.place)

    def of_server(self, label: str) -> str:
        """Return the label of a time that the server tells: "Time", or "Time (server, Manila)"."""
        return f"{label} (server, {self.place})" if self.place else label

    def of_desk(self, label: str) -> str:
        """Return the label of a time that this desk saw: "Received", or "Received (this desk)"."""
        return f"{label} (this desk)" if self.place else label


def clocks_at(now: datetime, server: tzinfo, desk: tzinfo | None) -> Clocks:
    """Return how to tell times at the moment `now`: zones of different names may well keep the same time."""
    there, here = in_zone(now, server), in_zone(now, desk)
    if there.utcoffset() == here.utcoffset():
        return Clocks(server, server)
    key = getattr(server, "key", None)
    place = key.rpartition("/")[2].replace("_", " ") if key else there.tzname() or _offset(there)
    explanation = (
        f"The server's clock ({key or place}) reads {there:%H:%M} ({_offset(there)}) "
        f"when this desk's reads {here:%H:%M} ({_offset(here)})."
    )
    return Clocks(server, desk, place, explanation)


def _offset(time: datetime) -> str:
    """Return how far a clock is ahead of UTC: UTC+08:00."""
    return f"UTC{time.isoformat()[-6:]}"
