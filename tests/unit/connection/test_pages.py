"""Pages read with the streams' login, and no password sent once too often for them."""

import httpx

from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import LoginClient, Page, Session
from armguard_tray.connection.pages import GONE, SessionPages
from armguard_tray.connection.session import UNPROVEN_UNTIL_GIVEN_UP, Login, SharedSession
from armguard_tray.settings.model import ServerSettings

FINE = Page(200, httpx.Headers(), {}, "<h1>Transactions</h1>")


class Server(LoginClient):
    """Knows the sessions of `alive`.

    Attributes:
        alive: the numbers of the sessions that it knows.
        asked: with which sessions it was asked for pages.
        verdict: what it says to passwords; None lets them in.

    """

    def __init__(self) -> None:
        super().__init__(ServerSettings(address="http://127.0.0.1", username="armorer1"))
        self.alive: set[int] = set()
        self.asked: list[str] = []
        self.verdict: Failure | None = None
        self.page = FINE

    async def log_in(self, password: str) -> Session | Failure:  # noqa: ARG002 - always the same
        self.passwords_sent += 1
        return self.verdict or Session(f"{self.passwords_sent}")

    async def get(self, session: Session, path: str, *, accept: str, most: int = 0) -> Page | Failure:  # noqa: ARG002
        self.asked.append(session.cookie)
        return self.page if int(session.cookie) in self.alive else GONE


class Desk:
    """Pages of a server, and the login that the streams share."""

    def __init__(self) -> None:
        self.server = Server()
        self.session = SharedSession(self.server, self.password, consented=True)
        self.pages = SessionPages(self.server, self.session)

    async def password(self) -> str | None:
        return "armory-demo"

    async def log_in(self) -> Login:
        login = await self.session.obtain(newer_than=self.server.passwords_sent)
        assert isinstance(login, Login)
        self.session.proven(login)
        self.server.alive = {login.number}
        return login

    async def get(self) -> Page | Failure:
        return await self.pages.get("/transactions/", accept="text/html", most=1024)


async def test_it_never_logs_in_first() -> None:
    desk = Desk()
    assert await desk.get() == GONE
    assert (desk.server.passwords_sent, desk.server.asked) == (0, [])


async def test_a_page_is_read_with_the_streams_login() -> None:
    desk = Desk()
    await desk.log_in()
    assert await desk.get() == FINE
    assert desk.server.passwords_sent == 1


async def test_a_session_that_is_gone_is_renewed_once() -> None:
    desk = Desk()
    await desk.log_in()
    desk.server.alive = {2}
    assert await desk.get() == FINE
    assert (desk.server.passwords_sent, desk.server.asked) == (2, ["1", "2"])


async def test_and_not_again_before_a_page_was_had() -> None:
    desk = Desk()
    await desk.log_in()
    desk.server.alive = set()
    assert await desk.get() == GONE
    assert await desk.get() == GONE
    assert desk.server.passwords_sent == 2
    desk.server.alive = {2}  # as after a restart of its database
    assert await desk.get() == FINE
    desk.server.alive = {3}
    assert await desk.get() == FINE
    assert desk.server.passwords_sent == 3


async def test_a_newer_login_of_the_streams_is_no_renewal() -> None:
    desk = Desk()
    await desk.log_in()
    desk.server.alive = set()
    await desk.get()
    await desk.log_in()
    assert await desk.get() == FINE


async def test_a_server_that_answers_401_wants_a_login_as_well() -> None:
    desk = Desk()
    await desk.log_in()
    desk.server.page = Page(401, httpx.Headers(), {}, "")
    assert await desk.get() == GONE
    assert desk.server.passwords_sent == 2


async def test_nothing_is_asked_while_the_login_is_refused() -> None:
    desk = Desk()
    await desk.log_in()
    desk.server.alive = set()
    desk.server.verdict = Failure(FailureKind.WRONG_PASSWORD, 200)
    assert await desk.get() == desk.server.verdict
    asked = list(desk.server.asked)
    assert await desk.get() == desk.server.verdict
    assert (desk.server.passwords_sent, desk.server.asked) == (2, asked)


async def test_a_session_that_ends_every_hour_does_not_use_up_the_tries() -> None:
    desk = Desk()
    await desk.log_in()
    for number in range(2, UNPROVEN_UNTIL_GIVEN_UP + 4):
        desk.server.alive = {number}
        assert await desk.get() == FINE
    assert desk.session.standing.failure is None
