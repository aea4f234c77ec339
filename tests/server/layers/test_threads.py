"""The layer under gunicorn: each call in a thread, in an event loop of its own."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asgiref.sync import async_to_sync
from redis.asyncio import Redis

from armguard_tray.server.layers.resilient import ResilientChannelLayer
from armguard_tray.tasks import TaskKeeper
from tests.fakes.redis_server import ControlledRedis
from tests.server.layers.layer import (
    GROUP,
    PATIENCE,
    QUICK,
    heard,
    in_wsgi_thread,
    layer_at,
    member,
    until,
    until_in_use,
    until_member,
    until_reading,
    waiting_member,
)


async def test_views_reach_the_consumers_through_redis(server: ControlledRedis) -> None:
    async with layer_at(server.url) as layer:
        channel = await member(layer)
        for n in range(20):
            await in_wsgi_thread(layer.group_send, GROUP, {"type": "from a view", "n": n})
        assert [(await heard(layer, channel))["n"] for _ in range(20)] == list(range(20))


async def test_views_reach_the_consumers_of_their_own_process_in_memory(keeper: TaskKeeper) -> None:
    layer = ResilientChannelLayer(use="memory")
    channel = await member(layer)
    waiting = keeper.start(heard(layer, channel), name="waiting")
    await in_wsgi_thread(layer.group_send, GROUP, {"type": "from a view"})
    assert (await waiting)["type"] == "from a view"


async def test_two_hundred_views_leave_no_connection_behind(server: ControlledRedis) -> None:
    async with layer_at(server.url) as layer, Redis.from_url(server.url) as redis:
        channel = await member(layer)
        await until_member(server, channel)
        before = int((await redis.info("clients"))["connected_clients"])

        def views() -> None:
            for _ in range(50):
                async_to_sync(layer.group_send)(GROUP, {"type": "from a view"})

        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(asyncio.to_thread(views) for _ in range(4)))

        async def is_as_before() -> bool:
            return int((await redis.info("clients"))["connected_clients"]) <= before

        await until(is_as_before)
        # One that waits for the next call to be cleared away, for each thread that called at the same time.
        assert len(layer._here()._stations) <= 5


async def test_frozen_redis_keeps_one_view_waiting_and_no_other(
    server: ControlledRedis, keeper: TaskKeeper
) -> None:
    async with (
        layer_at(server.url, look_every=60, renew_every=60) as layer,
        Redis.from_url(server.url) as redis,
    ):
        _, waiting = await waiting_member(layer, server, keeper)
        await until_reading(redis)
        connections = int((await redis.info("stats"))["total_connections_received"])
        await redis.connection_pool.disconnect()
        server.freeze()
        for _ in range(5):
            await in_wsgi_thread(layer.group_send, GROUP, {"type": "while frozen"})
        assert (await waiting)["type"] == "while frozen"
        assert layer.status().in_use == "memory"
        server.thaw()
        async with Redis.from_url(server.url) as other:
            # The first view's, and this one's.
            assert int((await other.info("stats"))["total_connections_received"]) == connections + 2


async def test_dead_redis_keeps_one_view_waiting_and_no_other() -> None:
    async with mute_port() as (url, connections):
        layer = ResilientChannelLayer(redis_url=url, **{**QUICK, "look_every": 60})
        for _ in range(5):
            await in_wsgi_thread(layer.group_send, GROUP, {"type": "nobody hears it"})
        assert layer.status().in_use == "memory"
        assert len(connections) == 1


async def test_redis_is_looked_for_again_by_the_next_use(server: ControlledRedis) -> None:
    await server.stop()
    layer = ResilientChannelLayer(redis_url=server.url, **{**QUICK, "look_every": 0.0})
    await in_wsgi_thread(layer.group_send, GROUP, {"type": "nobody hears it"})
    assert layer.status().in_use == "memory"
    await server.start()
    await in_wsgi_thread(layer.group_send, GROUP, {"type": "nobody hears it"})
    assert layer.status().in_use == "redis"


async def test_loss_that_a_view_notices_reaches_who_waits_in_another_loop(
    server: ControlledRedis, keeper: TaskKeeper
) -> None:
    async with layer_at(server.url) as layer:
        _, waiting = await waiting_member(layer, server, keeper)
        server.freeze()
        views = [
            keeper.start(in_wsgi_thread(layer.group_send, GROUP, {"type": "x"}), name="view") for _ in "123"
        ]
        await until_in_use(layer, "memory")
        await asyncio.gather(*views)
        assert (await waiting)["type"] == "x"


async def test_two_event_loops_may_receive_at_once(server: ControlledRedis) -> None:
    layer = ResilientChannelLayer(redis_url=server.url, **QUICK)
    both = threading.Barrier(2, timeout=PATIENCE)

    async def consumer(n: int) -> str:
        channel = await member(layer)
        await asyncio.to_thread(both.wait)
        if n == 0:
            await layer.group_send(GROUP, {"type": "to both"})
        message = await heard(layer, channel)
        await asyncio.to_thread(both.wait)
        await layer.close()
        return str(message["type"])

    said = await asyncio.gather(*(asyncio.to_thread(asyncio.run, consumer(n)) for n in range(2)))
    assert said == ["to both", "to both"]


@asynccontextmanager
async def mute_port() -> AsyncIterator[tuple[str, list[object]]]:
    """Yield the address of something that takes connections and never answers, and its list of them."""
    connections: list[object] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(reader)
        await reader.read()
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0", connections
