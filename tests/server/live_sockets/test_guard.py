"""What the guard makes of sockets that misbehave, and that it leaves the others alone."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, cast

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.fakes.demo_server import DemoClient
from tests.fakes.live_site import LiveSite
from tests.server.live_sockets.serving import PATIENCE, TroubledServer, troubled_server
from tests.server.sockets import open_socket

if TYPE_CHECKING:
    from armguard_tray.server.demo.process import DemoServer


def socket_at(visitor: DemoClient, path: str, origin: str | None = "own") -> connect:
    return open_socket(visitor.server, path, visitor.cookies, origin)


async def end_of(socket: ClientConnection) -> tuple[int, str]:
    """Read up to the end; return its code and message, which the last frame and the reason agree on."""
    last: str | bytes = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                last = await socket.recv()
    except ConnectionClosed as closed:
        end = closed.rcvd
    assert end is not None, "the connection broke"
    frame = json.loads(last)
    assert frame == {"type": "error", **json.loads(end.reason)}
    assert frame["code"] == end.code
    return end.code, frame["message"]


async def test_what_passes_between_a_client_and_a_socket_is_left_alone(visitor: DemoClient) -> None:
    async with socket_at(visitor, "echo") as socket:
        for said in ("text", b"\x00bytes", "{}", "x" * 100_000):
            await socket.send(said)
            assert await socket.recv() == said


async def test_a_refusal_stays_a_refusal(troubled: TroubledServer) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with open_socket(cast("DemoServer", troubled), "strict"):
            pass
    assert refused.value.response.status_code == 403


async def test_who_comes_from_elsewhere_is_refused_as_before(visitor: DemoClient) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket_at(visitor, "echo", origin="http://evil.example"):
            pass
    assert refused.value.response.status_code == 403


async def test_4000_at_an_address_where_nothing_is(visitor: DemoClient, troubled: TroubledServer) -> None:
    async with socket_at(visitor, "%0Anowhere") as socket:
        assert await end_of(socket) == (4000, "there is no socket at this address")
    line = await troubled.logged("there is no socket")
    assert r"'/ws/\nnowhere/': closed a client with 4000" in line


async def test_4000_when_connecting_hangs(visitor: DemoClient, troubled: TroubledServer) -> None:
    async with socket_at(visitor, "hangs-at-connect") as socket:
        assert await end_of(socket) == (4000, "the server did not answer in time")
    await troubled.logged("did not end within 0.5 s")


async def test_4000_when_connecting_fails(visitor: DemoClient, troubled: TroubledServer) -> None:
    async with socket_at(visitor, "fails-at-connect") as socket:
        assert await end_of(socket) == (4000, "server error")
    assert "closed a client with 4000" in await troubled.logged("no table of that name")


async def test_4000_when_a_message_is_not_coped_with(visitor: DemoClient, troubled: TroubledServer) -> None:
    async with socket_at(visitor, "fails-at-receive") as socket:
        await socket.send(b"\x00")
        assert await end_of(socket) == (4000, "server error")
    assert "closed 'armorer1' with 4000" in await troubled.logged("LookupError")


async def test_4000_when_a_socket_is_left_open(visitor: DemoClient) -> None:
    async with socket_at(visitor, "returns") as socket:
        assert await end_of(socket) == (4000, "server error")


async def test_one_that_does_not_get_done_is_ended(visitor: DemoClient, troubled: TroubledServer) -> None:
    async with socket_at(visitor, "hangs-at-disconnect"):
        pass
    await troubled.logged("'/ws/hangs-at-disconnect/': did not end within 0.5 s")


async def test_a_client_that_goes_is_noticed_by_a_busy_socket(
    visitor: DemoClient, troubled: TroubledServer
) -> None:
    async with socket_at(visitor, "hangs-at-receive") as socket:
        await socket.send("begin")
        assert await socket.recv() == "begin"
    await troubled.logged("'/ws/hangs-at-receive/': did not end within 0.5 s")


@pytest.mark.parametrize("path", ["echo", "hangs-at-receive"])
async def test_4029_for_a_flood(visitor: DemoClient, path: str) -> None:
    async with socket_at(visitor, path) as socket:
        for number in range(60):
            await socket.send(str(number))
        code, _ = await end_of(socket)
        assert code in {4029, 4000} if path == "hangs-at-receive" else code == 4029


async def test_4030_for_one_too_many_on_a_path(visitor: DemoClient) -> None:
    async with AsyncExitStack() as connections:
        for _ in range(3):
            await connections.enter_async_context(socket_at(visitor, "echo"))
            await connections.enter_async_context(socket_at(visitor, "strict"))
        async with socket_at(visitor, "echo") as fourth:
            assert await end_of(fourth) == (4030, "no more than 3 connections a user")
    async with socket_at(visitor, "echo") as fifth:
        await fifth.send("they have gone")
        assert await fifth.recv() == "they have gone"


async def test_who_is_not_logged_in_is_not_counted(troubled: TroubledServer) -> None:
    async with AsyncExitStack() as connections:
        for _ in range(5):
            socket = await connections.enter_async_context(open_socket(cast("DemoServer", troubled), "echo"))
            await socket.send("hello")
            assert await socket.recv() == "hello"


async def test_whose_session_ends_loses_the_stock_sockets_too(visitor: DemoClient) -> None:
    async with socket_at(visitor, "echo") as socket:
        await socket.send("hello")
        await socket.recv()
        await asyncio.to_thread(visitor.post_form, "/logout/", {})
        assert await end_of(socket) == (4001, "logged out")


@pytest.mark.parametrize(
    "path", ["fails-at-connect", "fails-at-receive", "hangs-at-connect", "hangs-at-receive"]
)
async def test_a_consumer_that_failed_leaves_its_group(redis_site: LiveSite, path: str) -> None:
    redis = pytest.importorskip("redis.asyncio")
    async with redis_site.server(), troubled_server(redis_site, "daphne") as troubled:
        with DemoClient(cast("DemoServer", troubled), username="armorer1", password="armory-demo") as visitor:
            await asyncio.to_thread(visitor.log_in)
            async with redis.from_url(redis_site.redis) as client:
                async with socket_at(visitor, path) as socket:
                    if path.endswith("receive"):
                        await socket.send("x")
                        await socket.recv()
                async with asyncio.timeout(PATIENCE):
                    while await client.zcard("armguard::group:troubled"):
                        pass
