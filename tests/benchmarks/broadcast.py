"""From the commit to the client's hands, through the app and beside a bare channels `group_send`.

Both with Redis, publisher, server and clients each a process of its own, in turn within one run.
"""

import asyncio
import json
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import quantiles
from typing import Any

from tests.benchmarks.figures import Figure, within
from tests.benchmarks.processes import heard, program, running, say
from tests.fakes.demo_server import DemoClient
from tests.fakes.live_site import LiveSite
from tests.fakes.redis_server import redis_server

# For so many clients: how many events, and the seconds between them, in which even the floor reaches all.
CLIENTS = {1: (200, 0.02), 10: (200, 0.02), 100: (60, 0.25)}
ROUNDS = 3
PATIENCE = 120.0
GOAL = 1.5
LIVE_PATH = "/ws/live/?streams=notifications&resume=1&client=CLIENT"
# All desks of the benchmark are one user's.
NO_LIMIT = {"CONNECTIONS_PER_USER": 10_000}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared: who publishes, and who listens."""

    publisher: Process
    crowd: Process


async def measure(environment: Mapping[str, str], folder: Path) -> list[Figure]:
    """Measure for each number of clients."""
    figures: list[Figure] = []
    numbers = count()
    for clients, (published, pause) in CLIENTS.items():
        spans: dict[str, list[list[float]]] = {"app": [], "bare": []}
        async with _both(environment, folder, clients) as sides:
            for side in sides.values():
                await spans_of(side, numbers, 20, pause)  # connections are made, code is warm
            for _ in range(ROUNDS):
                for name, side in sides.items():
                    spans[name].append(await spans_of(side, numbers, published, pause))
        what = f"commit to the hands of {clients} client{'s' if clients > 1 else ''}"
        for words, pick in (("median", 49), ("95 %", 94)):
            app, bare = ([quantiles(each, n=100)[pick] * 1000 for each in spans[name]] for name in spans)
            goal = within(GOAL) if words == "95 %" else None
            figures.append(Figure(what=f"{what}, {words}", unit="ms", samples=app, floor=bare, goal=goal))
    return figures


async def spans_of(side: Side, numbers: "count[int]", how_many: int, pause: float = 0.02) -> list[float]:
    """Publish so many, `pause` seconds apart; return the seconds to each client that each reached."""
    published = [next(numbers) for _ in range(how_many)]
    say(side.publisher, json.dumps({"numbers": published, "pause": pause}))
    committed = (await heard(side.publisher, PATIENCE))["committed"]
    say(side.crowd, str(published[-1]))
    arrived = (await heard(side.crowd, PATIENCE))["heard"]
    return [at - committed[number] for number in map(str, published) for at in arrived.get(number, ())]


@asynccontextmanager
async def _both(
    environment: Mapping[str, str], folder: Path, clients: int
) -> AsyncIterator[Mapping[str, Side]]:
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(redis_server(folder))
        redis = f"redis://127.0.0.1:{port}"
        yield {
            "app": await _app(stack, environment, folder / f"app-{clients}", f"{redis}/0", clients),
            "bare": await _bare(stack, environment, f"{redis}/1", clients),
        }


async def _bare(stack: AsyncExitStack, environment: Mapping[str, str], redis: str, clients: int) -> Side:
    server = await stack.enter_async_context(running(program("bare_group_server", redis), environment))
    url = (await heard(server, PATIENCE))["url"]
    crowd = await gathered(stack, environment, {"url": url, "path": "/", "cookie": "", "count": clients})
    publisher = await stack.enter_async_context(running(program("bare_group_publisher", redis), environment))
    await heard(publisher, PATIENCE)
    return Side(publisher, crowd)


async def _app(
    stack: AsyncExitStack, environment: Mapping[str, str], folder: Path, redis: str, clients: int
) -> Side:
    side, _ = await app_side(stack, environment, LiveSite(folder, redis=redis, live=NO_LIMIT), clients)
    return side


async def app_side(
    stack: AsyncExitStack, environment: Mapping[str, str], site: LiveSite, clients: int
) -> tuple[Side, int]:
    """Start a site's server, clients and publisher, a process each; return also the server's id."""
    server = await stack.enter_async_context(site.server())
    with DemoClient(server) as armorer:
        await asyncio.to_thread(armorer.log_in)
        how = {"url": server.url, "path": LIVE_PATH, "cookie": armorer.cookies, "count": clients}
        crowd = await gathered(stack, environment, how)
    publisher = await stack.enter_async_context(
        running(program("app_publisher"), {**environment, **site.environment})
    )
    await heard(publisher, PATIENCE)
    return Side(publisher, crowd), server.pid


async def gathered(stack: AsyncExitStack, environment: Mapping[str, str], how: dict[str, Any]) -> Process:
    """Start a crowd that connects as `how` says, and wait until it has."""
    crowd = await stack.enter_async_context(running(program("crowd"), environment, json.dumps(how)))
    await heard(crowd, PATIENCE)
    return crowd
