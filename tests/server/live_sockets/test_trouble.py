"""Databases that hang, tables that are missing, clients that do not read, bells that were not heard."""

import asyncio
import socket as network
import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import replace
from typing import cast
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection

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
LAST_WORD = b'{"code":4029,"message":"reads too slowly"}'


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


async def test_for_who_does_not_read_nothing_is_kept_but_the_log(site: LiveSite, kind: Kind) -> None:
    patient = replace(site, live={**site.live, "SLOW_AFTER": 3600})
    async with (
        patient.server() as demo,
        patient.publisher() as publisher,
        troubled_server(patient, kind) as troubled,
        AsyncExitStack() as stack,
    ):
        server = cast("DemoServer", troubled)
        client = stack.enter_context(DemoClient(demo))
        client.log_in()
        other = await stack.enter_async_context(LiveClient(client, server=server).connected())
        socket = await stack.enter_async_context(deaf(server, "live", client.cookies))
        memory = await stack.enter_async_context(open_socket(server, "memory", client.cookies))
        await bytes_held(memory)  # begins the count
        for number in range(1200):
            title = f"number {number}"
            await publisher.do("notify", user_id=ARMORER, title=title, message="x" * 25_000)
        await other.next_event(title=title)
        held = await bytes_held(memory)
        assert await read_until(socket, f'"title":"{title}"'.encode())
    assert len(other.events) == 1200
    # Of 29 that were sent: the newest events, and the pages of the log in which the two clients are.
    assert held < 20 * MEBIBYTE


async def test_who_does_not_read_is_closed(site: LiveSite, kind: Kind) -> None:
    async with site.server() as demo, site.publisher() as publisher, troubled_server(site, kind) as troubled:
        with DemoClient(demo) as client:
            client.log_in()
            async with deaf(cast("DemoServer", troubled), "live", client.cookies) as socket:
                for _ in range(150):  # 15 MB, more than a system keeps for a connection
                    await publisher.do("notify", user_id=ARMORER, title="Unread", message="x" * 100_000)
                assert "closed 'armorer1' with 4029: reads too slowly" in await troubled.logged("slowly")
                await read_until(socket, LAST_WORD)


async def test_who_does_not_read_a_socket_that_sends_and_sends_is_closed(site: LiveSite, kind: Kind) -> None:
    async with site.server() as demo, troubled_server(site, kind) as troubled:
        with DemoClient(demo) as client:
            client.log_in()
            async with deaf(cast("DemoServer", troubled), "floods", client.cookies) as socket:
                assert "closed 'armorer1' with 4029: reads too slowly" in await troubled.logged("slowly")
                assert "all of the flood was taken" not in "".join(troubled.lines)
                await read_until(socket, LAST_WORD)


async def bytes_held(memory: ClientConnection) -> int:
    """Return what the server's Python holds of what was made since this was called first."""
    async with asyncio.timeout(PATIENCE):
        await memory.send("how much?")
        return int(await memory.recv())


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


async def read_until(socket: network.socket, end: bytes) -> bool:
    """Read what is there; return whether `end` came before the server hung up."""
    loop = asyncio.get_running_loop()
    tail = b""
    socket.setsockopt(network.SOL_SOCKET, network.SO_RCVBUF, MEBIBYTE)  # it may hurry now
    async with asyncio.timeout(PATIENCE):
        try:
            while end not in tail:
                received = await loop.sock_recv(socket, MEBIBYTE)
                if not received:
                    return False
                tail = tail[-100:] + received
        except ConnectionResetError:
            return False
    return True
