"""Redis is lost while clients are connected: they hear on, they are told, and so is the admin."""

import asyncio
from pathlib import Path
from typing import Any

from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import PATIENCE, LiveClient
from tests.fakes.live_site import LiveSite
from tests.fakes.redis_server import controlled_redis

SELDOM = {"HEAD_CHECK": 300, "LEASE_SECONDS": 900, "LEASE_RENEWAL": 300}
"""So that nothing comes right by itself before the test has failed."""


async def test_clients_hear_on_and_are_told_at_once_and_so_is_the_admin(tmp_path: Path) -> None:
    (tmp_path / "redis").mkdir()
    async with controlled_redis(tmp_path / "redis") as redis:
        site = LiveSite(tmp_path / "site", redis=redis.url, live=SELDOM)
        async with site.server() as server, site.publisher() as other_process:
            with DemoClient(server, username="admin") as admin:
                admin.log_in()
                live = LiveClient(admin)
                async with live.connected():
                    await other_process.do("announce_to_all", title="Before")
                    await live.next_event(title="Before")

                    await redis.stop()
                    lost = await _told(live, "memory")
                    assert "other processes" in lost["warning"]
                    await other_process.do("announce_to_all", title="Without Redis")
                    await live.next_event(title="Without Redis")
                    await _reported(admin, "memory")

                    await redis.start()
                    assert (await _told(live, "redis"))["warning"] is None
                    await other_process.do("announce_to_all", title="After")
                    await live.next_event(title="After")
                    await _reported(admin, "redis")


async def _told(live: LiveClient, in_use: str) -> dict[str, Any]:
    """Return what a position says of the layer once it is that one."""
    while True:
        frame = await live.receive()
        if frame["type"] == "position" and frame["layer"]["in_use"] == in_use:
            layer: dict[str, Any] = frame["layer"]
            return layer


async def _reported(admin: DemoClient, in_use: str) -> None:
    """Return once the status page says so of the process."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await asyncio.to_thread(
                admin.http.get, "/armguard-live/", headers={"Accept": "application/json"}
            )
            if [each["layer"] for each in answer.json()["processes"]] == [in_use]:
                return
