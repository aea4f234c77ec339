"""Keeps the log complete: looks at the server's history when it is time, and says how complete the log is.

One task, one request at a time: a look goes before all else, then what somebody asked for. The time before
this desk followed the server, and after it numbers that were missing, are fetched with what these leave of
the budget.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import Any, Protocol

from armguard_tray.catchup.announcements import Announcements, Heard
from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.catchup.backlog import BROKEN, BacklogFetcher, cancelled, wanted_again
from armguard_tray.catchup.completeness import UNKNOWN, Completeness, Progress
from armguard_tray.catchup.listening import Listening
from armguard_tray.catchup.look import Look, Tools, Write
from armguard_tray.catchup.reader import Reader
from armguard_tray.catchup.schedule import SOON, Schedule, State
from armguard_tray.catchup.search import Searched
from armguard_tray.catchup.searches import Missing, Searches
from armguard_tray.catchup.shown import Shown
from armguard_tray.clock import Clock, in_zone
from armguard_tray.connection.live_app import Way, way_to
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Event, Source
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.ledger import Backlog, LastLife, Ledger, Planner, Written
from armguard_tray.storage.record_change import KIND as RECORD_CHANGED
from armguard_tray.tasks import TaskKeeper

log = logging.getLogger(__name__)

FRESH = 10.0
"""Seconds for which the last look answers whoever asks."""
_LATE = "the history page did not come in time"
_NOTHING_KNOWN = "the server's history has shown no transaction yet"
_STOPPED = "the server is not followed any more"
POLLED_LAG = timedelta(seconds=20)
"""How much longer an announcement takes where real time is off: `connection.poller` asks every 15 s."""

Wait = Callable[[asyncio.Event, float | None], Awaitable[None]]
"""Returns when the event is set, or after so many seconds; None: however long it takes."""


async def wait_until(event: asyncio.Event, seconds: float | None) -> None:
    """Return when `event` is set, or after so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class Records(Heard, Missing, Protocol):
    """What the journal answers, as `storage.journal.Journal`. Each raises JournalError."""

    async def ledger(self, server: str) -> Ledger | None:
        """Return what it answers for."""
        ...

    async def gaps_since(self, server: str, since: datetime) -> int:
        """Return how many gaps are open that ended or were found since then."""
        ...

    async def unannounced_since(self, server: str, since: datetime) -> frozenset[int]:
        """Return the transactions since then that the server announced to nobody."""
        ...


async def _not_known() -> None:
    """Return that nothing is known of a last run."""


class Keeper:
    """Keeps the log of one followed server complete.

    Attributes:
        completeness: what is known of it, as last told.
        finding: what the last look found; None: there was none.

    """

    def __init__(  # noqa: PLR0913 - what it joins
        self,
        *,
        server: str,
        zone: tzinfo,
        journal: Records,
        reader: Reader,
        write: Write,
        clock: Clock,
        on_completeness: Callable[[Completeness], None],
        on_walked: Callable[[], None] = lambda: None,
        on_deaf: Callable[[], None] = lambda: None,
        on_was_deaf: Callable[[datetime], None] = lambda _: None,
        reopen: Callable[[], None] = lambda: None,
        last_life: Callable[[], Awaitable[LastLife | None]] = _not_known,
        wait: Wait = wait_until,
    ) -> None:
        """Prepare; nothing is asked before `run`.

        Args:
            server: the URL under which the journal knows the server.
            zone: the zone whose days people count in.
            journal: answers for what is stored.
            reader: reads the server's history.
            write: stores what a planner makes of the journal, and hands it on.
            clock: tells the time.
            on_completeness: called when what is known of it has changed; must be quick.
            on_walked: called when a look has ended, and all that it brought is handed on.
            on_deaf: called when a look shows that a stock server announces nothing to this desk any more.
            on_was_deaf: called when a look shows that of a life of the transactions that is over, with when
                that began.
            reopen: opens the sockets anew; called after that, and seldom while it is of no use.
            last_life: returns how the transactions' life ended with the program's last run. Raises
                JournalError.
            wait: waits for an event, or for so many seconds.

        """
        self.completeness = UNKNOWN
        self.finding: AuditFound | None = None
        self._server = server
        self._zone = zone
        self._journal = journal
        self._reader = reader
        self._store = write
        self._clock = clock
        self._on_completeness = on_completeness
        self._on_walked = on_walked
        self._wait = wait
        self._tasks = TaskKeeper("catchup")
        self._announcements = Announcements(journal, server, self._tasks)
        self._tools = Tools(
            reader=reader,
            write=self._write,
            announcements=self._announcements,
            zone=zone,
            last_row=journal.last_row,
            clock=clock,
        )
        self._backlog = BacklogFetcher(reader, self._write, clock)
        self._searches = Searches(reader, self._write, clock, journal, server)
        self._schedule = Schedule()
        self._wake = asyncio.Event()
        self._askers: list[asyncio.Future[AuditFound]] = []
        self._ledger: Ledger | None = None
        # Whether the history was empty when it was last read, and the journal has had nothing.
        self._was_empty = False
        self._look: Look | None = None
        self._looked_at: float | None = None
        self._lag = timedelta()
        self._checked: datetime | None = None
        self._failure = ""
        self._was_behind = False
        # Whether a look since the transactions are live found nothing that is missing, and nothing is since.
        self._is_good = False
        self._is_same_record = False
        self._has_been_good = False
        self._shown = Shown()
        self._newest_heard = 0
        self._last_life = last_life
        self._listening = Listening(on_deaf=on_deaf, on_was_deaf=on_was_deaf, reopen=reopen)
        self._counts_are_old = True
        self._gaps = 0
        self._unannounced = 0
        self._record_change: Event | None = None

    # What it is told

    def streams_changed(self, streams: Iterable[StreamFacts]) -> None:
        """Take what the streams do now; called whenever that changes."""
        facts = next((each for each in streams if each.stream is Stream.TRANSACTIONS), None)
        since = facts.since if facts is not None and facts.phase is Phase.LIVE else None
        if facts is not None and since is not None:
            self._listening.live(facts)
        if since == self._announcements.subscribed:
            return
        if self._announcements.subscribed is not None:
            self._leave()
        if facts is not None and since is not None:
            self._announcements.begin(since)
            self._looked_at = None
            way = way_to(facts.app)
            self._lag = POLLED_LAG if way is Way.POLLED else timedelta()
            self._plan(self._schedule.went_live(self._now, replaying=way is not Way.STOCK))
        self._publish()

    def _leave(self) -> None:
        self._announcements.end(self._clock.now())
        self._is_good = self._is_same_record = False
        self._shown = Shown()
        self._plan(self._schedule.left())

    def replay_ended(self) -> None:
        """Take that the server's app has sent all that was missed, and that it is stored."""
        self._plan(self._schedule.replay_ended(self._now))

    def network_is_back(self) -> None:
        """Take that the network is back."""
        self._plan(self._schedule.network_is_back(self._now))

    def stored(self, written: Written) -> None:
        """Take what was announced and stored; called after each batch."""
        self._note(written)
        heard = [each.event.transaction_id for each in written.new if each.event.source is Source.LIVE]
        self._newest_heard = max((each for each in heard if each is not None), default=self._newest_heard)
        if any(_is_announced(each.event) for each in written.new):
            self._listening.heard(self._now)
        if self._has_hole:
            self._is_good = False
            self._plan(self._schedule.hole_seen(self._now))
        self._publish()

    @property
    def is_same_record(self) -> bool:
        """Whether the server's record has been seen, since the transactions are live, to be the journal's.

        Before that its numbers may be another record's, and prove nothing of those between.
        """
        return self._is_same_record

    @property
    def is_looking(self) -> bool:
        """Whether a look is being made, or about to be."""
        return self._schedule.state(self._now) in {State.DUE, State.WALKING}

    async def look_now(self, within: float) -> AuditFound:
        """Return what a look finds that is made now, or has just been; it goes on if it takes too long.

        Args:
            within: seconds after which what it has found up to then is returned.

        """
        now, asked = self._now, self._clock.now()
        if self.finding is not None and self._looked_at is not None and now - self._looked_at < FRESH:
            return self.finding
        if not self._schedule.walking:
            self._plan(self._schedule.ask(now))
        answer: asyncio.Future[AuditFound] = asyncio.get_running_loop().create_future()
        self._askers.append(answer)
        try:
            async with asyncio.timeout(within):
                return await answer
        except TimeoutError:
            found = self._look.finding if self._look is not None else None
            return self._of_today(found or AuditFound(at=asked, ms=within * 1000, failure=_LATE))

    async def cancel(self) -> None:
        """Fetch nothing more of the time before, until it is wanted again. Raises JournalError."""
        await self._write(cancelled, self._clock.now())
        self._publish()

    async def fetch_backlog(self) -> None:
        """Fetch the time before after all, from where it was cancelled. Raises JournalError."""
        await self._write(wanted_again, self._clock.now())
        self._backlog.begin_anew()
        self._wake.set()
        self._publish()

    async def search(self, first: int | None, last: int | None, within: float) -> Searched:
        """Return what comes of looking down the history to numbers `first` to `last` once more.

        First it is looked whether the server's record is still the journal's, which may take `within`
        seconds; without numbers that is all. Who is cancelled meanwhile wants it no more.
        """
        found = await self.look_now(within)
        failure = found.failure if found.failure in {_LATE, _STOPPED} else self._failure
        if failure or self._ledger is None:
            return Searched(at=self._clock.now(), failure=failure or _NOTHING_KNOWN)
        if first is None or last is None:
            return Searched(at=found.at)
        searched = await self._searches.ask(first, last, self._wake.set)
        return searched or Searched(at=self._clock.now(), failure=_STOPPED)

    @property
    def _now(self) -> float:
        return self._clock.monotonic()

    def _plan(self, schedule: Schedule) -> None:
        if schedule != self._schedule:
            self._schedule = schedule
            self._wake.set()

    # What it does

    async def run(self) -> None:
        """Look when it is time, until cancelled."""
        try:
            await self._remember()
            while True:
                await self._step()
        finally:
            self._is_good = False
            self._publish()
            self._answer(AuditFound(at=self._clock.now(), failure=_STOPPED))
            self._searches.close(_STOPPED)
            await self._tasks.close()

    async def _remember(self) -> None:
        try:
            self._ledger = await self._journal.ledger(self._server)
            if (life := await self._last_life()) is not None:
                self._listening.was_live(life.told, life.whole)
        except JournalError as error:
            log.warning("what the journal answers for is not known: %s", error.message)

    async def _step(self) -> None:
        if self._counts_are_old:
            await self._count()
        self._publish()
        if self._schedule.state(self._now) is State.DUE:
            await self._make_a_look()
        elif self._ledger is None:
            self._searches.close(_NOTHING_KNOWN)
            await self._rest()
        elif self._searches.wait_for_asked() == 0:
            self._welcome(await self._searches.step_asked(self._ledger))
        elif self._wants_backlog and not self._backlog.wait():
            await self._backlog.fetch(self._ledger)
        elif self._may_search and not self._searches.wait_for_daily():
            self._welcome(await self._searches.step_daily(self._ledger))
        else:
            await self._rest()

    def _welcome(self, searched: Searched | None) -> None:
        """Let what a search has brought be summed up."""
        if searched is not None and searched.found:
            self._tell(self._on_walked)

    async def _rest(self) -> None:
        ends = [
            self._schedule.wait(self._now),
            self._searches.wait_for_asked(),
            self._backlog.wait() if self._wants_backlog else None,
            self._searches.wait_for_daily() if self._may_search else None,
        ]
        await self._wait(self._wake, min((each for each in ends if each is not None), default=None))
        self._wake.clear()

    @property
    def _may_search(self) -> bool:
        """Whether there is nothing better to do than to look for what was not there before."""
        good = self._has_been_good and self._announcements.subscribed is not None
        return good and self._ledger is not None and not self._wants_backlog

    @property
    def _wants_backlog(self) -> bool:
        wanted = self._ledger is not None and self._ledger.backlog is Backlog.WANTED
        return wanted and self._has_been_good and self._announcements.subscribed is not None

    async def _write(self, planner: Planner, at: datetime) -> Written:
        written = await self._store(planner, at)
        self._note(written)
        self._announcements.fetched(
            each.event.transaction_id for each in written.new if each.event.transaction_id is not None
        )
        return written

    def _note(self, written: Written) -> None:
        self._ledger = written.ledger  # none, too, after a damaged journal was rebuilt
        changes = [each.event for each in written.new if each.event.kind == RECORD_CHANGED]
        self._record_change = next(reversed(changes), self._record_change)
        if written.changed or any(_counts(each.event) for each in written.new):
            self._counts_are_old = True
            self._wake.set()

    @property
    def _complete_to(self) -> int | None:
        return None if self._ledger is None else self._ledger.complete_to

    @property
    def _has_hole(self) -> bool:
        """Whether something was heard that lies beyond what is complete."""
        # With nothing to answer for yet, the first one heard is where that may begin.
        return self._newest_heard > (0 if self._ledger is None else self._ledger.complete_to)

    # A look

    async def _make_a_look(self) -> None:
        self._schedule = self._schedule.begun()
        self._newest_heard = 0
        subscribed = self._announcements.subscribed
        self._look = look = Look(
            self._tools,
            was_behind=self._was_behind,
            was_empty=self._was_empty,
            lag=self._lag,
            shown=self._shown.before(self._now - SOON - self._lag.total_seconds()),
        )
        began = self._now
        try:
            await look.make(self._publish)
        except JournalError as error:
            look.fail(error.message)
        except Exception:
            # One page that is stranger than all others must not end the looking.
            log.exception("the history could not be looked at")
            look.fail(BROKEN)
        still = subscribed is not None and subscribed == self._announcements.subscribed
        if still:
            self._shown = self._shown.and_then(look.newest, began, lasting=SOON)
        self._conclude(look, still_subscribed=still)
        self._tell(self._listening.brought, look)
        if still and not look.failure:
            self._tell(self._listening.looked, look, began, self._now)
        await self._count()
        if look.finding is not None:
            self.finding, self._looked_at = self._of_today(look.finding), self._now
            self._answer(self.finding)
        self._publish()
        self._tell(self._on_walked)

    def _conclude(self, look: Look, *, still_subscribed: bool) -> None:
        self._look = None
        self._failure = look.failure
        self._schedule = self._schedule.looked(self._now, good=not look.failure)
        if look.failure:
            log.warning("not checked: %s", look.failure)
        else:
            self._checked = self._clock.now()
            # It is believed when it is found twice, and then it has been dealt with.
            self._was_behind = look.is_behind and not self._was_behind
            self._has_been_good = True
            self._was_empty = look.found_nothing and self._ledger is None
            if not look.is_behind:
                self._is_same_record = still_subscribed
        missing = look.is_outstanding or self._has_hole
        self._is_good = still_subscribed and not look.failure and not missing
        if missing:
            self._schedule = self._schedule.hole_seen(self._now)

    def _answer(self, finding: AuditFound) -> None:
        askers, self._askers = self._askers, []
        for each in askers:
            if not each.done():
                each.set_result(finding)

    # What it says

    def _of_today(self, found: AuditFound) -> AuditFound:
        """Return what was found with what is known of today besides."""
        change = self._record_change
        told = "" if change is None else f"{change.title}: {change.detail}"
        return replace(
            found,
            unannounced_today=self._unannounced,
            gaps=self._gaps,
            warning=found.warning or told,
        )

    async def _count(self) -> None:
        """Count anew what is missing of today."""
        self._counts_are_old = False
        midnight = in_zone(self._clock.now(), self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        if self._record_change is not None and self._record_change.received < midnight:
            self._record_change = None
        try:
            self._gaps = await self._journal.gaps_since(self._server, midnight)
            self._unannounced = len(await self._journal.unannounced_since(self._server, midnight))
        except JournalError as error:
            log.warning("what is missing of today could not be counted: %s", error.message)

    def _publish(self) -> None:
        ledger = self._ledger
        subscribed = self._announcements.subscribed is not None
        now = Completeness(
            begins=None if ledger is None else ledger.begins,
            complete_to=self._complete_to,
            as_of=None if ledger is None else ledger.as_of,
            is_current=subscribed and self._is_good and ledger is not None,
            checked=self._checked,
            failure=self._failure or self._backlog_failure,
            gaps_today=self._gaps,
            unannounced_today=self._unannounced,
            progress=self._progress,
            backlog=None if ledger is None else ledger.backlog,
            brought=self._backlog.brought,
        )
        if now != self.completeness:
            self.completeness = now
            self._tell(self._on_completeness, now)

    @property
    def _backlog_failure(self) -> str:
        wanted = self._ledger is not None and self._ledger.backlog is Backlog.WANTED
        return self._backlog.failure if wanted else ""

    @property
    def _progress(self) -> Progress | None:
        if self._look is not None and self._look.is_long:
            since = None if self._ledger is None else self._ledger.as_of
            return Progress(
                backlog=False, fetched=self._look.fetched, back_to=self._look.back_to, wants_back_to=since
            )
        return self._backlog.progress if self._wants_backlog else None

    def _tell(self, hear: Callable[..., None], *what: Any) -> None:
        try:
            hear(*what)
        except Exception:
            # A fault in what shows must not stop what fetches.
            log.exception("%s failed", getattr(hear, "__qualname__", hear))


def _counts(event: Event) -> bool:
    """Tell whether an event changes how much is missing of a day."""
    return event.gap is not None or event.source is Source.UNANNOUNCED


def _is_announced(event: Event) -> bool:
    """Tell whether the server has announced this as a transaction, as it happened."""
    return event.stream is Stream.TRANSACTIONS and event.source is Source.LIVE
