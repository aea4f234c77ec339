"""A client of the app's socket, `/ws/live/`: it resumes where it was, and keeps all that it is told.

live = LiveClient(armorer)
async with live.connected():
    armorer.issue()
    event = await live.next_event()
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DemoClient

STREAMS = ("notifications", "transactions", "inventory")
PATIENCE = 60.0  # seconds until a frame that does not come fails the test


class LiveClient:
    """What a tray does on the socket, without the tray.

    Attributes:
        client: its identity; two with the same one are the same desk.
        epoch, position: where it resumes the next time; None before it was first connected.
        hello: the last connection's first frame.
        frames: the text of every frame, in order.
        events, gaps: the decoded ones of these, in order.
        socket: the connection, while there is one.

    """

    def __init__(
        self,
        who: DemoClient,
        streams: Sequence[str] = STREAMS,
        *,
        server: DemoServer | None = None,
        client: str | None = None,
        acks: bool = False,
    ) -> None:
        """Use the session of `who`, at `server` if that is another one than theirs."""
        self._who = who
        self._server = server or who.server
        self._streams = streams
        self._acks = acks
        self.client = client or uuid4().hex
        self.epoch: str | None = None
        self.position: int | None = None
        self.hello: dict[str, Any] = {}
        self.frames: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.gaps: list[dict[str, Any]] = []
        self.socket: ClientConnection

    @property
    def query(self) -> dict[str, Any]:
        """What it says of itself in the handshake."""
        said = {
            "streams": ",".join(self._streams),
            "resume": 1,
            "client": self.client,
            "acks": int(self._acks),
        }
        if self.epoch is not None and self.position is not None:
            said |= {"epoch": self.epoch, "since": self.position}
        return said

    @asynccontextmanager
    async def connected(self, server: DemoServer | None = None, **query: Any) -> AsyncIterator[Self]:
        """Be connected, past the hello; `query` overrides what it says of itself."""
        async with self.opened(server, **query):
            self.hello = await self.receive()
            assert self.hello["type"] == "hello", self.hello
            yield self

    @asynccontextmanager
    async def opened(self, server: DemoServer | None = None, **query: Any) -> AsyncIterator[Self]:
        """Have the socket open and read nothing yet."""
        self._server = server or self._server
        said = {name: value for name, value in (self.query | query).items() if value is not None}
        async with connect(
            f"{self._server.url.replace('http', 'ws', 1)}/ws/live/?{urlencode(said)}",
            origin=self._server.url,  # type: ignore[arg-type] # a NewType over str
            additional_headers={"Cookie": self._who.cookies},
            proxy=None,
            max_queue=None,  # a full queue would hold up the server's answer to our close
        ) as self.socket:
            yield self

    async def receive(self) -> dict[str, Any]:
        """Take the next frame in, whatever it is."""
        async with asyncio.timeout(PATIENCE):
            text = await self.socket.recv()
        assert isinstance(text, str)
        self.frames.append(text)
        frame: dict[str, Any] = json.loads(text)
        match frame["type"]:
            case "hello" | "gap":
                self.epoch = frame["epoch"]
                self.position = frame.get("position", self.position)
                if frame["type"] == "gap":
                    self.gaps.append(frame)
            case "position":
                self.epoch, self.position = frame["epoch"], frame["seq"]
                if self._acks:
                    await self.send({"type": "ack", "seq": frame["seq"]})
            case _ if "seq" in frame:
                self.epoch, self.position = frame["epoch"], frame["seq"]
                self.events.append(frame)
                if self._acks:
                    await self.send({"type": "ack", "seq": frame["seq"]})
        return frame

    async def next_event(self, kind: str | None = None, **fields: Any) -> dict[str, Any]:
        """Return the next event, of a kind and with these fields if they are given; take in all before it."""
        while True:
            frame = await self.receive()
            if "seq" not in frame or frame["type"] == "position":
                assert frame["type"] != "error", frame
                continue
            if kind in {None, frame["type"]} and fields.items() <= frame.items():
                return frame

    async def caught_up(self) -> None:
        """Take in all up to the next position frame."""
        while (await self.receive())["type"] != "position":
            pass

    async def up_to(self, seq: int) -> None:
        """Take in all up to event `seq`, or a position frame that says that it was not for us."""
        while self.position is None or self.position < seq:
            await self.receive()

    async def send(self, frame: Mapping[str, Any]) -> None:
        """Say something."""
        await self.socket.send(json.dumps(frame))

    async def closed_with(self, code: int) -> str:
        """Take in all up to the end, which must bear this code, as its frame must; return the message."""
        last: dict[str, Any] = {}
        try:
            while True:
                last = await self.receive()
        except ConnectionClosed as closed:
            end = closed.rcvd
        assert end is not None, "the connection broke"
        reason = json.loads(end.reason)
        assert (end.code, reason["code"], last.get("type"), last.get("code")) == (code, code, "error", code)
        return str(reason["message"])

    async def broken(self) -> None:
        """Take in all up to an end without a word."""
        with pytest.raises(ConnectionClosed) as closed:
            await self.next_event(kind="none that there is")
        assert closed.value.rcvd is None
