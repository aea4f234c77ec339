"""The path of a message: received, understood, stored, and only then shown.

::

    put ──► inbox ──► event_of ──► Journal.append ──► on_stored ──► judge ──► storm ──► on_toast
             full: put waits        fails: tried again until it works

One batch is on its way at a time, so what is shown has the order of what arrived. Where the server has an
event log, the frames also say how far this desk is in it; that is stored with the events, never before them.
What happened while the desk was away is handed on in one summary when all of it is there; when that is told
is the front end's to say.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Final, ParamSpec, Protocol, TypeVar

from armguard_tray.clock import Clock
from armguard_tray.errors import JournalError
from armguard_tray.messages.decoding import Undecodable
from armguard_tray.messages.event import Category, Event, Received, Source, StoredEvent, event_of
from armguard_tray.messages.position import Reached
from armguard_tray.rules import echo, storm
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.rules.verdict import judge, paused
from armguard_tray.settings.model import NotificationSettings
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Planner, Roll, Written
from armguard_tray.tasks import TaskKeeper

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_BATCH_FRAMES = 500
_BATCH_SIZE = 2 << 20
# The loop also paints: after so many frames (3 ms; a frame of 1 MiB takes as long) others get their turn.
_FRAMES_A_TURN = 100
# Frames may be 1 MiB each: a bound on their number alone would let 2 GiB wait.
_WAITING_SIZE = 32 << 20
_FIRST_RETRY = 1.0  # seconds; doubled with each failure
_LAST_RETRY = 30.0
LOOK_EVERY: Final = 10.0
"""Seconds between two looks whether the journal's file is still in its place."""
# A server repeats every 15 s how far this desk is. Each time is a write to the disk, and tells only when the
# desk was still well.
_SAME_POSITION_AFTER = timedelta(minutes=5)


class Sink(Protocol):
    """Who shows what the pipeline hands on; called in the loop's thread."""

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        """Take events that are in the journal, in order of arrival."""
        ...

    def on_changed(self, events: Sequence[StoredEvent]) -> None:
        """Take rows that were handed on before and read differently now."""
        ...

    def on_toast(self, toast: Single | Summary) -> None:
        """Take a toast to show; what it is about was handed on before.

        A summary of what happened while the desk was `away` may wait until it is over, and go with others.
        """
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
        """The events that were put and are not finished, in their order."""
        return [each for each in (*self._taken, *self._waiting) if not each.is_control]

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
        account: str = "",
        zone: tzinfo,
        notifications: Callable[[], NotificationSettings],
        clock: Clock,
        sink: Sink,
        capacity: int = 2000,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_replayed: Callable[[], None] = lambda: None,
        on_written: Callable[[Written], None] = lambda _: None,
        may_claim: Callable[[], bool] = lambda: True,
    ) -> None:
        """Prepare; nothing is taken on before `run`.

        Args:
            journal: where events are stored.
            server: the server's base URL, under which they are stored.
            account: whose events they are.
            zone: the zone in which the server writes times without one.
            notifications: returns the settings in force.
            clock: the time.
            sink: who shows what is stored.
            capacity: how many frames may wait before `put` waits.
            sleep: waits for so many seconds.
            on_replayed: called when a server with the live app has sent all that the desk had missed, and
                that is stored.
            may_claim: tells whether transactions that come one after the other may be claimed complete.
            on_written: called with what has been stored of what the server told, after it was handed on.

        """
        self._journal = journal
        self._server = server
        self._account = account
        self._zone = zone
        self._notifications = notifications
        self._clock = clock
        self._sink = sink
        self._sleep = sleep
        self._inbox = _Inbox(capacity)
        # What is shown has the order of what is stored: one write at a time, with what follows from it.
        self._turn = asyncio.Lock()
        self._storm = storm.CALM
        self._echo = echo.SILENCE
        self._tasks = TaskKeeper("pipeline")
        self._summing_up: asyncio.Task[None] | None = None
        self._reached: Reached | None = None
        self._while_away: Summary | None = None
        self._on_replayed = on_replayed
        self._on_written = on_written
        self._may_claim = may_claim

    @property
    def unfinished(self) -> list[Received]:
        """The frames of events that were put and are not known to be stored, in order of arrival."""
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
                controls = [each for each in batch if each.is_control]
                frames = [each for each in batch if not each.is_control] if controls else batch
                events, reached = await self._understand_all(frames), self._move(batch)
                replayed = any(each.ends_replay for each in controls)
                async with self._turn:
                    written = await self._store_told(events, reached)
                    self._hand_on(written, all_missed_came=replayed)
                if written.new or written.changed:
                    self._tell(self._on_written, written)
                if replayed:
                    self._tell(self._on_replayed)
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

    def _move(self, batch: Sequence[Received]) -> Reached | None:
        """Return how far this desk is in the server's log with `batch`, if that is worth a write."""
        last = next((each for each in reversed(batch) if each.position is not None), None)
        if last is None or last.position is None:
            return None
        before = self._reached
        reached = Reached(self._account, last.position, last.at)
        if before is None or before.position != reached.position:
            return reached
        return reached if reached.at - before.at >= _SAME_POSITION_AFTER else None

    async def write_plan(self, planner: Planner, at: datetime) -> Written:
        """Store what `planner` makes of the journal and hand it on, between two batches; see `carry_out`.

        Raises:
            JournalError: it could not be stored, and nothing of it is.

        """
        async with self._turn:
            written = await self._journal.carry_out(self._server, planner, at)
            self._hand_on(written)
        return written

    async def call_the_roll(self, roll: Roll) -> Written:
        """Store up to when the streams were heard, and hand on the gap before that. Raises JournalError.

        First all is stored that was heard until then.
        """
        await self.drain()
        async with self._turn:
            written = await self._journal.attend(self._server, self._account, roll)
            self._hand_on(written)
        return written

    async def _store_told(self, events: Sequence[Event], reached: Reached | None) -> Written:
        if not events and reached is None:
            return Written()
        written = await self._until_stored(
            lambda: self._journal.append(self._server, events, reached, claim=self._may_claim()),
            waiting=len(events),
        )
        self._reached = reached or self._reached
        return written

    async def watch_journal(self) -> None:
        """Look every so often whether the journal is in its place, until cancelled.

        If not, that is told as with a failed write: for hours nothing may arrive that is to be written.
        """
        while True:
            await self._sleep(LOOK_EVERY)
            async with self._turn:
                await self._until_stored(self._journal.check_in_place, waiting=0)

    async def _until_stored(self, write: Callable[[], Awaitable[T]], *, waiting: int) -> T:
        trouble = ""
        delay = _FIRST_RETRY
        while True:
            try:
                written = await write()
            except JournalError as error:
                if str(error) != trouble:
                    trouble = str(error)
                    log.warning("%d messages wait, the journal cannot be written", waiting, exc_info=error)
                    self._tell(self._sink.on_storage_trouble, error)
                await self._sleep(delay)
                delay = min(delay * 2, _LAST_RETRY)
            else:
                if trouble:
                    log.info("the journal can be written again")
                    self._tell(self._sink.on_storage_trouble, None)
                return written

    def _hand_on(self, written: Written, *, all_missed_came: bool = False) -> None:
        if written.new:
            self._tell(self._sink.on_stored, written.new)
        if written.changed:
            self._tell(self._sink.on_changed, written.changed)
        missed = [each for each in written.new if _was_missed(each.event)]
        self._tally(missed)
        if all_missed_came:
            self.welcome_back()
        news = [each for each in written.new if _is_news(each.event)]
        waiting = [each for each in news if echo.may_be_echo(each.event)]
        self._announce([each for each in news if not echo.may_be_echo(each.event)] if waiting else news)
        if waiting:
            self._tasks.start(self._announce_later(waiting), name="notices")

    def _tally(self, missed: Sequence[StoredEvent]) -> None:
        """Count what happened while the desk was away and would have been announced."""
        settings = self._notifications()
        now = self._clock.now().astimezone()
        for each in missed:
            # The transaction that moved an item may come behind it; it is what counts.
            if self._is_worth_a_toast(each, settings, now) and not echo.is_move(each.event):
                self._while_away = storm.tally(self._while_away, each)

    def welcome_back(self) -> None:
        """Sum up what happened while the desk was away: all of it is there."""
        summary, self._while_away = self._while_away, None
        if summary is not None and not paused(self._notifications(), self._clock.now()):
            self._tell(self._sink.on_toast, summary)

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
        if not self._is_worth_a_toast(stored, settings, now):
            return []
        if stored.event.category is Category.GAP:
            return [Single(stored)]  # summed up among others, a loss would be overlooked
        try:
            self._storm, toasts = storm.offer(self._storm, stored, self._clock.monotonic(), settings.burst)
        except Exception:
            # A fault in the rules must not stop the log.
            log.exception("the throttle fails for row %d", stored.row)
            return []
        return toasts

    def _is_worth_a_toast(self, stored: StoredEvent, settings: NotificationSettings, now: datetime) -> bool:
        try:
            event, at = stored.event, self._clock.monotonic()
            worth_it = judge(event, settings, now).toast and not echo.is_echo(self._echo, event, at)
            self._echo = echo.seen(self._echo, event, at, announced=worth_it)
        except Exception:
            # A fault in the rules must not stop the log.
            log.exception("the rules fail for row %d", stored.row)
            return False
        return worth_it

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


def _was_missed(event: Event) -> bool:
    """Tell whether this happened while the desk was away, so that it is summed up when all of it is known."""
    return event.source is Source.CATCHUP or event.gap is not None


def _is_news(event: Event) -> bool:
    """Tell whether this is announced by itself: a transaction that the server forgot to announce is, too."""
    return event.source is not Source.HISTORY and not _was_missed(event)
