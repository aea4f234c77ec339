"""Open sockets: when a stream is live, how a dead one is found out, and that nothing of it gets lost."""

import asyncio

import pytest

from armguard_tray.connection.health import Coverage, coverage_of
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.messages.event import Received
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from tests.end_to_end.connection.desk import Desk, Impatient
from tests.end_to_end.connection.fast_time import FastClock
from tests.fakes.scripted_server import (
    PASSWORD,
    WELCOME,
    Act,
    Link,
    Peer,
    Request,
    ScriptedServer,
    accept,
    drop,
    hang,
    raw,
)
from tests.unit.messages.frames import RETURN, STATUS, TAKE

TRANSACTIONS, INVENTORY = Stream.TRANSACTIONS, Stream.INVENTORY


async def test_three_streams_are_live_after_one_login(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        for facts in await desk.sees_all(Phase.LIVE):
            assert (facts.reconnects, facts.trouble, facts.last_close) == (0, None, None)
    assert server.passwords == [PASSWORD]
    for stream in DEFAULT_STREAMS:
        (handshake,) = server.handshakes(stream)
        assert handshake.session == "secret-session-1"
        assert handshake.headers["origin"] == server.url


async def test_the_streams_shake_hands_one_after_another(server: ScriptedServer) -> None:
    in_progress: list[str] = []
    most = 0

    async def slowly(link: Link, request: Request) -> None:
        nonlocal most
        in_progress.append(request.path)
        most = max(most, len(in_progress))
        # Were the others to come at the same time, they would come within these turns of the loop.
        for _ in range(50):
            await asyncio.sleep(0)
        in_progress.remove(request.path)
        await accept()(link, request)

    for stream in DEFAULT_STREAMS:
        server.on_handshake(stream, slowly)
    async with Desk(server.url) as desk:
        await desk.sees_all(Phase.LIVE)
    assert most == 1


# Live only after proof.


async def test_a_stream_without_welcome_is_live_after_the_pong(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        facts = await desk.sees(INVENTORY, Phase.LIVE)
        assert facts.round_trip is not None
        assert facts.round_trip > 0


@pytest.mark.parametrize(
    ("stream", "silence"),
    [
        (TRANSACTIONS, accept(welcome=False)),
        (TRANSACTIONS, accept(welcome=False, pongs=False)),
        (INVENTORY, accept(pongs=False)),
    ],
    ids=["no welcome", "nothing at all", "no pong"],
)
async def test_without_proof_it_is_not_live(server: ScriptedServer, stream: Stream, silence: Act) -> None:
    server.on_handshake(stream, silence)
    async with Desk(server.url) as desk:
        await desk.sees(stream, Phase.CONNECTING)
        facts = await desk.sees(stream, Phase.BACKING_OFF)
        assert facts.trouble is not None
        assert facts.trouble.summary == "connected, but the server stays silent"
        assert (await desk.sees(stream, Phase.LIVE)).reconnects == 0, "it had not been live before"


async def test_a_late_welcome_from_an_earlier_socket_proves_nothing(server: ScriptedServer) -> None:
    second_is_open = asyncio.Event()

    async def welcome_too_late(link: Link, request: Request) -> None:
        peer = Peer(link, request, pongs=False)
        await peer.send(TAKE)
        await second_is_open.wait()
        await peer.send(WELCOME)
        await peer.send(RETURN)
        await peer.listen()

    async def no_welcome(link: Link, request: Request) -> None:
        second_is_open.set()
        await accept(welcome=False)(link, request)

    server.on_handshake(TRANSACTIONS, welcome_too_late, no_welcome)
    async with Desk(server.url) as desk:
        assert (await desk.gets(TRANSACTIONS)).data == TAKE
        await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
        assert (await desk.gets(TRANSACTIONS)).data == RETURN, "what it still delivers is taken"
        assert (await desk.sees(TRANSACTIONS, Phase.LIVE)).reconnects == 0, "it has not been live before"
    assert len(server.handshakes(TRANSACTIONS)) == 3


# Dead links.


def _has_round_trip(facts: StreamFacts) -> bool:
    return facts.round_trip is not None


async def test_a_dead_link_is_noticed_within_25_seconds(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=_has_round_trip)
        (await server.peer(TRANSACTIONS)).fall_silent()
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, within=25)
        assert facts.last_close == "connection went silent", "not the server's error: it said nothing"
        await desk.sees(TRANSACTIONS, Phase.LIVE)


async def test_after_a_wake_up_it_is_noticed_within_5_seconds(server: ScriptedServer) -> None:
    clock = FastClock()
    async with Desk(server.url, clock=clock) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=_has_round_trip)
        (await server.peer(TRANSACTIONS)).fall_silent()
        clock.sleep_through(3600)
        await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, within=5.5)
        await desk.sees(TRANSACTIONS, Phase.LIVE)


async def test_a_live_link_survives_the_wake_up(server: ScriptedServer) -> None:
    clock = FastClock()
    async with Desk(server.url, clock=clock) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        peer = await server.peer(TRANSACTIONS)
        clock.sleep_through(3600)
        pinged = await desk.sees(TRANSACTIONS, Phase.LIVE, where=_has_round_trip)
        await peer.send(TAKE)
        await desk.gets(TRANSACTIONS)
        assert pinged.reconnects == 0
    assert len(server.handshakes(TRANSACTIONS)) == 1


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (hang, "server does not answer"),
        (drop, "server gave no proper answer"),
        (raw(b""), "server gave no proper answer"),
        (raw(b"\x15\x03\x03\x00\x02\x02\x50"), "server gave no proper answer"),
        (raw(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), "server gave no proper answer"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n"), "server gave no proper answer"),
        (raw(b"HTTP/1.1 503 No\r\nRetry-After: 1\r\nRetry-After: 2\r\n\r\n"), "server not ready (503)"),
    ],
    ids=["hangs", "drops", "hangs up", "TLS", "no WebSocket", "too many headers", "header twice"],
)
async def test_a_handshake_that_fails_is_tried_again(server: ScriptedServer, broken: Act, words: str) -> None:
    server.on_handshake(INVENTORY, broken)
    async with Desk(server.url) as desk:
        facts = await desk.sees(INVENTORY, Phase.BACKING_OFF)
        assert facts.trouble is not None
        assert facts.trouble.summary == words
        await desk.sees(INVENTORY, Phase.LIVE)


# Nothing is lost.


async def test_what_arrives_is_delivered_in_order(server: ScriptedServer) -> None:
    frames = [TAKE.replace('"id": 2', f'"id": {number}') for number in range(500)]
    async with Desk(server.url) as desk:
        peer = await server.peer(TRANSACTIONS)
        for frame in frames:
            await peer.send(frame)
        assert [(await desk.gets(TRANSACTIONS)).data for _ in frames] == frames
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE, where=lambda facts: facts.events == len(frames))
        assert facts.last_event is not None


async def test_welcome_and_pong_are_no_events(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        peer = await server.peer(Stream.NOTIFICATIONS)
        await peer.send('{"type": "pong", "timestamp": 123}')
        await peer.send('{"type": "error", "message": "Invalid JSON format"}')
        assert "Invalid JSON" in str((await desk.gets(Stream.NOTIFICATIONS)).data)


async def test_while_the_desk_is_busy_the_server_has_to_wait_and_nothing_is_lost(
    server: ScriptedServer,
) -> None:
    # More than all buffers between the two hold, so that it arrives only if it was not read too early.
    frames = [f'{{"type": "big", "number": {number}, "x": "{"x" * 500_000}"}}' for number in range(40)]
    async with Desk(server.url) as desk:
        await desk.sees_all(Phase.LIVE)
        peer = await server.peer(TRANSACTIONS)
        desk.attentive.clear()
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(_send_all(peer, frames))
            await desk.gets(TRANSACTIONS)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(3):
                    await asyncio.shield(sending)
            assert desk.received.empty(), "it was read on while the desk was busy"
            desk.attentive.set()
        assert [(await desk.gets(TRANSACTIONS)).data for _ in frames[1:]] == frames[1:]
    assert len(server.handshakes(TRANSACTIONS)) == 1, "the busy desk was not taken for a dead link"


async def _send_all(peer: Peer, frames: list[str]) -> None:
    for frame in frames:
        await peer.send(frame)


HELD_UP = "held up by this desk: events cannot be stored"
A_MINUTE_OF_SILENCE = 60.0


def _is_held_up(facts: StreamFacts) -> bool:
    return facts.trouble is not None and facts.trouble.summary == HELD_UP


def _is_well(facts: StreamFacts) -> bool:
    return facts.trouble is None


async def test_a_desk_that_cannot_store_says_so_and_blames_nobody_else(server: ScriptedServer) -> None:
    frames = [f'{{"type": "big", "number": {number}, "x": "{"x" * 500_000}"}}' for number in range(40)]
    async with Desk(server.url) as desk:
        await desk.sees_all(Phase.LIVE)
        peer = await server.peer(TRANSACTIONS)
        desk.attentive.clear()
        async with asyncio.TaskGroup() as group:
            group.create_task(_send_all(peer, frames))
            facts = await desk.sees(TRANSACTIONS, Phase.LIVE, where=_is_held_up, within=10)
            assert coverage_of(facts) is Coverage.OFFLINE, "open, but it must not look well"
            # The transport is not read now, pongs neither; the server answers for itself.
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(A_MINUTE_OF_SILENCE):
                    await desk.hears(TRANSACTIONS)
            desk.attentive.set()
            await desk.sees(TRANSACTIONS, Phase.LIVE, where=_is_well)
        assert [(await desk.gets(TRANSACTIONS)).data for _ in frames] == frames
    assert len(server.handshakes(TRANSACTIONS)) == 1, "the connection was kept"


async def test_a_link_that_dies_while_the_desk_is_held_up_is_noticed_after_it(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        peer = await server.peer(TRANSACTIONS)
        desk.attentive.clear()
        await peer.send(TAKE)
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=_is_held_up)
        peer.fall_silent()
        desk.attentive.set()
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, within=25)
        assert facts.last_close == "connection went silent"


async def test_a_connection_that_ends_while_the_desk_is_held_up_is_opened_again_at_once(
    server: ScriptedServer,
) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        old = await server.peer(TRANSACTIONS)
        desk.attentive.clear()
        await old.send(TAKE)
        await old.send(RETURN)
        await old.close(1012)
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, within=5)
        assert facts.last_close == "1012 server restarting"

        # Live again though what the old one left still waits, and that comes first.
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=_is_held_up)
        await (await server.peer(TRANSACTIONS)).send(STATUS)
        desk.attentive.set()
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=_is_well)
        assert [(await desk.gets(TRANSACTIONS)).data for _ in range(3)] == [TAKE, RETURN, STATUS]


async def test_a_server_that_sends_is_not_silent_even_if_its_pongs_are_late(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=_has_round_trip)
        peer = await server.peer(TRANSACTIONS)
        peer.fall_silent()
        for _ in range(5):
            await peer.send(TAKE)
            with pytest.raises(AssertionError, match="was not seen backing off"):
                await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, within=8)
        await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, within=25)


async def test_the_end_waits_for_what_has_arrived(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        peer = await server.peer(TRANSACTIONS)
        desk.attentive.clear()
        for frame in (TAKE, RETURN, STATUS):
            await peer.send(frame)
        await desk.gets(TRANSACTIONS)
        async with asyncio.TaskGroup() as group:
            group.create_task(desk.connection.stop())
            await desk.sees(TRANSACTIONS, Phase.STOPPED)
            desk.attentive.set()
        assert [(await desk.gets()).data for _ in range(2)] == [RETURN, STATUS]
    assert desk.received.empty()


async def test_a_renewed_stream_delivers_the_old_sockets_frames_first(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        old = await server.peer(TRANSACTIONS)
        desk.attentive.clear()
        for frame in (TAKE, TAKE, RETURN):
            await old.send(frame)
        await desk.gets(TRANSACTIONS)
        desk.connection.reconnect_now()
        new = await server.peer(TRANSACTIONS)
        await new.send(STATUS)
        await new.everything_has_arrived()
        desk.attentive.set()
        assert [(await desk.gets(TRANSACTIONS)).data for _ in range(3)] == [TAKE, RETURN, STATUS]
        await desk.sees(TRANSACTIONS, Phase.LIVE)


async def test_the_end_comes_soon_even_from_a_server_that_does_not_answer(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees_all(Phase.LIVE)
        for stream in DEFAULT_STREAMS:
            (await server.peer(stream)).fall_silent()
        async with asyncio.timeout(5):
            await desk.connection.stop()
        for facts in desk.connection.facts:
            assert facts.phase is Phase.STOPPED


async def test_the_end_may_come_in_the_middle_of_a_handshake(server: ScriptedServer) -> None:
    for stream in DEFAULT_STREAMS:
        server.on_handshake(stream, hang)
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.CONNECTING)
    assert [facts.phase for facts in desk.connection.facts] == [Phase.STOPPED] * 3


class Clumsy(Desk):
    """A desk that drops the first frame on the floor: a bug."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._clumsy = True

    async def on_received(self, received: Received) -> None:
        if self._clumsy:
            self._clumsy = False
            raise RuntimeError("dropped")
        await super().on_received(received)


async def test_a_bug_does_not_leave_the_stream_waiting_for_ever(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with Clumsy(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        await (await server.peer(TRANSACTIONS)).send(TAKE)
        await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        await (await server.peer(TRANSACTIONS)).send(RETURN)
        assert (await desk.gets(TRANSACTIONS)).data == RETURN
    assert "RuntimeError: dropped" in caplog.text, "and it is in the log"


async def test_a_fault_in_what_shows_stops_no_stream(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with Desk(server.url) as desk:
        desk.faults = [RuntimeError("cannot paint") for _ in range(12)]
        peer = await server.peer(TRANSACTIONS)
        await peer.send(TAKE)
        assert (await desk.gets(TRANSACTIONS)).data == TAKE
        await peer.close(1012)
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=lambda facts: facts.reconnects == 1)
    assert "RuntimeError: cannot paint" in caplog.text, "and it is in the log"


class UnluckyAtFirst(Impatient):
    """Chance that fails the first so many times: a bug in a step."""

    def __init__(self, faults: int) -> None:
        super().__init__()
        self._faults = faults

    def uniform(self, a: float, b: float) -> float:
        self._faults -= 1
        if self._faults >= 0:
            raise RuntimeError("no luck")
        return super().uniform(a, b)


async def test_a_bug_in_a_step_lets_the_stream_begin_anew(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with Desk(server.url, chance=UnluckyAtFirst(1)) as desk:
        await desk.sees_all(Phase.LIVE)
    assert "RuntimeError: no luck" in caplog.text


async def test_a_stream_that_a_bug_has_ended_says_so(server: ScriptedServer) -> None:
    async with Desk(server.url, chance=UnluckyAtFirst(99)) as desk:
        for facts in await desk.sees_all(Phase.STOPPED):
            assert facts.trouble is not None
            assert facts.trouble.summary == "this program failed"


async def test_a_network_that_comes_back_is_a_reason_to_try_now(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, accept(welcome=False, close=4030))
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.BACKING_OFF, where=lambda facts: bool(facts.retry_at))
        desk.connection.network_is_back()
        await desk.sees(TRANSACTIONS, Phase.LIVE, within=10)
