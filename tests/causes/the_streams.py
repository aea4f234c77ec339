"""What goes wrong with the streams: handshakes that are refused, sockets that are closed or say nothing."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from armguard_tray.connection.live_app import SOCKET_PATH
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Status
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.server.demo.process import DemoServer
from tests.causes.scene import Cause, Scene, Seen, Stage, cause
from tests.fakes.demo_server import DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.odd_demo import odd_demo, redis_layer
from tests.fakes.odd_ports import HOST, http_page
from tests.fakes.redis_server import redis_server
from tests.fakes.reverse_proxy import Head, ReverseProxy
from tests.fakes.scripted_server import Act, ScriptedServer, accept, status

FIRST = f"handshake:{DEFAULT_STREAMS[0]}"
SUBSCRIBED = f"subscribed:{DEFAULT_STREAMS[0]}"
MORE_THAN_ANYONE_TRIES = 50


def _upgrade_answered(code: Code, status: int, answer: bytes, *, or_else: tuple[Code, ...] = ()) -> Cause:
    async def upgrade_answered(stage: Stage) -> AsyncIterator[Scene]:
        def instead(request: Head) -> bytes | None:
            return answer if request.is_upgrade else None

        async with ReverseProxy(server=stage.demo.url, instead=instead).running() as url:
            yield Scene(url=url)

    upgrade_answered.__name__ = f"an_upgrade_that_a_proxy_answers_with_{status}"
    how = f"A proxy before the real demo server that answers each upgrade with {status}."
    return cause(code, FIRST, how, or_else=or_else)(upgrade_answered)


UPGRADE_426 = _upgrade_answered(
    Code.UPGRADE_LOST, 426, http_page(426, "Upgrade Required", {"Upgrade": "websocket"})
)
UPGRADE_404 = _upgrade_answered(Code.PATH_UNKNOWN, 404, http_page(404, "Not Found"))
UPGRADE_405 = _upgrade_answered(Code.HANDSHAKE_REFUSED, 405, http_page(405, "Method Not Allowed"))


@cause(
    Code.HANDSHAKE_500,
    FIRST,
    "The deployed mistake: a real server passes `password` to RedisChannelLayer, which has no such argument.",
)
async def a_layer_that_cannot_be_built(stage: Stage) -> AsyncIterator[Scene]:
    async with AsyncExitStack() as running:
        port = await running.enter_async_context(redis_server(stage.folder))
        settings = redis_layer(f"redis://{HOST}:{port}/0", password="secret")
        demo = await running.enter_async_context(odd_demo(stage.folder, settings))
        yield Scene(url=demo.url)


@cause(
    Code.UNPROVEN,
    SUBSCRIBED,
    "A server that accepts each socket, greets nobody and answers no ping.",
    status=Status.FAILED,
)
async def a_socket_that_stays_silent(_: Stage) -> AsyncIterator[Scene]:
    async with _closing(accept(welcome=False, pongs=False)) as scene:
        yield scene


def _closed_with(code: Code, number: int, reason: str = "", *, welcome: bool | None = None) -> Cause:
    async def closed_with(_: Stage) -> AsyncIterator[Scene]:
        async with _closing(accept(close=number, reason=reason, welcome=welcome)) as scene:
            yield scene

    closed_with.__name__ = f"a_socket_that_is_closed_with_{number}"
    how = f"A server that accepts each socket and closes it with {number}."
    return cause(code, SUBSCRIBED, how)(closed_with)


CLOSED_4000 = _closed_with(Code.CLOSED_BY_ERROR, 4000)
CLOSED_4001 = _closed_with(Code.CLOSED_UNAUTHORIZED, 4001, welcome=False)
CLOSED_4008 = _closed_with(Code.CLOSED_REPLACED, 4008, "replaced by a newer connection")
CLOSED_4029 = _closed_with(Code.CLOSED_RATE_LIMITED, 4029)
CLOSED_4030 = _closed_with(Code.CLOSED_TOO_MANY, 4030, welcome=False)
CLOSED_1011 = _closed_with(Code.CLOSED_1011, 1011)
CLOSED_1012 = _closed_with(Code.SERVER_RESTARTING, 1012)
CLOSED_1008 = _closed_with(Code.CLOSED, 1008)


@asynccontextmanager
async def _closing(act: Act) -> AsyncIterator[Scene]:
    """Serve a scripted ArmGuard that does that with each handshake."""
    async with ScriptedServer().running() as server:
        for stream in DEFAULT_STREAMS:
            server.on_handshake(stream, *[act] * MORE_THAN_ANYONE_TRIES)
        yield Scene(url=server.url)


@cause(
    Code.NEXT_TRY,
    f"subscribed:{Stream.INVENTORY}",
    "A server that restarts one stream, asks it once to wait two minutes, and is well again meanwhile.",
    status=Status.WARNING,
    seen=(Seen.BY_DESK,),
)
async def a_stream_that_waits_though_the_server_is_well(_: Stage) -> AsyncIterator[Scene]:
    async with ScriptedServer().running() as server:

        async def restart_one() -> None:
            server.on_handshake(Stream.INVENTORY, status(503, {"Retry-After": "120"}))
            peer = await server.peer(Stream.INVENTORY)
            await peer.close(1012)

        yield Scene(url=server.url, happens=restart_one)


@cause(
    Code.CLOSED_TOO_MANY,
    SUBSCRIBED,
    "A real server with the app that allows one connection, and the one is in use.",
)
async def an_account_with_all_its_connections_in_use(stage: Stage) -> AsyncIterator[Scene]:
    live = {"CONNECTIONS_PER_USER": 1}
    async with DemoServer.start(stock=False, live=live, data_dir=stage.folder / "server") as demo:
        with DemoClient(demo) as armorer:
            armorer.log_in()
            async with LiveClient(armorer).connected():
                yield Scene(url=demo.url)


@cause(
    Code.REAL_TIME_OFF,
    FIRST,
    "A real server with the app, whose admin has switched real time off.",
    status=Status.WARNING,
)
async def real_time_that_is_switched_off(stage: Stage) -> AsyncIterator[Scene]:
    live = {"REAL_TIME": False}
    async with DemoServer.start(stock=False, live=live, data_dir=stage.folder / "server") as demo:
        yield Scene(url=demo.url)


@cause(
    Code.APP_FAILS,
    FIRST,
    "A real server with the app, behind a proxy that does not know the app's socket.",
    status=Status.WARNING,
    or_else=(Code.PATH_UNKNOWN,),
)
async def an_app_whose_socket_is_not_wired(stage: Stage) -> AsyncIterator[Scene]:

    def instead(request: Head) -> bytes | None:
        return http_page(404, "Not Found") if request.path == SOCKET_PATH else None

    async with (
        DemoServer.start(stock=False, data_dir=stage.folder / "server") as demo,
        ReverseProxy(server=demo.url, instead=instead).running() as url,
    ):
        yield Scene(url=url)
