"""The doorbell: heard in this process at once, in others through Redis, and never in anybody's way."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from channels.layers import InMemoryChannelLayer

from armguard_tray.server.doorbell import BELL, GROUP, Doorbell
from armguard_tray.server.layers.resilient import ResilientChannelLayer
from armguard_tray.tasks import TaskKeeper
from tests.fakes.redis_server import ControlledRedis
from tests.server.layers.layer import PATIENCE, QUICK, heard, layer_at, member, until_in_use

if TYPE_CHECKING:
    from armguard_tray.server.event_log import Logged


@dataclass(frozen=True, slots=True)
class Event:
    """What the event log hands over; importing that one needs a configured Django."""

    seq: int
    stream: str = "transactions"
    user_id: str | None = None
    body: str = '{"personnel":"Juan Dela Cruz"}'
    epoch: str = "an epoch"


def event(seq: int) -> "Logged":
    return cast("Logged", Event(seq))


@contextmanager
def doorbell_of(layer: Any) -> Iterator[Doorbell]:
    """Yield a doorbell that rings through `layer`, and end its thread."""
    doorbell = Doorbell(lambda: layer, lambda: 2.0)
    try:
        yield doorbell
    finally:
        doorbell.finish(PATIENCE)


class HeldLayer:
    """Takes the first message and does not go on before it is let."""

    def __init__(self) -> None:
        self.begun, self.let = threading.Event(), threading.Event()
        self.sent: list[tuple[str, dict[str, Any]]] = []

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.sent.append((group, message))
        self.begun.set()
        await asyncio.to_thread(self.let.wait, PATIENCE)


def test_listeners_have_been_called_when_it_returns() -> None:
    calls: list[Sequence[Any]] = []
    with doorbell_of(None) as doorbell:
        end = doorbell.listen(calls.append)
        doorbell.ring([event(1), event(2)])
        assert calls == [[event(1), event(2)]]
        end()
        doorbell.ring([event(3)])
        assert len(calls) == 1


def test_listener_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[Sequence[Any]] = []

    def failing(_: Sequence[Any]) -> None:
        raise LookupError("in the listener")

    with doorbell_of(None) as doorbell:
        doorbell.listen(failing)
        doorbell.listen(calls.append)
        doorbell.ring([event(1)])
    assert len(calls) == 1
    assert "a listener of the doorbell failed" in caplog.text


async def test_other_processes_hear_it_through_redis(server: ControlledRedis) -> None:
    async with layer_at(server.url) as here:
        channel = await member(here, GROUP)
        with doorbell_of(ResilientChannelLayer(redis_url=server.url, **QUICK)) as doorbell:
            doorbell.ring([event(1)])
            assert await heard(here, channel) == {
                "type": BELL,
                "events": [
                    {
                        "seq": 1,
                        "epoch": "an epoch",
                        "stream": "transactions",
                        "user_id": None,
                        "body": '{"personnel":"Juan Dela Cruz"}',
                    }
                ],
            }


async def test_relays_reach_the_stock_groups(server: ControlledRedis) -> None:
    async with layer_at(server.url) as here:
        channel = await member(here, "notifications_2")
        with doorbell_of(ResilientChannelLayer(redis_url=server.url, **QUICK)) as doorbell:
            doorbell.ring([event(1)], [("notifications_2", {"type": "notification_message", "title": "T"})])
            assert await heard(here, channel) == {"type": "notification_message", "title": "T"}


@pytest.mark.parametrize("kind", [InMemoryChannelLayer, lambda: ResilientChannelLayer(use="memory")])
async def test_relays_reach_consumers_in_this_process_where_the_layer_is_in_memory(
    kind: Any, keeper: TaskKeeper
) -> None:
    layer = kind()
    channel = await member(layer, "transactions_feed")
    waiting = keeper.start(heard(layer, channel), name="waiting")
    with doorbell_of(layer) as doorbell:
        end = doorbell.listen(lambda _: None)  # in the loop that serves the sockets
        await asyncio.to_thread(doorbell.ring, [event(1)], [("transactions_feed", {"type": "stock"})])
        assert (await waiting)["type"] == "stock"
        end()
        await asyncio.to_thread(doorbell.finish, PATIENCE)


def test_ring_returns_while_the_last_one_is_still_on_its_way() -> None:
    layer = HeldLayer()
    with doorbell_of(layer) as doorbell:
        doorbell.ring([event(1)])
        assert layer.begun.wait(PATIENCE)
        for seq in range(2, 502):
            doorbell.ring([event(seq)], [("group", {"type": "stock", "seq": seq})])
        assert len(layer.sent) == 1
        layer.let.set()
    bells = [message["events"] for group, message in layer.sent if group == GROUP]
    assert [each["seq"] for each in bells[0]] == [1]
    # Of what waited, the newest hundred have gone, in one bell.
    assert [each["seq"] for each in bells[1]] == list(range(402, 502))
    assert [message["seq"] for group, message in layer.sent if group == "group"] == list(range(402, 502))


async def test_frozen_redis_delays_no_ring(server: ControlledRedis) -> None:
    layer = ResilientChannelLayer(redis_url=server.url, **{**QUICK, "send_timeout": 2.0, "look_every": 60})
    calls: list[Sequence[Any]] = []
    with doorbell_of(layer) as doorbell:
        doorbell.listen(calls.append)
        doorbell.ring([event(0)])
        server.freeze()

        def ring_a_thousand_times() -> None:
            for seq in range(1000):
                doorbell.ring([event(seq)])

        async with asyncio.timeout(PATIENCE):  # a thousand that waited would take half an hour
            await asyncio.to_thread(ring_a_thousand_times)
        assert len(calls) == 1001
        server.thaw()


async def test_frozen_redis_is_given_up_by_the_first_ring(
    server: ControlledRedis, caplog: pytest.LogCaptureFixture
) -> None:
    """In service the doorbell's limit equals the layer's, which must be reached first all the same."""
    async with layer_at(server.url, send_timeout=2.0, look_every=60) as layer:
        await member(layer)
        assert layer.status().in_use == "redis"
        with doorbell_of(layer) as doorbell:
            server.freeze()
            doorbell.ring([event(1)])
            await until_in_use(layer, "memory")
            server.thaw()
    assert "was lost" in caplog.text
    assert "the doorbell was not heard" not in caplog.text


def test_layer_that_fails_is_said_and_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    class FailingLayer:
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            raise ConnectionError(f"secret {group} {message}")

    with doorbell_of(FailingLayer()) as doorbell:
        doorbell.ring([event(1)])
    assert "the doorbell was not heard by other processes: ConnectionError" in caplog.text
    assert "secret" not in caplog.text


async def ringing(url: str, how: str) -> int:
    """Run the program and return its exit code."""
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.server.layers.ringing_program", url, how), stdin=subprocess.DEVNULL
    )
    async with asyncio.timeout(PATIENCE):
        return await program.wait()


async def test_process_that_ends_at_once_has_been_heard(server: ControlledRedis) -> None:
    async with layer_at(server.url) as here:
        channel, stock = await member(here, GROUP), await member(here, "stock_group")
        assert await ringing(server.url, "once") == 0
        assert (await heard(here, channel))["events"][0]["seq"] == 1
        assert (await heard(here, stock))["type"] == "stock"


async def test_frozen_redis_does_not_keep_a_process_from_ending(server: ControlledRedis) -> None:
    server.freeze()
    assert await ringing(server.url, "frozen") == 0
    server.thaw()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
async def test_forked_child_has_a_doorbell_of_its_own(server: ControlledRedis) -> None:
    async with layer_at(server.url) as here:
        channel = await member(here, GROUP)
        assert await ringing(server.url, "forked") == 0
        rung = [(await heard(here, channel))["events"][0]["seq"] for _ in range(2)]
        assert sorted(rung) == [1, 2]
