"""`/ws/live/`: all streams over one socket, from where the client left off."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from armguard_tray.server.conf import LiveSettings, live_settings
from armguard_tray.server.resume import Gap, resume
from armguard_tray.server.sockets import codes
from armguard_tray.server.sockets.codes import Code, Ending
from armguard_tray.server.sockets.greeting import hello, position_frame, text_of
from armguard_tray.server.sockets.history import PAGE
from armguard_tray.server.sockets.limits import RateLimit, Window
from armguard_tray.server.sockets.query import BadQueryError, LiveQuery, read_query
from armguard_tray.server.sockets.socket import Socket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from armguard_tray.server.event_log import Logged
    from armguard_tray.server.sockets.hub import Hub, Hubs
    from armguard_tray.server.sockets.wire import Message, Receive, Scope, Send

log = logging.getLogger(__name__)

PATH: Final = "/ws/live/"

_LONGEST: Final = 4096  # characters of a message from a client


class Live:
    """The ASGI application behind `/ws/live/`."""

    def __init__(self, hubs: "Hubs") -> None:
        self._hubs = hubs

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve a socket until it is closed."""
        await _LiveSocket(self._hubs, scope, receive, send).run()


class _RefusedError(Exception):
    """The client cannot be served."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.message)
        self.ending = ending


class _Ping(msgspec.Struct, tag="ping"):
    timestamp: msgspec.Raw = msgspec.Raw(b"null")


class _Ack(msgspec.Struct, tag="ack"):
    seq: Annotated[int, msgspec.Meta(ge=0)]


class _LiveSocket(Socket):
    """A client of `/ws/live/`.

    One task reads what the client sends, another sends it the log. What ends the connection ends the reading.

    Attributes:
        position: the last event that it was sent, or that is not for it.
        idle: whether it has all there is.

    """

    def __init__(self, hubs: "Hubs", scope: "Scope", receive: "Receive", send: "Send") -> None:
        super().__init__(scope, send)
        self.position = 0
        self.idle = False
        self._hubs = hubs
        self._scope = scope
        self._receive = receive
        self._settings = live_settings()
        self._rate = RateLimit(self._settings.client_rate, self._settings.client_burst)
        self._decoder = msgspec.json.Decoder(_Ping | _Ack)
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._window: Window | None = None
        self._says_position = False
        self._epoch = ""

    async def run(self) -> None:
        """Serve until it is closed."""
        await self._receive()  # websocket.connect
        await self.send({"type": "websocket.accept"})
        try:
            query = _query(self._settings, self._scope)
            async with self._hubs.joined(self) as hub:
                await self._converse(hub, query)
        except _RefusedError as refusal:
            self.end(refusal.ending, refusal.__cause__)
            await self.finish(self._settings.disconnect_timeout)
        finally:
            self.let_go()

    async def _converse(self, hub: "Hub", query: LiveQuery) -> None:
        loop = asyncio.get_running_loop()
        serving = loop.create_task(self._serve(hub, query), name=f"armguard-live-{self.id}")
        try:
            await self._read_until_end()
            await self.finish(self._settings.disconnect_timeout)
        finally:
            self.closed = True
            serving.cancel()
            await asyncio.wait({serving})

    # What the hub calls.

    def wants(self, event: "Logged") -> bool:
        """Whether an event is of a stream it asked for, and no other user's."""
        if event.stream not in self.streams:
            return False
        return event.user_id is None or (self.identity is not None and event.user_id == self.identity.user_id)

    def wake(self) -> None:
        """Let it look for news."""
        self._news.set()

    def say_position(self) -> None:
        """Let it tell its client how far it is."""
        self._says_position = True
        self._news.set()

    # What the client sends.

    async def _read_until_end(self) -> None:
        try:
            async with self.interruptible():
                while self.verdict is None:
                    message = await self._receive()
                    if message["type"] == "websocket.disconnect":
                        return
                    await self._take(message)
        except TimeoutError:
            self.end(codes.BROKEN)  # unless there is a verdict already, as there should be

    async def _take(self, message: "Message") -> None:
        said = self._understand(message.get("text"))
        if isinstance(said, _Ack) and self._acknowledge(said.seq):
            return  # such acknowledgements are as many as we let them be
        if not self._rate.allows(time.monotonic()):
            self.end(codes.TOO_MANY_MESSAGES)
        elif said is None:
            await self.send_text(codes.complaint("only JSON objects of type ping or ack are understood"))
        elif isinstance(said, _Ping):
            await self.send_text(f'{{"type":"pong","timestamp":{bytes(said.timestamp).decode()}}}')

    def _understand(self, text: str | None) -> _Ping | _Ack | None:
        if text is None or len(text) > _LONGEST:
            return None
        try:
            said: _Ping | _Ack = self._decoder.decode(text)
        except (ValueError, RecursionError):
            return None
        return said

    def _acknowledge(self, seq: int) -> bool:
        if self._window is None or not self._window.acknowledge(seq):
            return False
        self._room.set()
        return True

    # What it is sent.

    async def _serve(self, hub: "Hub", query: LiveQuery) -> None:
        try:
            await self._join(hub, query)
            await self._send_log(hub, query)
        except _RefusedError as refusal:
            self.end(refusal.ending, refusal.__cause__)
        except OSError as gone:  # uvicorn's ClientDisconnected; its reading says so too
            log.debug("%s: gone: %r", self.endpoint, gone)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told, and the log
            self.end(codes.BROKEN, error)

    async def _send_log(self, hub: "Hub", query: LiveQuery) -> None:
        hub.follow(self)
        try:
            start = resume(hub.feed.head, query.epoch, query.since)
            self._epoch = hub.feed.head.epoch
            self.position = start.position
            await self.send_text(text_of(hello(hub.feed.head, start.position, hub.slots.limit, hub.layer)))
            if start.gap is not None:
                await self._tell(start.gap)
            await self._deliver(hub)
        finally:
            hub.unfollow(self)

    async def _join(self, hub: "Hub", query: LiveQuery) -> None:
        try:
            async with asyncio.timeout(self._settings.connect_timeout * 0.9):  # the rest is for saying so
                await self._take_slot(hub, query)
                # What this process knows may be older than what the client has been sent by another one.
                await hub.feed.look()
                await hub.look_around()
        except TimeoutError as error:
            hub.failed("connect", error)
            raise _RefusedError(codes.NO_ANSWER) from error
        except _RefusedError:
            raise
        except Exception as error:
            hub.failed("connect", error)
            raise _RefusedError(codes.NO_EVENT_LOG) from error

    async def _take_slot(self, hub: "Hub", query: LiveQuery) -> None:
        identity = await hub.identify(self._scope)
        if identity is None:
            raise _RefusedError(codes.NOT_LOGGED_IN)
        self.streams = tuple(sorted(query.streams))
        if query.acks:
            self._window = Window(self._settings.window)
        if not await hub.admit(self, identity, query.client):
            raise _RefusedError(codes.too_many_connections(hub.slots.limit))

    async def _deliver(self, hub: "Hub") -> None:
        """Send what there is, and then what comes, for ever."""
        feed = hub.feed
        replaying = True
        while True:
            if self._epoch != feed.head.epoch or self.position > feed.head.seq:
                await self._go_on_in_changed_log(hub)
            events = await feed.after(self.position)
            if not events and self.position < feed.head.seq:
                await self._miss(hub)
                continue
            await self._send_all(hub, events)
            has_all = self._epoch == feed.head.epoch and self.position == feed.head.seq
            if self._says_position or (replaying and has_all):
                self._says_position = False
                await self.send_text(text_of(position_frame(self._epoch, self.position, hub.layer)))
            if has_all:
                replaying = False
                await self._wait_for_news(feed.head.seq)

    async def _wait_for_news(self, seq: int) -> None:
        self.idle = self.position == seq
        try:
            await self._news.wait()
        finally:
            self.idle = False
        self._news.clear()

    async def _send_all(self, hub: "Hub", events: "Sequence[Logged]") -> None:
        for event in events:
            if event.epoch != self._epoch:
                await hub.feed.look()
                return
            if event.seq != self.position + 1:
                await self._tell(Gap(self._epoch, self.position + 1, event.seq - 1, "trimmed"))
            if self.wants(event):
                await self._send_event(event)
            self.position = event.seq

    async def _send_event(self, event: "Logged") -> None:
        if self._window is not None:
            while self._window.full:
                self._room.clear()
                with self.waiting():
                    await self._room.wait()
            self._window.sent(event.seq)
        await self.send_text(event.body)

    async def _miss(self, hub: "Hub") -> None:
        """Tell of events that the log does not hold any more, and go on after them."""
        await hub.feed.look()
        feed = hub.feed
        start = resume(feed.head, self._epoch, self.position)
        if start.gap is not None:
            await self._go_on_in_changed_log(hub)
        elif self.position < feed.recent.first - 1:
            # Somebody has removed events by hand.
            until = min((self.position // PAGE + 1) * PAGE, feed.recent.first - 1)
            await self._tell(Gap(self._epoch, self.position + 1, until, "trimmed"))
            self.position = until

    async def _go_on_in_changed_log(self, hub: "Hub") -> None:
        """Go on in a log that has changed under the connection: trimmed, restored, or of a new epoch."""
        start = resume(hub.feed.head, self._epoch, self.position)
        self._epoch = hub.feed.head.epoch
        self.position = start.position
        if self._window is not None:
            self._window = self._window.renewed()
        if start.gap is not None:
            await self._tell(start.gap)

    async def _tell(self, gap: Gap) -> None:
        await self.send_text(text_of(gap.frame()))


def _query(settings: LiveSettings, scope: "Scope") -> LiveQuery:
    if not settings.real_time:
        raise _RefusedError(codes.SWITCHED_OFF)
    try:
        return read_query(scope.get("query_string", b""))
    except BadQueryError as error:
        raise _RefusedError(Ending(Code.SERVER_ERROR, str(error))) from error
