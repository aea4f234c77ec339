"""One login for all streams of a desk, so that a wrong password is sent once and not three times."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import LoginClient, Session

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Login:
    """A session and its number: a higher one is newer."""

    number: int
    session: Session


class SharedSession:
    """Logs in on the first need and keeps the session for every stream.

    A refused password is remembered: it is never sent a second time, since five of them lock the account.
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
        self._refusal: Failure | None = None

    async def obtain(self, newer_than: int = 0) -> Login | Failure:
        """Return a session whose number is above `newer_than`, logging in if need be."""
        if not self._consented:
            return Failure(FailureKind.NO_CONSENT)
        async with self._lock:
            if self._refusal is not None:
                return self._refusal
            if self._login is not None and self._login.number > newer_than:
                return self._login
            return await self._log_in()

    async def _log_in(self) -> Login | Failure:
        password = await self._password()
        if password is None:
            return Failure(FailureKind.NO_PASSWORD)
        result = await self._client.log_in(password)
        if isinstance(result, Failure):
            log.warning("login failed: %s", result.kind)
            if result.kind in {FailureKind.WRONG_PASSWORD, FailureKind.LOCKED_OUT}:
                self._refusal = result
            return result
        log.info("logged in")
        self._logins += 1
        self._login = Login(self._logins, result)
        return self._login

    async def is_alive(self, login: Login) -> bool | None:
        """Tell whether the server still knows the session; None when that cannot be learnt now."""
        return await self._client.is_alive(login.session)

    def user_acts(self) -> None:
        """Allow one more try after a lock-out, because the user asks. A wrong password stays wrong."""
        if self._refusal is not None and self._refusal.kind is FailureKind.LOCKED_OUT:
            self._refusal = None
