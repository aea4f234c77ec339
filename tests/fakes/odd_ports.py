"""Ports that do not behave: each an async context manager that yields a port, on 127.0.0.1 unless told."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from http import HTTPStatus

HOST = "127.0.0.1"
NO_ROUTE = "127.255.255.255"
"""The broadcast address of the loopback network: to connect there is "network unreachable" (tcp(7))."""
_BACKLOG_FULL_WITHIN = 8  # connections; one is enough for Linux
_REFUSES_TO_QUEUE = 0.3  # seconds without an answer to a SYN on loopback
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def port_with(
    handle: Handler, tls: ssl.SSLContext | None = None, host: str = HOST
) -> AsyncIterator[int]:
    """Serve each connection with `handle` and hang up when it returns."""
    conversations: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        conversations.add(task)
        try:
            # A client that breaks off is no fault of this side. Nor is the end, of which asyncio makes an
            # error when it looks at a cancelled handler.
            with contextlib.suppress(ConnectionError, ssl.SSLError, EOFError, asyncio.CancelledError):
                await handle(reader, writer)
        finally:
            conversations.discard(task)
            writer.close()

    server = await asyncio.start_server(converse, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in conversations:
            task.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)
        await server.wait_closed()


@contextlib.contextmanager
def swallowing_port() -> Iterator[int]:
    """Listen with a queue that is full: what comes next gets no answer at all, as from a firewall."""
    with contextlib.ExitStack() as held:
        listening = held.enter_context(socket.socket())
        listening.bind((HOST, 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        for _ in range(_BACKLOG_FULL_WITHIN):
            waiting = held.enter_context(socket.socket())
            waiting.settimeout(_REFUSES_TO_QUEUE)
            try:
                waiting.connect((HOST, port))
            except TimeoutError:
                break
        else:
            raise AssertionError("the queue of a listening socket does not fill here")
        yield port


def mute_port() -> contextlib.AbstractAsyncContextManager[int]:
    """Accept, and never say a word."""

    async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        while await reader.read(1 << 16):
            pass

    return port_with(listen)


def port_that_hangs_up() -> contextlib.AbstractAsyncContextManager[int]:
    """Read what is said first, and hang up without an answer."""

    async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)

    return port_with(hang_up)


def port_that_says(
    words: bytes, tls: ssl.SSLContext | None = None
) -> contextlib.AbstractAsyncContextManager[int]:
    """Answer whatever is said first with `words`, and hang up."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1 << 16):
            writer.write(words)
            await writer.drain()

    return port_with(say, tls)


def port_that_greets(words: bytes) -> contextlib.AbstractAsyncContextManager[int]:
    """Say `words` unasked, and hang up."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        await writer.drain()

    return port_with(greet)


def port_that_refuses_tls(context: ssl.SSLContext) -> contextlib.AbstractAsyncContextManager[int]:
    """Fail each handshake as `context` demands, with the alert that says why, and stay until the client goes.

    By hand: a TLS server of asyncio drops the alert where a handshake fails (seen with Python 3.11).
    """

    async def shake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        failed = False
        while not failed:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                failed = True
            else:
                raise AssertionError("the handshake was not to succeed")
            writer.write(outgoing.read())
            heard = await reader.read(1 << 16)
            if not heard:
                return
            incoming.write(heard)
        while await reader.read(1 << 16):
            pass

    return port_with(shake)


async def pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Pass on what comes until it ends, and the end too."""
    with contextlib.suppress(ConnectionError):
        while data := await source.read(1 << 16):
            sink.write(data)
            await sink.drain()
    sink.close()


def http_page(status: int, text: str = "", headers: Mapping[str, str] | None = None) -> bytes:
    """Return a whole answer over HTTP."""
    body = text.encode()
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
