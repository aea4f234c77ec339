"""PURE: when to look at a server's history.

::

              live, replay ended, asked                     begun
    IDLE ───────────────────────────────► DUE ───────────────────────► WALKING
     ▲                                     ▲                             │
     │ left          its time has come, or │                             │ looked
     │              asked, network is back │                             ▼
     └─────────────────────────────────────┴───────────────────────── WAITING
                                              hole, just made: sooner

What happens during a walk counts after it: the pages may have been read before. A tick that comes late, as
after sleep, finds one look due and not many.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from armguard_tray.catchup.audit import GRACE, MARGIN

EVERY = 180.0
"""Seconds between two looks while nothing happens."""
SOON = (GRACE + MARGIN).total_seconds() + 1
"""Seconds until the next one where an announcement may still be under way.

Then it is none any more by the history's whole seconds either: else the next one would be a minute later.
"""
EARLY_EVERY = 60.0
"""Seconds at least between two that come early for that: a server may never announce anything."""


class State(StrEnum):
    """What the looking is at."""

    IDLE = "idle"
    DUE = "due"
    WALKING = "walking"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the next look is due. All times are seconds of one monotonic clock.

    Attributes:
        due_at: when; None: nothing is to be looked for.
        walking: whether one is being made.
        live: whether the transactions are live.
        replaying: whether the server's app is still sending what was missed.
        failed: whether the last look failed.
        asked: whether somebody wants a look, live or not.
        early_at: for when the last one was planned that comes early.

    """

    due_at: float | None = None
    walking: bool = False
    live: bool = False
    replaying: bool = False
    failed: bool = False
    asked: bool = False
    early_at: float = -math.inf

    def state(self, now: float) -> State:
        """Return what it is at."""
        if self.walking:
            return State.WALKING
        if self.due_at is None:
            return State.IDLE
        return State.DUE if self.due_at <= now else State.WAITING

    def wait(self, now: float) -> float | None:
        """Return the seconds until a look is due; None: none is, as things stand."""
        return None if self.walking or self.due_at is None else max(0.0, self.due_at - now)

    def went_live(self, now: float, *, replaying: bool = False) -> "Schedule":
        """Take that the transactions are live; of the server's app, `replaying` what was missed first.

        If the end of that is never told, the next look comes all the same.
        """
        return replace(self, live=True, replaying=replaying, due_at=now + EVERY if replaying else now)

    def left(self) -> "Schedule":
        """Take that they are not live any more: what a look finds now, the next life finds as well."""
        return replace(self, live=False, replaying=False, due_at=self.due_at if self.asked else None)

    def replay_ended(self, now: float) -> "Schedule":
        """Take that the server's app has sent all that was missed. It says so again and again."""
        return replace(self, replaying=False, due_at=now) if self.replaying else self

    def hole_seen(self, now: float) -> "Schedule":
        """Take that a number is missing, or was used just now: it may still come by itself.

        A failed look is not repeated for that.
        """
        if not self.live or self.replaying or self.failed:
            return self
        early = max(now + SOON, self.early_at + EARLY_EVERY)
        if self.due_at is not None and self.due_at <= early:
            return self
        return replace(self, due_at=early, early_at=early)

    def ask(self, now: float) -> "Schedule":
        """Take that somebody wants to know now."""
        return replace(self, due_at=now, asked=True)

    def network_is_back(self, now: float) -> "Schedule":
        """Take that the network is back: what failed is tried again."""
        return replace(self, due_at=now) if self.failed and self.due_at is not None else self

    def begun(self) -> "Schedule":
        """Take that a look begins; whatever is asked for from now on wants another one."""
        return replace(self, walking=True, due_at=None, asked=False)

    def looked(self, now: float, *, good: bool) -> "Schedule":
        """Take that it has ended."""
        due_at = _earlier(self.due_at, now + EVERY) if self.live else self.due_at
        return replace(self, walking=False, failed=not good, due_at=due_at)


def _earlier(one: float | None, other: float) -> float:
    return other if one is None else min(one, other)
