"""One login for all streams, and no password sent once too often."""

import asyncio

import pytest

from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.connection.session import Login, SharedSession
from armguard_tray.settings.model import ServerSettings

WRONG = Failure(FailureKind.WRONG_PASSWORD, 200)
LOCKED = Failure(FailureKind.LOCKED_OUT, 403)
DOWN = Failure(FailureKind.REFUSED)
UNANSWERED = Failure(FailureKind.UNANSWERED)
LIMITED = Failure(FailureKind.RATE_LIMITED, 403)
CSRF = Failure(FailureKind.CSRF, 403)


class Server(LoginClient):
    """Answers logins as the test says; without an answer it lets them in.

    Attributes:
        passwords: what it was sent, in order.
        sessions: the sessions it was asked about.
        open: whoever logs in waits until this is set.

    """

    def __init__(self, *answers: Failure) -> None:
        super().__init__(ServerSettings(address="http://127.0.0.1", username="armorer1"))
        self.passwords: list[str] = []
        self.sessions: list[Session] = []
        self.open = asyncio.Event()
        self.open.set()
        self._answers = list(answers)

    async def log_in(self, password: str) -> Session | Failure:
        self.passwords.append(password)
        if self._answers[:1] != [DOWN]:
            self.passwords_sent += 1
        await self.open.wait()
        return self._answers.pop(0) if self._answers else Session(f"sessionid={len(self.passwords)}")

    async def is_alive(self, session: Session) -> bool | None:
        self.sessions.append(session)
        return True


async def password() -> str | None:
    return "armory-demo"


def shared(server: Server) -> SharedSession:
    return SharedSession(server, password, consented=True)


async def obtain_thrice(session: SharedSession, server: Server) -> list[Login | Failure]:
    """Let three streams ask at the same time, as they do at the start."""
    server.open.clear()
    asking = asyncio.gather(*(session.obtain() for _ in range(3)))
    await asyncio.sleep(0)
    server.open.set()
    return await asking


async def test_three_streams_are_one_login() -> None:
    server = Server()
    logins = await obtain_thrice(shared(server), server)
    assert server.passwords == ["armory-demo"]
    assert logins == [Login(1, Session("sessionid=1"))] * 3


async def test_a_wrong_password_is_sent_once_and_not_three_times() -> None:
    server = Server(WRONG)
    session = shared(server)
    assert await obtain_thrice(session, server) == [WRONG] * 3
    assert await session.obtain() == WRONG
    session.user_acts()
    assert await session.obtain() == WRONG
    assert len(server.passwords) == 1


async def test_after_a_lock_out_the_user_may_try_once_more() -> None:
    server = Server(LOCKED, LOCKED)
    session = shared(server)
    assert await obtain_thrice(session, server) == [LOCKED] * 3
    assert len(server.passwords) == 1

    session.user_acts()
    assert await obtain_thrice(session, server) == [LOCKED] * 3
    assert len(server.passwords) == 2


async def test_streams_that_waited_for_a_failed_login_share_its_outcome() -> None:
    server = Server(DOWN, DOWN, DOWN)
    assert await obtain_thrice(shared(server), server) == [DOWN] * 3
    assert len(server.passwords) == 1


async def test_a_server_that_was_down_is_asked_again_later() -> None:
    server = Server(DOWN)
    session = shared(server)
    assert await session.obtain() == DOWN
    assert isinstance(await session.obtain(), Login)


async def test_a_password_without_an_answer_is_not_sent_on_and_on() -> None:
    server = Server(UNANSWERED, DOWN, UNANSWERED, UNANSWERED)
    session = shared(server)
    outcomes = [await session.obtain() for _ in range(6)]
    kinds = [outcome.kind for outcome in outcomes if isinstance(outcome, Failure)]
    given_up = FailureKind.GIVEN_UP
    assert kinds == [UNANSWERED.kind, DOWN.kind, UNANSWERED.kind, given_up, given_up, given_up]
    assert len(server.passwords) == 4

    session.user_acts()
    assert isinstance(await session.obtain(), Login)


async def kinds_of(session: SharedSession, times: int) -> list[FailureKind | None]:
    """Ask so many times for a newer session than there is, as streams do whose sessions are refused."""
    outcomes = [await session.obtain(newer_than=100) for _ in range(times)]
    return [outcome.kind if isinstance(outcome, Failure) else None for outcome in outcomes]


@pytest.mark.parametrize("answers", [[CSRF, LIMITED, CSRF], [LIMITED] * 3, [UNANSWERED, CSRF, LIMITED]])
async def test_whatever_is_answered_no_password_is_sent_a_fourth_time(answers: list[Failure]) -> None:
    server = Server(*answers)
    session = shared(server)
    expected = [answers[0].kind, answers[1].kind, FailureKind.GIVEN_UP, FailureKind.GIVEN_UP]
    assert await kinds_of(session, 4) == expected
    assert len(server.passwords) == 3


async def test_logins_that_never_bring_a_stream_to_life_come_to_an_end_too() -> None:
    server = Server()
    session = shared(server)
    assert await kinds_of(session, 5) == [None, None, None, FailureKind.GIVEN_UP, FailureKind.GIVEN_UP]
    assert len(server.passwords) == 3


async def test_a_live_stream_clears_the_count() -> None:
    server = Server(UNANSWERED, UNANSWERED)
    session = shared(server)
    await kinds_of(session, 2)
    login = await session.obtain()
    assert isinstance(login, Login)
    session.proven(login)

    server._answers = [UNANSWERED, UNANSWERED]
    assert await kinds_of(session, 2) == [FailureKind.UNANSWERED] * 2


async def test_an_old_session_that_still_lives_says_nothing_of_passwords_sent_since() -> None:
    server = Server()
    session = shared(server)
    old = await session.obtain()
    assert isinstance(old, Login)
    server._answers = [UNANSWERED] * 3
    for _ in range(4):
        await session.obtain(newer_than=old.number)
        session.proven(old)
    assert len(server.passwords) == 4, "the first one, and three since"


async def test_a_session_that_still_lives_serves_the_others_after_a_refusal() -> None:
    session = shared(server := Server())
    old = await session.obtain()
    server._answers = [WRONG]
    assert await session.obtain(newer_than=1) == WRONG
    assert await session.obtain() == old


async def test_a_login_that_is_broken_off_counts_all_the_same() -> None:
    server = Server()
    server.open.clear()
    session = shared(server)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await session.obtain()
    server.open.set()
    assert await session.obtain() == Failure(FailureKind.GIVEN_UP)
    assert len(server.passwords) == 3


async def test_a_newer_session_is_asked_for_by_number() -> None:
    server = Server()
    session = shared(server)
    assert await session.obtain() == await session.obtain() == Login(1, Session("sessionid=1"))
    renewed = Login(2, Session("sessionid=2"))
    # Two streams find the same session ended: that is one login.
    assert await session.obtain(newer_than=1) == await session.obtain(newer_than=1) == renewed
    assert await session.obtain() == renewed


async def test_without_consent_nothing_is_sent_and_no_password_looked_up() -> None:
    async def must_not_be_asked() -> str | None:
        pytest.fail("the password was looked up")

    server = Server()
    session = SharedSession(server, must_not_be_asked, consented=False)
    assert await session.obtain() == Failure(FailureKind.NO_CONSENT)
    assert server.passwords == []


async def test_a_missing_password_is_looked_up_again_when_the_user_asks() -> None:
    looked_up: list[None] = []

    async def none_yet() -> str | None:
        looked_up.append(None)
        return None

    server = Server()
    session = SharedSession(server, none_yet, consented=True)
    assert await session.obtain() == Failure(FailureKind.NO_PASSWORD)
    await session.obtain()
    assert len(looked_up) == 2
    assert server.passwords == []


async def test_a_login_that_is_given_up_leaves_the_others_free_to_try() -> None:
    server = Server()
    server.open.clear()
    session = shared(server)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(session.obtain())
        second = group.create_task(session.obtain())
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        server.open.set()
    assert await second == Login(2, Session("sessionid=2"))


async def test_whether_the_session_is_alive_is_asked_of_the_server() -> None:
    server = Server()
    session = shared(server)
    login = await session.obtain()
    assert isinstance(login, Login)
    assert await session.is_alive(login)
    assert server.sessions == [login.session]


def test_a_session_does_not_show_its_cookie() -> None:
    assert "secret" not in repr(Login(1, Session("sessionid=secret")))
