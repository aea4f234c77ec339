"""At most so many connections a user, over all processes, whatever happens to these."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import PATIENCE, LiveClient
from tests.fakes.live_site import LiveSite

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
                    b"armguard_live:leases:/ws/live/:2",
                }
            async with asyncio.timeout(PATIENCE):
                while await _keys(redis):
                    pass


async def _keys(redis: Any) -> set[bytes]:
    """Return the groups and slots that there are."""
    patterns = ("armguard::group:*", "armguard_live:*")
    return {key for pattern in patterns async for key in redis.scan_iter(pattern)}
