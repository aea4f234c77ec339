"""Up to when a stream was surely whole: only an answer to what was asked then proves it."""

import pytest

from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.messages.position import Position
from armguard_tray.messages.streams import Stream
from tests.end_to_end.connection.desk import Desk
from tests.end_to_end.connection.fast_time import FastClock
from tests.fakes.scripted_server import ScriptedApp, ScriptedServer, accept
from tests.unit.messages.frames import TAKE

TRANSACTIONS, INVENTORY = Stream.TRANSACTIONS, Stream.INVENTORY
LIVE = None  # the app's own socket


@pytest.fixture
def app(server: ScriptedServer) -> ScriptedApp:
    server.app = ScriptedApp()
    return server.app


def _was_heard_later(facts: StreamFacts) -> bool:
    return facts.heard is not None and facts.heard > facts.since


async def test_a_live_stream_is_heard_from_then_on_and_with_each_answer(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        facts = await desk.sees(INVENTORY, Phase.LIVE)
        assert (facts.heard, facts.resumed) == (facts.since, False)
        facts = await desk.sees(INVENTORY, Phase.LIVE, where=_was_heard_later)
        assert facts.heard is not None
        assert facts.heard <= desk.clock.now()


async def test_frames_prove_nothing_for_they_may_have_lain_on_the_way(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, accept(pongs=False))
    async with Desk(server.url) as desk:
        live = await desk.sees(TRANSACTIONS, Phase.LIVE)
        peer = await server.peer(TRANSACTIONS)
        await peer.send(TAKE)
        await desk.gets(TRANSACTIONS)
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
    assert facts.heard == live.since


async def test_a_half_open_link_was_heard_up_to_the_last_answer(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=_was_heard_later)
        (await server.peer(TRANSACTIONS)).fall_silent()
        silent = desk.clock.now()
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
    assert facts.heard is not None
    assert facts.heard <= silent
    assert facts.since > silent, "it is noticed later"


async def test_after_a_sleep_a_dead_link_was_heard_before_it(server: ScriptedServer) -> None:
    clock = FastClock()
    async with Desk(server.url, clock=clock) as desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        (await server.peer(TRANSACTIONS)).fall_silent()
        asleep = clock.now()
        clock.sleep_through(3600)
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
    assert facts.heard is not None
    assert facts.heard <= asleep


async def test_a_close_that_the_server_answers_is_an_answer(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        await desk.sees_all(Phase.LIVE)
        before = desk.clock.now()
        desk.connection.reconnect_now()
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE, where=lambda facts: facts.since > before)
        assert facts.heard == facts.since
        before = desk.clock.now()
    (last,) = (each for each in desk.connection.facts if each.stream is TRANSACTIONS)
    assert last.phase is Phase.STOPPED
    assert last.heard is not None
    assert last.heard >= before


async def test_a_stream_that_never_was_live_was_never_heard(server: ScriptedServer) -> None:
    server.on_handshake(TRANSACTIONS, accept(welcome=False))
    seen = []
    async with Desk(server.url) as desk:
        while (facts := await desk.hears(TRANSACTIONS)).phase is not Phase.LIVE:
            seen.append(facts)
    assert {facts.heard for facts in seen} == {None}
    assert Phase.BACKING_OFF in {facts.phase for facts in seen}


async def test_a_close_of_the_server_is_none(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        live = await desk.sees(TRANSACTIONS, Phase.LIVE)
        await (await server.peer(TRANSACTIONS)).close(1012)
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
    assert facts.heard == live.since, "it may have been sent while this desk slept"


async def test_while_a_frame_waits_an_answer_proves_nothing(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        live = await desk.sees(TRANSACTIONS, Phase.LIVE)
        peer = await server.peer(TRANSACTIONS)
        desk.attentive.clear()
        await peer.send(TAKE)
        await desk.gets(TRANSACTIONS)
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE, where=lambda facts: facts.trouble is not None)
        assert facts.heard == live.since
        desk.attentive.set()
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=_was_heard_later)


# With the live app.


@pytest.mark.usefixtures("app")
async def test_the_first_socket_of_the_app_begins_and_resumes_nothing(server: ScriptedServer) -> None:
    async with Desk(server.url) as desk:
        for facts in await desk.sees_all(Phase.LIVE):
            assert (facts.heard, facts.resumed) == (facts.since, False)


async def test_what_is_resumed_is_heard_when_all_of_it_has_come(
    server: ScriptedServer, app: ScriptedApp
) -> None:
    desk = Desk(server.url)
    desk.stands_at(Position("first", 0))
    async with desk:
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE)
        assert (facts.heard, facts.resumed) == (None, True)
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE, where=_was_heard_later)
        assert facts.resumed
        (await server.peer(LIVE)).link.drop()
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
        assert (_was_heard_later(facts), facts.resumed) == (False, False)
        assert facts.heard is not None
    assert app.seq == 0


async def test_what_is_resumed_and_never_comes_is_not_heard(server: ScriptedServer) -> None:
    server.app = _Stuck()
    desk = Desk(server.url)
    desk.stands_at(Position("first", 0))
    async with desk:
        await desk.sees(TRANSACTIONS, Phase.LIVE)
        facts = await desk.sees(TRANSACTIONS, Phase.BACKING_OFF)
    assert facts.heard is None


class _Stuck(ScriptedApp):
    def answer_to(self, query: dict[str, str]) -> list[str]:  # type: ignore[override]
        return super().answer_to(query)[:1]


@pytest.mark.parametrize("position", [None, Position("first", 0)])
async def test_what_is_fetched_now_and_then_is_heard_with_each_answer(
    server: ScriptedServer, app: ScriptedApp, position: Position | None
) -> None:
    app.real_time = False
    desk = Desk(server.url)
    if position is not None:
        desk.stands_at(position)
    async with desk:
        facts = await desk.sees(TRANSACTIONS, Phase.LIVE)
        assert facts.resumed is (position is not None)
        await desk.sees(TRANSACTIONS, Phase.LIVE, where=_was_heard_later)
