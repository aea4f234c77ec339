"""Carries out what `lifecycle` decides. The only module that opens WebSockets.

A `Connection` runs one `_StreamRunner` for each stream. Each has an inbox of lifecycle events and one loop
that steps the machine; commands run as tasks that put their outcome back into the inbox. An event bears the
timer, task or socket that it comes from, and counts only while that is the present one.
"""

import asyncio
import logging
import math
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, Self
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
from websockets.protocol import State

from armguard_tray.clock import Clock
from armguard_tray.connection import close_codes
from armguard_tray.connection import lifecycle as life
from armguard_tray.connection.backoff import Delay
from armguard_tray.connection.explain import BROKEN_DOWN, HELD_UP, outcome
from armguard_tray.connection.failures import Closure, Failure, FailureKind, failure_of, parse_retry_after
from armguard_tray.connection.login import LoginClient
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.connection.session import Login, SharedSession
from armguard_tray.messages.decoding import MAX_FRAME_BYTES, Undecodable
from armguard_tray.messages.event import Received
from armguard_tray.messages.streams import Stream, followed
from armguard_tray.settings.model import ServerSettings
from armguard_tray.tasks import TaskKeeper

log = logging.getLogger(__name__)

OPEN_TIMEOUT = 5.0
CLOSE_TIMEOUT = 3.0
# A dead link takes interval + timeout to notice: 20 s, within the 25 s that are allowed.
PING_INTERVAL = 10.0
PING_TIMEOUT = 10.0
TICK = 2.0
"""Seconds between looks at the clock; a tick that comes late means that the machine slept.

With the ping that follows (`lifecycle.WAKE_PING`) a dead link is noticed 5 s after a wake-up.
"""
SLEPT = 10.0
HELD_UP_AFTER = 5.0
"""Seconds for which a frame may wait to be taken before people are told."""
FACTS_EVERY = 0.5
"""Seconds at least between two reports that differ only in counters."""


class Observer(Protocol):
    """Who is told what the connection does."""

    async def on_received(self, received: Received) -> None:
        """Take a frame; the socket is not read on before this returns."""
        ...

    def on_facts(self, facts: Sequence[StreamFacts]) -> None:
        """See the state of all streams after it changed."""
        ...


class _Connect(connect):
    """Opens a socket, and follows no redirect: the Cookie header must not travel to another host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all streams of a connection have in common."""

    server: ServerSettings
    client: LoginClient
    session: SharedSession
    clock: Clock
    observer: Observer
    chance: random.Random
    # One handshake at a time: many desks that open three at once overrun a small server.
    gate: asyncio.Lock
    changed: Callable[[], None]
    counted: Callable[[], None]


_Source = asyncio.TimerHandle | asyncio.Task[life.Event] | ClientConnection


class _StreamRunner:
    """Runs one stream."""

    def __init__(self, stream: Stream, shared: _Shared) -> None:
        self.stream = stream
        self._shared = shared
        self._state = life.State()
        self.facts = StreamFacts(stream=stream, phase=Phase.IDLE, since=shared.clock.now())
        self._inbox: asyncio.Queue[tuple[life.Event, _Source | None]] = asyncio.Queue()
        self._keeper = TaskKeeper(f"stream-{stream.value}")
        self._activity: asyncio.Task[life.Event] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._socket: ClientConnection | None = None
        # Held by the reader that delivers: when a socket is renewed, what the old one still has comes first.
        self._delivering = asyncio.Lock()
        # Monotonic: since when a frame waits to be taken, and when the last one was.
        self._waiting_since: float | None = None
        self._delivered = -math.inf
        self._held_up = False
        self._login: Login | None = None
        self._outdated = 0
        self._was_live = False

    def tell(self, event: life.Event, source: _Source | None = None) -> None:
        """Hand the machine an event; it is dropped if `source` has been replaced when its turn comes."""
        self._inbox.put_nowait((event, source))

    async def run(self) -> None:
        """Step the machine for each event until it has stopped."""
        try:
            while self._state.phase is not Phase.STOPPED:
                event, source = await self._inbox.get()
                if self._is_present(source):
                    self._step_safely(event)
        except Exception:
            self.facts = replace(self.facts, phase=Phase.STOPPED, trouble=BROKEN_DOWN, retry_at=None)
            self._shared.changed()
            raise
        finally:
            await self._keeper.close(patience=CLOSE_TIMEOUT + 1)

    def _is_present(self, source: _Source | None) -> bool:
        return source is None or source is self._timer or source is self._activity or source is self._socket

    def _step_safely(self, event: life.Event) -> None:
        try:
            self._step(event)
        except Exception:
            if isinstance(event, life.Stop):
                raise
            # A bug must not end the stream, nor leave it waiting for what was not begun: it tries anew.
            log.exception("%s: %s could not be dealt with", self.stream, type(event).__name__)
            self._state = replace(self._state, phase=Phase.CONNECTING)
            self._step(life.Failed(Failure(FailureKind.OTHER, detail="a step broke down")))

    def _step(self, event: life.Event) -> None:
        state, commands = life.step(self._state, event, self._shared.clock.monotonic())
        self._set_state(state, event)
        for command in commands:
            self._carry_out(command)

    def _set_state(self, state: life.State, event: life.Event) -> None:
        """Take on a new state; the one place where the phase changes, and where that is logged."""
        before, self._state = self._state, state
        facts = self.facts
        if state.last is not before.last and state.last is not None:
            facts = replace(facts, last_close=outcome(state.last), last_close_at=self._shared.clock.now())
            log.debug("%s: %r", self.stream, state.last)
        if state.phase is not before.phase:
            why = f": {state.trouble.summary}" if state.trouble else ""
            log.info(
                "%s: %s -> %s on %s%s", self.stream, before.phase, state.phase, type(event).__name__, why
            )
            facts = replace(facts, since=self._shared.clock.now(), retry_at=None)
            if state.phase is Phase.LIVE:
                facts = replace(facts, reconnects=facts.reconnects + self._was_live)
                self._was_live = True
                if self._login is not None:
                    self._shared.session.proven(self._login)
            else:
                facts = replace(facts, round_trip=None)
        self.facts = replace(facts, phase=state.phase)
        self._set_trouble(self._shared.clock.now())

    def _set_trouble(self, began: datetime) -> None:
        """Tell the trouble that the stream is in; `began` is when, unless it was in trouble before."""
        trouble = HELD_UP if self._held_up and self._state.phase is Phase.LIVE else self._state.trouble
        since = None if trouble is None else self.facts.troubled_since or began
        self.facts = replace(self.facts, trouble=trouble, troubled_since=since)
        self._shared.changed()

    def _carry_out(self, command: life.Command) -> None:
        match command:
            case life.LogIn(anew):
                self._end_timer()
                self._begin(self._log_in(anew=anew), "log in")
            case life.CheckSession():
                self._begin(self._check_session(), "check session")
            case life.Connect():
                self._begin(self._connect(), "socket")
            case life.Disconnect():
                self._end_timer()
                self._end_activity()
            case life.Ping(patience):
                if self._socket is not None:
                    self._keeper.start(self._ping(self._socket, patience), name="ping")
            case life.Wait(delay):
                self._wait(delay)

    # Activities: at most one at a time.

    def _begin(self, activity: Coroutine[Any, Any, life.Event], name: str) -> None:
        self._end_activity()
        self._activity = self._keeper.start(activity, name=name)
        self._activity.add_done_callback(self._activity_ended)

    def _activity_ended(self, task: asyncio.Task[life.Event]) -> None:
        # A bug in an activity must not leave the stream waiting for an outcome that never comes.
        if task.cancelled() or task.exception() is not None:
            self.tell(life.Failed(Failure(FailureKind.OTHER, detail=f"{task.get_name()} broke down")), task)
        else:
            self.tell(task.result(), task)

    def _end_activity(self) -> None:
        activity, self._activity = self._activity, None
        socket, self._socket = self._socket, None
        if socket is not None:
            # The reader is left to take what has arrived already; it ends with the connection.
            self._keeper.start(socket.close(), name="close socket")
        elif activity is not None:
            activity.cancel()

    def _wait(self, delay: Delay) -> None:
        self._end_timer()
        seconds = self._shared.chance.uniform(delay.least, delay.most)
        self._timer = asyncio.get_running_loop().call_later(seconds, self._timer_fired)
        if self._state.phase in {Phase.BACKING_OFF, Phase.REFUSED}:
            self.facts = replace(self.facts, retry_at=self._shared.clock.now() + timedelta(seconds=seconds))
            self._shared.changed()

    def _timer_fired(self) -> None:
        self.tell(life.TimerFired(), self._timer)

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    async def _log_in(self, *, anew: bool) -> life.Event:
        if anew and self._login is not None:
            # Remembered: the next try must not take the ended session up again if this one fails.
            self._outdated = self._login.number
        result = await self._shared.session.obtain(newer_than=self._outdated)
        if isinstance(result, Failure):
            return life.Failed(result)
        self._login = result
        return life.LoggedIn()

    async def _check_session(self) -> life.Event:
        alive = await self._shared.session.is_alive(self._login) if self._login is not None else False
        return life.SessionChecked(alive)

    async def _connect(self) -> life.Event:
        try:
            async with self._shared.gate:
                socket = await self._open()
        except InvalidStatus as error:
            headers = error.response.headers
            retry_after = parse_retry_after(_first(headers, "Retry-After"), _first(headers, "Date"))
            return life.Failed(Failure(FailureKind.STATUS, error.response.status_code, retry_after))
        except InvalidHandshake as error:
            return life.Failed(Failure(FailureKind.NO_ANSWER, detail=str(error)))
        except (OSError, WebSocketException) as error:
            return life.Failed(failure_of(error))
        self._socket = socket
        self.tell(life.Opened(), socket)
        self._keeper.start(self._keep_alive(socket), name="keepalive")
        return await self._read(socket)

    async def _open(self) -> ClientConnection:
        base = self._shared.server.base_url
        assert self._login is not None  # noqa: S101 - the machine connects only after it has logged in
        return await _Connect(
            base.replace("http", "ws", 1) + self.stream.path,
            origin=base,  # type: ignore[arg-type]  # websockets' Origin is a NewType of str
            additional_headers={"Cookie": self._login.session.cookie},
            ssl=self._shared.client.tls if urlsplit(base).scheme == "https" else None,
            # A desk and its server share a LAN; a proxy for the internet has no business between them.
            proxy=None,
            compression=None,
            open_timeout=OPEN_TIMEOUT,
            close_timeout=CLOSE_TIMEOUT,
            # `_keep_alive` pings: the library's own would blame the server for what this desk does not read.
            ping_interval=None,
            max_size=MAX_FRAME_BYTES,
        )

    async def _read(self, socket: ClientConnection) -> life.Event:
        """Read frames until the connection ends, and return how it ended."""
        async with _Turn(self._delivering) as turn:
            broke_it: BaseException | None = None
            while True:
                try:
                    data = await socket.recv()
                except ConnectionClosed as closed:
                    cause = closed.__cause__
                    if cause is not broke_it:
                        await self._take_what_broke_it(closed, turn)
                    if cause is broke_it or not isinstance(cause, UnicodeDecodeError):
                        return _how_it_ended(closed)
                    # There may be frames behind the text that broke the connection: read on to the end.
                    broke_it = cause
                else:
                    received = Received.of(self.stream, data, self._shared.clock.now())
                    if received.is_welcome:
                        self.tell(life.Proven(), socket)
                    if not received.is_control:
                        await self._take(received, turn)

    async def _take(self, received: Received, turn: "_Turn") -> None:
        self.facts = replace(self.facts, events=self.facts.events + 1, last_event=received.at)
        self._shared.counted()
        await turn.comes()
        self._waiting_since = self._shared.clock.monotonic()
        try:
            await self._shared.observer.on_received(received)
        finally:
            self._waiting_since = None
            self._delivered = self._shared.clock.monotonic()
            if self._held_up:
                log.info("%s: no longer held up", self.stream)
                self._held_up = False
                self._set_trouble(self._shared.clock.now())

    async def _take_what_broke_it(self, closed: ConnectionClosed, turn: "_Turn") -> None:
        """Keep a frame that RFC 6455 makes us fail the connection for: nothing is lost in silence."""
        broken = _what_broke_it(closed)
        if broken is not None:
            data, reason = broken
            await self._take(Received(self.stream, data, self._shared.clock.now(), Undecodable(reason)), turn)

    def look(self) -> None:
        """See whether a frame waits long to be taken; the reader, which waits too, cannot tell that."""
        if self._waiting_since is None:
            return
        waits = self._shared.clock.monotonic() - self._waiting_since
        if waits >= HELD_UP_AFTER and not self._held_up:
            log.warning("%s: a frame has waited for %.0f s to be taken", self.stream, waits)
            self._held_up = True
            self._set_trouble(self._shared.clock.now() - timedelta(seconds=waits))
        socket = self._socket
        if socket is not None and socket.state is State.CLOSED:
            code = close_codes.BROKE if socket.close_code is None else socket.close_code
            self.tell(life.Lost(Closure(code, socket.close_reason or "")), socket)

    async def _keep_alive(self, socket: ClientConnection) -> None:
        closed = self._keeper.start(socket.wait_closed(), name="closed")
        while not (await asyncio.wait({closed}, timeout=PING_INTERVAL))[0]:
            # While a frame waits nothing may be read behind it, no pong either. Nor is anything written: on a
            # connection that the server has given up, that would throw away what the kernel still holds.
            if self._waiting_since is None:
                await self._ping(socket, PING_TIMEOUT)

    async def _ping(self, socket: ClientConnection, patience: float) -> None:
        while True:
            asked = self._shared.clock.monotonic()
            try:
                async with asyncio.timeout(patience):
                    round_trip = await (await socket.ping())
            except TimeoutError:
                if self._waiting_since is not None:
                    return  # it is this desk that does not read
                if self._delivered < asked:
                    self.tell(life.PingUnanswered(), socket)
                    return
                # Frames came: the pong may be behind them. Ask once more.
            except ConnectionClosed:
                return  # the reader tells how it ended
            else:
                self._answered(socket, round_trip)
                return

    def _answered(self, socket: ClientConnection, round_trip: float) -> None:
        if not self.stream.has_welcome:
            self.tell(life.Proven(), socket)
        if self._socket is socket:
            self.facts = replace(self.facts, round_trip=round_trip)
            self._shared.counted()


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


def _how_it_ended(closed: ConnectionClosed) -> life.Event:
    ours = closed.sent if not closed.rcvd_then_sent else None
    said = ours or closed.rcvd
    return life.Lost(Closure(said.code, said.reason) if said is not None else Closure(close_codes.BROKE))


def _first(headers: Headers, name: str) -> str | None:
    """Return a header's first value; a hostile server may send several."""
    return next(iter(headers.get_all(name)), None)


class Connection:
    """Keeps all streams of one server open and reports what they do."""

    def __init__(
        self,
        server: ServerSettings,
        password: Callable[[], Awaitable[str | None]],
        observer: Observer,
        *,
        clock: Clock,
        chance: random.Random,
    ) -> None:
        """Prepare for `server`; nothing is sent before `start`.

        Raises:
            OSError: the CA file cannot be used.

        """
        client = LoginClient(server)
        self._session = SharedSession(client, password, consented=not server.plain_http_refused)
        self._clock = clock
        self._observer = observer
        self._report: asyncio.TimerHandle | None = None
        self._keeper = TaskKeeper("connection")
        self._runs: list[asyncio.Task[None]] = []
        shared = _Shared(
            server=server,
            client=client,
            session=self._session,
            clock=clock,
            observer=observer,
            chance=chance,
            gate=asyncio.Lock(),
            changed=self._report_now,
            counted=self._report_soon,
        )
        self._streams = [_StreamRunner(stream, shared) for stream in followed(presence=server.presence)]

    @property
    def facts(self) -> tuple[StreamFacts, ...]:
        """What is known of each stream now."""
        return tuple(stream.facts for stream in self._streams)

    def start(self) -> None:
        """Begin to connect all streams."""
        for stream in self._streams:
            self._runs.append(self._keeper.start(stream.run(), name=stream.stream.value))
            stream.tell(life.Start())
        self._keeper.start(self._watch_the_clock(), name="clock")

    async def stop(self) -> None:
        """Close all sockets; returns when each has ended."""
        self._tell(life.Stop())
        await asyncio.gather(*self._runs, return_exceptions=True)
        await self._keeper.close()
        if self._report is not None:
            self._report.cancel()

    def reconnect_now(self) -> None:
        """Try at once, because the user asks."""
        self._session.user_acts()
        self._tell(life.Retry())

    def network_is_back(self) -> None:
        """Try what is waiting, because the network came back; live sockets are tested with a ping."""
        self._tell(life.Woke())

    def _tell(self, event: life.Event) -> None:
        for stream in self._streams:
            stream.tell(event)

    async def _watch_the_clock(self) -> None:
        # A wall clock counts sleep everywhere, a monotonic one only on some systems; either may tell.
        while True:
            wall, monotonic = self._clock.now(), self._clock.monotonic()
            await asyncio.sleep(TICK)
            late = max(
                (self._clock.now() - wall).total_seconds() - TICK, self._clock.monotonic() - monotonic - TICK
            )
            if late > SLEPT:
                log.info("the machine slept for about %.0f s: testing the connections", late)
                self._tell(life.Woke())
            for stream in self._streams:
                stream.look()

    def _report_now(self) -> None:
        if self._report is not None:
            self._report.cancel()
        self._report = None
        try:
            self._observer.on_facts(self.facts)
        except Exception:
            # A fault in what shows must not stop what receives.
            log.exception("the state of the streams could not be shown")

    def _report_soon(self) -> None:
        if self._report is None:
            self._report = asyncio.get_running_loop().call_later(FACTS_EVERY, self._report_now)
