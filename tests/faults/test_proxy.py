"""The proxy does to a connection what it says, and nothing else."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.fakes.odd_ports import port_with
from tests.faults.proxy import GOOD, HOST, Line, Proxy

PATIENCE = 20.0


@dataclass
class Ends:
    """Both ends of one connection through a proxy."""

    proxy: Proxy
    port: int
    desk: tuple[asyncio.StreamReader, asyncio.StreamWriter]
    server: tuple[asyncio.StreamReader, asyncio.StreamWriter]

    async def to_server(self, said: bytes) -> bytes:
        """Send it and return what arrives."""
        self.desk[1].write(said)
        return await self.server[0].readexactly(len(said))

    async def to_desk(self, said: bytes) -> bytes:
        """Send it the other way."""
        self.server[1].write(said)
        return await self.desk[0].readexactly(len(said))


@asynccontextmanager
async def connected(first: bytes = b"hello") -> AsyncIterator[Ends]:
    came: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    done = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.put_nowait((reader, writer))
        await done.wait()

    async with asyncio.timeout(PATIENCE), port_with(hold) as server_port:
        proxy = Proxy(server_port)
        port = await proxy.listen()
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(first)
        server = await came.get()
        assert await server[0].readexactly(len(first)) == first
        try:
            yield Ends(proxy, port, (reader, writer), server)
        finally:
            done.set()
            writer.transport.abort()
            await proxy.close()


@pytest_asyncio.fixture
async def ends() -> AsyncIterator[Ends]:
    """Connect a desk and a server."""
    async with connected() as both:
        yield both


async def test_a_good_line_carries_both_ways_and_passes_on_the_end(ends: Ends) -> None:
    assert await ends.to_server(b"up" * 100_000) == b"up" * 100_000
    assert await ends.to_desk(b"down") == b"down"
    ends.desk[1].write_eof()
    assert await ends.server[0].read() == b""


@pytest.mark.parametrize(
    "line", [Line(piece=1), Line(rate=2000), Line(latency=0.05)], ids=["single bytes", "slow", "late"]
)
async def test_a_bad_line_still_carries_everything_in_order(ends: Ends, line: Line) -> None:
    ends.proxy.line = line
    said = bytes(range(256))
    assert await ends.to_server(said) == said
    ends.proxy.line = GOOD
    assert await ends.to_desk(said) == said


async def test_what_is_sent_in_the_dark_arrives_afterwards(ends: Ends) -> None:
    ends.proxy.go_dark()
    ends.desk[1].write(b"wait")
    ends.proxy.light_up()
    assert await ends.server[0].readexactly(4) == b"wait"


async def test_a_reset_is_one_at_both_ends(ends: Ends) -> None:
    ends.proxy.reset()
    with pytest.raises(ConnectionResetError):
        await ends.desk[0].readexactly(1)
    with pytest.raises(ConnectionResetError):
        await ends.server[0].readexactly(1)


async def test_a_half_open_connection_ends_for_nobody(ends: Ends) -> None:
    ends.proxy.forget()
    ends.server[1].close()
    ends.desk[1].write(b"into the void")
    reader, writer = await asyncio.open_connection(HOST, ends.port)
    writer.write(b"another connection works")
    await writer.drain()
    assert not ends.desk[0].at_eof()
    assert reader is not None
    writer.close()


async def test_an_orphan_is_dead_for_the_desk_and_alive_for_the_server(ends: Ends) -> None:
    ends.proxy.orphan()
    with pytest.raises(ConnectionResetError):
        await ends.desk[0].readexactly(1)
    ends.server[1].write(b"are you there?")
    await ends.server[1].drain()
    assert not ends.server[0].at_eof()


async def test_slow_closing_says_the_end_and_keeps_the_connection(ends: Ends) -> None:
    ends.proxy.begin_to_close()
    assert await ends.desk[0].read() == b""
    ends.desk[1].write(b"close frame")
    await ends.desk[1].drain()


async def test_sockets_over_the_limit_are_refused_and_zombies_count() -> None:
    async with connected(b"GET /ws/live/ HTTP/1.1\r\n\r\n") as ends:
        ends.proxy.sockets_allowed = 1
        ends.proxy.orphan()
        reader, writer = await asyncio.open_connection(HOST, ends.port)
        writer.write(b"GET /ws/live/ HTTP/1.1\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 403 ")
        writer.close()
        assert ends.proxy.refused == 1


async def test_at_another_address_the_old_one_refuses(ends: Ends) -> None:
    await ends.proxy.listen(ends.port, "127.0.0.2")
    with socket.socket() as probe:
        assert probe.connect_ex((HOST, ends.port)) != 0
    reader, writer = await asyncio.open_connection("127.0.0.2", ends.port)
    writer.close()
    assert reader is not None
