"""How long each step may take, and when all must have ended."""

import asyncio
from dataclasses import dataclass

from armguard_tray.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Time limits in seconds.

    Attributes:
        name, tcp, tls, http, password, session, app: of these steps.
        login: until the verdict on the password; a small server takes long to check one.
        opened: until a handshake is answered.
        subscribed: until the server has shown after that that it has subscribed us.
        stays: for which an open socket is watched: a server may accept it only to close it.
        audit: of the history page.
        announced: for which is listened after it was read: an announcement that takes longer is none.
        whole: of all together; steps that have no time left say so.

    """

    name: float = 3.0
    tcp: float = 3.0
    tls: float = 3.0
    http: float = 4.0
    password: float = 4.0
    login: float = 8.0
    session: float = 3.0
    app: float = 3.0
    opened: float = 3.0
    subscribed: float = 3.0
    stays: float = 1.0
    audit: float = 3.0
    announced: float = 2.0
    whole: float = 13.0


class Deadline:
    """When all must have ended, on the running loop's clock."""

    def __init__(self, seconds: float) -> None:
        """Begin now."""
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left; never below 0."""
        return max(0.0, self._end - self._loop.time())

    def within(self, seconds: float) -> float:
        """Return the seconds that a step may take of the `seconds` that it would like."""
        return min(seconds, self.left)


class Stopwatch:
    """Times one step.

    Attributes:
        at: when it began.

    """

    def __init__(self, clock: Clock) -> None:
        """Begin now."""
        self._clock = clock
        self._began = clock.monotonic()
        self.at = clock.now()

    @property
    def ms(self) -> float:
        """Milliseconds up to now."""
        return (self._clock.monotonic() - self._began) * 1000
