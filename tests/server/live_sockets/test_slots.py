"""At most so many connections a user, over all processes, whatever happens to these."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import PATIENCE, LiveClient
from tests.fakes.live_site import LiveSite
from tests.fakes.redis_server import REDIS_SERVER, ControlledRedis, controlled_redis

LIMIT = "no more than 3 connections a user"


async def test_the_limit_holds_over_two_processes(any_site: LiveSite) -> None:
    async with any_site.server() as one, any_site.server() as two:
        with DemoClient(one) as client:
            client.log_in()
            async with AsyncExitStack() as connections:
                for server in (one, two, one):
                    live = LiveClient(client, server=server)
                    await connections.enter_async_context(live.connected())
                fourth = LiveClient(client, server=two)
                async with fourth.opened():
                    assert await fourth.closed_with(4030) == LIMIT


async def test_many_at_once_over_two_processes_get_exactly_the_slots(any_site: LiveSite) -> None:
    async with any_site.server() as one, any_site.server() as two:
        with DemoClient(one) as client:
            client.log_in()
            lives = [LiveClient(client, server=server) for server in (one, two) * 8]
            async with AsyncExitStack() as connections:
                await asyncio.gather(*(connections.enter_async_context(live.opened()) for live in lives))
                firsts = await asyncio.gather(*(live.receive() for live in lives))
    assert sorted(first.get("code", 0) for first in firsts) == [0] * 3 + [4030] * 13


async def test_a_client_replaces_its_connection_to_another_process(any_site: LiveSite) -> None:
    async with any_site.server() as one, any_site.server() as two:
        with DemoClient(one) as client:
            client.log_in()
            old, new = LiveClient(client, client="desk-7"), LiveClient(client, server=two, client="desk-7")
            async with old.connected(), new.connected():
                message = await old.closed_with(4008)
                await new.caught_up()
    assert message == "replaced by a newer connection of the same client"


async def test_the_slots_of_a_killed_process_are_free_when_their_time_is_up(any_site: LiveSite) -> None:
    async with any_site.server() as doomed, any_site.server() as server:
        with DemoClient(server) as client:
            client.log_in()
            async with AsyncExitStack() as connections:
                lives = [LiveClient(client, server=doomed) for _ in range(3)]
                for live in lives:
                    await connections.enter_async_context(live.connected())
                await doomed.kill()
                for live in lives:
                    await live.broken()
            waiting = LiveClient(client)
            async with waiting.opened():
                assert await waiting.closed_with(4030) == LIMIT
            await _let_in(waiting)


async def test_slots_last_as_long_as_their_connections(any_site: LiveSite) -> None:
    async with any_site.server() as server:
        with DemoClient(server) as client:
            client.log_in()
            async with AsyncExitStack() as connections:
                lives = [LiveClient(client) for _ in range(3)]
                for live in lives:
                    await connections.enter_async_context(live.connected())
                for _ in range(8):  # longer than a lease lasts that is not renewed
                    await lives[0].caught_up()
                fourth = LiveClient(client)
                async with fourth.opened():
                    assert await fourth.closed_with(4030) == LIMIT


async def _let_in(live: LiveClient) -> None:
    """Try until there is a slot."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with live.opened():
                if (await live.receive())["type"] == "hello":
                    return


async def test_slots_survive_a_redis_that_forgets(redis_site: LiveSite) -> None:
    from redis.asyncio import from_url  # noqa: PLC0415 - where Redis is

    async with redis_site.server() as server, from_url(str(redis_site.redis)) as redis:
        with DemoClient(server) as client:
            client.log_in()
            async with AsyncExitStack() as connections:
                lives = [LiveClient(client) for _ in range(3)]
                for live in lives:
                    await connections.enter_async_context(live.connected())
                await redis.flushall()
                for _ in range(3):  # meanwhile they are renewed
                    await lives[0].caught_up()
                fourth = LiveClient(client)
                async with fourth.opened():
                    assert await fourth.closed_with(4030) == LIMIT
                await asyncio.to_thread(client.issue)
                await lives[1].next_event("transaction_created")


async def test_of_a_user_who_has_gone_nothing_is_left(redis_site: LiveSite) -> None:
    from redis.asyncio import from_url  # noqa: PLC0415 - where Redis is

    async with redis_site.server() as server, from_url(str(redis_site.redis)) as redis:
        with DemoClient(server) as client:
            client.log_in()
            async with LiveClient(client).connected():
                assert await _keys(redis) == {
                    b"armguard::group:armguard_live",
                    b"armguard::leases:/ws/live/:2",
                }
            async with asyncio.timeout(PATIENCE):
                while await _keys(redis):
                    pass


async def _keys(redis: Any) -> set[bytes]:
    """Return the groups and slots that there are, without the name of the site."""
    patterns = ("armguard::group:*", "armguard::leases:*")
    found = {key for pattern in patterns async for key in redis.scan_iter(pattern)}
    return {re.sub(b":[0-9a-f]{16}:", b":", key) for key in found}


@pytest_asyncio.fixture
async def fragile_redis(tmp_path: Path) -> AsyncIterator[ControlledRedis]:
    """Run a Redis that can be frozen."""
    if REDIS_SERVER is None:
        pytest.skip("redis-server is not installed")
    async with controlled_redis(tmp_path) as redis:
        yield redis


@pytest.fixture
def fragile_site(site: LiveSite, fragile_redis: ControlledRedis) -> LiveSite:
    """Return a site on such a Redis, where slots that nobody frees outlast the example."""
    live = {**site.live, "LEASE_SECONDS": 300, "CONNECT_TIMEOUT": 5}
    return replace(site, redis=fragile_redis.url, live=live)


async def test_slots_held_in_redis_count_when_it_is_lost_and_when_it_is_back(
    fragile_site: LiveSite, fragile_redis: ControlledRedis
) -> None:
    async with fragile_site.server() as one, fragile_site.server() as two:
        with DemoClient(one) as client, DemoClient(one, username="admin") as admin:
            client.log_in()
            admin.log_in()
            async with AsyncExitStack() as connections:
                lives = [LiveClient(client, server=server) for server in (one, two, one)]
                for live in lives:
                    await connections.enter_async_context(live.connected())
                fragile_redis.freeze()
                for server in (one, two):
                    await _layer_is("memory", LiveClient(admin, server=server))
                for server in (one, two):
                    await _refused(LiveClient(client, server=server))
                fragile_redis.thaw()
                for server in (one, two):
                    await _layer_is("redis", LiveClient(admin, server=server))
                for server in (one, two):
                    await _refused(LiveClient(client, server=server))
                for live in lives:
                    await live.caught_up()


async def test_what_one_process_holds_counts_at_the_very_change(
    fragile_site: LiveSite, fragile_redis: ControlledRedis
) -> None:
    async with fragile_site.server() as server:
        with DemoClient(server) as client:
            client.log_in()
            async with AsyncExitStack() as connections:
                for _ in range(3):
                    await connections.enter_async_context(LiveClient(client).connected())
                fragile_redis.freeze()
                await _refused(LiveClient(client))


async def test_slots_are_free_wherever_they_were_held(
    fragile_site: LiveSite, fragile_redis: ControlledRedis
) -> None:
    async with fragile_site.server() as server:
        with DemoClient(server) as client, DemoClient(server, username="admin") as admin:
            client.log_in()
            admin.log_in()
            watcher = LiveClient(admin)  # as long as it is there, the process has what it remembers
            async with watcher.connected():
                async with _all_slots(client):
                    fragile_redis.freeze()
                    await _layer_is("memory", LiveClient(admin))
                    await watcher.caught_up()
                async with _all_slots(client):  # those of Redis cannot be freed yet
                    fragile_redis.thaw()
                    await _layer_is("redis", LiveClient(admin))
                async with _all_slots(client):
                    fragile_redis.freeze()
                    await _layer_is("memory", LiveClient(admin))
                async with _all_slots(client):
                    pass


async def test_a_connection_is_not_taken_for_the_older_one_that_it_has_replaced(
    fragile_site: LiveSite, fragile_redis: ControlledRedis
) -> None:
    async with fragile_site.server() as one, fragile_site.server() as two:
        with DemoClient(one) as client, DemoClient(one, username="admin") as admin:
            client.log_in()
            admin.log_in()
            old, new = LiveClient(client, client="desk-7"), LiveClient(client, server=two, client="desk-7")
            async with old.connected():
                await old.caught_up()
                fragile_redis.freeze()
                await _layer_is("memory", LiveClient(admin))
            await one.kill()  # so that nobody frees what it held in Redis
            async with new.connected():
                await _layer_is("memory", LiveClient(admin, server=two))
                fragile_redis.thaw()
                await _layer_is("redis", LiveClient(admin, server=two))
                for _ in range(6):  # meanwhile it is renewed
                    await new.caught_up()


async def test_sites_that_share_a_redis_share_no_slots(redis_site: LiveSite, tmp_path: Path) -> None:
    other_site = replace(redis_site, data_dir=tmp_path / "other", secret_key="of the other site")
    async with redis_site.server() as server, other_site.server() as other_server:
        with DemoClient(server) as client, DemoClient(other_server) as other_client:
            client.log_in()
            other_client.log_in()
            async with AsyncExitStack() as connections:
                lives = [LiveClient(client, client=f"desk-{number}") for number in range(3)]
                for live in lives:
                    await connections.enter_async_context(live.connected())
                stranger = LiveClient(other_client, client="desk-0")
                await connections.enter_async_context(stranger.connected())
                await connections.enter_async_context(LiveClient(other_client, client="desk-0").connected())
                assert await stranger.closed_with(4008)
                await asyncio.to_thread(client.issue)
                for live in lives:
                    await live.next_event("transaction_created")


@asynccontextmanager
async def _all_slots(client: DemoClient) -> AsyncIterator[None]:
    """Hold all slots, each as soon as it is free: who has hung up may have it for another moment."""
    async with AsyncExitStack() as connections, asyncio.timeout(PATIENCE) as patience:
        held = 0
        while held < 3:
            live = LiveClient(client)
            await connections.enter_async_context(live.opened())
            held += (await live.receive())["type"] == "hello"
        patience.reschedule(None)
        yield


async def _layer_is(in_use: str, live: LiveClient) -> None:
    """Wait until the process has noticed."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with live.connected():
                if live.hello["layer"]["in_use"] == in_use:
                    return


async def _refused(live: LiveClient) -> None:
    async with live.opened():
        first = await live.receive()
        assert first.get("message") == LIMIT, first
