"""The demo server on a real Redis, as the contract's last chapter has it."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from websockets.exceptions import InvalidStatus

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DemoClient
from tests.server.sockets import PATIENCE, next_frame, next_of, socket_of
from tests.server.test_traffic import play

pytestmark = pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs redis-server")


@dataclass(frozen=True)
class RedisServer:
    """A Redis of the test's own, on a socket in its folder."""

    url: str
    process: asyncio.subprocess.Process

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.communicate()


@pytest_asyncio.fixture
async def redis_server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    path = tmp_path / "redis.sock"
    process = await asyncio.create_subprocess_exec(
        "redis-server",
        *("--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(tmp_path)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    server = RedisServer(f"unix://{path}", process)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while b"eady to accept connections" not in await process.stdout.readline():
                pass
        yield server
    finally:
        await server.stop()


async def test_connection_is_a_member_of_its_group_until_it_closes(redis_server: RedisServer) -> None:
    async with (
        Redis.from_url(redis_server.url) as redis,
        DemoServer.start(redis=redis_server.url) as server,
    ):
        groups = {
            "notifications": "armguard::group:notifications_2",
            "transactions": "armguard::group:transactions_feed",
            "inventory": "armguard::group:inventory_updates",
            "presence": "armguard::group:user_presence",
        }
        with DemoClient(server) as client:
            client.log_in()
            for path, group in groups.items():
                async with socket_of(client, path):
                    members: Any = await redis.zrange(group, 0, -1, withscores=True)
                    ((member, joined),) = members
                    assert re.fullmatch(rb"specific\.[0-9a-f]{32}![0-9a-f]{32}", member)
                    seconds, _ = await redis.time()
                    assert abs(seconds - joined) < 60
                    assert 86000 < await redis.ttl(group) <= 86400


async def test_announcements_cross_processes_and_are_encrypted(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    data_dir, secret = tmp_path / "data", "shared by both processes"
    async with (
        Redis.from_url(redis_server.url) as redis,
        DemoServer.start(redis=redis_server.url, data_dir=data_dir, secret_key=secret) as server,
        redis.monitor() as monitor,
    ):
        with DemoClient(server) as client:
            client.log_in()
            async with socket_of(client, "transactions") as socket:
                await next_frame(socket)
                code, said = await play(
                    data_dir,
                    *("--rate", "60000", "--count", "30", "--seed", "1"),
                    ARMGUARD_DEMO_REDIS_URL=redis_server.url,
                    ARMGUARD_DEMO_SECRET_KEY=secret,
                )
                assert code == 0, said
                frame = await next_of(socket, "transaction_created")
        async with asyncio.timeout(PATIENCE):
            while "specific" not in (command := (await monitor.next_command())["command"]):
                pass
        assert frame["transaction"]["personnel"] not in command


async def test_redis_that_is_down_at_the_start_means_in_memory_until_the_end(tmp_path: Path) -> None:
    async with DemoServer.start(redis=f"unix://{tmp_path}/nobody.sock") as server:
        with DemoClient(server) as client:
            client.log_in()
            async with socket_of(client, "transactions") as socket:
                client.issue()
                await next_of(socket, "transaction_created")


async def test_redis_that_goes_away_later_makes_every_handshake_500(redis_server: RedisServer) -> None:
    async with DemoServer.start(redis=redis_server.url) as server:
        await redis_server.stop()
        with DemoClient(server) as client:
            client.log_in()
            with pytest.raises(InvalidStatus) as refused:
                async with socket_of(client, "transactions"):
                    pass
    assert refused.value.response.status_code == 500
