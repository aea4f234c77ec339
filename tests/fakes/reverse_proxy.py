"""A small reverse proxy of which mistakes can be made on purpose that are no line of nginx's configuration.

It passes requests on to a real server, one connection each, and tunnels what was upgraded. `asked` may change
a request's head on the way, `answered` an answer's, and `instead` answer in the server's place. It says 502
where the server behind it is not reached and 504 where that does not answer, as proxies do.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.fakes.odd_ports import HOST, http_page, port_with, pour

PATIENCE = 60.0
"""Seconds that the server behind the proxy has for an answer."""
BAD_GATEWAY = http_page(502, "Bad Gateway")
GATEWAY_TIMEOUT = http_page(504, "Gateway Time-out")


class Head:
    """The head of a request or an answer.

    Attributes:
        first: its first line.
        headers: in their order.

    """

    def __init__(self, text: bytes) -> None:
        """Take one apart."""
        self.first, *lines = text.decode("latin-1").rstrip("\r\n").split("\r\n")
        self.headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]

    @property
    def method(self) -> str:
        """Of a request."""
        return self.first.split(" ")[0]

    @property
    def path(self) -> str:
        """Of a request, without the query."""
        return self.first.split(" ")[1].partition("?")[0]

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.first.split(" ")[1])

    @property
    def is_upgrade(self) -> bool:
        """Whether a request asks for a WebSocket."""
        return self.get("upgrade").lower() == "websocket"

    def get(self, name: str) -> str:
        """Return a header's value, empty if there is none."""
        return next((value for known, value in self.headers if known.lower() == name), "")

    def drop(self, *names: str) -> None:
        """Take headers away."""
        self.headers = [each for each in self.headers if each[0].lower() not in names]

    def put(self, name: str, value: str) -> None:
        """Give a header that value."""
        self.drop(name.lower())
        self.headers.append((name, value))

    def __bytes__(self) -> bytes:
        lines = [self.first, *(f"{name}: {value}" for name, value in self.headers), "", ""]
        return "\r\n".join(lines).encode("latin-1")


def _as_it_is(_: Head) -> None:
    return


async def _as_it_came(_request: Head, _answer: Head) -> None:
    return


def _nothing(_: Head) -> bytes | None:
    return None


@dataclass(kw_only=True)
class ReverseProxy:
    """What it does.

    Attributes:
        server: the url of the server behind it.
        asked: what becomes of a request's head on the way.
        answered: what becomes of an answer's head on the way; it may do something else first.
        instead: the proxy's own answer to a request; None: the server's.
        source: the address from which it asks: lock-outs count by it.

    """

    server: str
    asked: Callable[[Head], None] = _as_it_is
    answered: Callable[[Head, Head], Awaitable[None]] = _as_it_came
    instead: Callable[[Head], bytes | None] = _nothing
    source: str = HOST

    @contextlib.asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None, host: str = HOST) -> AsyncIterator[str]:
        """Serve on a free port of a loopback address and yield the url, without a path."""
        async with port_with(self._serve, tls, host) as port:
            yield f"{'https' if tls else 'http'}://{host}:{port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        request = Head(head)
        body = await reader.readexactly(int(request.get("content-length") or 0))
        own = self.instead(request)
        if own is None:
            own = await self._pass_on(request, body, reader, writer)
        if own:
            writer.write(own)
            await writer.drain()

    async def _pass_on(
        self, request: Head, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes:
        """Let the server answer; return what the proxy itself has to say, if it has."""
        place = urlsplit(self.server)
        try:
            async with asyncio.timeout(PATIENCE):
                behind, to_behind = await asyncio.open_connection(
                    place.hostname, place.port, local_addr=(self.source, 0)
                )
        except TimeoutError:
            return GATEWAY_TIMEOUT
        except OSError:
            return BAD_GATEWAY
        try:
            return await self._ask(request, body, (reader, writer), (behind, to_behind))
        finally:
            to_behind.close()

    async def _ask(
        self,
        request: Head,
        body: bytes,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> bytes:
        upgrade = request.is_upgrade
        self.asked(request)
        if not request.is_upgrade:
            # One request a connection, so that an answer ends where the connection does.
            request.put("Connection", "close")
        (reader, writer), (behind, to_behind) = client, server
        to_behind.write(bytes(request) + body)
        try:
            async with asyncio.timeout(PATIENCE):
                answer = Head(await behind.readuntil(b"\r\n\r\n"))
        except TimeoutError:
            return GATEWAY_TIMEOUT
        except (ConnectionError, asyncio.IncompleteReadError):
            return BAD_GATEWAY
        await self.answered(request, answer)
        opened = upgrade and answer.status == 101
        if not opened:
            answer.put("Connection", "close")
        writer.write(bytes(answer))
        both_ways = [pour(behind, writer), *([pour(reader, to_behind)] if opened else [])]
        await asyncio.gather(*both_ways)
        return b""
