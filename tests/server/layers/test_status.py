"""What is said of the layer of a process, ours or a foreign one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer, channel_layers
from channels_redis.core import RedisChannelLayer  # type: ignore[import-untyped]  # carries no types
from channels_redis.pubsub import RedisPubSubChannelLayer  # type: ignore[import-untyped]  # as above

from armguard_tray.server.layers import current_redis, layer_status
from armguard_tray.server.layers.resilient import ResilientChannelLayer
from armguard_tray.server.layers.status import LayerStatus, beside_others, memory_warning
from tests.fakes.redis_server import ControlledRedis
from tests.server.layers.layer import layer_at, member

ALIAS = "of the test"


@pytest.fixture(autouse=True)
def _take_out() -> Iterator[None]:
    yield
    channel_layers.backends.pop(ALIAS, None)


async def test_own_layer(server: ControlledRedis) -> None:
    async with layer_at(server.url) as layer:
        channel_layers.set(ALIAS, layer)
        assert layer_status(ALIAS).in_use == "none"
        assert "not been used" in layer_status(ALIAS).why
        await member(layer)
        status = layer_status(ALIAS)
        assert (status.in_use, status.why) == ("redis", f"It answers at {server.url}.")
        assert status.since.utcoffset() is not None


async def test_redis_of_the_layer_for_others_to_use(server: ControlledRedis) -> None:
    async with layer_at(server.url, look_every=0.0) as layer:
        channel_layers.set(ALIAS, layer)
        redis = await current_redis(ALIAS)
        assert redis is not None
        assert await redis.set("key", "value")
        assert await redis.get("key") == b"value"
        await server.stop()
        await member(layer)
        assert await current_redis(ALIAS) is None


async def test_layer_in_memory_lends_no_redis() -> None:
    for layer in (ResilientChannelLayer(use="memory"), InMemoryChannelLayer(), object()):
        channel_layers.set(ALIAS, layer)  # type: ignore[arg-type]  # something that is no layer, too
        assert await current_redis(ALIAS) is None


@pytest.mark.parametrize(
    ("kind", "in_use", "why"),
    [
        (InMemoryChannelLayer, "memory", "channels.layers.InMemoryChannelLayer"),
        (RedisChannelLayer, "redis", "whether Redis answers is not known"),
        (RedisPubSubChannelLayer, "redis", "whether Redis answers is not known"),
        (object, "none", "how it carries messages is not known"),
    ],
    ids=["memory", "core", "pubsub", "unknown"],
)
async def test_foreign_layer(kind: Any, in_use: str, why: str) -> None:
    channel_layers.set(ALIAS, kind())
    status = layer_status(ALIAS)
    assert status.in_use == in_use
    assert why in status.why


def test_memory_is_warned_about_unless_one_process_is_all_there_is() -> None:
    assert memory_warning(["daphne", "site.asgi:application"]) is not None
    assert memory_warning(["manage.py", "runserver"]) is None


async def test_single_process_needs_no_warning() -> None:
    layer = ResilientChannelLayer(use="memory", single_process=True)
    await member(layer)
    assert layer.status().warning is None
    assert layer.status().alone


@pytest.mark.parametrize("alone", [True, False])
def test_memory_will_not_do_beside_others_whatever_the_settings_say(*, alone: bool) -> None:
    status = LayerStatus("memory", "The server's settings say so.", datetime.now(UTC), alone=alone)
    warning = beside_others(status).warning
    assert warning is not None
    assert warning.startswith("Several processes serve sockets, and the channel layer is in memory: ")
    assert ("one process only, which is not so" in warning) == alone


def test_redis_will_do_beside_others() -> None:
    status = LayerStatus("redis", "It answers.", datetime.now(UTC))
    assert beside_others(status) == status
