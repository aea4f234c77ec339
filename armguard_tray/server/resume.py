"""Where delivery goes on for a client that comes back, and what it must be told is missing. Pure.

The rule holds at the handshake, and again whenever a connection falls behind a log that was trimmed or began
a new epoch: ask with the connection's epoch and position, and send the gap, if any, before going on.
"""

from dataclasses import dataclass
from typing import Literal

Reason = Literal["epoch", "trimmed", "ahead"]


@dataclass(frozen=True, slots=True)
class HeadState:
    """Where the event log stands.

    Attributes:
        epoch: under which the numbers count; another epoch's numbers say nothing.
        seq: the newest event's number, 0 before the first.
        oldest: the oldest number still kept; `seq + 1` where none is.
        began: the epoch's first number; None where that is not known.

    """

    epoch: str
    seq: int
    oldest: int
    began: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """What cannot be delivered any more.

    Attributes:
        epoch: the log's present epoch.
        first: the first missing number; None, like `last`, where nobody can say which ones are missing.
        last: the last missing number.
        reason: "trimmed": no longer kept; "ahead": the client knows more than the log has; "epoch": the
            client's numbers are of another epoch.

    """

    epoch: str
    first: int | None
    last: int | None
    reason: Reason

    def frame(self) -> dict[str, object]:
        """Return the frame that tells a client."""
        return {
            "type": "gap",
            "epoch": self.epoch,
            "from": self.first,
            "to": self.last,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Resumption:
    """How to go on.

    Attributes:
        position: delivery goes on with the first event after it.
        gap: what to tell the client first, if anything is missing.

    """

    position: int
    gap: Gap | None = None


def resume(head: HeadState, epoch: str | None, since: int | None) -> Resumption:
    """Return how to go on for a client whose last event was `since` of `epoch`.

    A client that names not both has nothing to go on from: it gets what comes from now on.
    """
    if epoch is None or since is None:
        return Resumption(head.seq)
    before_kept = head.oldest - 1
    if epoch != head.epoch:
        # After a restored backup the numbers are lower than those that the client knows.
        first = min(since + 1, head.oldest if head.began is None else head.began)
        known = first <= before_kept
        return Resumption(
            before_kept,
            Gap(head.epoch, first if known else None, before_kept if known else None, "epoch"),
        )
    if since > head.seq:
        return Resumption(head.seq, Gap(head.epoch, head.seq + 1, since, "ahead"))
    if since < before_kept:
        return Resumption(before_kept, Gap(head.epoch, since + 1, before_kept, "trimmed"))
    return Resumption(since)
