"""All streams of one server, kept open by whatever way it offers.

::

                     ┌── no live app ──────────► three stock sockets ──┐
    log in, look ────┼── live app ─────────────► its one socket ───────┼──► looked for again with the next
                     └── real time is off ─────► fetched over HTTP ────┘     login, and when connections fail
    presence, if asked for, has its stock socket in any case
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable

from armguard_tray.clock import Clock
from armguard_tray.connection import lifecycle as life
from armguard_tray.connection.discovery import Discovery
from armguard_tray.connection.live_app import Way
from armguard_tray.connection.login import LoginClient
from armguard_tray.connection.pages import SessionPages
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.connection.runner import TICK, Observer, Runner, Shared
from armguard_tray.connection.session import SharedSession, Standing
from armguard_tray.connection.sockets import LiveSocket, StockSocket
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream, followed
from armguard_tray.settings.model import ServerSettings
from armguard_tray.tasks import TaskKeeper

log = logging.getLogger(__name__)

# A tick that comes late means that the machine slept. With the ping that follows (`lifecycle.WAKE_PING`) a
# dead link is noticed 5 s after a wake-up.
SLEPT = 10.0
FACTS_EVERY = 0.5
"""Seconds at least between two reports that differ only in counters."""


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
        self._session = SharedSession(client, password, consented=not server.plain_http_refused, clock=clock)
        self._pages = SessionPages(client, self._session)
        self._clock = clock
        self._observer = observer
        self._report: asyncio.TimerHandle | None = None
        self._keeper = TaskKeeper("connection")
        self._runs: list[asyncio.Task[None]] = []
        self._shared = Shared(
            server=server,
            client=client,
            session=self._session,
            discovery=Discovery(client, clock),
            clock=clock,
            observer=observer,
            chance=chance,
            gate=asyncio.Lock(),
            changed=self._report_now,
            counted=self._report_soon,
            reached=lambda: self._tell(life.Reachable()),
            take_way=self._take_way,
        )
        self._streams = followed(presence=server.presence)
        self._way = Way.STOCK
        self._stopping = False
        self._runners = self._stock_sockets(self._first_facts(self._streams))

    @property
    def facts(self) -> tuple[StreamFacts, ...]:
        """What is known of each stream now."""
        known = {stream: facts for runner in self._runners for stream, facts in runner.facts.items()}
        return tuple(known[stream] for stream in self._streams)

    @property
    def pages(self) -> SessionPages:
        """Reads the server's pages with the login of the streams."""
        return self._pages

    @property
    def standing(self) -> Standing:
        """How the login stands that all streams share."""
        return self._session.standing

    def start(self) -> None:
        """Begin to connect all streams."""
        self._run(self._runners)
        self._keeper.start(self._watch_the_clock(), name="clock")

    async def stop(self) -> None:
        """Close all sockets; returns when each has ended."""
        self._stopping = True
        self._tell(life.Stop())
        await asyncio.gather(*self._runs, return_exceptions=True)
        await self._keeper.close()
        if self._report is not None:
            self._report.cancel()

    def reconnect_now(self) -> None:
        """Try at once, because the user asks."""
        self._session.user_acts()
        self._tell(life.Retry())

    def renew(self) -> None:
        """Open the live streams anew, one after the other; the others go on as they do."""
        self._tell(life.Renew())

    def network_is_back(self) -> None:
        """Try what is waiting, because the network came back; live sockets are tested with a ping."""
        self._tell(life.Woke())

    # By which way events come.

    def _first_facts(self, streams: Iterable[Stream]) -> list[StreamFacts]:
        now = self._clock.now()
        return [StreamFacts(stream=stream, phase=Phase.IDLE, since=now) for stream in streams]

    def _stock_sockets(self, facts: Iterable[StreamFacts], state: life.State | None = None) -> list[Runner]:
        return [StockSocket(each, self._shared, state) for each in facts]

    def _take_way(self, way: Way, state: life.State) -> None:
        """Let the usual streams come by `way` from now on; presence has only the stock server's."""
        if way is self._way or self._stopping:
            return
        log.info("events come by another way: %s -> %s", self._way, way)
        self._way = way
        replaced = [runner for runner in self._runners if Stream.PRESENCE not in runner.facts]
        kept = [runner for runner in self._runners if runner not in replaced]
        facts = [each for each in self.facts if each.stream in DEFAULT_STREAMS]
        # In trouble it stays until it is live, whatever the way.
        begun = self._by(way, facts, life.State(trouble=state.trouble, left_live=state.left_live))
        self._runners = [*begun, *kept]
        for runner in replaced:
            runner.tell(life.Stop())
        self._run(begun)

    def _by(self, way: Way, facts: list[StreamFacts], state: life.State) -> list[Runner]:
        match way:
            case Way.LIVE:
                return [LiveSocket(facts, self._shared, state)]
            case Way.POLLED:
                # Few servers have real time off: the others' desks do not pay for it.
                from armguard_tray.connection.poller import Poller  # noqa: PLC0415 - as the comment says

                return [Poller(facts, self._shared, state)]
            case Way.STOCK:
                return self._stock_sockets(facts, state)

    def _run(self, runners: Iterable[Runner]) -> None:
        self._runs = [run for run in self._runs if not run.done()]
        for runner in runners:
            self._runs.append(self._keeper.start(runner.run(), name=runner.name))
            runner.tell(life.Start())

    def _tell(self, event: life.Event) -> None:
        for runner in self._runners:
            runner.tell(event)

    # What it sees and tells.

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
            for runner in self._runners:
                runner.look()

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
