"""Runners whose events come over WebSockets. The only module that opens any."""

import asyncio
import logging
import ssl
from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.datastructures import Headers
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    TooManyFragments,
    WebSocketException,
)
from websockets.frames import CloseCode
from websockets.protocol import State

from armguard_tray.clock import Moment
from armguard_tray.connection import close_codes
from armguard_tray.connection import lifecycle as life
from armguard_tray.connection.explain import outcome
from armguard_tray.connection.failures import Closure, Failure, FailureKind, failure_of, parse_retry_after
from armguard_tray.connection.live_app import LiveApp, with_layer
from armguard_tray.connection.login import Session
from armguard_tray.connection.phase import StreamFacts
from armguard_tray.connection.readers import (
    ACK_WITHIN,
    Acknowledgements,
    LiveReader,
    Reader,
    StockReader,
)
from armguard_tray.connection.runner import CLOSE_TIMEOUT, TICK, Runner, Shared, Source
from armguard_tray.errors import JournalError
from armguard_tray.messages.decoding import MAX_FRAME_BYTES, Undecodable
from armguard_tray.messages.event import Received
from armguard_tray.settings.model import ServerSettings

if TYPE_CHECKING:
    from armguard_tray.messages import wire

log = logging.getLogger(__name__)

OPEN_TIMEOUT = 5.0
# A dead link takes interval + timeout to notice: 20 s, within the 25 s that are allowed.
PING_INTERVAL = 10.0
PING_TIMEOUT = 10.0
VISIT_CLOSE_TIMEOUT = 1.0
DOUBTFUL_ALIKE = 3
"""Failures alike after which the live app's socket is doubted."""


class _Connect(connect):
    """Opens a socket, and follows no redirect: the Cookie header must not travel to another host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def _open(  # noqa: PLR0913 - the parts of a handshake
    server: ServerSettings,
    tls: ssl.SSLContext | None,
    session: Session,
    path: str,
    *,
    within: float = OPEN_TIMEOUT,
    close_timeout: float = CLOSE_TIMEOUT,
) -> ClientConnection:
    base = server.base_url
    return await _Connect(
        base.replace("http", "ws", 1) + path,
        origin=base,  # type: ignore[arg-type]  # websockets' Origin is a NewType of str
        additional_headers={"Cookie": session.cookie},
        ssl=tls if urlsplit(base).scheme == "https" else None,
        # A desk and its server share a LAN; a proxy for the internet has no business between them.
        proxy=None,
        compression=None,
        open_timeout=within,
        close_timeout=close_timeout,
        # Whoever uses it pings: the library's own would blame the server for what this desk does not read.
        ping_interval=None,
        max_size=MAX_FRAME_BYTES,
    )


def _why_not_open(error: OSError | WebSocketException) -> Failure:
    match error:
        case InvalidStatus(response=response):
            said = response.headers
            retry_after = parse_retry_after(_first(said, "Retry-After"), _first(said, "Date"))
            return Failure(FailureKind.STATUS, response.status_code, retry_after)
        case InvalidHandshake():
            return Failure(FailureKind.NO_ANSWER, detail=str(error))
        case _:
            return failure_of(error)


class VisitRefusedError(Exception):
    """A visit's socket did not open.

    Attributes:
        failure: why.

    """

    def __init__(self, failure: Failure) -> None:
        """Keep the failure."""
        super().__init__(failure.kind)
        self.failure = failure


class VisitEndedError(Exception):
    """A visit's socket was closed, and not by us.

    Attributes:
        closure: how.

    """

    def __init__(self, closure: Closure) -> None:
        """Keep the closure."""
        super().__init__(close_codes.describe(closure.code))
        self.closure = closure


class Visit:
    """A socket that is opened to look at the server, and follows nothing."""

    def __init__(self, socket: ClientConnection) -> None:
        """Look through `socket`."""
        self._socket = socket

    async def receive(self) -> str | bytes:
        """Return the next frame. Raises VisitEndedError."""
        try:
            return await self._socket.recv()
        except ConnectionClosed as closed:
            raise VisitEndedError(_how_it_ended(closed)) from closed

    async def ping(self) -> float:
        """Ping, and return the seconds to the answer. Raises VisitEndedError."""
        try:
            return await (await self._socket.ping())
        except ConnectionClosed as closed:
            raise VisitEndedError(_how_it_ended(closed)) from closed


@asynccontextmanager
async def visit(
    server: ServerSettings,
    tls: ssl.SSLContext | None,
    session: Session,
    path: str,
    *,
    within: float = OPEN_TIMEOUT,
) -> AsyncIterator[Visit]:
    """Open a socket beside those that the desk follows, with its session, and close it at the end.

    It takes `within` seconds at most to open.

    Raises:
        VisitRefusedError: it does not open.

    """
    try:
        socket = await _open(server, tls, session, path, within=within, close_timeout=VISIT_CLOSE_TIMEOUT)
    except (OSError, WebSocketException) as error:
        raise VisitRefusedError(_why_not_open(error)) from error
    try:
        yield Visit(socket)
    finally:
        await socket.close()


class SocketRunner(Runner):
    """Takes in what one socket brings."""

    def __init__(
        self, name: str, facts: Iterable[StreamFacts], shared: Shared, state: life.State | None = None
    ) -> None:
        """Serve the streams of `facts`; nothing is opened before `run`."""
        super().__init__(name, facts, shared, state)
        self._socket: ClientConnection | None = None
        # The last socket over which the streams were live.
        self._proven: ClientConnection | None = None
        # Held by the reader that delivers: when a socket is renewed, what the old one still has comes first.
        self._delivering = asyncio.Lock()
        # For how many looks the socket has brought nothing, and for how many seconds it may. Looks are
        # counted because a clock would run on while the machine sleeps.
        self._quiet_looks = 0
        self._patience: float | None = None

    @abstractmethod
    async def _reader(self) -> Reader:
        """Return what will understand the next socket. Raises JournalError."""

    def _refusal(self, failure: Failure) -> Failure:
        """Return what a refused handshake means here."""
        return failure

    def _taken(self, received: Received, socket: ClientConnection) -> None:
        """See that `received`, which came over `socket`, has been taken."""

    def _note_life(self, now: datetime) -> None:
        super()._note_life(now)
        self._proven = self._socket

    def _has_read_all(self, socket: ClientConnection) -> bool:  # noqa: ARG002 - others need it
        """Tell whether what was missed before `socket` was opened has come over it, if it does at all."""
        return True

    def _is_present(self, source: Source) -> bool:
        return super()._is_present(source) or source is self._socket

    def _end_activity(self) -> None:
        socket, self._socket = self._socket, None
        self._patience = None
        if socket is None:
            super()._end_activity()
            return
        # The reader is left to take what has arrived already; it ends with the connection.
        self._activity = None
        self._keeper.start(self._close(socket), name="close socket")

    async def _close(self, socket: ClientConnection) -> None:
        is_whole = socket is self._proven and socket.state is State.OPEN and self._has_read_all(socket)
        asked = self._moment()
        await socket.close()
        # An answer repeats our close frame's code (RFC 6455, 5.5.1); the server's own may have crossed it.
        answer = socket.protocol.close_rcvd
        answered = answer is not None and answer.code == CloseCode.NORMAL_CLOSURE
        if is_whole and answered and self._waiting_since is None and self._was_whole(asked):
            self._shared.changed()

    async def _connect(self) -> life.Event:
        try:
            reader = await self._reader()
            async with self._shared.gate:
                socket = await self._open(reader.path)
        except JournalError as error:
            return life.Failed(Failure(FailureKind.JOURNAL, detail=str(error)))
        except (OSError, WebSocketException) as error:
            return life.Failed(self._refusal(_why_not_open(error)))
        self._socket = socket
        self.tell(life.Opened(), socket)
        self._keeper.start(self._keep_alive(socket), name="keepalive")
        return await self._read(socket, reader)

    async def _open(self, path: str) -> ClientConnection:
        assert self._login is not None  # noqa: S101 - the machine connects only after it has logged in
        return await _open(self._shared.server, self._shared.client.tls, self._login.session, path)

    async def _read(self, socket: ClientConnection, reader: Reader) -> life.Event:
        """Read frames until the connection ends, and return how it ended."""
        async with _Turn(self._delivering) as turn:
            broke_it: BaseException | None = None
            while True:
                try:
                    data = await socket.recv()
                except ConnectionClosed as closed:
                    cause = closed.__cause__
                    if cause is not broke_it:
                        await self._take_what_broke_it(closed, turn, socket)
                    if cause is broke_it or not isinstance(cause, UnicodeDecodeError):
                        return life.Lost(reader.ended(_how_it_ended(closed)))
                    # There may be frames behind the text that broke the connection: read on to the end.
                    broke_it = cause
                else:
                    received, told = reader.read(data, self._shared.clock.now())
                    self._heard(socket)
                    if told is not None:
                        self.tell(told, socket)
                    if received is not None:
                        await self._take(received, turn, socket)

    async def _take(self, received: Received, turn: "_Turn", socket: ClientConnection) -> None:
        self._count(received)
        await turn.comes()
        await self._hand_on(received)
        self._taken(received, socket)

    async def _take_what_broke_it(
        self, closed: ConnectionClosed, turn: "_Turn", socket: ClientConnection
    ) -> None:
        """Keep a frame that RFC 6455 makes us fail the connection for: nothing is lost in silence."""
        broken = _what_broke_it(closed)
        if broken is not None:
            data, reason = broken
            stream = next(iter(self.facts))
            received = Received(stream, data, self._shared.clock.now(), Undecodable(reason))
            await self._take(received, turn, socket)

    def look(self) -> None:
        """See whether a frame waits long, and whether the socket is gone or has been quiet for too long."""
        super().look()
        socket = self._socket
        if self._waiting_since is not None:
            if socket is not None and socket.state is State.CLOSED:
                code = close_codes.BROKE if socket.close_code is None else socket.close_code
                self.tell(life.Lost(Closure(code, socket.close_reason or "")), socket)
        elif self._patience is not None:
            self._quiet_looks += 1
            if self._quiet_looks * TICK >= self._patience:
                self.tell(life.NothingHeard(), socket)

    def _expect(self, patience: float) -> None:
        self._quiet_looks = 0
        self._patience = patience

    def _heard(self, socket: ClientConnection) -> None:
        if socket is self._socket:
            self._quiet_looks = 0

    def _ask_for_life(self, patience: float) -> None:
        if self._socket is not None:
            self._keeper.start(self._ping(self._socket, patience), name="ping")

    async def _keep_alive(self, socket: ClientConnection) -> None:
        closed = self._keeper.start(socket.wait_closed(), name="closed")
        while not (await asyncio.wait({closed}, timeout=PING_INTERVAL))[0]:
            # While a frame waits nothing may be read behind it, no pong either. Nor is anything written: on a
            # connection that the server has given up, that would throw away what the kernel still holds.
            if self._waiting_since is None:
                await self._ping(socket, PING_TIMEOUT)

    async def _ping(self, socket: ClientConnection, patience: float) -> None:
        while True:
            asked = self._moment()
            try:
                async with asyncio.timeout(patience):
                    round_trip = await (await socket.ping())
            except TimeoutError:
                if self._waiting_since is not None:
                    return  # it is this desk that does not read
                if self._delivered < asked.monotonic:
                    self.tell(life.PingUnanswered(), socket)
                    return
                # Frames came: the pong may be behind them. Ask once more.
            except ConnectionClosed:
                return  # the reader tells how it ended
            else:
                self._answered(socket, asked, round_trip)
                return

    def _answered(self, socket: ClientConnection, asked: Moment, round_trip: float) -> None:
        if self._socket is not socket:
            return
        self._note(round_trip=round_trip)
        # While a frame waits, others that came before the answer may lie behind it.
        if socket is self._proven and self._waiting_since is None and self._has_read_all(socket):
            self._was_whole(asked)
        self._shared.counted()


class StockSocket(SocketRunner):
    """One stream of the stock server."""

    def __init__(self, facts: StreamFacts, shared: Shared, state: life.State | None = None) -> None:
        """Serve the stream of `facts`."""
        super().__init__(facts.stream.value, [facts], shared, state)
        self._stream = facts.stream
        self._present = StockReader(facts.stream)

    async def _reader(self) -> Reader:
        self._present = StockReader(self._stream)
        return self._present

    def _heard(self, socket: ClientConnection) -> None:
        super()._heard(socket)
        if socket is self._socket and self._present.user_id is not None:
            self._note(user_id=self._present.user_id)

    def _answered(self, socket: ClientConnection, asked: Moment, round_trip: float) -> None:
        if not self._stream.has_welcome:
            self.tell(life.Proven(), socket)
        super()._answered(socket, asked, round_trip)

    def _note_app(self, app: LiveApp | None) -> None:
        # What comes over this socket does not come through the app; that it could not is worth telling.
        super()._note_app(None if app is None or app.in_use else app)


class LiveSocket(SocketRunner):
    """The live app's one socket: several streams, gone on with where this desk left off."""

    def __init__(self, facts: Iterable[StreamFacts], shared: Shared, state: life.State | None = None) -> None:
        """Serve the streams of `facts`."""
        super().__init__("live", facts, shared, state)
        self._app: LiveApp | None = None
        # Of the present socket.
        self._present: LiveReader | None = None
        self._layer: wire.Layer | None = None
        # The socket over which all has come that was missed before it.
        self._replayed: ClientConnection | None = None
        self._acks = Acknowledgements()
        self._acknowledging: asyncio.TimerHandle | None = None

    def _note_app(self, app: LiveApp | None) -> None:
        self._app = app
        super()._note_app(app)

    async def _reader(self) -> Reader:
        self._present = LiveReader(await self._shared.observer.resume_point())
        self._layer = None
        self._acks = Acknowledgements()
        return self._present

    def _heard(self, socket: ClientConnection) -> None:
        super()._heard(socket)
        layer = self._present.layer if self._present is not None and socket is self._socket else None
        if self._app is not None and layer is not None and layer != self._layer:
            self._layer = layer
            super()._note_app(with_layer(self._app, layer))

    def _resumes(self) -> bool:
        return self._present is not None and self._present.resumes

    def _has_read_all(self, socket: ClientConnection) -> bool:
        return socket is self._replayed

    def _refusal(self, failure: Failure) -> Failure:
        # A server without the path need not be another one: the app may have been removed.
        no_such_path = failure.status == HTTPStatus.NOT_FOUND
        return Failure(FailureKind.NO_APP, failure.status) if no_such_path else failure

    def _doubts_app(self) -> str | None:
        last = self._state.last
        is_doubtful = self._state.alike >= DOUBTFUL_ALIKE and is_the_sockets_own(last)
        return outcome(last) if is_doubtful and last is not None else None

    def _taken(self, received: Received, socket: ClientConnection) -> None:
        if received.ends_replay:
            self._replayed = socket
        if socket is not self._socket:
            return  # what an old one had left; nobody there waits to be told
        if self._acks.took(received):
            self._acknowledge(socket)
        elif self._acknowledging is None:
            loop = asyncio.get_running_loop()
            self._acknowledging = loop.call_later(ACK_WITHIN, self._acknowledge, socket)

    def _acknowledge(self, socket: ClientConnection) -> None:
        if self._acknowledging is not None:
            self._acknowledging.cancel()
        self._acknowledging = None
        frame = self._acks.due()
        if frame is not None and socket is self._socket:
            self._keeper.start(_send(socket, frame), name="acknowledge")


class _Turn:
    """The right of one socket's reader to deliver: it comes with its first frame and lasts to its last.

    Before that it may read: the welcome of a new socket does not wait for what the old one has left.
    """

    def __init__(self, lock: asyncio.Lock) -> None:
        self._lock = lock
        self._come = False

    async def __aenter__(self) -> Self:
        return self

    async def comes(self) -> None:
        """Wait until no other reader delivers."""
        if not self._come:
            self._come = await self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        if self._come:
            self._lock.release()


# Why we fail a connection by the close code that we send for it (RFC 6455, 7.4.1).
_REFUSALS = {
    1002: "breaks the WebSocket protocol",
    1009: "refused, longer than 1 MiB",
}


def _what_broke_it(closed: ConnectionClosed) -> tuple[bytes, str] | None:
    """Return what is left of a frame that broke the connection, and why it did; None if none did."""
    match closed.__cause__:
        case UnicodeDecodeError() as error:
            return bytes(error.object), f"text that is not UTF-8: {error.reason} at position {error.start}"
        case TooManyFragments():
            return b"", "too many fragments"
    sent = closed.sent
    if sent is None or sent.code not in _REFUSALS or closed.rcvd_then_sent:
        return None
    return b"", f"{_REFUSALS[sent.code]}: {sent.reason}"


def _how_it_ended(closed: ConnectionClosed) -> Closure:
    ours = closed.sent if not closed.rcvd_then_sent else None
    said = ours or closed.rcvd
    return Closure(said.code, said.reason) if said is not None else Closure(close_codes.BROKE)


def _first(headers: Headers, name: str) -> str | None:
    """Return a header's first value; a hostile server may send several."""
    return next(iter(headers.get_all(name)), None)


async def _send(socket: ClientConnection, frame: str) -> None:
    with suppress(ConnectionClosed):  # the reader tells how it ended
        await socket.send(frame)


def is_the_sockets_own(what: Failure | Closure | None) -> bool:
    """Tell whether a failure can be that of the live app's socket alone, while the server is well."""
    match what:
        case Closure(code):
            return code == close_codes.APP_ERROR
        case Failure(FailureKind.STATUS, status):
            return status in {HTTPStatus.FORBIDDEN, HTTPStatus.INTERNAL_SERVER_ERROR}
        case Failure(kind):
            return kind in {FailureKind.NO_APP, FailureKind.UNPROVEN}
        case None:
            return False
