"""How much may lie unread, and for how long."""

import pytest
from channels.exceptions import ChannelFull
from redis.asyncio import Redis

from armguard_tray.server.layers.mailboxes import Mailboxes
from armguard_tray.server.layers.resilient import ResilientChannelLayer
from tests.fakes.redis_server import ControlledRedis
from tests.server.layers.layer import GROUP, QUICK, heard, layer_at, member


async def test_in_memory_a_channel_holds_fifty_messages() -> None:
    layer = ResilientChannelLayer(use="memory")
    channel = await member(layer)
    for n in range(60):
        await layer.group_send(GROUP, {"type": "count", "n": n})
    assert [(await heard(layer, channel))["n"] for _ in range(50)] == list(range(50))
    for n in range(50):
        await layer.send(channel, {"type": "count", "n": n})
    with pytest.raises(ChannelFull):
        await layer.send(channel, {"type": "count", "n": 50})


async def test_capacity_of_certain_channels() -> None:
    layer = ResilientChannelLayer(use="memory", channel_capacity={"work*": 2})
    for _ in range(2):
        await layer.send("work.one", {"type": "x"})
    with pytest.raises(ChannelFull):
        await layer.send("work.one", {"type": "x"})


async def test_in_memory_a_message_lives_for_thirty_seconds_and_its_reader_stays_a_member() -> None:
    now = 1000.0
    mailboxes = Mailboxes(clock=lambda: now)
    options = ResilientChannelLayer().options
    mailboxes.join(GROUP, "specific.x!1")

    def put(n: int) -> None:
        mailboxes.put(
            "specific.x!1", {"n": n}, capacity=options.memory_capacity, expiry=options.memory_expiry
        )

    put(1)
    now += 29.9
    put(2)
    now += 0.2
    assert await mailboxes.get("specific.x!1") == {"n": 2}
    assert mailboxes.members(GROUP) == ("specific.x!1",)


async def test_in_redis_three_hundred_messages_wait_for_a_minute(server: ControlledRedis) -> None:
    async with layer_at(server.url) as layer, Redis.from_url(server.url) as redis:
        channel = await member(layer)
        for n in range(310):
            await layer.group_send(GROUP, {"type": "count", "n": n})
        (key,) = [each async for each in redis.scan_iter("armguard:specific*")]
        assert await redis.zcard(key) == 300
        assert 50 < await redis.ttl(key) <= 60
        assert 86000 < await redis.ttl(f"armguard::group:{GROUP}") <= 86400
        with pytest.raises(ChannelFull):
            await layer.send(channel, {"type": "one too many"})
        assert [(await heard(layer, channel))["n"] for _ in range(300)] == list(range(300))
        assert layer.status().in_use == "redis"


async def test_slow_consumer_misses_the_oldest_of_what_redis_brought(server: ControlledRedis) -> None:
    async with layer_at(server.url, capacity=10) as layer:
        slow, quick = await member(layer), await member(layer)
        for n in range(30):
            await layer.group_send(GROUP, {"type": "count", "n": n})
            assert (await heard(layer, quick))["n"] == n
        assert [(await heard(layer, slow))["n"] for _ in range(10)] == list(range(20, 30))


async def test_messages_for_consumers_that_are_gone_are_not_kept(server: ControlledRedis) -> None:
    async with layer_at(server.url) as layer, layer_at(server.url) as other_process:
        channel = await member(layer)
        gone = channel[:-4] + "gone"
        await other_process.group_add(GROUP, gone)
        await other_process.group_send(GROUP, {"type": "to both"})
        assert (await heard(layer, channel))["type"] == "to both"
        assert not layer._here().mailboxes.is_open(gone)


def test_channel_that_nobody_receives_from_is_forgotten_after_ten_minutes() -> None:
    now = 1000.0
    mailboxes = Mailboxes(clock=lambda: now)
    mailboxes.join(GROUP, "specific.x!1").in_redis = True
    mailboxes.join(GROUP, "a-worker")
    now += 599
    assert mailboxes.tidy(30) == []
    assert len(mailboxes.members(GROUP)) == 2
    now += 31
    assert mailboxes.tidy(30) == [(GROUP, "specific.x!1")]
    assert mailboxes.members(GROUP) == ("a-worker",)
    assert not mailboxes.is_open("specific.x!1")


async def test_receiver_changes_only_its_own_copy() -> None:
    layer = ResilientChannelLayer(use="memory")
    first, second = await member(layer), await member(layer)
    await layer.group_send(GROUP, {"type": "x", "data": {"n": 1}})
    (await heard(layer, first))["data"]["n"] = 2
    assert (await heard(layer, second))["data"]["n"] == 1


@pytest.mark.parametrize("name", ["no spaces", "x" * 101, ""])
async def test_names_are_checked(name: str) -> None:
    layer = ResilientChannelLayer(use="memory")
    with pytest.raises(TypeError):
        await layer.group_send(name, {"type": "x"})
    with pytest.raises(TypeError):
        await layer.group_add(GROUP, name)


async def test_message_that_is_none_is_the_callers_mistake(server: ControlledRedis) -> None:
    async with layer_at(server.url) as layer:
        with pytest.raises(TypeError):
            await layer.group_send(GROUP, "text")  # type: ignore[arg-type]  # that is the point
        await member(layer)
        with pytest.raises(TypeError):
            await layer.group_send(GROUP, {"type": object()})
        assert layer.status().in_use == "redis"


def test_socket_timeout_must_be_longer_than_the_blocking_read() -> None:
    with pytest.raises(ValueError, match="idle connections"):
        ResilientChannelLayer(**{**QUICK, "socket_timeout": 1.0})


async def test_flush_forgets_all(server: ControlledRedis) -> None:
    async with layer_at(server.url) as layer, Redis.from_url(server.url) as redis:
        await member(layer)
        await layer.group_send(GROUP, {"type": "x"})
        await layer.flush()
        assert await redis.keys("*") == []
