"""Layers for tests: at a Redis of the test's own, quick to notice and to look again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from asgiref.sync import async_to_sync
from redis.asyncio import Redis

from armguard_tray.server.layers.resilient import ResilientChannelLayer
from armguard_tray.tasks import TaskKeeper
from tests.fakes.redis_server import ControlledRedis

PATIENCE: Final = 60.0  # seconds after which a test has failed
GROUP: Final = "transactions_feed"

QUICK: Final[dict[str, Any]] = {
    "look_every": 0.2,
    "send_timeout": 1.0,
    "look_timeout": 1.0,
    "connect_timeout": 1.0,
    "renew_every": 0.3,
    # in the relation that they have in service
    "blocking_read": 1.0,
    "socket_timeout": 3.0,
    "symmetric_encryption_keys": ["a key of the tests"],
}


@asynccontextmanager
async def layer_at(url: str, **options: Any) -> AsyncIterator[ResilientChannelLayer]:
    """Yield a layer, and close what it has in this loop at the end."""
    layer = ResilientChannelLayer(redis_url=url, **{**QUICK, **options})
    try:
        yield layer
    finally:
        await layer.close()


async def member(layer: ResilientChannelLayer, group: str = GROUP) -> str:
    """Return a new channel that is in `group`."""
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    return channel


async def until_in_use(layer: ResilientChannelLayer, in_use: str) -> None:
    """Return when the layer has switched."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()

    def notice() -> None:
        loop.call_soon_threadsafe(changed.set)

    end = layer._here().switch.subscribe(notice)
    async with asyncio.timeout(PATIENCE):
        while layer.status().in_use != in_use:
            await changed.wait()
            changed.clear()
    end()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return when `condition` holds of a Redis, which tells nobody of its changes."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - as said above
            await asyncio.sleep(0.01)


async def members(server: ControlledRedis, group: str = GROUP) -> set[str]:
    """Return who is in the group, as Redis has it."""
    async with Redis.from_url(server.url) as redis:
        found: Any = await redis.zrange(f"armguard::group:{group}", 0, -1)
        return {each.decode() for each in found}


async def until_member(server: ControlledRedis, channel: str) -> None:
    """Return when Redis has `channel` in the group."""

    async def is_member() -> bool:
        return channel in await members(server)

    await until(is_member)


async def until_reading(redis: Redis) -> None:
    """Return when a connection waits for a message."""

    async def is_reading() -> bool:
        return int((await redis.info("clients"))["blocked_clients"]) > 0

    await until(is_reading)


async def waiting_member(
    layer: ResilientChannelLayer, server: ControlledRedis, keeper: TaskKeeper
) -> tuple[str, "asyncio.Task[dict[str, Any]]"]:
    """Return a new channel that is in the group, as Redis has it, and what waits for its next message."""
    channel = await member(layer)
    waiting = keeper.start(heard(layer, channel), name="waiting")
    await until_member(server, channel)
    return channel, waiting


async def heard(layer: ResilientChannelLayer, channel: str) -> dict[str, Any]:
    """Return the channel's next message."""
    async with asyncio.timeout(PATIENCE):
        return await layer.receive(channel)


async def in_wsgi_thread(call: Callable[..., Any], *arguments: Any) -> Any:
    """Await `call` as a view under gunicorn does: in a thread, in an event loop of its own."""

    def view() -> Any:
        return async_to_sync(call)(*arguments)

    async with asyncio.timeout(PATIENCE):
        return await asyncio.to_thread(view)
