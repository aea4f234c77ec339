"""Finds out whether a server has the live app: once for each login, for all streams of a desk."""

import asyncio
import logging
from dataclasses import dataclass
from http import HTTPStatus

from armguard_tray.clock import Clock
from armguard_tray.connection.failures import Failure
from armguard_tray.connection.live_app import STATUS_PATH, LiveApp, read_status, without_socket
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.connection.session import Login

log = logging.getLogger(__name__)

AGAIN_AFTER = 60.0
"""Seconds at least between two questions about the same login: a stock server is not asked in a loop."""


@dataclass(frozen=True, slots=True)
class AppAnswer:
    """What a server answers to the question whether it has the live app.

    Attributes:
        app: the app; None: there is none, or that is not known.
        known: whether it could be learnt.
        answered: whether there was any answer.

    """

    app: LiveApp | None = None
    known: bool = False
    answered: bool = False


async def ask_for_app(client: LoginClient, session: Session) -> AppAnswer:
    """Ask the server once whether it has the live app."""
    page = await client.get(session, STATUS_PATH, accept="application/json")
    if isinstance(page, Failure):
        return AppAnswer()
    if _tells_nothing(page.status):
        return AppAnswer(answered=True)
    app = read_status(page.text) if page.status == HTTPStatus.OK else None
    return AppAnswer(app, known=True, answered=True)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The last question.

    Attributes:
        login: the number of the login with which it was asked.
        at: when, monotonic seconds.
        answered: whether there was any answer to it.
        in_doubt: whether it was asked because the app's socket kept failing.

    """

    login: int
    at: float
    answered: bool
    in_doubt: bool


class Discovery:
    """Knows whether there is a live app.

    What cannot be learnt, because the network or the server fails, leaves what was known; before anything is
    known the server is taken for a stock one.
    """

    def __init__(self, client: LoginClient, clock: Clock) -> None:
        """Ask through `client`."""
        self._client = client
        self._clock = clock
        self._lock = asyncio.Lock()
        self._asked: _Asked | None = None
        self._app: LiveApp | None = None

    async def find(self, login: Login, *, failing: bool = False, doubt: str | None = None) -> LiveApp | None:
        """Return the live app of the server.

        Args:
            login: the present login.
            failing: whether connections fail, so that the app may have come or gone meanwhile.
            doubt: how the app's own socket fails, if it is that which keeps failing; plain text.

        """
        asked_before = self._asked
        async with self._lock:
            if self._asked is not asked_before:
                return self._app  # another stream asked while this one waited: its answer is for both
            if self._is_due(login, failing=failing):
                await self._ask(login, in_doubt=doubt is not None)
            elif doubt and self._asked is not None and self._asked.in_doubt and self._app is not None:
                # It was asked since the failures began, says that it is there, and fails all the same.
                self._app = without_socket(self._app, doubt)
                log.warning("%s", self._app.warning)
            return self._app

    def _is_due(self, login: Login, *, failing: bool) -> bool:
        asked = self._asked
        if asked is None or asked.login != login.number or not asked.answered:
            return True
        return failing and self._clock.monotonic() - asked.at >= AGAIN_AFTER

    async def _ask(self, login: Login, *, in_doubt: bool) -> None:
        answer = await ask_for_app(self._client, login.session)
        self._asked = _Asked(login.number, self._clock.monotonic(), answer.answered, in_doubt)
        if not answer.known:
            log.info("whether the server has the live app cannot be learnt now")
            return
        app = answer.app
        if (app is None) is not (self._app is None):
            log.info("the server %s", f"has the live app {app.version}" if app else "has no live app")
        self._app = app


def _tells_nothing(status: int) -> bool:
    """Tell whether the server could not say: it fails, or there were too many requests."""
    too_many = status in {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
    return too_many or status >= HTTPStatus.INTERNAL_SERVER_ERROR
