"""Opening the demo server's WebSockets, and reading what comes."""

import asyncio
import json
from typing import Any
from zoneinfo import ZoneInfo

from websockets.asyncio.client import ClientConnection, connect

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DemoClient

MANILA = ZoneInfo("Asia/Manila")
PATIENCE = 60.0  # seconds until a frame that does not come fails the test


def open_socket(server: DemoServer, path: str, cookies: str = "", origin: str | None = "own") -> connect:
    """Open `/ws/<path>/`, by default with the server's own address as the Origin."""
    return connect(
        f"{server.url.replace('http', 'ws', 1)}/ws/{path}/",
        origin=server.url if origin == "own" else origin,  # type: ignore[arg-type] # a NewType over str
        additional_headers={"Cookie": cookies} if cookies else {},
        proxy=None,
        max_queue=None,  # a full queue would hold up the server's answer to our close
    )


def socket_of(client: DemoClient, path: str) -> connect:
    """Open `/ws/<path>/` with a client's session."""
    return open_socket(client.server, path, client.cookies)


async def next_frame(socket: ClientConnection) -> dict[str, Any]:
    """Return the next frame, decoded."""
    async with asyncio.timeout(PATIENCE):
        frame: dict[str, Any] = json.loads(await socket.recv())
    return frame


async def next_of(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next frame of a kind, skipping others."""
    while True:
        frame = await next_frame(socket)
        if frame["type"] == kind:
            return frame
