"""Carries out what `lifecycle` decides, by whatever way events come.

A `Runner` has an inbox of lifecycle events and one loop that steps the machine; commands run as tasks that
put their outcome back into the inbox. An event bears the timer, task or socket that it comes from, and counts
only while that is the present one.
"""

import asyncio
import logging
import math
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from armguard_tray.clock import Clock, Moment
from armguard_tray.connection import lifecycle as life
from armguard_tray.connection.backoff import Delay
from armguard_tray.connection.discovery import Discovery
from armguard_tray.connection.explain import BROKEN_DOWN, HELD_UP, outcome
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.live_app import LiveApp, Way, way_to
from armguard_tray.connection.login import LoginClient
from armguard_tray.connection.phase import ENDS_KEPT, End, Phase, StreamFacts, Trouble
from armguard_tray.connection.resume import stream_of
from armguard_tray.connection.session import Login, SharedSession
from armguard_tray.messages.event import Received
from armguard_tray.messages.position import ResumePoint
from armguard_tray.messages.streams import Stream
from armguard_tray.settings.model import ServerSettings
from armguard_tray.tasks import TaskKeeper

log = logging.getLogger(__name__)

CLOSE_TIMEOUT = 3.0
TICK = 2.0
"""Seconds between two looks at each runner."""
HELD_UP_AFTER = 5.0
"""Seconds for which a frame may wait to be taken before people are told."""


class Observer(Protocol):
    """Who is told what the connection does."""

    async def on_received(self, received: Received) -> None:
        """Take a frame; the socket is not read on before this returns."""
        ...

    def on_facts(self, facts: Sequence[StreamFacts]) -> None:
        """See the state of all streams after it changed."""
        ...

    async def resume_point(self) -> ResumePoint:
        """Return from where to go on with the server's event log, as it is on disk. Raises JournalError."""
        ...


@dataclass(frozen=True, slots=True)
class Shared:
    """What all runners of a connection have in common.

    Attributes:
        server, client, session: whom to talk to, and as whom.
        discovery: what is known of the server's live app.
        clock, chance: time and luck.
        observer: who takes what arrives.
        gate: one handshake at a time: many desks that open three at once overrun a small server.
        changed, counted: to be called when facts changed, or only counters among them.
        reached: to be called when a stream has become live: the server can be reached.
        take_way: to be called when events are found to come by this way, with the trouble and the time of the
            last life that they come after; whoever served another way is then stopped.

    """

    server: ServerSettings
    client: LoginClient
    session: SharedSession
    discovery: Discovery
    clock: Clock
    observer: Observer
    chance: random.Random
    gate: asyncio.Lock
    changed: Callable[[], None]
    counted: Callable[[], None]
    reached: Callable[[], None]
    take_way: Callable[[Way, life.State], None]


Source = asyncio.TimerHandle | asyncio.Task[life.Event] | object
"""Where an event comes from: the timer, the activity, or the socket."""


class Runner(ABC):
    """Runs one machine, for one stream or for several that come together.

    Attributes:
        name: what it is called in the log.
        facts: what is known of each of its streams.

    """

    def __init__(
        self, name: str, facts: Iterable[StreamFacts], shared: Shared, state: life.State | None = None
    ) -> None:
        """Serve the streams of `facts`, going on from there; nothing happens before `run`."""
        self.name = name
        self.facts = {each.stream: each for each in facts}
        self._shared = shared
        self._state = state or life.State()
        self._inbox: asyncio.Queue[tuple[life.Event, Source | None]] = asyncio.Queue()
        self._keeper = TaskKeeper(f"stream-{name}")
        self._activity: asyncio.Task[life.Event] | None = None
        self._timer: asyncio.TimerHandle | None = None
        # Monotonic: since when a frame waits to be taken, and when the last one was.
        self._waiting_since: float | None = None
        self._delivered = -math.inf
        self._held_up = False
        self._login: Login | None = None
        self._outdated = 0
        self._was_live = self._state.left_live is not None
        # Monotonic: when what was last found whole was asked for.
        self._heard_at = -math.inf

    def tell(self, event: life.Event, source: Source | None = None) -> None:
        """Hand the machine an event; it is dropped if `source` has been replaced when its turn comes."""
        self._inbox.put_nowait((event, source))

    async def run(self) -> None:
        """Step the machine for each event until it has stopped."""
        try:
            while self._state.phase is not Phase.STOPPED:
                event, source = await self._inbox.get()
                if source is None or self._is_present(source):
                    self._step_safely(event)
        except Exception:
            self._note(phase=Phase.STOPPED, trouble=BROKEN_DOWN, retry_at=None)
            self._shared.changed()
            raise
        finally:
            await self._keeper.close(patience=CLOSE_TIMEOUT + 1)

    def look(self) -> None:
        """See whether a frame waits long to be taken; the reader, which waits too, cannot tell that."""
        if self._waiting_since is None:
            return
        waits = self._shared.clock.monotonic() - self._waiting_since
        if waits >= HELD_UP_AFTER and not self._held_up:
            log.warning("%s: a frame has waited for %.0f s to be taken", self.name, waits)
            self._held_up = True
            self._set_trouble(self._shared.clock.now() - timedelta(seconds=waits))

    def _is_present(self, source: Source) -> bool:
        return source is self._timer or source is self._activity

    def _note(self, streams: Iterable[Stream] | None = None, **changes: Any) -> None:
        """Change what is known of `streams`, or of all of them."""
        for stream in tuple(self.facts) if streams is None else streams:
            self.facts[stream] = replace(self.facts[stream], **changes)

    def _step_safely(self, event: life.Event) -> None:
        try:
            self._step(event)
        except Exception:
            if isinstance(event, life.Stop):
                raise
            # A bug must not end the stream, nor leave it waiting for what was not begun: it tries anew.
            log.exception("%s: %s could not be dealt with", self.name, type(event).__name__)
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
        now = self._shared.clock.now()
        if state.last is not before.last and state.last is not None:
            self._note_end(End(now, state.last))
            log.debug("%s: %r", self.name, state.last)
        if state.phase is not before.phase:
            why = f": {state.trouble.summary}" if state.trouble else ""
            log.info("%s: %s -> %s on %s%s", self.name, before.phase, state.phase, type(event).__name__, why)
            self._note(since=now, retry_at=None)
            if state.phase is Phase.LIVE:
                self._note_life(now)
            else:
                self._note(round_trip=None, resumed=False)
        self._note(phase=state.phase)
        self._set_trouble(now)

    def _note_end(self, end: End) -> None:
        for stream, facts in self.facts.items():
            ends = (*facts.ends, end)[-ENDS_KEPT:]
            self._note([stream], last_close=outcome(end.how), last_close_at=end.at, ends=ends)

    def _note_life(self, now: datetime) -> None:
        if self._was_live:
            for stream, facts in self.facts.items():
                self._note([stream], reconnects=facts.reconnects + 1)
        self._was_live = True
        if self._resumes():
            # What was missed is still to come: nothing is heard up to here before that.
            self._note(resumed=True)
        else:
            self._note(heard=now)
        self._heard_at = self._shared.clock.monotonic()
        self._shared.reached()
        if self._login is not None:
            self._shared.session.proven(self._login)

    def _set_trouble(self, began: datetime) -> None:
        """Tell the trouble that the streams are in; `began` is when, unless they were in trouble before."""
        trouble = HELD_UP if self._held_up and self._state.phase is Phase.LIVE else self._state.trouble
        for stream, facts in self.facts.items():
            self._note([stream], trouble=trouble, troubled_since=_troubled_since(trouble, facts, began))
        self._shared.changed()

    def _carry_out(self, command: life.Command) -> None:
        match command:
            case life.LogIn(anew):
                self._end_timer()
                self._begin(self._log_in(anew=anew), "log in")
            case life.CheckSession():
                self._begin(self._check_session(), "check session")
            case life.Connect():
                self._begin(self._connect(), "connection")
            case life.Disconnect():
                self._end_timer()
                self._end_activity()
            case life.Ping(patience):
                self._ask_for_life(patience)
            case life.Expect(patience):
                self._expect(patience)
            case life.Wait(delay):
                self._wait(delay)

    @abstractmethod
    async def _connect(self) -> life.Event:
        """Take in events for as long as they come, and return how that ended."""

    @abstractmethod
    def _ask_for_life(self, patience: float) -> None:
        """Find out at once whether the server is still there; PingUnanswered if not within `patience`."""

    @abstractmethod
    def _expect(self, patience: float) -> None:
        """Tell NothingHeard whenever nothing was heard for `patience` seconds."""

    def _resumes(self) -> bool:
        """Tell whether the present connection goes on from where this desk had left off."""
        return False

    # What proves that nothing was lost up to a moment: only an answer to what was asked at that moment. What
    # comes by itself may have lain on the way, or here, while the machine slept and the server gave up.

    def _moment(self) -> Moment:
        return Moment(self._shared.clock.now(), self._shared.clock.monotonic())

    def _was_whole(self, asked: Moment) -> bool:
        """Take that the server answered what was asked then, and that what it told before has been read.

        The latest counts by order, not by the wall's clock: that may be set back.
        """
        if asked.monotonic < self._heard_at:
            return False
        self._heard_at = asked.monotonic
        self._note(heard=asked.wall)
        return True

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
        if activity is not None:
            activity.cancel()

    def _wait(self, delay: Delay) -> None:
        self._end_timer()
        seconds = self._shared.chance.uniform(delay.least, delay.most)
        self._timer = asyncio.get_running_loop().call_later(seconds, self._timer_fired)
        if self._state.phase in {Phase.BACKING_OFF, Phase.REFUSED}:
            self._note(retry_at=self._shared.clock.now() + timedelta(seconds=seconds))
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
        await self._look_for_app(result)
        return life.LoggedIn()

    async def _look_for_app(self, login: Login) -> None:
        failing = self._state.failures > 0
        app = await self._shared.discovery.find(login, failing=failing, doubt=self._doubts_app())
        self._note_app(app)
        self._shared.take_way(way_to(app), self._state)

    def _note_app(self, app: LiveApp | None) -> None:
        self._note(app=app)
        self._shared.changed()

    def _doubts_app(self) -> str | None:
        """Return how the live app's own socket fails, if it is that which does."""
        return None

    async def _check_session(self) -> life.Event:
        alive = await self._shared.session.is_alive(self._login) if self._login is not None else False
        return life.SessionChecked(alive)

    async def _hand_on(self, received: Received) -> None:
        """Let the observer take what arrived; returns when it may be followed by more."""
        self._waiting_since = self._shared.clock.monotonic()
        try:
            await self._shared.observer.on_received(received)
        finally:
            self._waiting_since = None
            self._delivered = self._shared.clock.monotonic()
            if self._held_up:
                log.info("%s: no longer held up", self.name)
                self._held_up = False
                self._set_trouble(self._shared.clock.now())

    def _count(self, received: Received) -> None:
        stream = stream_of(received)
        if stream in self.facts:
            self._note([stream], events=self.facts[stream].events + 1, last_event=received.at)
            self._shared.counted()


def _troubled_since(trouble: Trouble | None, facts: StreamFacts, began: datetime) -> datetime | None:
    return None if trouble is None else facts.troubled_since or began
