"""The login of a checkup: one try, none where it would be wasted, none beside a running connection."""

from dataclasses import replace
from datetime import timedelta

import pytest

from armguard_tray.checkup.account import RunningLogin
from armguard_tray.checkup.limits import Limits
from armguard_tray.connection.explain import explain
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.phase import Phase
from armguard_tray.connection.session import Standing
from armguard_tray.diagnosis.facts import Keeping
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from tests.end_to_end.check.looking import QUICK, failures, fresh, handshake, look
from tests.end_to_end.connection.desk import Desk
from tests.fakes.clock import FakeClock
from tests.fakes.scripted_server import PASSWORD, ScriptedServer, hang, page, status

LOCKED = page(403, "<h1>Account locked: too many login attempts.</h1>", {"Retry-After": "3600"})


async def test_a_wrong_password_is_sent_once(server: ScriptedServer) -> None:
    facts = await look(server.url, account=fresh("wrong"))
    assert failures(facts) == {"login": FailureKind.WRONG_PASSWORD}
    assert server.passwords == ["wrong"]
    assert (facts.session, facts.handshakes) == (None, ())


async def test_an_account_sends_its_password_once_in_its_life(server: ScriptedServer) -> None:
    account = fresh()
    await look(server.url, account=account)

    async def gone() -> None:
        """Nobody looks the password up again here."""

    account.find_password = gone  # type: ignore[method-assign]  # so
    facts = await look(server.url, account=account)
    assert facts.login is None
    assert server.passwords == [PASSWORD]


async def test_a_lock_out_says_until_when(server: ScriptedServer) -> None:
    server.on_page("POST", "/login/", LOCKED)
    clock = FakeClock()
    facts = await look(server.url, clock=clock)
    assert failures(facts) == {"login": FailureKind.LOCKED_OUT}
    assert facts.login is not None
    assert facts.login.locked_until == clock.now() + timedelta(hours=1)


async def test_a_hostile_lock_out_has_no_end(server: ScriptedServer) -> None:
    server.on_page("POST", "/login/", page(403, "locked", {"Retry-After": "9" * 300}))
    facts = await look(server.url)
    assert facts.login is not None
    assert facts.login.locked_until is None


async def test_an_answer_that_does_not_come_may_have_cost_a_try(server: ScriptedServer) -> None:
    server.on_page("POST", "/login/", hang)
    facts = await look(server.url, limits=replace(QUICK, login=1.6))
    assert failures(facts) == {"login": FailureKind.UNANSWERED}
    assert server.passwords == [PASSWORD]


@pytest.mark.parametrize("keeping", [Keeping.LOCKED, Keeping.MISSING, Keeping.NO_KEYRING])
async def test_without_a_password_the_rest_is_looked_at(server: ScriptedServer, keeping: Keeping) -> None:
    facts = await look(server.url, account=fresh(None, keeping))
    assert facts.password is keeping
    assert facts.http is not None
    assert facts.http.failure is None
    assert facts.login is None
    assert server.passwords == []


async def test_a_keyring_is_asked_though_the_server_is_down() -> None:
    facts = await look("http://127.0.0.1:9", account=fresh(None, Keeping.LOCKED))
    assert facts.password is Keeping.LOCKED
    assert failures(facts) == {"tcp": FailureKind.REFUSED}


async def test_no_password_is_sent_when_there_is_no_time_for_its_answer(server: ScriptedServer) -> None:
    facts = await look(server.url, limits=Limits(whole=1.2))
    assert failures(facts) == {"login": FailureKind.TIMED_OUT}
    assert server.passwords == []


async def test_a_session_that_is_lost_at_once(server: ScriptedServer) -> None:
    server.on_page("GET", "/", page(302, headers={"Location": "/login/?next=/"}))
    facts = await look(server.url)
    assert facts.session is not None
    assert facts.session.alive is False
    assert facts.handshakes == (), "each of them would only be refused"


async def test_a_session_of_which_nothing_is_said(server: ScriptedServer) -> None:
    server.on_page("GET", "/", page(500))
    facts = await look(server.url)
    assert facts.session is not None
    assert facts.session.alive is None
    assert len(facts.handshakes) == len(DEFAULT_STREAMS)


async def test_beside_a_running_connection_its_session_is_used(server: ScriptedServer) -> None:
    async with Desk(server.url, clock=FakeClock()) as desk:
        await desk.sees_all(Phase.LIVE)
        connection = desk.connection
        account = RunningLogin("armorer1", connection.standing, connection.facts, Keeping.KEYRING)
        facts = await look(server.url, account=account)
        assert server.passwords == [PASSWORD], "that of the desk itself"
        assert {stream: len(server.handshakes(stream)) for stream in DEFAULT_STREAMS} == dict.fromkeys(
            DEFAULT_STREAMS, 1
        )
    assert failures(facts) == {}
    assert facts.login is not None
    assert facts.login.live
    assert facts.session is not None
    assert facts.session.alive is True
    assert facts.session.began == desk.clock.now()
    assert facts.password is Keeping.KEYRING
    assert [each.phase for each in facts.streams] == [Phase.LIVE] * 3
    assert facts.handshakes == ()


async def test_only_the_streams_that_are_not_live_are_tried(server: ScriptedServer) -> None:
    server.on_handshake(Stream.INVENTORY, status(404), status(404))
    async with Desk(server.url, clock=FakeClock()) as desk:
        await desk.sees(Stream.INVENTORY, Phase.REFUSED)
        await desk.sees(Stream.NOTIFICATIONS, Phase.LIVE)
        connection = desk.connection
        facts = await look(
            server.url, account=RunningLogin("armorer1", connection.standing, connection.facts)
        )
    assert [each.stream for each in facts.handshakes] == [Stream.INVENTORY]
    failure = handshake(facts, Stream.INVENTORY).failure
    assert failure is not None
    assert failure.status == 404


async def test_a_stream_that_is_being_opened_is_not_opened_a_second_time(server: ScriptedServer) -> None:
    async with Desk(server.url, clock=FakeClock()) as desk:
        await desk.sees(Stream.NOTIFICATIONS, Phase.LIVE)
        standing, streams = desk.connection.standing, desk.connection.facts
        opening = tuple(replace(each, phase=Phase.CONNECTING) for each in streams)
        in_trouble = tuple(replace(each, trouble=explain(Failure(FailureKind.REFUSED))) for each in opening)
        facts = await look(server.url, account=RunningLogin("armorer1", standing, opening))
        again = await look(server.url, account=RunningLogin("armorer1", standing, in_trouble))

    assert facts.handshakes == (), "both would count against the server's limit"
    assert {each.stream for each in again.handshakes} == {*DEFAULT_STREAMS}, "which may take long to succeed"


async def test_a_login_that_the_running_connection_was_refused_is_told(server: ScriptedServer) -> None:
    async with Desk(server.url, password="wrong", clock=FakeClock()) as desk:
        await desk.sees(Stream.TRANSACTIONS, Phase.REFUSED)
        connection = desk.connection
        facts = await look(
            server.url, account=RunningLogin("armorer1", connection.standing, connection.facts)
        )
    assert server.passwords == ["wrong"]
    assert failures(facts) == {"login": FailureKind.WRONG_PASSWORD}
    assert facts.login is not None
    assert facts.login.at == desk.clock.now()


async def test_a_running_connection_that_has_not_logged_in_yet_says_nothing(server: ScriptedServer) -> None:
    facts = await look(server.url, account=RunningLogin("armorer1", Standing(), ()))
    assert (facts.login, facts.session, facts.handshakes) == (None, None, ())
    assert server.passwords == []


async def test_a_failure_without_a_time_is_one_of_now(server: ScriptedServer) -> None:
    standing = Standing(failure=Failure(FailureKind.LOCKED_OUT, 403, 60.0))
    clock = FakeClock()
    facts = await look(server.url, account=RunningLogin("armorer1", standing, ()), clock=clock)
    assert facts.login is not None
    assert facts.login.locked_until == clock.now() + timedelta(minutes=1)
