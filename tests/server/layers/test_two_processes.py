"""Two processes and one Redis, which goes and comes."""

from typing import Any

import psutil
from redis.asyncio import Redis

from armguard_tray.tasks import TaskKeeper
from tests.fakes.redis_server import ControlledRedis
from tests.server.layers.layer import (
    GROUP,
    heard,
    layer_at,
    member,
    members,
    until,
    until_in_use,
    until_member,
)
from tests.server.layers.program import other_process, said


async def test_message_crosses_and_membership_ends_with_its_consumer(server: ControlledRedis) -> None:
    async with other_process(server.url) as receiver, layer_at(server.url) as layer:
        channel = await said(receiver)
        assert await members(server) == {channel}
        await layer.group_send(GROUP, {"type": "x", "text": "hello"})
        assert await said(receiver) == "hello"
        await layer.send(channel, {"type": "x", "text": "end"})
        assert await said(receiver) == "end"
        assert await receiver.wait() == 0
        assert await members(server) == set()


async def test_restart_and_flush_leave_nobody_deaf(server: ControlledRedis) -> None:
    async with other_process(server.url) as receiver, layer_at(server.url) as layer:
        channel = await said(receiver)
        await server.stop()
        await server.start()
        await until_member(server, channel)
        await layer.group_send(GROUP, {"type": "x", "text": "after the restart"})
        if layer.status().in_use == "memory":  # its own connection was still the old one
            async with layer_at(server.url) as fresh:
                await fresh.group_send(GROUP, {"type": "x", "text": "after the restart"})
        assert await said(receiver) == "after the restart"
        async with Redis.from_url(server.url) as redis:
            await redis.flushall()
        await until_member(server, channel)
        async with layer_at(server.url) as fresh:
            await fresh.group_send(GROUP, {"type": "x", "text": "after the flush"})
        assert await said(receiver) == "after the flush"


async def test_freeze_is_lived_through_by_both(server: ControlledRedis) -> None:
    async with other_process(server.url) as receiver, layer_at(server.url) as layer:
        await said(receiver)
        await layer.group_send(GROUP, {"type": "x", "text": "before"})
        assert await said(receiver) == "before"
        server.freeze()
        await layer.group_send(GROUP, {"type": "x", "text": "lost"})
        assert layer.status().in_use == "memory"
        server.thaw()

        async def is_back() -> bool:
            await layer.redis()
            return layer.status().in_use == "redis"

        await until(is_back)
        await layer.group_send(GROUP, {"type": "x", "text": "after"})
        heard = await said(receiver)
        assert heard in {"lost", "after"}  # what had been sent to the frozen Redis may have arrived
        if heard == "lost":
            assert await said(receiver) == "after"


async def test_redis_that_starts_after_both_joins_them(server: ControlledRedis) -> None:
    await server.stop()
    async with other_process(server.url) as receiver, layer_at(server.url) as layer:
        channel = await said(receiver)
        await layer.group_send(GROUP, {"type": "x", "text": "nobody hears it"})
        assert layer.status().in_use == "memory"
        await server.start()
        await until_member(server, channel)

        async def is_back() -> bool:
            return await layer.redis() is not None

        await until(is_back)
        await until_in_use(layer, "redis")
        await layer.group_send(GROUP, {"type": "x", "text": "together"})
        assert await said(receiver) == "together"


async def test_killed_process_leaves_no_members_behind(server: ControlledRedis, keeper: TaskKeeper) -> None:
    async with other_process(server.url) as killed, layer_at(server.url) as layer:
        theirs = await said(killed)
        channel = await member(layer)
        waiting = keeper.start(heard(layer, channel), name="waiting")
        # It must have said that it is there.
        async with Redis.from_url(server.url) as redis:

            async def has_answered() -> bool:
                processes: Any = await redis.zrange("armguard::processes", 0, -1)
                return any(process.decode() in theirs for process in processes)

            await until(has_answered)
            killed.kill()

            async def is_removed() -> bool:
                return await members(server) == {channel}

            await until(is_removed)
            assert await redis.zcard("armguard::processes") == 1
        await layer.group_send(GROUP, {"type": "end"})
        await waiting


async def test_process_that_only_slept_is_a_member_again(server: ControlledRedis, keeper: TaskKeeper) -> None:
    async with other_process(server.url) as sleeper, layer_at(server.url) as layer:
        theirs = await said(sleeper)
        channel = await member(layer)
        waiting = keeper.start(heard(layer, channel), name="waiting")
        await until_member(server, channel)
        psutil.Process(sleeper.pid).suspend()

        async def is_removed() -> bool:
            return theirs not in await members(server)

        await until(is_removed)
        psutil.Process(sleeper.pid).resume()
        await until_member(server, theirs)
        await layer.group_send(GROUP, {"type": "x", "text": "awake"})
        assert await said(sleeper) == "awake"
        assert (await waiting)["text"] == "awake"
