"""Opens sockets of our own, until what comes and goes with them in a group can be no coincidence. Reads only.

Somebody else of the same account, at another server, may come and go in a Redis that is not the server's.
When we open, and for how long we hold, is chance: who knows nothing of it seldom arrives within our window
and leaves promptly after our close, and is else seen to come or go while nobody should.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from random import uniform

from armguard_tray.redis_probe import proof as judging
from armguard_tray.redis_probe.proof import Arrival, Glance

OpenSocket = Callable[[], AbstractAsyncContextManager[int]]
"""Opens a socket of `/ws/notifications/`, yields the user id that its welcome frame names, and closes it.

Raises NoSocket when it does not come to that, and nothing else."""

WINDOW = 0.3
"""Seconds from the last look before a socket is opened to the first one after, at most: in a longer one,
anybody may have come."""
PROMPTLY = 0.4
"""Seconds that a membership of ours takes to leave, at most."""
LEAVES_WITHIN = 3.0
"""Seconds after which it is not waited for any more."""
PAUSE = (0.05, 0.65)
HELD = (0.1, 1.3)
"""Seconds, between which it is chance, for which no socket is open, and for which one is."""
COINCIDENCE = 1e-3
"""So small must the chance be that it was all somebody else."""
LOOK_EVERY = 0.05


class NothingCameError(Exception):
    """Our socket was welcomed, and nobody joined."""


class UnprovenError(Exception):
    """It need not have been ours.

    Attributes:
        evidence, reason: as a Proof has them.

    """

    def __init__(self, evidence: str, reason: str) -> None:
        """Note why."""
        super().__init__(evidence)
        self.evidence, self.reason = evidence, reason


class Rounds:
    """The rounds of one proof.

    Attributes:
        last: the last look.

    """

    def __init__(
        self, open_socket: OpenSocket, glance: Callable[[], Awaitable[Glance]], usual: Glance, until: float
    ) -> None:
        """Prepare.

        Args:
            open_socket: opens a socket of ours.
            glance: looks at the groups.
            usual: how they are while none is open.
            until: when the last round may begin, monotonic.

        """
        self._open_socket = open_socket
        self._glance = glance
        self._usual = self.last = usual
        self._until = until
        self._chance = 1.0
        self._came: Arrival | None = None
        self._why = _NO_TIME

    async def run(self) -> Arrival:
        """Return what came and went with each of our sockets.

        Raises:
            NothingCameError, UnprovenError: as they say.
            NoSocket: no socket was opened.

        """
        while True:
            came = await self._round()
            if self._chance <= COINCIDENCE:
                return came
            if time.monotonic() >= self._until:
                raise _doubt(came, self._why)

    async def _round(self) -> Arrival:
        await self._stay(uniform(*PAUSE))  # noqa: S311 - no secret
        began = time.monotonic()
        before = await self._look()
        async with self._open_socket():
            # Who is welcomed has joined: to wait for a membership would only let others' come.
            self.last = during = await self._glance()
            window = time.monotonic() - began
            came = self._only_one(before, during)
            counts = window <= WINDOW
            closing = await self._stay(uniform(*HELD) if counts else 0.0, came)  # noqa: S311 - no secret
        left = await self._leaving(came, closing + LEAVES_WITHIN)
        objection = judging.objection(came, before[0], during[0], self.last)
        if objection is not None:
            raise _doubt(came, objection)
        self._count(window, left - closing)
        return came

    def _only_one(self, before: Glance, during: Glance) -> Arrival:
        came = judging.arrivals(before, during)
        if len(came) > 1:
            raise UnprovenError("several memberships came when our socket was opened", _SEVERAL)
        if not came:
            self._check(during)
            raise NothingCameError if self._came is None else _others()
        self._check(during, came[0])
        if self._came is not None and self._came.place != came[0].place:
            raise _others()
        self._came = came[0]
        return came[0]

    def _count(self, window: float, leaving: float) -> None:
        """Reckon with a round: how likely is it that somebody else came and went so."""
        if window > WINDOW:
            self._why = _SLOW
        elif leaving > PROMPTLY:
            self._chance, self._why = 1.0, _LATE
        else:
            self._chance *= window / (PAUSE[1] - PAUSE[0]) * PROMPTLY / (HELD[1] - HELD[0])

    async def _stay(self, seconds: float, ours: Arrival | None = None) -> float:
        """Look for so many seconds whether all stay who are there; return when the last look began."""
        until = time.monotonic() + seconds
        while True:
            began = time.monotonic()
            glance = await self._look(ours)
            if ours is not None and judging.has_left(ours, glance):
                raise _doubt(ours, _LEFT_EARLY)
            if began >= until:
                return began
            await asyncio.sleep(min(LOOK_EVERY, until - began))

    async def _leaving(self, ours: Arrival, until: float) -> float:
        """Look until ours has left, or until then; return when that was. Redis announces no change."""
        while True:
            glance = await self._look(ours)
            now = time.monotonic()
            if judging.has_left(ours, glance) or now >= until:
                return now
            await asyncio.sleep(LOOK_EVERY)

    async def _look(self, ours: Arrival | None = None) -> Glance:
        self.last = await self._glance()
        self._check(self.last, ours)
        return self.last

    def _check(self, glance: Glance, ours: Arrival | None = None) -> None:
        if judging.others_moved(self._usual, glance, ours):
            raise _others()


def _doubt(came: Arrival, why: str) -> UnprovenError:
    return UnprovenError(f"what came to {came.place} need not be ours", why)


def _others() -> UnprovenError:
    return UnprovenError("others came or went besides our socket", _OTHERS)


_OTHERS = (
    "It cannot be told: others of this account come and go. Prove it while nobody else is connected with "
    "this account."
)
_SEVERAL = (
    "Another socket of the same account was opened at the same moment, so that which membership is ours "
    "cannot be told. Prove it again."
)
_LEFT_EARLY = "A membership came when our socket was opened, but left before it was closed."
_SLOW = (
    "The server, or the way to it, is slow: a socket takes so long to be welcomed that a membership which "
    "came meanwhile need not be ours."
)
_LATE = "A membership came with our socket, but left so long after it was closed that it need not be ours."
_NO_TIME = "It was not done within 10 s: the server or Redis answers slowly. Prove it again."
