"""One login for all streams of a desk, so that a wrong password is sent once and not three times."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import LoginClient, Session

log = logging.getLogger(__name__)

UNANSWERED_UNTIL_GIVEN_UP = 3
"""Passwords sent in a row without an answer. Five wrong ones lock the account, and people need a try too."""


@dataclass(frozen=True, slots=True)
class Login:
    """A session and its number: a higher one is newer."""

    number: int
    session: Session


class SharedSession:
    """Logs in on the first need and keeps the session for every stream.

    A refused password is remembered: it is never sent a second time, since five of them lock the account. Nor
    is one sent on and on to a server that does not tell whether it was right.
    """

    def __init__(
        self, client: LoginClient, password: Callable[[], Awaitable[str | None]], *, consented: bool
    ) -> None:
        """Log in through `client`; `password()` looks the secret up; without consent nothing is sent."""
        self._client = client
        self._password = password
        self._consented = consented
        self._lock = asyncio.Lock()
        self._login: Login | None = None
        self._logins = 0
        self._tries = 0
        self._failure: Failure | None = None
        self._refusal: Failure | None = None
        self._unanswered = 0

    async def obtain(self, newer_than: int = 0) -> Login | Failure:
        """Return a session whose number is above `newer_than`, logging in if need be."""
        if not self._consented:
            return Failure(FailureKind.NO_CONSENT)
        tries_before = self._tries
        async with self._lock:
            if self._refusal is not None:
                return self._refusal
            if self._login is not None and self._login.number > newer_than:
                return self._login
            if self._failure is not None and self._tries > tries_before:
                # Another stream tried while this one waited: its outcome is for both.
                return self._failure
            result = await self._log_in()
            self._tries += 1
            self._failure = result if isinstance(result, Failure) else None
            return result

    async def _log_in(self) -> Login | Failure:
        password = await self._password()
        if password is None:
            return Failure(FailureKind.NO_PASSWORD)
        result = await self._client.log_in(password)
        if isinstance(result, Failure):
            return self._failed(result)
        log.info("logged in")
        self._unanswered = 0
        self._logins += 1
        self._login = Login(self._logins, result)
        return self._login

    def _failed(self, failure: Failure) -> Failure:
        if failure.kind is FailureKind.UNANSWERED:
            self._unanswered += 1
            if self._unanswered >= UNANSWERED_UNTIL_GIVEN_UP:
                failure = Failure(FailureKind.GIVEN_UP, failure.status, detail=failure.detail)
        log.warning("login failed: %s", failure.kind)
        if failure.kind in {FailureKind.WRONG_PASSWORD, FailureKind.LOCKED_OUT, FailureKind.GIVEN_UP}:
            self._refusal = failure
        return failure

    async def is_alive(self, login: Login) -> bool | None:
        """Tell whether the server still knows the session; None when that cannot be learnt now."""
        return await self._client.is_alive(login.session)

    def user_acts(self) -> None:
        """Allow another try, because the user asks. A wrong password stays wrong."""
        if self._refusal is not None and self._refusal.kind is not FailureKind.WRONG_PASSWORD:
            self._refusal = None
            self._unanswered = 0
