"""What is announced to everybody reaches the project's own pages too, through each process, once."""

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from websockets.asyncio.client import ClientConnection

from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite
from tests.fakes.redis_server import controlled_redis
from tests.server.live_sockets.conftest import SHORT
from tests.server.live_sockets.serving import Kind, TroubledServer, troubled_server
from tests.server.live_sockets.test_trouble import deaf
from tests.server.sockets import next_frame, next_of, open_socket, socket_of

if TYPE_CHECKING:
    from armguard_tray.server.demo.process import DemoServer

SELDOM = {"HEAD_CHECK": 300, "HEAD_CHECK_ALONE": 300}
"""So that a process hears of nothing but what is announced in it."""


async def welcomed(page: ClientConnection) -> ClientConnection:
    """Return the page's socket once it is open to the user."""
    await next_of(page, "connection_established")
    return page


async def says_nothing_more(page: ClientConnection) -> bool:
    """Whether the next frame is the answer to what the page says now."""
    await page.send(json.dumps({"type": "ping", "timestamp": 1}))
    return (await next_frame(page))["type"] in {"pong", "ping"}  # an Echo's answer is the question


def titles(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["title"] for frame in frames]


async def test_each_page_of_each_process_is_told_once_as_the_stock_server_would(
    any_site: LiveSite, kind: Kind
) -> None:
    said = ["1", "2", "3"]
    async with (
        any_site.server(server=kind) as one,
        any_site.server(server=kind) as two,
        any_site.publisher() as publisher,
        AsyncExitStack() as open_ones,
    ):
        pages = []
        for server, username in ((one, "armorer1"), (one, "admin"), (two, "armorer1"), (two, "sgt.reyes")):
            client = open_ones.enter_context(DemoClient(server, username=username))
            await asyncio.to_thread(client.log_in)
            pages.append(
                await welcomed(await open_ones.enter_async_context(socket_of(client, "notifications")))
            )
        live = await open_ones.enter_async_context(LiveClient(client).connected())
        for title in said:
            await publisher.do("announce_to_all", title=title, message="<B>Recount</B> of José's rack")
            await live.next_event(title=title)
        for page in pages:
            frames = [await next_frame(page) for _ in said]
            assert titles(frames) == said
            assert await says_nothing_more(page)
        assert titles(live.events) == said
    naive = live.events[-1]["timestamp"].removesuffix("+08:00")
    assert frames[-1] == {
        "type": "notification",
        "title": "3",
        "message": "<B>Recount</B> of José's rack",
        "level": "info",
        "timestamp": naive,
        "data": {},
    }


async def test_pages_are_told_while_redis_is_lost_and_after(tmp_path: Path, site: LiveSite) -> None:
    (tmp_path / "redis").mkdir()
    async with controlled_redis(tmp_path / "redis") as redis:
        site = replace(site, redis=redis.url)
        async with site.server() as one, site.server() as two, site.publisher() as publisher:
            with DemoClient(one) as client:
                await asyncio.to_thread(client.log_in)
                async with (
                    socket_of(client, "notifications") as here,
                    open_socket(two, "notifications", client.cookies) as there,
                ):
                    await welcomed(here)
                    await welcomed(there)
                    for state, change in (("with", None), ("without", redis.stop), ("again", redis.start)):
                        if change is not None:
                            await change()
                        await publisher.do("announce_to_all", title=state)
                        assert (await next_frame(here))["title"] == state
                        assert (await next_frame(there))["title"] == state
                    assert await says_nothing_more(here)
                    assert await says_nothing_more(there)


async def test_a_page_is_told_of_nothing_that_was_announced_before_it_came(
    site: LiveSite, kind: Kind
) -> None:
    seldom = replace(site, live=SHORT | SELDOM)
    async with (
        seldom.server() as demo,
        troubled_server(seldom, kind) as troubled,
        seldom.publisher() as publisher,
    ):
        with DemoClient(demo) as client:
            await asyncio.to_thread(client.log_in)
            async with page_of(troubled, client) as resident:
                assert await says_nothing_more(resident)
                await publisher.do("announce_to_all", title="Before")  # which nobody hears until a look
                async with page_of(troubled, client) as newcomer:
                    assert (await next_frame(resident))["title"] == "Before"
                    await announce_within(troubled, client, "After")
                    assert (await next_frame(resident))["title"] == "After"
                    assert (await next_frame(newcomer))["title"] == "After"


async def test_neither_strangers_nor_other_pages_are_told(
    visitor: DemoClient, troubled: TroubledServer
) -> None:
    async with (
        page_of(troubled) as stranger,
        page_of(troubled, visitor, "transactions") as transactions,
        page_of(troubled, visitor) as notifications,
    ):
        for page in (stranger, transactions, notifications):
            assert await says_nothing_more(page)
        await announce_within(troubled, visitor, "Recount")
        assert (await next_frame(notifications))["title"] == "Recount"
        assert await says_nothing_more(stranger)
        assert await says_nothing_more(transactions)


async def test_pages_are_told_nothing_where_the_project_tells_them_itself(site: LiveSite) -> None:
    async with site.server(live={"RELAY_TO_STOCK": False}) as server, site.publisher() as publisher:
        with DemoClient(server) as client:
            await asyncio.to_thread(client.log_in)
            async with socket_of(client, "notifications") as page, LiveClient(client).connected() as live:
                await welcomed(page)
                await publisher.do("announce_to_all", title="Recount")
                await live.next_event(title="Recount")
                assert await says_nothing_more(page)


async def test_a_page_that_does_not_read_is_closed_and_the_others_are_told(
    redis_site: LiveSite, kind: Kind
) -> None:
    async with (
        redis_site.server() as demo,
        troubled_server(redis_site, kind) as troubled,
        redis_site.publisher() as publisher,
    ):
        with DemoClient(demo) as client:
            await asyncio.to_thread(client.log_in)
            async with (
                deaf(cast("DemoServer", troubled), "notifications", client.cookies),
                page_of(troubled, client) as page,
            ):
                assert await says_nothing_more(page)
                for number in range(50):  # ten megabytes: more than the system's own buffers hold
                    await publisher.do("announce_to_all", title=str(number), message="x" * 200_000)
                    assert (await next_frame(page))["title"] == str(number)
                assert "closed 'armorer1' with 4029: reads too slowly" in await troubled.logged("slowly")
                assert await says_nothing_more(page)


async def test_a_page_opens_although_the_log_cannot_be_read(redis_site: LiveSite) -> None:
    async with redis_site.server() as server, redis_site.publisher() as publisher:
        with DemoClient(server) as client:
            await asyncio.to_thread(client.log_in)
            await publisher.do("drop_tables")
            async with socket_of(client, "notifications") as page:
                await welcomed(page)
                assert await says_nothing_more(page)


def page_of(troubled: TroubledServer, client: DemoClient | None = None, path: str = "notifications") -> Any:
    """Open a page's socket of the troubled project, which lets in strangers too."""
    return open_socket(cast("DemoServer", troubled), path, client.cookies if client else "")


async def announce_within(troubled: TroubledServer, client: DemoClient, title: str) -> None:
    """Have the process that serves the pages announce something."""
    async with page_of(troubled, client, "announces") as socket:
        await socket.send(title)
