"""How a checkup gets at a session: by a login of its own, or with that of the connection which runs."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from armguard_tray.checkup.limits import Stopwatch
from armguard_tray.clock import Clock
from armguard_tray.connection.failures import Failure, FailureKind, failure_of
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.connection.phase import StreamFacts
from armguard_tray.connection.session import Standing
from armguard_tray.diagnosis.facts import Keeping, LoginFound

LEAST_TIME = 1.5
"""Seconds that must be left for a password to be sent: a verdict that nobody awaits may cost a try."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, and how this desk has it."""

    keeping: Keeping
    password: str | None = field(default=None, repr=False)


class Account(Protocol):
    """Whoever is logged in, or is to be."""

    @property
    def streams(self) -> tuple[StreamFacts, ...]:
        """What the running connection knows of its streams; empty where none runs."""
        ...

    @property
    def app(self) -> LiveApp | None:
        """The live app that the running connection has found; None if it has none, or none runs."""
        ...

    async def find_password(self) -> Keeping | None:
        """Look the password up, if that is needed, and return how this desk has it; None: not known."""
        ...

    async def log_in(
        self, client: LoginClient, clock: Clock, within: float
    ) -> tuple[LoginFound | None, Session | None]:
        """Return how the login stands, None if nothing is known of it, and its session.

        It takes `within` seconds at most. A password is sent once at most in the life of this object.
        """
        ...


class FreshLogin:
    """Logs in once: for the command line, where nothing else runs."""

    streams: tuple[StreamFacts, ...] = ()
    app: LiveApp | None = None

    def __init__(self, username: str, secret: Callable[[], Awaitable[Secret]]) -> None:
        """Log in as `username`; `secret()` looks the password up."""
        self._username = username
        self._look_up = secret
        self._password: str | None = None

    async def find_password(self) -> Keeping | None:
        """Look the password up."""
        secret = await self._look_up()
        self._password = secret.password
        return secret.keeping

    async def log_in(
        self, client: LoginClient, clock: Clock, within: float
    ) -> tuple[LoginFound | None, Session | None]:
        """Send the login form, once; without a password nothing is found."""
        # Taken out: whatever comes of it, it is not sent again.
        password, self._password = self._password, None
        if password is None:
            return None, None
        watch = Stopwatch(clock)
        result = await _log_in(client, password, within)
        found = LoginFound(at=watch.at, ms=watch.ms, username=self._username)
        if isinstance(result, Session):
            return found, result
        return _refused(found, result, clock.now()), None


async def _log_in(client: LoginClient, password: str, within: float) -> Session | Failure:
    if within < LEAST_TIME:
        return Failure(FailureKind.TIMED_OUT, detail="no time was left to log in")
    try:
        async with asyncio.timeout(within):
            return await client.log_in(password)
    except TimeoutError as error:
        if client.passwords_sent:
            return Failure(FailureKind.UNANSWERED, detail=FailureKind.TIMED_OUT)
        return failure_of(error)


def _refused(found: LoginFound, failure: Failure, when: datetime) -> LoginFound:
    lasts = failure.retry_after if failure.kind is FailureKind.LOCKED_OUT else None
    return LoginFound(
        at=found.at,
        ms=found.ms,
        username=found.username,
        live=found.live,
        failure=failure,
        locked_until=_after(when, lasts) if lasts is not None else None,
    )


def _after(when: datetime, seconds: float) -> datetime | None:
    try:
        return when + timedelta(seconds=seconds)
    except OverflowError:  # a hostile server may name any number
        return None


class RunningLogin:
    """That of the connection which runs: no second login is made, and no password sent."""

    def __init__(
        self,
        username: str,
        standing: Standing,
        streams: tuple[StreamFacts, ...],
        keeping: Keeping | None = None,
    ) -> None:
        """Use the login of `username` as it stands; `keeping` is how this desk has the password, if known."""
        self._username = username
        self._standing = standing
        self._keeping = keeping
        self.streams = streams
        self.app = next((each.app for each in streams if each.app is not None), None)

    async def find_password(self) -> Keeping | None:
        """Return how this desk has the password."""
        return self._keeping

    async def log_in(
        self, client: LoginClient, clock: Clock, within: float
    ) -> tuple[LoginFound | None, Session | None]:
        """Return how the login of the running connection stands; nothing is sent."""
        del client, within
        login, failure = self._standing.login, self._standing.failure
        if failure is not None:
            at = self._standing.failed_at or clock.now()
            found = LoginFound(at=at, ms=0, username=self._username, live=True)
            return _refused(found, failure, at), None
        if login is None:
            return None, None  # it is still about to
        began = login.began or clock.now()
        return LoginFound(at=began, ms=0, username=self._username, live=True), login.session
