"""The error frame, the close code and its reason, as a client gets them."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite
from tests.server.live_sockets.conftest import SHORT
from tests.server.sockets import open_socket

UNKNOWN_STREAM = "unknown stream; there are notifications, transactions, inventory"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"streams": "weather"}, UNKNOWN_STREAM),
        ({"streams": ""}, "no streams named"),
        ({"since": "9" * 30, "epoch": "e"}, "since is no event's number"),
        ({"since": "-1", "epoch": "e"}, "since is no event's number"),
        ({"client": "\n"}, "client is not usable"),
    ],
)
async def test_4000_for_what_cannot_be_asked(
    armorer: DemoClient, query: dict[str, Any], message: str
) -> None:
    live = LiveClient(armorer)
    async with live.opened(**query):
        assert await live.closed_with(4000) == message


async def test_4001_without_a_login(server: DemoServer) -> None:
    with DemoClient(server) as nobody:
        live = LiveClient(nobody)
        async with live.opened():
            assert await live.closed_with(4001) == "not logged in"


@pytest.mark.parametrize("origin", [None, "http://evil.example", "null"])
async def test_who_comes_from_elsewhere_is_refused_before_the_socket_opens(
    armorer: DemoClient, server: DemoServer, origin: str | None
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with open_socket(server, "live", armorer.cookies, origin):
            pass
    assert refused.value.response.status_code == 403


async def test_4008_for_the_older_connection_of_a_client(armorer: DemoClient) -> None:
    old = LiveClient(armorer, client="desk-7")
    async with old.connected():
        await old.caught_up()
        async with LiveClient(armorer, client="desk-7").connected() as new:
            assert await old.closed_with(4008) == "replaced by a newer connection of the same client"
            await asyncio.to_thread(armorer.issue)
            await new.next_event("transaction_created")


async def test_a_client_of_the_same_name_but_another_user_is_left_alone(
    server: DemoServer, armorer: DemoClient
) -> None:
    with DemoClient(server, username="admin") as admin:
        await asyncio.to_thread(admin.log_in)
        async with (
            LiveClient(armorer, client="desk-7").connected() as one,
            LiveClient(admin, client="desk-7").connected(),
        ):
            await asyncio.to_thread(armorer.issue)
            await one.next_event("transaction_created")


async def test_4030_for_one_connection_too_many(armorer: DemoClient) -> None:
    async with AsyncExitStack() as connections:
        for _ in range(3):
            await connections.enter_async_context(LiveClient(armorer).connected())
        fourth = LiveClient(armorer)
        async with fourth.opened():
            assert await fourth.closed_with(4030) == "no more than 3 connections a user"
    async with fourth.connected():  # the others have gone
        await fourth.caught_up()


async def test_4029_for_a_flood(armorer: DemoClient) -> None:
    live = LiveClient(armorer)
    async with live.connected():
        for number in range(60):
            await live.send({"type": "ping", "timestamp": number})
        assert await live.closed_with(4029) == "too many messages"
    pongs = [frame for frame in map(json.loads, live.frames) if frame["type"] == "pong"]
    assert [pong["timestamp"] for pong in pongs] == list(range(len(pongs)))
    assert 40 <= len(pongs) < 60


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "[",
        "null",
        "[]",
        '{"type":"presence"}',
        '{"type":"ack","seq":-1}',
        "[" * 4000,
        "x" * 100_000,
        b"\x00",
    ],
)
async def test_garbage_is_complained_of_and_costs_nobody_anything(
    armorer: DemoClient, garbage: str | bytes
) -> None:
    live = LiveClient(armorer)
    async with live.connected():
        await live.caught_up()
        await live.socket.send(garbage)
        complaint = await live.receive()
        assert complaint["type"] == "error"
        assert "code" not in complaint
        await live.send({"type": "ping", "timestamp": {"any": "value"}})
        assert await live.receive() == {"type": "pong", "timestamp": {"any": "value"}}


async def test_4000_where_real_time_is_switched_off(site: LiveSite) -> None:
    async with site.server(live=SHORT | {"REAL_TIME": False}) as server:
        with DemoClient(server) as armorer:
            armorer.log_in()
            live = LiveClient(armorer)
            async with live.opened():
                assert await live.closed_with(4000) == "real time is switched off"
