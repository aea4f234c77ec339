"""The handshake of each stream: whether its socket opens, subscribes this desk, and stays open."""

import asyncio
import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from armguard_tray.checkup.hearing import Hearing
from armguard_tray.checkup.limits import Deadline, Limits, Stopwatch
from armguard_tray.clock import Clock
from armguard_tray.connection import lifecycle as life
from armguard_tray.connection.explain import outcome
from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.live_app import LiveApp, Way, way_to, with_layer, without_socket
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.connection.readers import LiveReader, Reader, StockReader
from armguard_tray.connection.sockets import (
    Visit,
    VisitEndedError,
    VisitRefusedError,
    is_the_sockets_own,
    visit,
)
from armguard_tray.diagnosis.facts import HandshakeFound
from armguard_tray.messages.position import ResumePoint
from armguard_tray.messages.streams import Stream
from armguard_tray.settings.model import ServerSettings
from armguard_tray.tasks import TaskKeeper

LEAST_TIME = 1.0
"""Seconds that must be left for a socket to be opened: one that is not watched shows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """What came of one socket, as in `HandshakeFound`, for whatever streams it has."""

    at: datetime
    ms: float
    failure: Failure | None = None
    subscribed: str = ""
    closure: Closure | None = None
    alive: float = 0.0
    silent: float = 0.0

    @property
    def wrong(self) -> Failure | Closure | None:
        """What is wrong with it; None if nothing is."""
        silent = None if self.subscribed else Failure(FailureKind.UNPROVEN)
        return self.failure or self.closure or silent

    def of(self, stream: Stream) -> HandshakeFound:
        """Return it as that of one stream."""
        return HandshakeFound(
            stream=stream,
            at=self.at,
            ms=self.ms,
            failure=self.failure,
            subscribed=self.subscribed,
            closure=self.closure,
            alive=self.alive,
            silent=self.silent,
        )


Told = Callable[[tuple[HandshakeFound, ...]], None]


class Handshakes:
    """Opens the sockets of a server one after the other, and watches them side by side.

    Attributes:
        app: the server's live app, as it turns out to work; None where there is none.
        hearing: what is heard of the transactions.

    """

    def __init__(
        self, server: ServerSettings, client: LoginClient, session: Session, app: LiveApp | None, told: Told
    ) -> None:
        """Open them with `session`; `told` hears of all handshakes whenever there is more to tell of one."""
        self.app = app
        self.hearing = Hearing()
        self._server = server
        self._client = client
        self._session = session
        self._told = told
        self._found: dict[Stream, HandshakeFound] = {}
        self._gate = asyncio.Lock()

    async def make(self, streams: Iterable[Stream], clock: Clock, limits: Limits, deadline: Deadline) -> None:
        """Make the handshakes of `streams` by the way in which their events come."""
        wanted = tuple(streams)
        self._clock, self._limits, self._deadline = clock, limits, deadline
        usual = tuple(stream for stream in wanted if stream is not Stream.PRESENCE)
        stock = wanted
        match way_to(self.app):
            case Way.LIVE if usual and await self._try_app(usual):
                stock = tuple(stream for stream in wanted if stream not in usual)
            case Way.POLLED:
                stock = tuple(stream for stream in wanted if stream not in usual)
        keeper = TaskKeeper("checkup")
        try:
            tasks = [keeper.start(self._try_stock(stream), name=stream) for stream in stock]
            for task in tasks:
                await task
        finally:
            await keeper.close()

    async def _try_app(self, streams: tuple[Stream, ...]) -> bool:
        """Try the live app's one socket; return whether `streams` come by it, well or not."""
        reader = LiveReader(ResumePoint(client=str(uuid.uuid4())))

        def keep(trial: _Trial) -> None:
            self._keep(trial, streams)

        trial = await self._try(reader, "hello", keep)
        if trial is None or self.app is None:
            return True
        wrong = trial.wrong
        if isinstance(wrong, Failure) and wrong.status == HTTPStatus.NOT_FOUND:
            wrong = Failure(FailureKind.NO_APP, wrong.status)
        if not is_the_sockets_own(wrong) or wrong is None:
            if reader.layer is not None:
                # Of the process that serves the sockets; the status page comes from another one.
                self.app = with_layer(self.app, reader.layer)
            keep(trial)
            return True
        # As the desk does after some such failures: the stock streams may work all the same.
        self.app = without_socket(self.app, outcome(wrong))
        return False

    async def _try_stock(self, stream: Stream) -> None:
        def keep(trial: _Trial) -> None:
            self._keep(trial, [stream])

        trial = await self._try(StockReader(stream), "welcome frame" if stream.has_welcome else "", keep)
        if trial is not None:
            keep(trial)

    def _keep(self, trial: _Trial, streams: Iterable[Stream]) -> None:
        self._found |= {stream: trial.of(stream) for stream in streams}
        self._told(tuple(self._found.values()))

    async def _try(
        self, reader: Reader, greeting: str, well_so_far: Callable[[_Trial], None]
    ) -> _Trial | None:
        """Open one socket and watch it; None if there is no time left for that.

        Args:
            reader: understands its frames.
            greeting: what the server greets with once it has subscribed us; empty: nothing, so that an
                answered ping must do.
            well_so_far: is told when the server has shown that it has.

        """
        async with AsyncExitStack() as stack:
            async with self._gate:
                if self._deadline.left < LEAST_TIME:
                    return None
                watch = Stopwatch(self._clock)
                try:
                    opened = await stack.enter_async_context(self._visit(reader.path))
                except VisitRefusedError as refused:
                    return _Trial(at=watch.at, ms=watch.ms, failure=refused.failure)
                trial = _Trial(at=watch.at, ms=watch.ms)
            keeper = TaskKeeper("checkup-socket")
            stack.push_async_callback(keeper.close)
            hearing = self.hearing if _has_transactions(reader) else Hearing()
            hearing.ended.clear()
            stack.callback(hearing.ended.set)
            socket = _Socket(opened, reader, greeting, self._clock, hearing)
            reading = keeper.start(socket.read(), name="read")
            if not greeting:
                keeper.start(socket.ask(), name="ping")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._deadline.within(self._limits.subscribed)):
                    await socket.settled.wait()
            if socket.closure is None and socket.subscribed:
                well_so_far(socket.so_far(trial))
                await asyncio.wait({reading}, timeout=self._stay(socket))
            return socket.so_far(trial)

    def _visit(self, path: str) -> AbstractAsyncContextManager[Visit]:
        within = self._deadline.within(self._limits.opened)
        return visit(self._server, self._client.tls, self._session, path, within=within)

    def _stay(self, socket: "_Socket") -> float:
        """Return for how many seconds it is still to be watched; some are kept for the closing handshakes."""
        return max(0.0, min(self._limits.stays - socket.alive, self._deadline.left - LEAST_TIME / 2))


def _has_transactions(reader: Reader) -> bool:
    return isinstance(reader, LiveReader) or reader.path == Stream.TRANSACTIONS.path


class _Socket:
    """An open socket that is watched.

    Attributes:
        subscribed: how the server has shown that it has subscribed us; empty: not yet.
        closure: how the server has closed it; None: not yet.
        settled: set once one of both is known.

    """

    def __init__(self, opened: Visit, reader: Reader, greeting: str, clock: Clock, hearing: Hearing) -> None:
        self._visit = opened
        self._reader = reader
        self._greeting = greeting
        self._clock = clock
        self._hearing = hearing
        self._opened = self._heard = clock.monotonic()
        self._ended: float | None = None
        self.subscribed = ""
        self.closure: Closure | None = None
        self.settled = asyncio.Event()

    @property
    def alive(self) -> float:
        """Seconds since it was opened, up to its end."""
        return self._until - self._opened

    @property
    def _until(self) -> float:
        return self._clock.monotonic() if self._ended is None else self._ended

    def so_far(self, trial: _Trial) -> _Trial:
        """Return `trial` with what has come of this socket."""
        return replace(
            trial,
            subscribed=self.subscribed,
            closure=self.closure,
            alive=self.alive,
            silent=self._until - self._heard,
        )

    async def read(self) -> None:
        """Read until the server closes it."""
        try:
            while True:
                frame = await self._visit.receive()
                self._heard = self._clock.monotonic()
                received, told = self._reader.read(frame, self._clock.now())
                self._hearing.hear(received)
                if isinstance(told, life.Proven):
                    self._prove(self._greeting)
        except VisitEndedError as ended:
            self._ended = self._clock.monotonic()
            self._hearing.ended.set()
            self.closure = self._reader.ended(ended.closure)
            self.settled.set()

    async def ask(self) -> None:
        """Ping, since the server greets nobody here."""
        with suppress(VisitEndedError):  # `read` tells
            await self._visit.ping()
            self._prove("ping answered")

    def _prove(self, by: str) -> None:
        self.subscribed = self.subscribed or by
        self._hearing.begun.set()
        self.settled.set()
