"""A whole armory of desktops on one daphne process: broadcasts, memory, and all coming back at once."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import psutil

from tests.benchmarks.broadcast import LIVE_PATH, NO_LIMIT, PATIENCE, Side, app_side, gathered, spans_of
from tests.benchmarks.figures import Figure, never_over
from tests.benchmarks.processes import heard, say
from tests.fakes.demo_server import DemoClient, RestartableDemo
from tests.fakes.live_site import LiveSite
from tests.fakes.redis_server import redis_server

DESKS = 300
BROADCASTS = 100
WITHIN_MS = 1000.0
RETURNING_DESKS, SOCKETS_EACH = 500, 3
SPREAD = 15.0
"""Seconds over which trays spread their return to a server that went away (`connection.backoff`)."""
BACK_WITHIN = 20.0
REFUSED_AT_MOST = 1.0  # %
SOAK_MINUTES = 10
SOAK_GROWTH = 2.0  # MiB: what is called flat
MIB = 1 << 20


async def measure(environment: Mapping[str, str], folder: Path) -> list[Figure]:
    """Measure 300 desktops, then 500 with three sockets each that come back."""
    return [*await _broadcast(environment, folder), *await _return(environment, folder)]


async def soak(environment: Mapping[str, str], folder: Path) -> list[Figure]:
    """Keep 300 desktops connected and hearing for ten minutes, and see what the server's memory does."""
    async with AsyncExitStack() as stack:
        side, server = await _desks(stack, environment, folder, DESKS)
        numbers = count()
        spans = await spans_of(side, numbers, BROADCASTS)  # everything has been used once
        begun = _resident(server)
        after = []
        for _ in range(SOAK_MINUTES * 60 // 20):
            spans += await spans_of(side, numbers, 20)
            await asyncio.sleep(20 - 20 * 0.02)
            after.append(_resident(server) - begun)
    expected = DESKS * (BROADCASTS + 20 * len(after))
    return [
        Figure(
            what=f"growth of the server's memory in {SOAK_MINUTES} minutes with {DESKS} desktops",
            unit="MiB",
            samples=[after[-1]],
            goal=never_over(SOAK_GROWTH),
        ),
        Figure(what="lost events meanwhile", unit="", samples=[expected - len(spans)], goal=never_over(0)),
    ]


async def _broadcast(environment: Mapping[str, str], folder: Path) -> list[Figure]:
    async with AsyncExitStack() as stack:
        side, server = await _desks(stack, environment, folder, 1)
        alone = _resident(server)
    async with AsyncExitStack() as stack:
        side, server = await _desks(stack, environment, folder, DESKS)
        together = _resident(server)
        numbers = count()
        each = [await spans_of(side, numbers, 1) for _ in range(BROADCASTS)]
    lost = DESKS * BROADCASTS - sum(map(len, each))
    return [
        Figure(
            what=f"commit to the last of {DESKS} desktops",
            unit="ms",
            samples=[max(spans) * 1000 for spans in each],
            goal=never_over(WITHIN_MS),
        ),
        Figure(what=f"lost of {BROADCASTS} events to {DESKS}", unit="", samples=[lost], goal=never_over(0)),
        Figure(
            what="server's memory for a connection",
            unit="KiB",
            samples=[(together - alone) * 1024 / (DESKS - 1)],
        ),
    ]


async def _return(environment: Mapping[str, str], folder: Path) -> list[Figure]:
    sockets = RETURNING_DESKS * SOCKETS_EACH
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(redis_server(folder))
        demo = RestartableDemo(
            folder / "returning", stock=False, redis=f"redis://127.0.0.1:{port}/0", live=NO_LIMIT
        )
        server = await demo.start()
        stack.push_async_callback(demo.stop)
        with DemoClient(server) as armorer:
            await asyncio.to_thread(armorer.log_in)
            crowd = await gathered(
                stack,
                environment,
                {
                    "url": server.url,
                    "path": LIVE_PATH,
                    "cookie": armorer.cookies,
                    "count": sockets,
                    "back_within": SPREAD,
                },
            )
        await demo.kill()
        await demo.start()
        say(crowd, "back")
        went = await heard(crowd, PATIENCE)
    refused = 100 * went["refused"] / went["attempts"]
    return [
        Figure(
            what=f"until {RETURNING_DESKS} desktops with {SOCKETS_EACH} sockets are back",
            unit="s",
            samples=[went["seconds"]],
            goal=never_over(BACK_WITHIN),
        ),
        Figure(
            what="handshakes that failed meanwhile",
            unit="%",
            samples=[refused],
            goal=never_over(REFUSED_AT_MOST),
        ),
    ]


async def _desks(
    stack: AsyncExitStack, environment: Mapping[str, str], folder: Path, how_many: int
) -> tuple[Side, psutil.Process]:
    port = await stack.enter_async_context(redis_server(folder))
    site = LiveSite(folder / f"{how_many}-desks", redis=f"redis://127.0.0.1:{port}/0", live=NO_LIMIT)
    side, server = await app_side(stack, environment, site, how_many)
    return side, psutil.Process(server)


def _resident(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / MIB
