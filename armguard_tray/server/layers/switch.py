"""Which of the two carries this process's messages, Redis or memory: a circuit breaker.

::

    none ──look: it answers──► redis ──an operation fails──► memory
      └────look: it does not──────────────────────────────►    │
                                 ▲                              │
                                 └── a look, every 5 s at most ─┘

Whoever finds Redis lost has waited for it once; everybody else goes on in memory without waiting. It is used
by all threads of the process.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from armguard_tray.server.layers.status import InUse

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """What is in use, why, and since when."""

    in_use: InUse
    why: str
    since: datetime


class Switch:
    """The state of one process.

    Attributes:
        state: changes only through `use_redis` and `use_memory`, which log each change once; that it is lost
            for another reason now is a note.

    """

    def __init__(
        self, *, look_every: float, level: int = logging.WARNING, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin undecided.

        Args:
            look_every: seconds between two looks at a Redis that is lost.
            level: of the log line that says so.
            clock: seconds that only go forward.

        """
        self.state = State("none", "It has not been used in this process yet.", datetime.now(UTC))
        self._look_every = look_every
        self._level = level
        self._clock = clock
        self._lock = threading.Lock()
        self._next_look = 0.0
        self._told: tuple[Callable[[], None], ...] = ()

    def look_is_due(self) -> bool:
        """Return whether the caller shall look at Redis now; of several callers only one is told so.

        Before the first decision everybody looks: who did not would send where nobody listens.
        """
        with self._lock:
            if self.state.in_use != "memory":
                return self.state.in_use == "none"
            if self._clock() < self._next_look:
                return False
            self._next_look = self._clock() + self._look_every
            return True

    def seconds_to_look(self) -> float:
        """Return how long it is until the next look is due."""
        return max(0.0, self._next_look - self._clock())

    def use_redis(self, why: str) -> None:
        """Go on with Redis, which answers."""
        self._change("redis", why, logging.INFO if self.state.in_use == "none" else logging.WARNING)

    def use_memory(self, why: str, level: int | None = None) -> None:
        """Go on in memory, and look at Redis again after a while."""
        with self._lock:
            self._next_look = self._clock() + self._look_every
        self._change("memory", why, self._level if level is None else level)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after each change, in whichever thread it happens; return what ends that."""
        with self._lock:
            self._told = (*self._told, callback)

        def end() -> None:
            with self._lock:
                self._told = tuple(each for each in self._told if each is not callback)

        return end

    def _change(self, in_use: InUse, why: str, level: int) -> None:
        with self._lock:
            old = self.state
            if (old.in_use, old.why) == (in_use, why):
                return
            since = old.since if old.in_use == in_use else datetime.now(UTC)
            self.state = State(in_use, why, since)
            told = self._told
        level = logging.INFO if old.in_use == in_use else level
        if in_use == "redis":
            log.log(level, "channel layer: Redis. %s", why)
        else:
            log.log(level, "channel layer: in memory. %s", why)
        for callback in told:
            callback()
