"""What is left when the sockets have gone: nothing."""

import asyncio
import re
from typing import TYPE_CHECKING, Any, cast

import psutil
import pytest

from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import PATIENCE, LiveClient
from tests.fakes.live_site import LiveSite
from tests.server.live_sockets.serving import Kind, TroubledServer, troubled_server
from tests.server.sockets import open_socket

if TYPE_CHECKING:
    from armguard_tray.server.demo.process import DemoServer


async def test_with_the_last_socket_all_that_served_it_goes(
    visitor: DemoClient, troubled: TroubledServer
) -> None:
    process = psutil.Process(troubled.pid)
    server = cast("DemoServer", troubled)
    threads = process.num_threads()
    async with (
        LiveClient(visitor, server=server).connected() as one,
        LiveClient(visitor, server=server).connected(),
    ):
        await one.caught_up()
        assert process.num_threads() > threads
    async with asyncio.timeout(PATIENCE):
        while process.num_threads() > threads:
            await asyncio.to_thread(process.memory_info)
    async with LiveClient(visitor, server=server).connected() as again:
        await again.caught_up()


async def test_a_server_that_is_told_to_end_leaves_no_groups_and_no_slots(
    redis_site: LiveSite, kind: Kind
) -> None:
    redis = pytest.importorskip("redis.asyncio")
    async with redis_site.server() as demo, troubled_server(redis_site, kind) as troubled:
        server = cast("DemoServer", troubled)
        with DemoClient(demo) as client:
            client.log_in()
            async with (
                redis.from_url(redis_site.redis) as asked,
                LiveClient(client, server=server).connected() as live,
                open_socket(server, "fails-at-receive", client.cookies),
            ):
                # daphne drops everything unfinished if it is ended within a second of a handshake: its
                # kill_all_applications() then meets a request that has no application and raises KeyError.
                for _ in range(8):
                    await live.caught_up()
                assert await _groups_and_slots(asked) == {
                    b"armguard::group:armguard_live",
                    b"armguard::group:troubled",
                    b"armguard::leases:/ws/live/:2",
                    b"armguard::leases:/ws/fails-at-receive/:2",
                }
                await troubled.end()
                assert await _groups_and_slots(asked) == set()
    log = "".join(troubled.lines)
    assert "Traceback" not in log
    assert "destroyed" not in log


async def _groups_and_slots(redis: Any) -> set[bytes]:
    patterns = ("armguard::group:*", "armguard::leases:*")
    found = {key for pattern in patterns async for key in redis.scan_iter(pattern)}
    return {re.sub(b":[0-9a-f]{16}:", b":", key) for key in found}  # without the name of the site
