"""The path of a message: received, understood, stored, and only then shown.

::

    put ──► inbox ──► event_of ──► Journal.append ──► on_stored ──► judge ──► storm ──► on_toast
             full: put waits        fails: tried again until it works

One batch is on its way at a time, so what is shown has the order of what arrived.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import ParamSpec, Protocol

from armguard_tray.clock import Clock
from armguard_tray.errors import JournalError
from armguard_tray.messages.decoding import Undecodable
from armguard_tray.messages.event import Event, Received, StoredEvent, event_of
from armguard_tray.rules import echo, storm
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.rules.verdict import judge, paused
from armguard_tray.settings.model import NotificationSettings
from armguard_tray.storage.journal import Journal
from armguard_tray.tasks import TaskKeeper

log = logging.getLogger(__name__)

P = ParamSpec("P")

_BATCH_FRAMES = 500
_BATCH_SIZE = 2 << 20
# The loop also paints: after so many frames (3 ms; a frame of 1 MiB takes as long) others get their turn.
_FRAMES_A_TURN = 100
# Frames may be 1 MiB each: a bound on their number alone would let 2 GiB wait.
_WAITING_SIZE = 32 << 20
_FIRST_RETRY = 1.0  # seconds; doubled with each failure
_LAST_RETRY = 30.0


class Sink(Protocol):
    """Who shows what the pipeline hands on; called in the loop's thread."""

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        """Take events that are in the journal, in order of arrival."""
        ...

    def on_toast(self, toast: Single | Summary) -> None:
        """Take a toast to show; what it is about was handed on before."""
        ...

    def on_storage_trouble(self, error: JournalError | None) -> None:
        """Take what keeps the journal from being written, so that nothing is shown; None: it works again."""
        ...


class _Inbox:
    """The frames that wait, bounded in number and in size (characters or bytes)."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: deque[Received] = deque()
        self._taken: list[Received] = []
        self._size = 0
        self._accepted = 0
        self._finished = 0
        self._some = asyncio.Event()
        self._room = asyncio.Event()
        self._progress = asyncio.Event()

    @property
    def unfinished(self) -> list[Received]:
        """What was put and is not finished, in its order."""
        return [*self._taken, *self._waiting]

    async def put(self, received: Received) -> None:
        try:
            while len(self._waiting) >= self._capacity or self._size >= _WAITING_SIZE:
                self._room.clear()
                await self._room.wait()
        finally:
            # Whoever is cancelled here has read the frame from a socket that is closed: it must not be lost.
            self._waiting.append(received)
            self._size += len(received.data)
            self._accepted += 1
            self._some.set()

    async def take(self) -> list[Received]:
        """Return what waits, as much as makes a batch; wait for the first."""
        await self._some.wait()
        batch: list[Received] = []
        size = 0
        while self._waiting and len(batch) < _BATCH_FRAMES and size < _BATCH_SIZE:
            received = self._waiting.popleft()
            batch.append(received)
            size += len(received.data)
        self._size -= size
        if not self._waiting:
            self._some.clear()
        self._room.set()
        self._taken = batch
        return batch

    def finish(self) -> None:
        """Say that the batch that was taken is finished."""
        self._finished += len(self._taken)
        self._taken = []
        self._progress.set()

    async def drain(self) -> None:
        """Wait until all that was put up to now is finished."""
        last = self._accepted
        while self._finished < last:
            self._progress.clear()
            await self._progress.wait()


class Pipeline:
    """Takes frames from the sockets of one server, stores them and hands them on."""

    def __init__(  # noqa: PLR0913 - a meeting point of many, all named
        self,
        *,
        journal: Journal,
        server: str,
        zone: tzinfo,
        notifications: Callable[[], NotificationSettings],
        clock: Clock,
        sink: Sink,
        capacity: int = 2000,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare; nothing is taken on before `run`.

        Args:
            journal: where events are stored.
            server: the server's base URL, under which they are stored.
            zone: the zone in which the server writes times without one.
            notifications: returns the settings in force.
            clock: the time.
            sink: who shows what is stored.
            capacity: how many frames may wait before `put` waits.
            sleep: waits for so many seconds.

        """
        self._journal = journal
        self._server = server
        self._zone = zone
        self._notifications = notifications
        self._clock = clock
        self._sink = sink
        self._sleep = sleep
        self._inbox = _Inbox(capacity)
        self._storm = storm.CALM
        self._echo = echo.SILENCE
        self._tasks = TaskKeeper("pipeline")
        self._summing_up: asyncio.Task[None] | None = None

    @property
    def unfinished(self) -> list[Received]:
        """The frames that were put and are not known to be stored, in order of arrival."""
        return self._inbox.unfinished

    async def put(self, received: Received) -> None:
        """Take in a frame; wait while too many are waiting. Even if cancelled, the frame is taken in."""
        await self._inbox.put(received)

    async def drain(self) -> None:
        """Wait until all that was put before is stored and handed on; for ever, if it cannot be stored."""
        await self._inbox.drain()

    async def run(self) -> None:
        """Store and hand on what is put, until cancelled."""
        try:
            while True:
                batch = await self._inbox.take()
                self._hand_on(await self._store(await self._understand_all(batch)))
                self._inbox.finish()
        finally:
            if self.unfinished:
                log.error("%d messages were received but perhaps not stored", len(self.unfinished))
            await self._tasks.close()

    async def _understand_all(self, batch: Sequence[Received]) -> list[Event]:
        events: list[Event] = []
        for start in range(0, len(batch), _FRAMES_A_TURN):
            events += map(self._understand, batch[start : start + _FRAMES_A_TURN])
            await asyncio.sleep(0)
        return events

    def _understand(self, received: Received) -> Event:
        try:
            return event_of(received, self._zone)
        except Exception:
            # A fault of this program in reading one message must cost neither that message nor the others.
            log.exception("a message on %s cannot be described", received.stream)
            unread = Undecodable("this program failed to read it; the log says why")
            return event_of(replace(received, content=unread), self._zone)

    async def _store(self, events: Sequence[Event]) -> list[StoredEvent]:
        trouble = ""
        delay = _FIRST_RETRY
        while True:
            try:
                stored = await self._journal.append(self._server, events)
            except JournalError as error:
                if str(error) != trouble:
                    trouble = str(error)
                    log.warning(
                        "%d messages wait, the journal cannot be written", len(events), exc_info=error
                    )
                    self._tell(self._sink.on_storage_trouble, error)
                await self._sleep(delay)
                delay = min(delay * 2, _LAST_RETRY)
            else:
                if trouble:
                    log.info("the journal can be written again")
                    self._tell(self._sink.on_storage_trouble, None)
                return stored

    def _hand_on(self, stored: Sequence[StoredEvent]) -> None:
        if not stored:
            return
        self._tell(self._sink.on_stored, stored)
        waiting = [each for each in stored if echo.may_be_echo(each.event)]
        self._announce([each for each in stored if not echo.may_be_echo(each.event)])
        if waiting:
            self._tasks.start(self._announce_later(waiting), name="notices")

    async def _announce_later(self, notices: Sequence[StoredEvent]) -> None:
        """Announce notices whose transaction, which says more, has not come on the other stream by then."""
        await self._sleep(echo.WITHIN)
        self._announce(notices)

    def _announce(self, stored: Sequence[StoredEvent]) -> None:
        settings = self._notifications()
        now = self._clock.now().astimezone()
        for each in stored:
            for toast in self._toasts(each, settings, now):
                self._tell(self._sink.on_toast, toast)
        if storm.due(self._storm) is not None and (self._summing_up is None or self._summing_up.done()):
            self._summing_up = self._tasks.start(self._sum_up(), name="summary")

    def _toasts(
        self, stored: StoredEvent, settings: NotificationSettings, now: datetime
    ) -> list[Single | Summary]:
        try:
            at = self._clock.monotonic()
            if not judge(stored.event, settings, now).toast or echo.is_echo(self._echo, stored.event, at):
                return []
            self._echo = echo.announced(self._echo, stored.event, at)
            self._storm, toasts = storm.offer(self._storm, stored, at, settings.burst)
        except Exception:
            # A fault in the rules must not stop the log.
            log.exception("the rules fail for row %d", stored.row)
            return []
        return toasts

    async def _sum_up(self) -> None:
        """Show what the throttle holds as soon as it is due."""
        while (at := storm.due(self._storm)) is not None:
            wait = at - self._clock.monotonic()
            if wait > 0:  # timers may come early, and a later event may have moved it
                await self._sleep(wait)
            elif paused(self._notifications(), self._clock.now()):
                self._storm = storm.CALM  # paused in the middle of a storm; all is in the log, unread
            else:
                self._storm, toasts = storm.flush(self._storm, self._clock.monotonic())
                for toast in toasts:
                    self._tell(self._sink.on_toast, toast)

    def _tell(self, hear: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            hear(*args, **kwargs)
        except Exception:
            # A fault in what shows must not stop what stores.
            log.exception("%s failed", getattr(hear, "__qualname__", hear))
