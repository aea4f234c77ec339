"""Time that passes faster, for the loop and the clock alike, so that the real timeouts can be seen to work.

Every timeout, that of a library too, is measured by the event loop's own time. A loop in which time passes
ten times as fast shortens them all at once and keeps them in proportion; nothing in the program knows of it.
"""

import asyncio
import os
import selectors
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

SPEED = float(os.environ.get("ARMGUARD_TEST_SPEED", "10"))
"""Seconds of the program for each second of the test. On a very slow machine, less is steadier."""


class _FastSelector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout if timeout is None else timeout / SPEED)


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop in which time passes `SPEED` times as fast.

    Attributes:
        names: host names that mean 127.0.0.1 here, as if a name server said so.

    """

    def __init__(self) -> None:
        super().__init__(_FastSelector())
        self.names: set[str] = set()

    def time(self) -> float:
        return super().time() * SPEED

    async def getaddrinfo(self, host: Any, port: Any, **how: Any) -> Sequence[Any]:  # type: ignore[override]
        name = host.decode() if isinstance(host, bytes) else host
        return await super().getaddrinfo("127.0.0.1" if name in self.names else host, port, **how)


class FastClock:
    """A `Clock` that keeps pace with the loop."""

    def __init__(self) -> None:
        self._start = datetime(2026, 11, 24, 3, 25, 26, tzinfo=UTC)
        self._slept = 0.0

    def now(self) -> datetime:
        """Return the wall-clock time."""
        return self._start + timedelta(seconds=self.monotonic() + self._slept)

    def monotonic(self) -> float:
        """Return seconds that do not count sleep, as on Linux."""
        return time.monotonic() * SPEED

    def sleep_through(self, seconds: float) -> None:
        """Let the machine have slept: only the wall clock notices."""
        self._slept += seconds
