"""Pages of the server, read with the login that the streams have."""

import logging
from http import HTTPStatus
from typing import Protocol

from armguard_tray.connection.explain import explain
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import Page, Session
from armguard_tray.connection.phase import Need
from armguard_tray.connection.session import Login, SharedSession

log = logging.getLogger(__name__)

GONE = Failure(FailureKind.STATUS, HTTPStatus.FOUND)
"""There is no session, or the server knows it no longer; `LoginClient.get` says the same by it."""


class Client(Protocol):
    """Reads a page with a session, as `LoginClient` does."""

    async def get(self, session: Session, path: str, *, accept: str, most: int) -> Page | Failure:
        """Return what is at `path`, up to `most` bytes of it, or why nothing came."""
        ...


class SessionPages:
    """Reads pages, and sends the password for it as seldom as can be.

    The first login is the streams' own. A session that is gone while they are live, which a socket outlives,
    is renewed once, and not again before a page was had with it; not at all while only the user can help.
    """

    def __init__(self, client: Client, session: SharedSession) -> None:
        """Read through `client` with the login of `session`; nothing is asked yet."""
        self._client = client
        self._session = session
        self._renewed = False

    async def get(self, path: str, *, accept: str, most: int) -> Page | Failure:
        """Return what is at `path`, up to `most` bytes of it, or why not; `GONE` if that needs a login."""
        standing = self._session.standing
        if standing.failure is not None and explain(standing.failure).need is Need.LOGIN:
            return standing.failure
        if standing.login is None:
            return GONE
        page = await self._ask(standing.login, path, accept, most)
        if not _is_gone(page):
            return page
        newer = await self._newer_than(standing.login)
        return await self._ask(newer, path, accept, most) if isinstance(newer, Login) else newer

    async def _ask(self, login: Login, path: str, accept: str, most: int) -> Page | Failure:
        page = await self._client.get(login.session, path, accept=accept, most=most)
        if isinstance(page, Page) and page.status == HTTPStatus.OK:
            self._renewed = False
            # As a live stream does: it shows that the password was right.
            self._session.proven(login)
        return page if not _is_gone(page) else GONE

    async def _newer_than(self, login: Login) -> Login | Failure:
        present = self._session.standing.login
        if present is not None and present.number > login.number:
            return present
        if self._renewed:
            return GONE
        self._renewed = True
        log.info("the session is gone: logging in again to read the history")
        return await self._session.obtain(newer_than=login.number)


def _is_gone(page: Page | Failure) -> bool:
    gone = HTTPStatus.FOUND if isinstance(page, Failure) else HTTPStatus.UNAUTHORIZED
    return page.status == gone
