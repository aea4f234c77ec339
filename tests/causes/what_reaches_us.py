"""What goes wrong although the sockets are open: nothing comes, or not all of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from redis.asyncio import Redis

from armguard_tray.connection.live_app import STATUS_PATH
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Status
from armguard_tray.server.demo.process import DemoServer
from tests.causes.scene import Scene, Seen, Stage, cause
from tests.end_to_end.catchup.armory import Armory
from tests.fakes.demo_server import GLOCK_BKP417, JOSE, JUAN, M4_00177, DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite
from tests.fakes.nginx import as_deployed, nginx
from tests.fakes.odd_demo import odd_demo, redis_layer
from tests.fakes.odd_ports import HOST
from tests.fakes.redis_server import controlled_redis, redis_server

COUNTED_WITHIN = 30.0  # seconds


@cause(
    Code.DEAF,
    "subscribed:notifications",
    "A real stock server on a real Redis, which is flushed while a desk is connected: its groups are gone.",
    seen=(Seen.BY_DESK,),
)
async def sockets_that_have_gone_deaf(stage: Stage) -> AsyncIterator[Scene]:
    async with (
        controlled_redis(stage.folder) as redis,
        DemoServer.start(redis=redis.url, data_dir=stage.folder / "server") as demo,
    ):

        async def flush_and_issue() -> None:
            async with Redis(port=redis.port) as client:
                await client.flushall()
            await _announced_in(demo)

        yield Scene(url=demo.url, redis=redis.url, happens=flush_and_issue)


@cause(
    Code.UNANNOUNCED,
    "complete",
    "A transaction through the stock server's JSON endpoint, which tells nobody.",
    seen=(Seen.BY_CHECK, Seen.BY_DESK),
)
async def an_endpoint_that_announces_nothing(stage: Stage) -> AsyncIterator[Scene]:
    async with DemoServer.start(data_dir=stage.folder / "server") as demo:

        def issue_and_return() -> None:
            with DemoClient(demo) as armorer:
                armorer.log_in()
                armorer.transact_unannounced("Take")
                armorer.transact_unannounced("Return")

        yield Scene(url=demo.url, happens=partial(asyncio.to_thread, issue_and_return))


@cause(
    Code.RECORD_CHANGED,
    "complete",
    "A real server whose database is put back to an older copy while a desk is connected, and goes on.",
    status=Status.WARNING,
    seen=(Seen.BY_DESK,),
)
async def a_database_that_was_put_back(stage: Stage) -> AsyncIterator[Scene]:
    async with Armory.open(stage.folder, stock=True) as armory:
        await armory.demo.stop()
        armory.copy()
        await armory.demo.start()
        await asyncio.to_thread(_issue_and_return, armory, JOSE, GLOCK_BKP417)

        async def put_back_and_issue() -> None:
            await armory.demo.stop()
            armory.put_copy_back()
            await armory.demo.start()
            await asyncio.to_thread(_issue_and_return, armory, JUAN, M4_00177)

        yield Scene(url=armory.demo.server.url, happens=put_back_and_issue)


def _issue_and_return(armory: Armory, person: str, item: str) -> None:
    with armory.armorer() as armorer:
        armorer.issue(person, item)
        armorer.take_back(person, item)


@cause(
    Code.MEMORY_MANY_PROCESSES,
    "complete",
    "As deployed without Redis: a page's process (gunicorn's part) announces what daphne never hears.",
    seen=(Seen.BY_CHECK, Seen.BY_DESK),
    or_else=(Code.UNANNOUNCED,),
)
async def pages_in_another_process(stage: Stage) -> AsyncIterator[Scene]:
    shared = {"data_dir": stage.folder / "server", "secret_key": "shared by both"}
    async with (
        DemoServer.start(**shared) as sockets,  # type: ignore[arg-type] # of several types
        DemoServer.start(server="wsgi", **shared) as pages,  # type: ignore[arg-type] # as above
        nginx(stage.folder, as_deployed(pages.url, sockets.url)) as url,
    ):
        yield Scene(url=url, happens=partial(_announced_in, pages))


async def _announced_in(server: DemoServer) -> None:
    """Let a process of the server make and announce transactions."""

    def issue_and_return() -> None:
        with DemoClient(server) as armorer:
            armorer.log_in()
            armorer.issue()
            armorer.take_back()

    await asyncio.to_thread(issue_and_return)


@cause(
    Code.CLOSED_IN_RHYTHM,
    "subscribed:transactions",
    "The known cause while the check looks, with a timeout a little shorter than the read: it wins surely.",
)
async def sockets_that_are_closed_after_seconds(stage: Stage) -> AsyncIterator[Scene]:
    # With equal times the read wins now and then, and the check sees nothing of it: the socket lives longer.
    async with _a_layer_that_gives_up(stage, socket_timeout=4.9) as url:
        yield Scene(url=url)


@cause(
    Code.CLOSED_IN_RHYTHM,
    "subscribed:transactions",
    "The known cause: redis-py 8 reads for as long as channels_redis 4.3 waits, without a `socket_timeout`.",
    status=Status.WARNING,
    seen=(Seen.BY_DESK,),
)
async def sockets_that_are_closed_every_few_seconds(stage: Stage) -> AsyncIterator[Scene]:
    async with _a_layer_that_gives_up(stage) as url:
        yield Scene(url=url)


@asynccontextmanager
async def _a_layer_that_gives_up(stage: Stage, **timeout: float) -> AsyncIterator[str]:
    async with redis_server(stage.folder) as port:
        url = f"redis://{HOST}:{port}/0"
        settings = redis_layer(url, hosts=[{"address": url, **timeout}])
        async with odd_demo(stage.folder, settings) as demo:
            yield demo.url


@cause(
    Code.MEMORY_MANY_PROCESSES,
    "layer",
    "Two real processes of a server with the app, both in use, and no Redis.",
    status=Status.WARNING,
)
async def a_layer_in_memory_of_two_processes(stage: Stage) -> AsyncIterator[Scene]:
    site = LiveSite(stage.folder / "server")
    async with (
        site.server() as first,
        site.server() as second,
        _another_desk(first) as admin,
        _another_desk(second),
    ):
        await _counted(admin, 2)
        yield Scene(url=first.url)


@asynccontextmanager
async def _another_desk(server: DemoServer) -> AsyncIterator[DemoClient]:
    """Be connected, so that the process serves sockets."""
    with DemoClient(server, "admin") as admin:
        admin.log_in()
        async with LiveClient(admin).connected():
            yield admin


async def _counted(admin: DemoClient, processes: int) -> None:
    """Wait until the server says that so many processes serve sockets; each says so by itself."""
    asks_for = {"Accept": "application/json"}
    async with asyncio.timeout(COUNTED_WITHIN):
        while len(admin.http.get(STATUS_PATH, headers=asks_for).json()["processes"]) < processes:  # noqa: ASYNC110 - another process says so
            await asyncio.sleep(0.1)


@cause(
    Code.MEMORY_LAYER,
    "layer",
    "One real process of a server with the app, and no Redis.",
    status=Status.WARNING,
    or_else=(Code.MEMORY_MANY_PROCESSES,),
)
async def a_layer_in_memory(stage: Stage) -> AsyncIterator[Scene]:
    site = LiveSite(stage.folder / "server")
    async with site.server() as server:
        yield Scene(url=server.url)
