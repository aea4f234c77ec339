"""Databases that hang, tables that are missing, clients that do not read, bells that were not heard."""

import asyncio
import socket as network
import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import cast
from urllib.parse import urlsplit

import psutil

from armguard_tray.server.demo.process import DemoServer
from armguard_tray.server.demo.settings import DATABASES
from tests.fakes.demo_server import JOSE, M4_00177, DemoClient
from tests.fakes.live_client import PATIENCE, LiveClient
from tests.fakes.live_site import LiveSite
from tests.server.live_sockets.serving import Kind, troubled_server
from tests.server.sockets import open_socket

ARMORER = 2
FILE = DATABASES["default"]["NAME"].name
MEBIBYTE = 2**20


async def test_a_database_that_hangs_holds_up_neither_handshakes_nor_who_is_connected(site: LiveSite) -> None:
    async with site.server() as server:
        with DemoClient(server) as client:
            client.log_in()
            connected, late, again = LiveClient(client), LiveClient(client), LiveClient(client)
            async with connected.connected():
                with closing(sqlite3.connect(site.data_dir / FILE, timeout=PATIENCE)) as locked:
                    locked.execute("BEGIN EXCLUSIVE")
                    async with late.opened():
                        assert await late.closed_with(4000) == "the server did not answer in time"
                    await connected.send({"type": "ping", "timestamp": 1})
                    while (await connected.receive())["type"] != "pong":
                        pass
                    locked.execute("ROLLBACK")
                async with again.connected():
                    await asyncio.to_thread(client.issue)
                    await again.next_event("transaction_created")
                    await connected.next_event("transaction_created")


async def test_without_its_tables_the_app_says_so_and_leaves_the_others_alone(
    site: LiveSite, kind: Kind
) -> None:
    async with site.server() as demo:
        with DemoClient(demo) as client:
            client.log_in()
        with closing(sqlite3.connect(site.data_dir / FILE)) as database:
            for table in ("head", "event", "lease", "serverprocess", "itemstate"):
                database.execute(f"DROP TABLE armguard_live_{table}")
        async with troubled_server(site, kind) as server:
            live = LiveClient(client, server=cast("DemoServer", server))
            async with live.opened():
                assert await live.closed_with(4000) == "the event log cannot be read"
            assert "no such table" in await server.logged("the event log cannot be read")
            async with open_socket(cast("DemoServer", server), "echo", client.cookies) as socket:
                await socket.send("still here")
                assert await socket.recv() == "still here"


async def test_what_no_bell_has_told_is_found_and_counted(redis_site: LiveSite) -> None:
    async with redis_site.server() as server, redis_site.publisher(at_the_bell="die") as doomed:
        with DemoClient(server, username="admin") as admin:
            admin.log_in()
            live = LiveClient(admin, ["transactions"])
            async with live.connected():
                await doomed.die_of("issue", personnel_id=JOSE, item_id=M4_00177)
                event = await live.next_event()
                async with asyncio.timeout(PATIENCE):
                    while not (await _bells(admin))["healed"]:
                        await live.receive()  # a position, and the next report not long after
    assert event["transaction"]["item_id"] == M4_00177


async def _bells(admin: DemoClient) -> dict[str, int]:
    answer = await asyncio.to_thread(admin.http.get, "/armguard-live/")
    bells: dict[str, int] = answer.json()["bells"]
    return bells


async def test_who_does_not_read_is_closed_and_fills_no_memory(site: LiveSite, kind: Kind) -> None:
    async with site.server() as demo, site.publisher() as publisher, troubled_server(site, kind) as troubled:
        server = cast("DemoServer", troubled)
        with DemoClient(demo) as client:
            client.log_in()
            other = LiveClient(client, server=server)

            async def flood(name: str, count: int) -> None:
                for number in range(count):
                    title = f"{name} {number}"
                    await publisher.do("notify", user_id=ARMORER, title=title, message="x" * 100_000)
                await other.next_event(title=f"{name} {count - 1}")

            async with other.connected():
                await flood("so that it has all that it needs", 300)
                before = psutil.Process(troubled.pid).memory_info().rss
                async with deaf(server, "live", client.cookies) as socket:
                    await flood("for the deaf", 600)
                    assert "closed 'armorer1' with 4029: reads too slowly" in await troubled.logged("slowly")
                    grown = psutil.Process(troubled.pid).memory_info().rss - before
                    await read_to_the_end(socket)
    assert len(other.events) == 900
    assert grown < 40 * MEBIBYTE  # of 57 that were sent


async def test_who_does_not_read_a_socket_that_sends_and_sends_is_closed(site: LiveSite, kind: Kind) -> None:
    async with site.server() as demo, troubled_server(site, kind) as troubled:
        with DemoClient(demo) as client:
            client.log_in()
            before = psutil.Process(troubled.pid).memory_info().rss
            async with deaf(cast("DemoServer", troubled), "floods", client.cookies) as socket:
                assert "closed 'armorer1' with 4029: reads too slowly" in await troubled.logged("slowly")
                grown = psutil.Process(troubled.pid).memory_info().rss - before
                await read_to_the_end(socket)
    assert grown < 20 * MEBIBYTE


@asynccontextmanager
async def deaf(server: DemoServer, path: str, cookies: str) -> AsyncIterator[network.socket]:
    """Open a socket with a small buffer, and read no more than that it is open."""
    address = urlsplit(server.url)
    key = b64encode(b"0123456789abcdef").decode()
    request = (
        f"GET /ws/{path}/ HTTP/1.1\r\nHost: {address.netloc}\r\nOrigin: {server.url}\r\nCookie: {cookies}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\n\r\n"
    )
    loop = asyncio.get_running_loop()
    with network.socket() as socket:
        socket.setsockopt(network.SOL_SOCKET, network.SO_RCVBUF, 4096)
        socket.setblocking(False)
        assert address.hostname
        await loop.sock_connect(socket, (address.hostname, address.port))
        await loop.sock_sendall(socket, request.encode())
        assert (await loop.sock_recv(socket, 12)) == b"HTTP/1.1 101"
        yield socket


async def read_to_the_end(socket: network.socket) -> None:
    """Read what is still there; it must end with the server's last word, or with its hanging up."""
    loop = asyncio.get_running_loop()
    tail = b""
    async with asyncio.timeout(PATIENCE):
        try:
            while b'{"code":4029,"message":"reads too slowly"}' not in tail:
                received = await loop.sock_recv(socket, MEBIBYTE)
                if not received:
                    return
                tail = tail[-100:] + received
        except ConnectionResetError:
            pass
