"""Stand-ins for the log's events, which can only be imported where Django is set up."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from armguard_tray.server.event_log import Logged


@dataclass(frozen=True, slots=True)
class _Event:
    seq: int
    body: str = "{}"
    stream: str = "transactions"
    user_id: str | None = None
    epoch: str = "e1"


def event(seq: int, body: str = "{}") -> "Logged":
    """Return an event of this number."""
    return cast("Logged", _Event(seq, body))


def events(*seqs: int) -> "list[Logged]":
    """Return events of these numbers."""
    return [event(seq) for seq in seqs]


def seqs(found: "list[Logged] | None") -> list[int] | None:
    """Return the numbers of `found`."""
    return None if found is None else [each.seq for each in found]
