"""A clock on which waiting takes no time: who waits is let go on when the test moves the hands."""

import asyncio
from contextlib import suppress
from datetime import datetime

from tests.fakes.clock import FakeClock


class PatientClock(FakeClock):
    """A `FakeClock` that one task can wait on."""

    def __init__(self, start: datetime) -> None:
        """Begin at `start`."""
        super().__init__(start)
        self._rests = asyncio.Event()
        self._waits_for = asyncio.Event()
        self._ends: float | None = None
        self._scope: asyncio.Timeout | None = None

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` go by at once."""
        self.advance(seconds)

    async def until(self, event: asyncio.Event, seconds: float | None) -> None:
        """Wait until `event` is set, or the test has let so many seconds go by."""
        if event.is_set() or (seconds is not None and seconds <= 0):
            return
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(None) as self._scope:
                    self._ends = None if seconds is None else self.monotonic() + seconds
                    self._waits_for = event
                    self._rests.set()
                    await event.wait()
        finally:
            self._rests.clear()

    async def rest(self) -> None:
        """Return when who waits on this clock waits for something that has not happened yet."""
        await self._rests.wait()
        while self._waits_for.is_set():
            self._rests.clear()
            await self._rests.wait()

    def forget(self) -> None:
        """Forget who waited: their task has ended."""
        self._rests.clear()
        self._ends = self._scope = None

    async def pass_by(self, seconds: float) -> None:
        """Let `seconds` go by, and whoever waits do in them what they do; returns when they wait again."""
        target = self.monotonic() + seconds
        await self.rest()
        while self._ends is not None and self._ends <= target:
            self.advance(max(0.0, self._ends - self.monotonic()))
            self._let_go()
            await self.rest()
        # Who waited may have let more go by: time never goes back.
        self.advance(max(0.0, target - self.monotonic()))

    def _let_go(self) -> None:
        self._rests.clear()
        if self._scope is not None:
            self._scope.reschedule(asyncio.get_running_loop().time())
