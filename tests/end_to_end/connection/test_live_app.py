"""A server with the live app: one socket that goes on where the desk left off, and what is done without."""

import json

import pytest

from armguard_tray.connection.health import Coverage, coverage_of
from armguard_tray.connection.live_app import STATUS_PATH
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.messages.event import Source
from armguard_tray.messages.position import Position
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from tests.end_to_end.connection.desk import Desk
from tests.fakes.scripted_server import (
    Act,
    Peer,
    ScriptedApp,
    ScriptedServer,
    accept,
    drop,
    hang,
    page,
    status,
)
from tests.unit.messages.frames import NOTICE, RETURN, STATUS, TAKE

TRANSACTIONS, INVENTORY, NOTIFICATIONS = Stream.TRANSACTIONS, Stream.INVENTORY, Stream.NOTIFICATIONS
LIVE = None  # the app's own socket


@pytest.fixture
def app(server: ScriptedServer) -> ScriptedApp:
    server.app = ScriptedApp()
    return server.app


def take(number: int) -> str:
    return TAKE.replace('"id": 2', f'"id": {number}')


def _uses_the_app(facts: StreamFacts) -> bool:
    return facts.app is not None and facts.app.in_use


def _is_warned(facts: StreamFacts) -> bool:
    return facts.app is not None and facts.app.warning is not None


def _is_stock(facts: StreamFacts) -> bool:
    return facts.app is None


# Whether there is one.


@pytest.mark.usefixtures("app")
async def test_one_socket_serves_all_streams(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        for facts in await desk.sees_all(Phase.LIVE):
            assert (facts.reconnects, facts.trouble) == (0, None)
            assert facts.app is not None
            assert (facts.app.version, facts.app.layer, facts.app.warning) == ("1.0", "redis", None)
    (handshake,) = server.handshakes(LIVE)
    assert handshake.query == {
        "streams": "transactions,inventory,notifications",
        "resume": "1",
        "client": "client-of-this-desk",
        "acks": "1",
    }
    assert handshake.session == "secret-session-1"
    assert handshake.headers["origin"] == server.url
    assert not any(server.handshakes(stream) for stream in DEFAULT_STREAMS)
    (question,) = server.asked(STATUS_PATH)
    assert (question.session, question.headers["accept"]) == ("secret-session-1", "application/json")


@pytest.mark.parametrize(
    "answer",
    [
        page(404),
        page(302, headers={"Location": "/somewhere/"}),
        page(200, "<h1>Armory</h1>"),
        page(200, '{"app": "another", "protocol": 1}'),
        page(200, '{"app": "armguard-live", "protocol": 0}'),
        page(200, "[" * 100_000),
        page(500),
        page(403),
        drop,
    ],
    ids=["404", "redirect", "HTML", "another app", "protocol 0", "nested", "500", "403", "drop"],
)
@pytest.mark.usefixtures("app")
async def test_without_an_app_it_is_a_stock_server(server: ScriptedServer, answer: Act) -> None:
    server.on_page("GET", STATUS_PATH, answer)
    async with Desk(server.url) as desk:
        for facts in await desk.sees_all(Phase.LIVE):
            assert facts.app is None
    assert server.handshakes(LIVE) == []


async def test_an_app_that_hangs_keeps_nobody_waiting_for_ever(server: ScriptedServer) -> None:
    server.on_page("GET", STATUS_PATH, hang)
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE, within=15)


async def test_a_newer_protocol_is_used_as_far_as_it_is_understood(
    server: ScriptedServer, app: ScriptedApp
) -> None:
    app.protocol = 7
    async with Desk(server.url) as desk:
        await desk.sees_all(Phase.LIVE)
    assert len(server.handshakes(LIVE)) == 1


async def test_a_stock_server_is_asked_once_for_a_login(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        for _ in range(3):
            await desk.sees(TRANSACTIONS, Phase.LIVE)
            await (await server.peer(TRANSACTIONS)).close(1000)
            await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
        await desk.sees(TRANSACTIONS, Phase.LIVE)
    assert len(server.handshakes(TRANSACTIONS)) == 4
    assert len(server.asked(STATUS_PATH)) == 1


async def test_a_warning_of_the_app_is_told(server: ScriptedServer, app: ScriptedApp) -> None:
    app.layer = {"in_use": "memory", "why": "no Redis", "warning": "Several processes: this is slow."}
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE)
    assert facts.app is not None
    assert (facts.app.layer, facts.app.warning) == ("memory", "Several processes: this is slow.")


async def test_a_warning_comes_and_goes_while_connected(server: ScriptedServer, app: ScriptedApp) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        peer = await server.peer(LIVE)
        app.layer = {"in_use": "memory", "why": "Redis was lost", "warning": "Others are not heard at once."}
        await peer.send(app.position())
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE, where=_is_warned)
        assert facts.app is not None
        assert (facts.app.layer, facts.app.why) == ("memory", "Redis was lost")
        app.layer = {"in_use": "redis", "why": "it answers", "warning": None}
        await peer.send(app.position())
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE, where=lambda facts: not _is_warned(facts))
        assert facts.app is not None
        assert facts.app.layer == "redis"
    assert len(server.handshakes(LIVE)) == 1


@pytest.mark.usefixtures("app")
async def test_presence_keeps_its_stock_socket(server: ScriptedServer) -> None:
    async with Desk(server.url, presence=True) as desk:
        await desk.sees_all(Phase.LIVE, DEFAULT_STREAMS)
        facts = await desk.sees(Stream.PRESENCE, Phase.LIVE)
        assert facts.app is None
    assert len(server.handshakes(Stream.PRESENCE)) == 1


# What it brings.


async def test_events_are_told_by_their_stream(server: ScriptedServer, app: ScriptedApp) -> None:
    async with Desk(server.url) as desk:
        await server.peer(LIVE)
        published = [
            await app.publish(TAKE),
            await app.publish(STATUS, INVENTORY),
            await app.publish(NOTICE, NOTIFICATIONS),
            await app.publish(RETURN),
        ]
        hello, reached = await desk.gets(), await desk.gets()
        assert (hello.position, reached.position) == (Position("first", 0), Position("first", 0))
        for text, stream in zip(
            published, (TRANSACTIONS, INVENTORY, NOTIFICATIONS, TRANSACTIONS), strict=True
        ):
            received = await desk.gets(stream)
            assert (received.data, received.source) == (text, Source.LIVE)
        assert received.position == Position("first", 4)
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=lambda facts: facts.events == 2)
        await desk.sees(INVENTORY, Phase.LIVE, where=lambda facts: facts.events == 1)


async def test_it_goes_on_where_it_left_off(server: ScriptedServer, app: ScriptedApp) -> None:
    async with Desk(server.url) as desk:
        peer = await server.peer(LIVE)
        await app.publish(take(1))
        for _ in range(3):
            await desk.gets()
        peer.link.drop()
        await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
        missed = [await app.publish(take(number)) for number in range(2, 5)]
        await server.peer(LIVE)
        fresh = await app.publish(take(5))
        received = [await desk.gets() for _ in range(5)]
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=lambda facts: facts.reconnects == 1)
    assert [each.data for each in received if not each.is_control] == [*missed, fresh]
    assert [each.source for each in received] == [Source.CATCHUP] * 3 + [Source.LIVE] * 2
    assert [each.ends_replay for each in received] == [False, False, False, True, False]
    again = server.handshakes(LIVE)[1].query
    assert (again["epoch"], again["since"], again["client"]) == ("first", "1", "client-of-this-desk")


async def test_what_the_server_has_forgotten_is_a_gap(server: ScriptedServer, app: ScriptedApp) -> None:
    async with Desk(server.url) as desk:
        peer = await server.peer(LIVE)
        await app.publish(take(1))
        for _ in range(3):
            await desk.gets()
        peer.link.drop()
        await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
        for number in range(2, 9):
            await app.publish(take(number))
        app.trim(oldest=8)
        gap = await desk.gets()
        assert json.loads(gap.data)["type"] == "gap"
        assert gap.position == Position("first", 7), "it is stepped over only once it is stored"
        assert gap.silent_since is not None
        assert (await desk.gets(TRANSACTIONS)).position == Position("first", 8)


async def test_the_app_is_told_how_far_the_desk_is(server: ScriptedServer, app: ScriptedApp) -> None:
    async with Desk(server.url) as desk:
        peer = await server.peer(LIVE)
        await app.publish(TAKE)
        assert json.loads(await peer.heard.get()) == {"type": "ack", "seq": 1}
        for number in range(250):
            await app.publish(take(number))
        acks = [json.loads(await peer.heard.get())["seq"] for _ in range(3)]
        assert acks == [101, 201, 251], "seldom in a storm, and soon after it"
        assert peer.heard.empty()
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=lambda facts: facts.events == 251)


async def test_a_deaf_socket_is_found_out(server: ScriptedServer, app: ScriptedApp) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        peer = await server.peer(LIVE)
        for _ in range(3):
            with pytest.raises(AssertionError):
                await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, within=15)
            await peer.send(app.position())
        # It answers every ping, and yet says nothing that it has promised.
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, within=45)
        assert facts.last_close == "connection went silent"
        await desk.sees(TRANSACTIONS, Phase.LIVE)


# How it refuses.


@pytest.mark.parametrize(
    ("code", "summary", "slowly"),
    [
        (4000, "server error", False),
        (4008, "another program of this user took over", True),
        (4029, "server asks to slow down", True),
        (4030, "too many connections of this user", True),
    ],
)
@pytest.mark.usefixtures("app")
async def test_a_refusal_is_told_in_the_servers_words_too(
    server: ScriptedServer, code: int, summary: str, *, slowly: bool
) -> None:
    error = json.dumps({"type": "error", "code": code, "message": "Four sockets, <b>three</b> are allowed"})
    server.on_handshake(LIVE, accept(error, close=code))
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, where=lambda facts: bool(facts.retry_at))
        assert facts.trouble is not None
        assert facts.trouble.summary == f"{summary}: Four sockets, <b>three</b> are allowed"
        assert facts.last_close is not None
        assert facts.last_close.endswith(": Four sockets, <b>three</b> are allowed")
        assert (desk.seconds_to_retry(facts) >= 60) is slowly
        assert desk.received.empty(), "a refusal is no event"


@pytest.mark.usefixtures("app")
async def test_the_reason_of_the_close_frame_will_do(server: ScriptedServer) -> None:
    server.on_handshake(LIVE, accept(close=4000, reason='{"code": 4000, "message": "Database busy"}'))
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
        assert facts.last_close == "4000 server error: Database busy"


@pytest.mark.usefixtures("app")
async def test_with_4001_it_logs_in_again(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        server.sessions.clear()
        await (await server.peer(LIVE)).close(4001)
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=lambda facts: facts.reconnects == 1)
    assert len(server.passwords) == 2
    assert [each.session for each in server.asked(STATUS_PATH)] == ["secret-session-1", "secret-session-2"]


# Real time switched off.


async def test_without_real_time_it_looks_now_and_then(server: ScriptedServer, app: ScriptedApp) -> None:
    app.real_time = False
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE)
        assert coverage_of(facts) is Coverage.DELAYED, "not green: it comes late"
        assert (await desk.gets()).position == Position("first", 0)
        published = [await app.publish(take(number)) for number in range(1, 4)]
        received = [each for each in [await desk.gets() for _ in range(5)] if not each.is_control]
        assert [each.data for each in received] == published
        assert {each.source for each in received} == {Source.LIVE}
    assert not server.handshakes(LIVE)
    assert [each.query.get("since") for each in server.asked("/armguard-live/events/")] == [None, "0"]


async def test_what_was_missed_before_the_first_look_is_caught_up(
    server: ScriptedServer, app: ScriptedApp
) -> None:
    app.real_time = False
    for number in range(1, 4):
        await app.publish(take(number))
    desk = Desk(server.url)
    desk.stands_at(Position("first", 1))
    async with desk:
        received = [await desk.gets() for _ in range(3)]
    assert [each.source for each in received] == [Source.CATCHUP, Source.CATCHUP, Source.LIVE]
    assert received[-1].ends_replay


async def test_a_look_that_fails_is_told_like_any_failure(server: ScriptedServer, app: ScriptedApp) -> None:
    app.real_time = False
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        server.on_page("GET", "/armguard-live/events/", page(503))
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
        assert facts.last_close == "HTTP 503: server not ready (503)"
        await desk.sees(TRANSACTIONS, Phase.LIVE)


async def test_a_session_that_ends_between_two_looks_is_renewed(
    server: ScriptedServer, app: ScriptedApp
) -> None:
    app.real_time = False
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        server.sessions.clear()
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=lambda facts: facts.reconnects == 1)
    assert len(server.passwords) == 2


# It comes and goes.


async def test_an_app_that_is_set_up_is_used_with_the_next_login(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees_all(Phase.LIVE)
        server.app = ScriptedApp()
        server.sessions.clear()
        for stream in DEFAULT_STREAMS:
            await (await server.peer(stream)).close(1001)
        for stream in DEFAULT_STREAMS:
            facts = await desk.sees(stream, Phase.LIVE, where=_uses_the_app)
            assert facts.reconnects == 1
    assert len(server.handshakes(LIVE)) == 1


async def _more_than_a_minute(desk: Desk, app: ScriptedApp, peer: Peer) -> None:
    for _ in range(5):
        with pytest.raises(AssertionError):
            await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, within=13)
        await peer.send(app.position())


async def test_an_app_that_is_removed_leaves_the_stock_streams(
    server: ScriptedServer, app: ScriptedApp
) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        peer = await server.peer(LIVE)
        await _more_than_a_minute(desk, app, peer)
        server.app = None
        await peer.close(1001)
        for stream in DEFAULT_STREAMS:
            await desk.sees(stream, Phase.LIVE, where=_is_stock)
    assert len(server.asked(STATUS_PATH)) == 2


@pytest.mark.usefixtures("app")
async def test_a_socket_that_fails_though_the_app_answers_is_done_without(server: ScriptedServer) -> None:
    server.on_handshake(LIVE, *[status(500)] * 1000)
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE, within=300)
        assert facts.app is not None
        assert not facts.app.in_use
        assert facts.app.warning is not None, "that is nothing to be silent about"
        assert coverage_of(facts) is Coverage.LIVE
    asked = server.asked(STATUS_PATH)
    assert len(asked) == 2, "once more, at most once a minute"


@pytest.mark.usefixtures("app")
async def test_why_the_socket_is_done_without_is_told_in_the_apps_words(server: ScriptedServer) -> None:
    error = json.dumps({"type": "error", "code": 4000, "message": "the event log cannot be read"})
    server.on_handshake(LIVE, *[accept(error, close=4000)] * 1000)
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE, within=300)
        assert facts.app is not None
        assert facts.app.warning is not None
        assert "the event log cannot be read" in facts.app.warning


@pytest.mark.usefixtures("app")
async def test_an_app_whose_path_is_missing_is_tried_again(server: ScriptedServer) -> None:
    server.on_handshake(LIVE, status(404))
    async with Desk(server.url) as desk:
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
        assert facts.trouble is not None
        assert facts.trouble.summary == "server's live app does not answer"
        await desk.sees(TRANSACTIONS, Phase.LIVE)


@pytest.mark.usefixtures("app")
async def test_the_end_comes_while_the_way_changes(server: ScriptedServer) -> None:
    server.on_handshake(LIVE, hang)
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.CONNECTING)
    assert [facts.phase for facts in desk.connection.facts] == [Phase.STOPPED] * 3
