"""A waiting consumer lives through whatever becomes of Redis, and hears the next message."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis

from armguard_tray.tasks import TaskKeeper
from tests.fakes.redis_server import ControlledRedis, controlled_redis
from tests.server.layers.layer import (
    GROUP,
    heard,
    in_wsgi_thread,
    layer_at,
    member,
    members,
    until,
    until_in_use,
    until_member,
    until_reading,
    waiting_member,
)

HOURS = 3600.0


async def test_messages_go_through_redis_where_it_answers(server: ControlledRedis) -> None:
    async with layer_at(server.url) as layer:
        assert layer.status().in_use == "none"
        channel = await member(layer)
        await layer.group_send(GROUP, {"type": "hello", "n": 1})
        assert await heard(layer, channel) == {"type": "hello", "n": 1}
        assert layer.status().in_use == "redis"
        assert layer.status().warning is None
        assert layer.status().address == server.url


async def test_one_channel_hears_what_is_sent_to_it_alone(server: ControlledRedis) -> None:
    async with layer_at(server.url) as layer:
        first, second = await member(layer), await member(layer)
        await layer.send(second, {"type": "for the second"})
        await layer.group_send(GROUP, {"type": "for both"})
        assert (await heard(layer, second))["type"] == "for the second"
        assert (await heard(layer, second))["type"] == "for both"
        assert (await heard(layer, first))["type"] == "for both"


async def test_memory_serves_while_redis_is_down_at_the_start_and_redis_when_it_comes(
    server: ControlledRedis, keeper: TaskKeeper, caplog: pytest.LogCaptureFixture
) -> None:
    await server.stop()
    async with layer_at(server.url) as layer:
        channel = await member(layer)
        await layer.group_send(GROUP, {"type": "in memory"})
        assert (await heard(layer, channel))["type"] == "in memory"
        status = layer.status()
        assert (status.in_use, status.address) == ("memory", server.url)
        assert "nothing listens there" in status.why
        assert status.warning is not None
        assert "other processes" in status.warning

        waiting = keeper.start(heard(layer, channel), name="waiting")
        await server.start()
        await until_in_use(layer, "redis")
        async with layer_at(server.url) as other_process:
            await until_member(server, channel)
            await other_process.group_send(GROUP, {"type": "from another process"})
        assert (await waiting)["type"] == "from another process"
    changes = [record.getMessage() for record in caplog.records if "channel layer:" in record.getMessage()]
    assert [change.split(".")[0] for change in changes[:2]] == [
        "channel layer: in memory",
        "channel layer: Redis",
    ]


async def test_waiter_survives_a_stop_hears_in_memory_and_through_redis_again(
    server: ControlledRedis, keeper: TaskKeeper
) -> None:
    async with layer_at(server.url) as layer:
        channel = await member(layer)
        waiting = keeper.start(heard(layer, channel), name="waiting")
        await layer.group_send(GROUP, {"type": "first"})
        assert (await waiting)["type"] == "first"

        waiting = keeper.start(heard(layer, channel), name="waiting")
        await server.stop()
        await until_in_use(layer, "memory")
        assert not waiting.done()
        await layer.group_send(GROUP, {"type": "meanwhile"})
        assert (await waiting)["type"] == "meanwhile"

        waiting = keeper.start(heard(layer, channel), name="waiting")
        await server.start()
        await until_member(server, channel)
        await in_wsgi_thread(layer.group_send, GROUP, {"type": "again"})
        assert (await waiting)["type"] == "again"


async def test_waiter_survives_a_freeze(server: ControlledRedis, keeper: TaskKeeper) -> None:
    async with layer_at(server.url) as layer:
        channel, waiting = await waiting_member(layer, server, keeper)
        server.freeze()
        await in_wsgi_thread(layer.group_send, GROUP, {"type": "while frozen"})
        assert (await waiting)["type"] == "while frozen"
        assert layer.status().in_use == "memory"
        assert "did not answer in time" in layer.status().why

        waiting = keeper.start(heard(layer, channel), name="waiting")
        server.thaw()
        await until_in_use(layer, "redis")
        await layer.group_send(GROUP, {"type": "thawed"})
        assert (await waiting)["type"] == "thawed"


@pytest.mark.parametrize("often", ["check_every", "renew_every"])
async def test_frozen_redis_is_noticed_by_whoever_only_waits_long_before_the_read_gives_up(
    server: ControlledRedis, keeper: TaskKeeper, often: str
) -> None:
    options = dict.fromkeys(("check_every", "renew_every", "blocking_read"), HOURS)
    options |= {"socket_timeout": 2 * HOURS, often: 0.2}
    async with layer_at(server.url, **options) as layer:
        _, waiting = await waiting_member(layer, server, keeper)
        server.freeze()
        await until_in_use(layer, "memory")
        assert "did not answer in time" in layer.status().why
        await layer.group_send(GROUP, {"type": "in memory"})
        assert (await waiting)["type"] == "in memory"


async def test_stopped_redis_is_noticed_by_the_read_that_waits_and_logged_once(
    server: ControlledRedis, keeper: TaskKeeper, caplog: pytest.LogCaptureFixture
) -> None:
    async with layer_at(server.url, check_every=HOURS, renew_every=HOURS, look_every=HOURS) as layer:
        _, waiting = await waiting_member(layer, server, keeper)
        await server.stop()
        await until_in_use(layer, "memory")
        await layer.group_send(GROUP, {"type": "in memory"})
        assert (await waiting)["type"] == "in memory"
    assert caplog.text.count("in memory") == 1


async def test_flushed_redis_leaves_nobody_deaf(server: ControlledRedis, keeper: TaskKeeper) -> None:
    async with layer_at(server.url) as layer, Redis.from_url(server.url) as redis:
        channel, waiting = await waiting_member(layer, server, keeper)
        await redis.flushall()
        await until_member(server, channel)
        async with layer_at(server.url) as other_process:
            await other_process.group_send(GROUP, {"type": "after the flush"})
        assert (await waiting)["type"] == "after the flush"


async def test_restart_between_two_messages_is_bridged(server: ControlledRedis, keeper: TaskKeeper) -> None:
    async with layer_at(server.url) as layer:
        channel, waiting = await waiting_member(layer, server, keeper)
        await server.stop()
        await server.start()
        await until_member(server, channel)
        async with layer_at(server.url) as other_process:
            await other_process.group_send(GROUP, {"type": "after the restart"})
        assert (await waiting)["type"] == "after the restart"


async def test_membership_that_ended_while_redis_was_frozen_ends_there_too(
    server: ControlledRedis, keeper: TaskKeeper
) -> None:
    async with layer_at(server.url) as layer:
        stays, goes = await member(layer), await member(layer)
        waiting = keeper.start(heard(layer, stays), name="waiting")
        await until_member(server, goes)
        server.freeze()
        await layer.group_discard(GROUP, goes)
        assert layer.status().in_use == "memory"
        server.thaw()
        await until_in_use(layer, "redis")

        async def has_forgotten() -> bool:
            return await members(server) == {stays}

        await until(has_forgotten)
        await layer.group_send(GROUP, {"type": "end"})
        await waiting


async def test_time_of_joining_is_kept_by_renewals(server: ControlledRedis, keeper: TaskKeeper) -> None:
    async with layer_at(server.url) as layer, Redis.from_url(server.url) as redis:
        channel, waiting = await waiting_member(layer, server, keeper)
        await redis.flushall()
        await until_member(server, channel)
        first = await redis.zscore(f"armguard::group:{GROUP}", channel)
        await redis.flushall()
        await until_member(server, channel)
        assert await redis.zscore(f"armguard::group:{GROUP}", channel) == first
        assert 86000 < await redis.ttl(f"armguard::group:{GROUP}") <= 86400
        await layer.send(channel, {"type": "end"})
        await waiting


async def test_idle_receive_outlives_many_blocking_reads(server: ControlledRedis, keeper: TaskKeeper) -> None:
    # redis-py 8 closes a connection after a socket timeout that equals the blocking read.
    async with (
        layer_at(server.url, blocking_read=0.2, socket_timeout=2.0) as layer,
        AsyncExitStack() as stack,
    ):
        channel = await member(layer)
        waiting = keeper.start(heard(layer, channel), name="waiting")
        redis = await stack.enter_async_context(Redis.from_url(server.url))

        async def reads() -> int:
            statistics = await redis.info("commandstats")
            return int(statistics.get("cmdstat_bzpopmin", {}).get("calls", 0))

        await until(lambda: at_least(reads, 6))
        connections = (await redis.info("stats"))["total_connections_received"]
        await until(lambda: at_least(reads, 18))  # longer than the socket's timeout
        assert (await redis.info("stats"))["total_connections_received"] == connections
        assert layer.status().in_use == "redis"
        await layer.send(channel, {"type": "still there"})
        assert (await waiting)["type"] == "still there"


async def at_least(count: Callable[[], Awaitable[int]], least: int) -> bool:
    return await count() >= least


async def test_tasks_end_when_nobody_receives(server: ControlledRedis) -> None:
    before = asyncio.all_tasks()
    async with layer_at(server.url) as layer:
        channel = await member(layer)
        await layer.send(channel, {"type": "one"})
        await heard(layer, channel)
    assert asyncio.all_tasks() == before


async def test_unix_socket(tmp_path: Path) -> None:
    async with controlled_redis(tmp_path, unix=True) as server, layer_at(server.url) as layer:
        channel = await member(layer)
        await layer.group_send(GROUP, {"type": "hello"})
        assert (await heard(layer, channel))["type"] == "hello"
        assert layer.status().address == server.url
        assert layer.status().in_use == "redis"


async def test_connection_that_is_cut_is_made_anew_and_redis_stays_in_use(
    server: ControlledRedis, keeper: TaskKeeper, caplog: pytest.LogCaptureFixture
) -> None:
    async with layer_at(server.url, renew_every=60) as layer, Redis.from_url(server.url) as redis:
        channel = await member(layer)
        waiting = keeper.start(heard(layer, channel), name="waiting")
        await until_reading(redis)
        await redis.client_kill_filter(skipme=True, _type="normal")
        await until_reading(redis)
        await layer.group_send(GROUP, {"type": "still here"})
        assert (await waiting)["type"] == "still here"
    assert "a connection to Redis was lost and made anew" in caplog.text
    assert "in memory" not in caplog.text
