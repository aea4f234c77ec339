"""A TCP proxy on loopback between the desk and its server, whose line is spoilt while it carries.

::

    desk ══► link ══► server        a link is one connection: two ways, each of them a reader and a writer
"""

import asyncio
import contextlib
import logging
import socket
import struct
from collections import deque
from dataclasses import dataclass

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
_PIECE = 1 << 16
_IN_FLIGHT = 1 << 20  # bytes on one way; then the sender waits, as with a full window
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: close(2) then sends RST
_REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the line is like.

    Attributes:
        latency: seconds that each byte takes, each way.
        rate: bytes a second, each way; None: no limit.
        piece: bytes that are sent at once.

    """

    latency: float = 0.0
    rate: float | None = None
    piece: int = _PIECE


GOOD = Line()


class Proxy:
    """Carries connections to a server, as well as its line is at that moment.

    Attributes:
        line: what the line is like; may be changed at any time.
        sockets_allowed: WebSockets that may be open at the server at once, as a proxy before it may limit
            them; None: no limit.
        refused: handshakes that were refused for that.

    """

    def __init__(self, server_port: int) -> None:
        """Carry to that port on loopback."""
        self.line = GOOD
        self.sockets_allowed: int | None = None
        self.refused = 0
        self.bright = asyncio.Event()
        self.bright.set()
        self._server_port = server_port
        self._links: set[_Link] = set()
        self._listening: asyncio.Server | None = None
        self._conversations: set[asyncio.Task[None]] = set()

    async def listen(self, port: int = 0, host: str = HOST) -> int:
        """Take connections at that address, and no longer at the one before; return the port."""
        await self.hang_out()
        self._listening = await asyncio.start_server(self._carry, host, port, reuse_address=True)
        found: int = self._listening.sockets[0].getsockname()[1]
        return found

    async def hang_out(self) -> None:
        """Take no more connections; what is open stays."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    async def close(self) -> None:
        """End everything."""
        await self.hang_out()
        for conversation in self._conversations:
            conversation.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    # What may happen to it

    def go_dark(self) -> None:
        """Carry nothing either way, and tell nobody: what is sent meanwhile arrives after `light_up`."""
        self.bright.clear()

    def light_up(self) -> None:
        """Carry again."""
        self.bright.set()

    def reset(self) -> None:
        """End every connection with RST, at both ends."""
        for link in tuple(self._links):
            link.reset()

    def forget(self) -> None:
        """Leave every connection half-open: both ends believe in it, and nothing arrives any more."""
        for link in tuple(self._links):
            link.forgotten = True

    def orphan(self) -> None:
        """End every connection at the desk's end; the server goes on believing in it."""
        for link in tuple(self._links):
            link.forgotten = link.orphaned = True
            link.reset_desk()

    def begin_to_close(self) -> None:
        """Say to the desk that nothing more will come (FIN), and never finish closing."""
        for link in tuple(self._links):
            link.forgotten = True
            link.begin_to_close()

    @property
    def sockets(self) -> int:
        """How many WebSockets the server believes in."""
        return sum(link.is_socket for link in self._links)

    @property
    def zombies(self) -> int:
        """How many WebSockets the server believes in whose desk has gone."""
        return sum(link.is_socket and link.orphaned for link in self._links)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Of a cancelled handler asyncio makes an error when it looks at it.
        with contextlib.suppress(asyncio.CancelledError):
            await self._converse(_Link(self, (reader, writer)))

    async def _converse(self, link: "_Link") -> None:
        conversation = asyncio.current_task()
        assert conversation is not None
        self._links.add(link)
        self._conversations.add(conversation)
        try:
            await link.carry(self._server_port)
        except* (OSError, _EndedError) as ends:
            # Either end breaks off whenever it likes, and so does this proxy.
            log.debug("a connection ended: %s", ends.exceptions)
        finally:
            self._links.discard(link)
            self._conversations.discard(conversation)
            link.reset()


class _EndedError(Exception):
    """Nobody is left at either end."""


class _Link:
    """One connection."""

    def __init__(self, proxy: Proxy, desk: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        self.is_socket = False
        self.forgotten = False
        self.orphaned = False
        self._proxy = proxy
        self._from_desk, self._to_desk = desk
        self._to_server: asyncio.StreamWriter | None = None

    async def carry(self, port: int) -> None:
        await self._proxy.bright.wait()
        begin = await self._from_desk.read(_PIECE)
        if begin.startswith(b"GET /ws/"):
            if self._is_one_too_many():
                self._proxy.refused += 1
                self._to_desk.write(_REFUSED)
                await self._to_desk.drain()
                self._to_desk.close()
                await self._to_desk.wait_closed()
                return
            self.is_socket = True
        from_server, self._to_server = await asyncio.open_connection(HOST, port)
        there, back = (
            _Way(self, self._proxy, self._to_server),
            _Way(self, self._proxy, self._to_desk, from_server=True),
        )
        async with asyncio.TaskGroup() as ways:
            ways.create_task(there.carry(self._from_desk, begin))
            ways.create_task(back.carry(from_server))

    def _is_one_too_many(self) -> bool:
        allowed = self._proxy.sockets_allowed
        return allowed is not None and self._proxy.sockets >= allowed

    def reset(self) -> None:
        self.reset_desk()
        if self._to_server is not None:
            _send_reset(self._to_server)

    def reset_desk(self) -> None:
        _send_reset(self._to_desk)

    def begin_to_close(self) -> None:
        if self._to_desk.can_write_eof() and not self._to_desk.is_closing():
            self._to_desk.write_eof()


class _Way:
    """One way of a link: what was read is written when its time has come."""

    def __init__(
        self, link: _Link, proxy: Proxy, to: asyncio.StreamWriter, *, from_server: bool = False
    ) -> None:
        self._link = link
        self._proxy = proxy
        self._to = to
        self._from_server = from_server
        self._flying: deque[tuple[float, bytes]] = deque()
        self._changed = asyncio.Condition()

    async def carry(self, source: asyncio.StreamReader, begin: bytes = b"") -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self._take(source, begin))
            both.create_task(self._give())

    async def _take(self, source: asyncio.StreamReader, begin: bytes) -> None:
        piece = begin or await self._read(source)
        while piece:
            await self._send_off(piece)
            piece = await self._read(source)
        await self._send_off(b"")

    async def _read(self, source: asyncio.StreamReader) -> bytes:
        try:
            piece = await source.read(_PIECE)
        except ConnectionError:
            piece = b""
        if not piece and self._link.forgotten:
            if self._link.orphaned and self._from_server:
                raise _EndedError
            # One end has gone; the other is not to learn of it.
            await asyncio.get_running_loop().create_future()
        return piece

    async def _send_off(self, piece: bytes) -> None:
        due = asyncio.get_running_loop().time() + self._proxy.line.latency
        async with self._changed:
            await self._changed.wait_for(lambda: sum(len(each) for _, each in self._flying) < _IN_FLIGHT)
            self._flying.append((due, piece))
            self._changed.notify_all()

    async def _give(self) -> None:
        piece = await self._next()
        while piece:
            await self._write(piece)
            piece = await self._next()
        if self._to.can_write_eof() and not self._link.forgotten:
            self._to.write_eof()

    async def _next(self) -> bytes:
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._flying))
            due, piece = self._flying.popleft()
            self._changed.notify_all()
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        return piece

    async def _write(self, piece: bytes) -> None:
        while piece:
            await self._proxy.bright.wait()
            line = self._proxy.line
            size = min(line.piece, len(piece), max(1, int(line.rate / 10)) if line.rate else len(piece))
            if not self._link.forgotten:
                self._to.write(piece[:size])
                await self._to.drain()
            piece = piece[size:]
            # Also where there is no limit, so that single bytes go out one by one.
            await asyncio.sleep(size / line.rate if line.rate else 0)


def _send_reset(writer: asyncio.StreamWriter) -> None:
    found = writer.get_extra_info("socket")
    if found is not None and not writer.transport.is_closing():
        with contextlib.suppress(OSError):  # the other end has reset it already
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
