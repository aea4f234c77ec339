"""What lies in Redis, and who can read it."""

import re
import sys

import pytest
from channels_redis.core import RedisChannelLayer  # type: ignore[import-untyped]  # carries no types
from redis.asyncio import Redis

from tests.fakes.redis_server import ControlledRedis
from tests.server.layers.layer import GROUP, heard, layer_at, member, members

NAME = "Juan Dela Cruz"


async def test_messages_are_encrypted(server: ControlledRedis) -> None:
    async with layer_at(server.url) as layer, Redis.from_url(server.url) as redis:
        channel = await member(layer)
        await layer.group_send(GROUP, {"type": "issued", "personnel": NAME})
        (key,) = [each async for each in redis.scan_iter("armguard:specific*")]
        (raw,) = await redis.zrange(key, 0, -1)
        assert b"Juan" not in raw
        assert b"issued" not in raw
        assert (await heard(layer, channel))["personnel"] == NAME


async def test_names_are_those_that_tools_look_for(server: ControlledRedis) -> None:
    async with layer_at(server.url) as layer:
        channel = await member(layer)
        assert re.fullmatch(r"specific\.[0-9a-f]{32}![0-9a-f]{32}", channel)
        assert await members(server) == {channel}


async def test_stock_layer_and_ours_understand_each_other(server: ControlledRedis) -> None:
    stock = RedisChannelLayer(
        hosts=[{"address": server.url, "socket_timeout": 15}],
        prefix="armguard:",
        symmetric_encryption_keys=["a key of the tests"],
    )
    async with layer_at(server.url) as layer:
        ours, theirs = await member(layer), await stock.new_channel()
        await stock.group_add(GROUP, theirs)
        await stock.group_send(GROUP, {"type": "from the stock layer"})
        await layer.group_send(GROUP, {"type": "from ours"})
        for receiving in (await stock.receive(theirs), await heard(layer, ours)):
            assert receiving["type"] == "from the stock layer"
        for receiving in (await stock.receive(theirs), await heard(layer, ours)):
            assert receiving["type"] == "from ours"
    await stock.close_pools()


async def test_messages_with_another_key_are_passed_over_and_said_once(
    server: ControlledRedis, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        layer_at(server.url) as layer,
        layer_at(server.url, symmetric_encryption_keys=["another"]) as stranger,
    ):
        channel = await member(layer)
        for _ in range(20):
            await stranger.group_send(GROUP, {"type": "unreadable"})
        await layer.group_send(GROUP, {"type": "readable"})
        assert (await heard(layer, channel))["type"] == "readable"
        assert layer.status().in_use == "redis"
    assert caplog.text.count("another SECRET_KEY") == 1


async def test_older_key_is_still_read(server: ControlledRedis) -> None:
    async with (
        layer_at(server.url, symmetric_encryption_keys=["new", "old"]) as layer,
        layer_at(server.url, symmetric_encryption_keys=["old"]) as not_yet_restarted,
    ):
        channel = await member(layer)
        await not_yet_restarted.group_send(GROUP, {"type": "with the old key"})
        assert (await heard(layer, channel))["type"] == "with the old key"


async def test_without_keys_redis_is_used_on_this_machine_only(server: ControlledRedis) -> None:
    async with layer_at(server.url, symmetric_encryption_keys=[]) as layer:
        await member(layer)
        status = layer.status()
        assert status.in_use == "redis"
        assert status.warning is not None
        assert "clear text" in status.warning
    async with layer_at("redis://redis.example:6379/0", symmetric_encryption_keys=[]) as layer:
        await member(layer)
        assert layer.status().in_use == "memory"
        assert "cryptography must be installed" in layer.status().why


async def test_cryptography_that_is_not_installed_counts_as_no_keys(
    server: ControlledRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    async with layer_at(server.url) as layer:
        channel = await member(layer)
        await layer.group_send(GROUP, {"type": "in clear text"})
        assert (await heard(layer, channel))["type"] == "in clear text"
        assert "clear text" in str(layer.status().warning)


async def test_channels_redis_that_is_not_installed_means_memory(
    server: ControlledRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "channels_redis", None)
    async with layer_at(server.url) as layer:
        channel = await member(layer)
        await layer.group_send(GROUP, {"type": "in memory"})
        assert (await heard(layer, channel))["type"] == "in memory"
        assert layer.status().why == "The package channels_redis is not installed."
