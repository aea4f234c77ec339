"""Stands around the project's own sockets: limits, timeouts, and a code for whatever goes wrong.

What the project's consumers send and refuse passes through as it is.
"""

import asyncio
import logging
import time
from functools import partial
from typing import TYPE_CHECKING

from armguard_tray.server.conf import live_settings
from armguard_tray.server.sockets import announcements, codes
from armguard_tray.server.sockets.announcements import Announcements
from armguard_tray.server.sockets.consumers import tidy_up
from armguard_tray.server.sockets.limits import RateLimit
from armguard_tray.server.sockets.socket import Socket, is_cancelled

if TYPE_CHECKING:
    from armguard_tray.server.sockets.hub import Hub, Hubs
    from armguard_tray.server.sockets.wire import Application, Message, Receive, Scope, Send

log = logging.getLogger(__name__)


class Guard:
    """The ASGI application around another one's sockets."""

    def __init__(self, application: "Application", hubs: "Hubs") -> None:
        self._application = application
        self._hubs = hubs

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve a socket until it is closed."""
        guarded = _GuardedSocket(self._application, scope, receive, send)
        async with self._hubs.joined(guarded) as hub:
            await guarded.run(hub)


class _GuardedSocket(Socket):
    """A client of the project's own sockets.

    This task runs the project's application; another reads what the client sends, so that its going, and its
    flooding, are noticed whatever the application is busy with. On a page's socket for notifications, a third
    one sends what is announced to everybody.
    """

    def __init__(self, application: "Application", scope: "Scope", receive: "Receive", send: "Send") -> None:
        super().__init__(scope, send)
        self._application = application
        self._scope = scope
        self._receive = receive
        self._settings = live_settings()
        self._rate = RateLimit(self._settings.client_rate, self._settings.client_burst)
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._patience: asyncio.Timeout | None = None
        self._gone = False
        self._telling: asyncio.Task[None] | None = None

    async def run(self, hub: "Hub") -> None:
        """Run the application, until it ends or is ended."""
        reading = asyncio.get_running_loop().create_task(self._read(), name=f"armguard-live-{self.id}")
        try:
            await self._run_application(hub)
            if self.verdict is not None:
                await asyncio.wait({reading})  # it tells the client
        finally:
            reading.cancel()
            self._stop_telling()
            await asyncio.wait({reading, self._telling} if self._telling else {reading})
            self.closed = True
            self.let_go()

    async def _run_application(self, hub: "Hub") -> None:
        failure: BaseException | None = None
        patience = self._patience = asyncio.timeout(None)
        try:
            async with patience:
                await self._application(self._scope, self._inbox.get, partial(self._pass_on, hub))
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told, and the log
            failure = error
        except asyncio.CancelledError as error:
            if is_cancelled():  # by the server, which ends
                await tidy_up(error, self._settings.disconnect_timeout)
                raise
            failure = error
        self._patience = None
        if patience.expired():
            log.warning("%r: did not end within %g s", self.endpoint, self._settings.disconnect_timeout)
        elif failure is not None:
            self._fail(hub, failure)
        elif not self._gone:
            self.end(codes.BROKEN, RuntimeError("the application returned without closing"))
        if failure is not None:
            await tidy_up(failure, self._settings.disconnect_timeout)

    def _fail(self, hub: "Hub", failure: BaseException) -> None:
        hub.failed(self.endpoint, failure)
        if self._gone or self.closed:
            log.error("%r: failed while it ended", self.endpoint, exc_info=failure)
        else:
            self.end(codes.NOTHING_HERE if _is_unknown_path(failure) else codes.BROKEN, failure)

    # From the client to the application.

    async def _read(self) -> None:
        try:
            async with self.interruptible(self._settings.connect_timeout * 0.9):  # the rest is for saying so
                while self.verdict is None and not self._gone:
                    self._take(await self._receive())
        except TimeoutError:
            self.end(codes.NO_ANSWER)  # unless there is a verdict already
        if self.verdict is not None:
            await self.finish(self._settings.disconnect_timeout)
            self._say_gone({"type": "websocket.disconnect", "code": int(self.verdict.code)})

    def _take(self, message: "Message") -> None:
        if message["type"] == "websocket.disconnect":
            self._say_gone(message)
        elif message["type"] == "websocket.receive" and not self._rate.allows(time.monotonic()):
            self.end(codes.TOO_MANY_MESSAGES)
        elif self._inbox.qsize() >= self._settings.client_burst:
            self.end(codes.NO_ANSWER)
        else:
            self._inbox.put_nowait(message)

    def _say_gone(self, message: "Message") -> None:
        """Tell the application that the client is gone, and let it tidy up for a while."""
        self._gone = True
        self._stop_telling()
        self._inbox.put_nowait(message)
        if self._patience is not None:
            now = asyncio.get_running_loop().time()
            self._patience.reschedule(now + self._settings.disconnect_timeout)

    # From the application to the client.

    async def _pass_on(self, hub: "Hub", message: "Message") -> None:
        accepts = message["type"] == "websocket.accept"
        told = await self._let_in(hub) if accepts else None
        if self.verdict is not None or self.closed:
            await asyncio.sleep(0)  # who sends in a loop must not keep everybody else from going on
            return
        if message["type"] in {"websocket.accept", "websocket.close", "websocket.http.response.start"}:
            self.take_time()
        await self.send(message)
        if told is not None and not self._gone:
            self._telling = asyncio.get_running_loop().create_task(
                told.run(), name=f"armguard-live-tell-{self.id}"
            )

    def _stop_telling(self) -> None:
        if self._telling is not None:
            self._telling.cancel()

    async def _let_in(self, hub: "Hub") -> Announcements | None:
        """Give the user a slot, or end the socket; return what tells it of announcements, if anything."""
        if not await self._is_admitted(hub):
            self.end(codes.too_many_connections(hub.slots.limit))
            return None
        if self.identity is None or not self._is_page_for_notifications:
            return None
        told = Announcements(hub, self)
        await told.begin(self._settings.connect_timeout / 4)  # of what the whole handshake may take
        return told

    @property
    def _is_page_for_notifications(self) -> bool:
        return self._settings.relay_to_stock and self.endpoint == announcements.PATH

    async def _is_admitted(self, hub: "Hub") -> bool:
        """Return whether the user has a slot left; who is not known, or cannot be, is not counted."""
        try:
            identity = await hub.identify(self._scope)
        except Exception as error:  # noqa: BLE001 - the database's; it was good enough for the application
            hub.failed(self.endpoint, error)
            log.warning("%r: a connection was let in uncounted: %r", self.endpoint, error)
            return True
        return identity is None or await hub.admit(self, identity)


def _is_unknown_path(failure: BaseException) -> bool:
    """Whether it is what `channels.routing.URLRouter` raises where no route fits."""
    return isinstance(failure, ValueError) and str(failure).startswith("No route found for path")
