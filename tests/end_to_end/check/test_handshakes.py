"""What becomes of a socket: refused, silent, closed, or well."""

from dataclasses import replace

import pytest

from armguard_tray.connection.failures import FailureKind
from armguard_tray.connection.live_app import SOCKET_PATH
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from tests.end_to_end.check.looking import QUICK, failures, handshake, look
from tests.fakes.scripted_server import (
    Act,
    ScriptedApp,
    ScriptedServer,
    accept,
    drop,
    hang,
    page,
    raw,
    status,
)

TRANSACTIONS, INVENTORY = Stream.TRANSACTIONS, Stream.INVENTORY


@pytest.mark.parametrize("code", [200, 302, 400, 403, 404, 426, 429, 500, 502, 503, 504])
async def test_a_handshake_that_is_refused(server: ScriptedServer, code: int) -> None:
    server.on_handshake(TRANSACTIONS, status(code, {"Location": "/elsewhere/", "Retry-After": "7"}))
    facts = await look(server.url)
    failure = handshake(facts, TRANSACTIONS).failure
    assert failure is not None
    assert (failure.kind, failure.status, failure.retry_after) == (FailureKind.STATUS, code, 7.0)
    assert handshake(facts, INVENTORY).subscribed == "ping answered", "the others are looked at all the same"


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (drop, FailureKind.NO_ANSWER),
        (raw(b"220 smtp.example ESMTP\r\n"), FailureKind.NO_ANSWER),
        (hang, FailureKind.TIMED_OUT),
    ],
)
async def test_a_handshake_without_a_proper_answer(
    server: ScriptedServer, act: Act, kind: FailureKind
) -> None:
    server.on_handshake(TRANSACTIONS, act)
    facts = await look(server.url, limits=replace(QUICK, opened=0.3))
    assert failures(facts) == {"transactions": kind}


@pytest.mark.parametrize("code", [1011, 1012, 4000, 4001, 4008, 4029, 4030])
@pytest.mark.parametrize("stream", [TRANSACTIONS, INVENTORY])
async def test_a_socket_that_is_accepted_and_closed(
    server: ScriptedServer, stream: Stream, code: int
) -> None:
    server.on_handshake(stream, accept(welcome=False, close=code, reason="so it is"))
    facts = await look(server.url)
    found = handshake(facts, stream)
    assert found.failure is None
    assert found.closure is not None
    assert (found.closure.code, found.closure.reason) == (code, "so it is")
    assert found.alive >= 0


async def test_a_socket_that_is_closed_after_it_was_well(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, accept(close=1011))
    facts = await look(server.url, limits=replace(QUICK, stays=5.0, whole=5.0))
    found = handshake(facts, TRANSACTIONS)
    assert found.subscribed == "welcome frame"
    assert found.closure is not None
    assert found.closure.code == 1011


async def test_a_connection_that_breaks_is_told_as_such(server: ScriptedServer) -> None:
    server.on_handshake(INVENTORY, accept(pongs=False))
    server.on_handshake(TRANSACTIONS, accept())
    facts = await look(server.url, limits=replace(QUICK, subscribed=0.1))
    assert handshake(facts, INVENTORY).subscribed == ""
    assert handshake(facts, INVENTORY).failure is None


async def test_a_pong_is_no_substitute_for_a_welcome(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, accept(welcome=False))
    facts = await look(server.url, limits=replace(QUICK, subscribed=0.1))
    found = handshake(facts, TRANSACTIONS)
    assert (found.failure, found.subscribed, found.closure) == (None, "", None)


async def test_frames_before_the_pong_do_not_matter(server: ScriptedServer) -> None:
    events = ["{}"] * 200
    server.on_handshake(INVENTORY, accept(*events, b"\x00", "\ud800"))
    facts = await look(server.url)
    # A lone surrogate makes us fail the connection ourselves, with 1007.
    assert handshake(facts, INVENTORY).closure is not None
    server.on_handshake(INVENTORY, accept(*events))
    facts = await look(server.url)
    assert handshake(facts, INVENTORY).subscribed == "ping answered"


# With the live app.


@pytest.fixture
def app(server: ScriptedServer) -> ScriptedApp:
    """Let the server have the live app."""
    server.app = ScriptedApp()
    return server.app


def assert_the_stock_streams_stand_in(facts: Facts, how: str) -> None:
    assert facts.app is not None
    assert not facts.app.in_use
    assert facts.app.warning is not None
    assert how in facts.app.warning
    assert {each.stream for each in facts.handshakes} == set(DEFAULT_STREAMS)
    assert failures(facts) == {}


@pytest.mark.parametrize("code", [403, 404, 500])
async def test_an_app_whose_socket_is_refused(server: ScriptedServer, app: ScriptedApp, code: int) -> None:
    server.on_handshake(None, status(code))
    del app
    assert_the_stock_streams_stand_in(
        await look(server.url), "live app does not answer" if code == 404 else str(code)
    )


async def test_an_app_whose_socket_stays_silent(server: ScriptedServer, app: ScriptedApp) -> None:
    server.on_handshake(None, accept())
    del app
    facts = await look(server.url, limits=replace(QUICK, subscribed=0.1))
    assert_the_stock_streams_stand_in(facts, "silent")


async def test_an_app_that_turns_this_desk_away_says_why(server: ScriptedServer, app: ScriptedApp) -> None:
    refusal = '{"type": "error", "code": 4030, "message": "Three are open."}'
    server.on_handshake(None, accept(refusal, close=4030))
    del app
    facts = await look(server.url)
    for stream in DEFAULT_STREAMS:
        closure = handshake(facts, stream).closure
        assert closure is not None
        assert (closure.code, closure.said) == (4030, "Three are open.")
    assert server.handshakes(TRANSACTIONS) == [], "the stock streams count against the same limit"


async def test_the_app_is_not_told_that_it_is_the_tray(server: ScriptedServer, app: ScriptedApp) -> None:
    del app
    await look(server.url)
    await look(server.url)
    first, second = server.handshakes(None)
    assert first.query["client"] != second.query["client"], "else it would replace the tray's own connection"
    assert "since" not in first.query
    assert first.path == SOCKET_PATH


async def test_a_server_that_does_not_say_whether_it_has_the_app_is_taken_for_a_stock_one(
    server: ScriptedServer,
) -> None:
    server.on_page("GET", "/armguard-live/", page(503))
    facts = await look(server.url)
    assert (facts.app, facts.app_known) == (None, False)
    assert {each.stream for each in facts.handshakes} == set(DEFAULT_STREAMS)
