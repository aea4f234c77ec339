"""One login for all streams of a desk, so that a wrong password is sent once and not three times."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from armguard_tray.clock import Clock
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import LoginClient, Session

log = logging.getLogger(__name__)

UNPROVEN_UNTIL_GIVEN_UP = 3
"""Passwords sent since the last live stream. Five wrong ones lock the account, and people need a try too."""


@dataclass(frozen=True, slots=True)
class Login:
    """A session and its number, that of the password sent for it: a higher one is newer.

    `began` is when the server accepted it, where that was noted.
    """

    number: int
    session: Session
    began: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the login of a desk stands.

    Attributes:
        login: the last one that the server accepted; None if it accepted none.
        failure: why there is no newer one, if that was tried last and failed.
        failed_at: when that was.

    """

    login: Login | None = None
    failure: Failure | None = None
    failed_at: datetime | None = None


class SharedSession:
    """Logs in on the first need and keeps the session for every stream.

    A refused password is remembered: it is never sent a second time, since five of them lock the account. Nor
    is one sent on and on while no stream becomes live: only that proves that it was right.
    """

    def __init__(
        self,
        client: LoginClient,
        password: Callable[[], Awaitable[str | None]],
        *,
        consented: bool,
        clock: Clock | None = None,
    ) -> None:
        """Log in through `client`; `password()` looks the secret up; without consent nothing is sent."""
        self._clock = clock
        self._failed_at: datetime | None = None
        self._client = client
        self._password = password
        self._consented = consented
        self._lock = asyncio.Lock()
        self._login: Login | None = None
        self._proven = 0
        self._tries = 0
        self._failure: Failure | None = None
        self._refusal: Failure | None = None

    async def obtain(self, newer_than: int = 0) -> Login | Failure:
        """Return a session whose number is above `newer_than`, logging in if need be."""
        if not self._consented:
            return Failure(FailureKind.NO_CONSENT)
        tries_before = self._tries
        async with self._lock:
            if self._login is not None and self._login.number > newer_than:
                return self._login
            if self._refusal is not None:
                return self._refusal
            if self._failure is not None and self._tries > tries_before:
                # Another stream tried while this one waited: its outcome is for both.
                return self._failure
            result = await self._log_in()
            self._tries += 1
            self._failure = result if isinstance(result, Failure) else None
            self._failed_at = self._now() if self._failure else None
            return result

    async def _log_in(self) -> Login | Failure:
        if self._unproven >= UNPROVEN_UNTIL_GIVEN_UP:
            return self._failed(Failure(FailureKind.GIVEN_UP))
        password = await self._password()
        if password is None:
            return Failure(FailureKind.NO_PASSWORD)
        result = await self._client.log_in(password)
        if isinstance(result, Failure):
            return self._failed(result)
        log.info("logged in")
        self._login = Login(self._client.passwords_sent, result, self._now())
        return self._login

    @property
    def standing(self) -> Standing:
        """How the login stands."""
        return Standing(self._login, self._refusal or self._failure, self._failed_at)

    def _now(self) -> datetime | None:
        return self._clock.now() if self._clock is not None else None

    @property
    def _unproven(self) -> int:
        """How many passwords were sent since the one that is known to be right."""
        return self._client.passwords_sent - self._proven

    def _failed(self, failure: Failure) -> Failure:
        log.warning("login failed: %s", failure.kind)
        if failure.kind not in _REFUSALS and self._unproven >= UNPROVEN_UNTIL_GIVEN_UP:
            failure = Failure(FailureKind.GIVEN_UP, failure.status, detail=failure.kind)
            log.warning("no password is sent again before the user asks")
        if failure.kind in _REFUSALS:
            self._refusal = failure
        return failure

    def proven(self, login: Login) -> None:
        """Note that a stream is live with `login`: that password was right."""
        self._proven = max(self._proven, login.number)

    async def is_alive(self, login: Login) -> bool | None:
        """Tell whether the server still knows the session; None when that cannot be learnt now."""
        return await self._client.is_alive(login.session)

    def user_acts(self) -> None:
        """Allow another try, because the user asks. A wrong password stays wrong."""
        if self._refusal is not None and self._refusal.kind is not FailureKind.WRONG_PASSWORD:
            self._refusal = None
            self._proven = self._client.passwords_sent


_REFUSALS = {FailureKind.WRONG_PASSWORD, FailureKind.LOCKED_OUT, FailureKind.GIVEN_UP}
