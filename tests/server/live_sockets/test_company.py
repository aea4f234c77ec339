"""Several processes serve sockets: clients, the status page and the log say so if the layer is in memory."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from armguard_tray.server.demo.process import DemoServer
from armguard_tray.server.layers.status import DEAF, several_warning
from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import PATIENCE, LiveClient
from tests.fakes.live_site import LiveSite
from tests.server.live_sockets.serving import troubled_server

SEVERAL = "Several processes serve sockets, and the channel layer is in memory: "
WARNED = "WARNING armguard_tray.server.sockets.report: channel layer: "
SELDOM = {"LEASE_SECONDS": 900, "LEASE_RENEWAL": 300}
"""So that nobody is told of by a later report before the test has failed."""


@contextmanager
def _admin(server: DemoServer) -> Iterator[DemoClient]:
    with DemoClient(server, "admin") as admin:
        admin.log_in()
        yield admin


async def _position(live: LiveClient) -> dict[str, Any]:
    """Return what the next position says of the layer."""
    while (frame := await live.receive())["type"] != "position":
        pass
    layer: dict[str, Any] = frame["layer"]
    return layer


async def _warned(live: LiveClient, *, of_several: bool) -> str:
    """Return the warning once positions speak of several processes, or no more of them."""
    async with asyncio.timeout(PATIENCE):
        while True:
            warning = (await _position(live))["warning"] or ""
            if (SEVERAL in warning) == of_several:
                return warning


async def _counted(admin: DemoClient, processes: int) -> dict[str, Any]:
    """Return what the status page says of the layer once it lists so many processes."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await asyncio.to_thread(
                admin.http.get, "/armguard-live/", headers={"Accept": "application/json"}
            )
            status = answer.json()
            if len(status["processes"]) == processes:
                layer: dict[str, Any] = status["layer"]
                return layer


async def test_clients_of_both_are_warned_until_one_of_them_is_alone_again(site: LiveSite) -> None:
    async with site.server() as one, site.server() as two:
        with _admin(one) as admin:
            here, there = LiveClient(admin), LiveClient(admin, server=two)
            async with here.connected():
                assert here.hello["layer"]["warning"] == DEAF
                assert (await _counted(admin, 1))["warning"] == DEAF
                async with there.connected():
                    # Who comes second sees the first one at once; that one learns of it from its next report.
                    assert there.hello["layer"]["warning"] == several_warning(alone=False)
                    assert (await _warned(here, of_several=True)).startswith(SEVERAL)
                    assert (await _counted(admin, 2))["warning"].startswith(SEVERAL)
                    async with LiveClient(admin).connected() as later:
                        assert later.hello["layer"]["warning"].startswith(SEVERAL)
                        assert (await _position(later))["warning"].startswith(SEVERAL)
                assert await _warned(here, of_several=False) == DEAF
                assert (await _counted(admin, 1))["warning"] == DEAF


async def test_a_process_that_is_killed_counts_no_more_once_it_was_silent_for_long(site: LiveSite) -> None:
    async with site.server() as one, site.server() as two:
        with _admin(one) as admin:
            async with LiveClient(admin).connected() as here:
                async with LiveClient(admin, server=two).connected() as there:
                    await _warned(here, of_several=True)
                    await two.kill()
                    await there.broken()
                assert await _warned(here, of_several=False) == DEAF


async def test_settings_that_say_that_one_is_alone_are_contradicted(site: LiveSite) -> None:
    async with site.server(alone=True) as one, site.server(alone=True) as two:
        with _admin(one) as admin:
            async with LiveClient(admin).connected() as here:
                assert here.hello["layer"]["warning"] is None
                async with LiveClient(admin, server=two).connected():
                    warning = await _warned(here, of_several=True)
                    assert warning == several_warning(alone=True)
                    assert (await _counted(admin, 2))["warning"] == warning
                assert await _warned(here, of_several=False) == ""


async def test_processes_that_redis_joins_are_not_warned_about(redis_site: LiveSite) -> None:
    async with redis_site.server() as one, redis_site.server() as two:
        with _admin(one) as admin:
            here, there = LiveClient(admin), LiveClient(admin, server=two)
            async with here.connected(), there.connected():
                assert (await _counted(admin, 2))["warning"] is None
                for live in (here, there):
                    assert live.hello["layer"]["warning"] is None
                    for _ in range(5):  # reports are as frequent as positions: these cover several
                        said = await _position(live)
                        assert (said["in_use"], said["warning"]) == ("redis", None)


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_it_is_logged_once_at_each_change(site: LiveSite, kind: Any) -> None:
    async with site.server() as demo, troubled_server(site, kind) as server:
        with _admin(demo) as admin:
            for _ in range(2):  # it is no news that a desk has gone and come again
                async with LiveClient(admin, server=cast("DemoServer", server)).connected() as here:
                    await here.caught_up()
            async with here.connected():
                assert DEAF in await server.logged(WARNED)
                async with LiveClient(admin).connected():
                    assert SEVERAL in await server.logged(WARNED)
                assert DEAF in await server.logged(WARNED)
    assert sum(WARNED in line for line in server.lines) == 3


async def test_whoever_connects_is_told_at_once_without_waiting_for_a_report(site: LiveSite) -> None:
    async with site.server(live=SELDOM) as one, site.server(live=SELDOM) as two:
        with _admin(one) as admin:
            async with LiveClient(admin).connected():
                await _counted(admin, 1)
                async with LiveClient(admin, server=two).connected() as there:
                    assert there.hello["layer"]["warning"].startswith(SEVERAL)
                    await _counted(admin, 2)
                    async with LiveClient(admin).connected() as later:
                        assert later.hello["layer"]["warning"].startswith(SEVERAL)
