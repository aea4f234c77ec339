"""Whatever is wrong with Redis is said in plain words, without a secret, and memory serves meanwhile."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from armguard_tray.server.layers.resilient import ResilientChannelLayer
from tests.fakes.redis_server import controlled_redis, free_port
from tests.server.layers.layer import GROUP, heard, layer_at, member

SECRET = "s3cret-word"


async def why_at(url: str) -> str:
    """Return why Redis at `url` is not used, after having seen that memory serves."""
    async with layer_at(url) as layer:
        channel = await member(layer)
        await layer.group_send(GROUP, {"type": "hello"})
        assert (await heard(layer, channel))["type"] == "hello"
        status = layer.status()
        assert status.in_use == "memory"
        assert SECRET not in f"{status!r} {layer!r} {layer.options!r}"
        return status.why


async def test_password_is_wrong(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with controlled_redis(tmp_path, "--requirepass", "another") as server:
        why = await why_at(f"redis://:{SECRET}@127.0.0.1:{server.port}/0")
    assert why == f"Redis at {server.url} cannot be used: it refuses the password or the user."
    assert SECRET not in caplog.text


async def test_password_is_wanted(tmp_path: Path) -> None:
    async with controlled_redis(tmp_path, "--requirepass", SECRET) as server:
        assert "it wants a password, and none is given" in await why_at(server.url)


async def test_password_is_right(tmp_path: Path) -> None:
    async with (
        controlled_redis(tmp_path, "--requirepass", SECRET) as server,
        layer_at(f"redis://:{SECRET}@127.0.0.1:{server.port}/0") as layer,
    ):
        await member(layer)
        assert layer.status().in_use == "redis"
        assert layer.status().address == server.url


async def test_password_is_given_to_a_redis_without_one(tmp_path: Path) -> None:
    async with controlled_redis(tmp_path) as server:
        why = await why_at(f"redis://:{SECRET}@127.0.0.1:{server.port}/0")
    assert "a password is given, but it has none" in why


async def allow(redis: Redis, *commands: str) -> None:
    """Let the user `layer` use `commands` on every key."""
    await redis.acl_setuser("layer", enabled=True, passwords=f"+{SECRET}", keys=["*"], commands=commands)


async def test_permission_is_missing_for_one_command_of_many(tmp_path: Path) -> None:
    async with controlled_redis(tmp_path) as server, Redis.from_url(server.url) as redis:
        await allow(redis, "+@all", "-bzpopmin")
        why = await why_at(f"redis://layer:{SECRET}@127.0.0.1:{server.port}/0")
        assert "its user lacks the permission that is needed" in why
        assert all([0 < await redis.ttl(key) <= 60 for key in await redis.keys("*look*")])


async def test_it_is_still_loading() -> None:
    # A real one loads too fast to be met; this one answers as it does.
    async with answering(b"-LOADING Redis is loading the dataset in memory\r\n") as port:
        assert "it is still loading its data" in await why_at(f"redis://127.0.0.1:{port}/0")


async def test_it_has_too_many_clients(tmp_path: Path) -> None:
    async with controlled_redis(tmp_path, "--maxclients", "1") as server, Redis.from_url(server.url) as redis:
        await redis.ping()
        assert "it has too many clients already" in await why_at(server.url)


async def test_it_is_a_read_only_replica(tmp_path: Path) -> None:
    nobody = free_port()
    async with controlled_redis(tmp_path, "--replicaof", "127.0.0.1", str(nobody)) as server:
        assert "it is a read-only replica" in await why_at(server.url)


async def test_its_memory_is_full(tmp_path: Path) -> None:
    async with controlled_redis(tmp_path, "--maxmemory", "1", "--maxmemory-policy", "noeviction") as server:
        assert "its memory limit is reached" in await why_at(server.url)


async def test_what_answers_is_not_redis() -> None:
    async with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert "what answers there is not Redis" in await why_at(f"redis://127.0.0.1:{port}/0")


async def test_nothing_answers() -> None:
    async with answering(b"") as port:
        assert "it did not answer in time" in await why_at(f"redis://127.0.0.1:{port}/0")


async def test_tls_is_spoken_to_a_plain_redis(tmp_path: Path) -> None:
    async with controlled_redis(tmp_path) as server:
        why = await why_at(f"rediss://127.0.0.1:{server.port}/0")
    assert "it does not speak TLS" in why or "it did not answer in time" in why


async def test_socket_does_not_exist(tmp_path: Path) -> None:
    assert "there is no such socket" in await why_at(f"unix://{tmp_path}/nothing.sock")


@pytest.mark.parametrize("url", ["http://127.0.0.1", f"redis://:{SECRET}@127.0.0.1:x/0", "redis://h:1/x"])
async def test_address_is_none(url: str) -> None:
    assert "Redis has no usable address" in await why_at(url)


async def test_permission_that_is_taken_away_later_is_said_at_the_next_use(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(controlled_redis(tmp_path))
        redis = await stack.enter_async_context(Redis.from_url(server.url))
        await allow(redis, "+@all")
        url = f"redis://layer:{SECRET}@127.0.0.1:{server.port}/0"
        layer = await stack.enter_async_context(layer_at(url))
        channel = await member(layer)
        assert layer.status().in_use == "redis"
        await allow(redis, "+@all", "-eval")
        await layer.group_send(GROUP, {"type": "hello"})
        assert "lacks the permission" in layer.status().why
        assert (await heard(layer, channel))["type"] == "hello"


async def test_changes_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    async with layer_at(url, look_every=0.0) as layer:
        await member(layer)
        for _ in range(20):
            await layer.group_send(GROUP, {"type": "hello"})
    lines = [record for record in caplog.records if "channel layer" in record.getMessage()]
    assert [line.levelname for line in lines] == ["WARNING"]


async def test_missing_redis_is_an_error_where_the_settings_insist_on_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with layer_at(f"redis://127.0.0.1:{free_port()}/0", use="redis") as layer:
        await member(layer)
        assert layer.status().in_use == "memory"
    assert [record.levelname for record in caplog.records if "channel layer" in record.getMessage()] == [
        "ERROR"
    ]


@asynccontextmanager
async def answering(line: bytes) -> AsyncIterator[int]:
    """Yield the port of something that answers `line` to everything, or nothing if that is empty."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line and await reader.read(1000):
            writer.write(line)
        if not line:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, family=socket.AF_INET)
    async with server:
        port: int = server.sockets[0].getsockname()[1]
        yield port


async def test_layer_that_is_meant_to_be_in_memory_never_looks() -> None:
    looked = asyncio.Event()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        looked.set()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        layer = ResilientChannelLayer(use="memory", redis_url=f"redis://127.0.0.1:{port}/0")
        channel = await member(layer)
        await layer.group_send(GROUP, {"type": "hello"})
        assert (await heard(layer, channel))["type"] == "hello"
        assert layer.status().why == "The server's settings say so."
        assert not looked.is_set()
