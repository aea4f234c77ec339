"""A desk that follows an armory through whatever may happen, at random: what runs is the program's own.

Everything comes from one seed. What happens is kept as `story`, so that a seed that fails can be read.
"""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

import httpx

from armguard_tray.catchup.audit import GRACE
from armguard_tray.catchup.keeper import Keeper
from armguard_tray.catchup.reader import Reader
from armguard_tray.catchup.schedule import EVERY
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.login import Page
from armguard_tray.connection.pages import GONE
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Received, Source, StoredEvent
from armguard_tray.messages.streams import Stream
from armguard_tray.pipeline import Pipeline
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.settings.model import NotificationSettings
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Planner, Written
from armguard_tray.tasks import TaskKeeper
from tests.unit.catchup.armory import Armory, Made, opened_with
from tests.unit.catchup.pages import MANILA
from tests.unit.catchup.patient_clock import PatientClock

URL = "http://127.0.0.1:8000"
START = datetime(2026, 11, 24, 4, tzinfo=UTC)
SLOWEST_COMMIT = 7.0
"""Seconds from the beginning of a transaction until it is seen."""
SETTLED = 2.0
"""Seconds around a change of clocks in which nothing is held against the program."""
_TICK = 0.001
"""Seconds by which timers are late: so that time goes on, however little is waited for."""

_WRONG: tuple[Page | Failure, ...] = (
    Page(500, httpx.Headers(), {}, "<h1>Server error</h1>"),
    Page(502, httpx.Headers(), {}, ""),
    Page(403, httpx.Headers({"Retry-After": "30"}), {}, ""),
    Page(429, httpx.Headers(), {}, ""),
    Page(200, httpx.Headers(), {}, "<h1>Welcome</h1>"),
    GONE,
    Failure(FailureKind.TIMED_OUT),
)


class Deaf:
    """A screen that nobody looks at."""

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        """Show nothing."""

    def on_changed(self, events: Sequence[StoredEvent]) -> None:
        """Show nothing."""

    def on_toast(self, toast: Single | Summary) -> None:
        """Show nothing."""

    def on_storage_trouble(self, error: JournalError | None) -> None:
        """Hear of nothing: the disk is well."""
        assert error is None, error


class Walk:
    """A random walk.

    Attributes:
        server: what is followed.
        story: what has happened.
        heard: what was announced, and stored when this was noted, in order.
        heard_unnoticed: the persons of those that came while it was not known yet that the record is another.
        subscribed: since when this desk is subscribed, by the monotonic clock; None: it is not.
        spans: of each subscription its beginning and its end, by the monotonic clock.
        stepped: when clocks were changed, by the monotonic clock.
        changed: whether the record was exchanged, and no two looks have been whole since.
        changed_twice: whether that ever happened again before a look was whole.
        changed_early: whether it was exchanged before anything was answered for.
        most_eras: how many changes of the record the journal has known at once, as far as was looked.
        good_look: when the last look began that was good, by the monotonic clock; None: none was since then.
        came_again: whether a record came back that had been exchanged.
        quiet: whether nothing new happens any more.
        app: the server's app, if it has one: it keeps what it has announced, and sends it again.
        moved: whether rows left the history while it may have been read: the pages below moved up.

    """

    def __init__(self, file: Path, seed: int, *, busy: bool = False) -> None:
        """Prepare one; `start` it. With `busy`, much is made between any two pages."""
        self.busy = busy
        self.rng = Random(seed)  # noqa: S311 - not for secrets
        self.clock = PatientClock(START)
        self.server = Armory(self.clock)
        self.story: list[str] = [f"seed {seed}"]
        self.heard: list[Made] = []
        self.heard_unnoticed: set[str] = set()
        self.subscribed: float | None = None
        self.spans: list[tuple[float, float | None]] = []
        self.stepped: list[float] = []
        self.changed = False
        self.changed_twice = False
        self.changed_early = False
        self.most_eras = 0
        self.good_look: float | None = None
        self.came_again = False
        self.moved = False
        self.quiet = False
        self.app = LiveApp("1.0") if self.rng.random() < 0.4 else None
        self._log: list[tuple[Made, str]] = []
        self._sent = 0
        self._era_before: int | None = None
        self._file = file
        self._was_fine = True
        self._weather = 0.0
        self._pages_to_live: int | None = None
        self._look_began = 0.0
        self._coming: list[tuple[float, int, Callable[[], Awaitable[None]]]] = []
        self._order = count()
        self._tasks = TaskKeeper("walk")

    async def start(self) -> None:
        """Start the program beside an armory that has been at work for a while, or has not."""
        opened_with(self.server, self.rng)
        self.journal = await Journal.open(self._file, clock=self.clock)
        self._run()

    async def close(self) -> None:
        """End the program."""
        await self._tasks.close()
        await self.journal.close()

    # The program

    def _run(self) -> None:
        self.pipeline = Pipeline(
            journal=self.journal,
            server=URL,
            zone=MANILA,
            notifications=NotificationSettings,
            clock=self.clock,
            sink=Deaf(),
            sleep=self._for_ever,
            may_claim=lambda: self.keeper.is_same_record,
            on_written=lambda written: self.keeper.stored(written),  # noqa: PLW0108 - it is made below
        )
        self.keeper = Keeper(
            server=URL,
            zone=MANILA,
            journal=self.journal,
            reader=Reader(self, MANILA, self.clock, self._pause),
            write=self._write,
            clock=self.clock,
            on_completeness=lambda _: None,
            on_walked=self._walked,
            wait=self._wait,
        )
        self._pipeline_task = self._tasks.start(self.pipeline.run(), name="pipeline")
        self._keeper_task = self._tasks.start(self.keeper.run(), name="keeper")

    @staticmethod
    async def _for_ever(_: float) -> None:
        await asyncio.Event().wait()

    async def _pause(self, seconds: float) -> None:
        await self.clock.sleep(seconds + _TICK)

    async def _wait(self, event: asyncio.Event, seconds: float | None) -> None:
        await self.clock.until(event, seconds + _TICK if seconds else seconds)

    async def _write(self, planner: Planner, at: datetime) -> Written:
        await self._may_be_killed()
        written = await self.pipeline.write_plan(planner, at)
        await self._may_be_killed()
        return written

    async def _may_be_killed(self) -> None:
        if self._pages_to_live is None:
            return
        self._pages_to_live -= 1
        if self._pages_to_live <= 0:
            self._keeper_task.cancel()
            await asyncio.sleep(0)

    def _walked(self) -> None:
        if self.keeper.completeness.checked == self.clock.now() and not self.keeper._failure:
            self.good_look = self._look_began
            # The look after one that believed that the record was set back reads what is below.
            self.changed = self.changed and not self._was_fine
            self._was_fine = not self.keeper._was_behind

    async def get(self, path: str, *, accept: str, most: int) -> Page | Failure:  # noqa: ARG002 - a PageSource's
        """Answer as the server does; meanwhile it goes on."""
        number = int(parse_qs(urlsplit(path).query)["page"][0])
        if number == 1:
            self._look_began = self.clock.monotonic()
        await self._may_be_killed()
        await self._let_come()
        page: Page | Failure = self.server.page(number)
        if self.rng.random() < self._weather:
            page = self.rng.choice(_WRONG)
            self._tell(f"page {number}: {page}")
        if not self.quiet and self.busy:
            await self._burst()
            await self._let_come()
        elif not self.quiet and self.rng.random() < 0.3:
            await self._meanwhile()
        await self._may_be_killed()
        return page

    async def _meanwhile(self) -> None:
        """Let things happen while a page is on its way."""
        self._tell("meanwhile")
        match self.rng.randrange(6):
            case 0:
                await self._burst()
            case 1:
                self.clock.advance(self.rng.uniform(0.1, 20))
            case 2 if self.subscribed is not None:
                await self._leave()
            case 3 if self.subscribed is None:
                await self._join()
            case _:
                await self._make(self.rng.choice((0.0, 0.0, self.rng.uniform(0, SLOWEST_COMMIT))))
        await self._let_come()

    # Time

    async def _let_come(self, most: int = 1000) -> int:
        """Let come what is due, so many at most; return how many there were."""
        came = 0
        while came < most and self._coming and self._coming[0][0] <= self.clock.monotonic():
            _, _, what = heapq.heappop(self._coming)
            await what()
            came += 1
        return came

    def _later(self, seconds: float, what: Callable[[], Awaitable[None]]) -> None:
        heapq.heappush(self._coming, (self.clock.monotonic() + seconds, next(self._order), what))

    async def let_pass(self, seconds: float) -> None:
        """Let so many seconds go by, with what happens in them."""
        end = self.clock.monotonic() + seconds
        while True:
            while await self._let_come(most=1):
                await self._pass(0)
            due = min(end, self._coming[0][0] if self._coming else end)
            await self._pass(max(0.0, due - self.clock.monotonic()))
            if due >= end:
                break
        while await self._let_come(most=1):
            await self._pass(0)

    async def _pass(self, seconds: float) -> None:
        passing = self._tasks.start(self.clock.pass_by(seconds), name="time")
        await asyncio.wait({passing, self._keeper_task}, return_when=asyncio.FIRST_COMPLETED)
        if passing.done():
            passing.result()
            return
        passing.cancel()
        with suppress(asyncio.CancelledError):
            await passing
        await self._start_again()

    async def _start_again(self) -> None:
        for task in (self._keeper_task, self._pipeline_task):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._tell("started again")
        self.clock.forget()
        self._pages_to_live = None
        self._end_span()
        self.good_look = None
        if self.rng.random() < 0.3:
            await self.journal.close()
            self.journal = await Journal.open(self._file, clock=self.clock)
        self._run()
        await self.clock.rest()

    # What may happen

    async def step(self) -> None:
        """Let one thing happen, and some time pass."""
        rng = self.rng
        happenings: list[tuple[float, Callable[[], Awaitable[None]]]] = [
            (10, self._burst),
            (6, self._one),
            (3, self._never_used),
            (6, self._leave),
            (9, self._join),
            (2, self._kill),
            (3, self._change_weather),
            (2, self._clear_up),
            (1, self._clock_step),
            (0.5, self._zone_step),
            (1.2, self._restored),
            (0.8, self._come_again),
            (0.5, self._another),
            (1, self._delete),
            (0.2, self._cancel),
            (0.2, self._month),
            (1, self._look),
            (6, self._nothing),
            (4 if self.app is not None else 0, self._absence),
        ]
        (what,) = rng.choices([each for _, each in happenings], [weight for weight, _ in happenings])
        self._tell(what.__name__)
        await what()
        await self._pass(0)  # one draws at a time, so that the seed tells all
        await self.let_pass(rng.choice((0.0, rng.uniform(0, 3), rng.uniform(3, 30), rng.uniform(30, 400))))

    def _tell(self, what: str) -> None:
        span = "" if self.subscribed is None else " subscribed"
        self.story.append(f"{self.clock.monotonic():9.1f}{span} newest #{self.server.newest} {what}")

    async def _nothing(self) -> None:
        pass

    async def _one(self) -> None:
        await self._make(self.rng.choice((0.0, self.rng.uniform(0, SLOWEST_COMMIT))))

    async def _burst(self) -> None:
        most = 70 if self.app is None else 200
        size = self.rng.choice((2, 5, 25, self.rng.randint(1, most)))
        for _ in range(size):
            await self._make(self.rng.choice((0.0, 0.0, self.rng.uniform(0, SLOWEST_COMMIT))))

    async def _make(self, slow: float) -> None:
        """Make a transaction that is seen so many seconds later, and announced, perhaps."""
        made = self.server.begin()
        self._tell(f"#{made.row.id} begins, {slow:.1f} s")

        async def commit() -> None:
            if made.row.id in self.server.record or made.row.id >= self.server.next_number:
                return  # the record was exchanged meanwhile
            self.server.commit(made)
            self._announce(made, slow)

        if slow:
            self._later(slow, commit)
        else:
            await commit()

    def _announce(self, made: Made, slow: float) -> None:
        span = self.subscribed
        in_time = 12 if self.app is None else 300  # the app finds mostly what nobody told it
        ways = (["in time"] * in_time, ["never"] * 2, ["late"], ["twice"])
        (way,) = self.rng.choices([each for way in ways for each in way])
        if way == "never":
            return
        if self.app is not None:
            self._log.append((made, self.server.frame(made, slow)))
        if span is None:
            return
        left = GRACE.total_seconds() - slow - 0.5
        delay = self.rng.choice((0.0, self.rng.uniform(0, left)))
        if way == "late":
            delay = self.rng.uniform(left + 1, 300)
        if self.app is not None:
            self._later(delay, lambda: self._send(span))
            return
        frame = self.server.frame(made, slow)
        self._later(delay, lambda: self._arrive(made, frame, span))
        if way == "twice":
            again = self.rng.choice((frame, self.server.frame(made, slow + 0.4)))
            self._later(delay + self.rng.uniform(0, 60), lambda: self._arrive(made, again, span))

    async def _arrive(self, made: Made, frame: str, span: float) -> None:
        if self.subscribed != span or self._pipeline_task.done():
            return
        self._tell(f"#{made.row.id} is heard")
        await self._hear((made, frame))

    async def _hear(self, *told: tuple[Made, str], source: Source = Source.LIVE) -> None:
        """Let announcements come, one after the other, until they are stored."""
        if self._era == self._era_before:
            self.heard_unnoticed.update(made.row.personnel for made, _ in told)
        for _, frame in told:
            received = Received.of(Stream.TRANSACTIONS, frame, self.clock.now())
            await self.pipeline.put(replace(received, source=source))
        await self.pipeline.drain()
        self.heard += [made for made, _ in told]

    async def _send(self, span: float, *, missed: bool = False) -> None:
        """Let the app send what it has and has not sent yet, in the order of its log."""
        if self.subscribed != span or self._pipeline_task.done():
            return
        new = self._log[self._sent :]
        self._tell(f"the app sends {', '.join(f'#{made.row.id}' for made, _ in new)}")
        await self._hear(*new, source=Source.CATCHUP if missed else Source.LIVE)
        self._sent += len(new)
        if missed:
            self.keeper.replay_ended()

    @property
    def _era(self) -> int:
        ledger = self.keeper._ledger
        return 0 if ledger is None else ledger.era_row

    async def _never_used(self) -> None:
        self.server.next_number += self.rng.choice((1, 1, 3))

    async def _join(self) -> None:
        if self.subscribed is not None:
            return
        self.subscribed = self.clock.monotonic()
        self.spans.append((self.subscribed, None))
        facts = StreamFacts(
            stream=Stream.TRANSACTIONS, phase=Phase.LIVE, since=self.clock.now(), app=self.app
        )
        self.keeper.streams_changed((facts,))
        await asyncio.sleep(0)
        await self.journal.last_row()  # where it stood is known then, too: one thread answers both
        if self.app is not None:
            span = self.subscribed
            self._later(self.rng.choice((0.0, self.rng.uniform(0, 5))), lambda: self._send(span, missed=True))

    async def _leave(self) -> None:
        self._end_span()
        self.good_look = None
        facts = StreamFacts(stream=Stream.TRANSACTIONS, phase=Phase.BACKING_OFF, since=self.clock.now())
        self.keeper.streams_changed((facts,))

    def _end_span(self) -> None:
        if self.subscribed is not None:
            self.spans[-1] = (self.subscribed, self.clock.monotonic())
        self.subscribed = None

    async def _absence(self) -> None:
        await self._leave()
        for _ in range(self.rng.randint(1, 4)):
            await self._burst()
            await self.let_pass(self.rng.uniform(1, 60))
        await self._join()

    async def _kill(self) -> None:
        self._pages_to_live = self.rng.randint(1, 12)

    async def _change_weather(self) -> None:
        self._weather = self.rng.choice((0.05, 0.3, 0.9))

    async def _clear_up(self) -> None:
        self._weather = 0.0

    async def _clock_step(self) -> None:
        by = timedelta(seconds=self.rng.choice((-3600, -60, -5, 3, 40, 900, 7200)))
        self.stepped.append(self.clock.monotonic())
        if self.rng.random() < 0.5:
            self.server.ahead += by
        else:  # the desk's; the server's stays as it is
            self.clock._now += by
            self.server.ahead -= by

    async def _zone_step(self) -> None:
        self.stepped.append(self.clock.monotonic())
        self.server.shift = timedelta() if self.server.shift else timedelta(hours=self.rng.choice((-8, -1)))

    async def _down(self) -> None:
        """Let the server be down for a while, until its record is exchanged: nothing is under way then."""
        await self._leave()
        self._coming.clear()
        self.changed_twice = self.changed_twice or self.changed
        self.changed_early = self.changed_early or self.keeper._ledger is None
        self._was_fine = False
        self.changed = True
        self._era_before = self._era
        self.good_look = None
        await self.let_pass(self.rng.uniform(20, 1000))
        await self._leave()
        self._coming.clear()
        self._log.clear()
        self._sent = 0

    async def _restored(self) -> None:
        await self._down()
        self.server.restore(max(0, self.server.newest - self.rng.choice((1, 5, 30, 200))))
        for _ in range(self.rng.choice((0, 0, 3, 40))):
            self.server.commit(self.server.begin())

    async def _come_again(self) -> None:
        if not self.server.gone:
            return
        await self._down()
        self.came_again = True
        self.server.come_again()

    async def _another(self) -> None:
        await self._down()
        first = self.rng.choice((1, 1, self.server.next_number, self.server.next_number + 1000))
        self.server.exchange(self.rng.choice((0, 0, 3, 20, 70)), first, self.rng.choice((1.0, 600.0)))

    async def _delete(self) -> None:
        if not self.server.record:
            return
        self.moved = True
        numbers = sorted(self.server.record)
        number = self.rng.choice((numbers[-1], numbers[len(numbers) // 2]))
        self._tell(f"#{number} is deleted")
        del self.server.record[number]

    async def _cancel(self) -> None:
        if self.keeper.completeness.begins is not None:
            await self.keeper.cancel()

    async def _month(self) -> None:
        await self._leave()
        await self.let_pass(timedelta(days=self.rng.choice((2, 29, 31))).total_seconds())

    async def _look(self) -> None:
        asks = self._tasks.start(self.keeper.look_now(0), name="look")
        await asyncio.wait({asks, self._keeper_task}, return_when=asyncio.FIRST_COMPLETED)

    async def calm_down(self) -> None:
        """Let all be well, and nothing new happen, until it has been looked some times."""
        self.quiet = True
        self._tell("all is well")
        self._weather = 0.0
        self._pages_to_live = None
        latest = max((made.row.time for made in self.server.record.values()), default=self.server.now)
        self.server.ahead += max(latest - self.server.now, timedelta())  # nothing is still to come
        self.server.shift = timedelta()
        await self.let_pass(8000)  # who was refused asks again after an hour at most
        await self._join()
        for _ in range(12):
            await self.let_pass(EVERY)
