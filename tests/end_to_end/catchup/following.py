"""A desk with a real `Core` and a journal, and the means to wait for what it shows."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from armguard_tray.app.core import Core
from armguard_tray.catchup.audit import MARGIN
from armguard_tray.catchup.completeness import UNKNOWN, Completeness
from armguard_tray.catchup.keeper import FRESH
from armguard_tray.catchup.schedule import SOON
from armguard_tray.checkup.audit import Auditor
from armguard_tray.clock import SystemClock
from armguard_tray.connection.health import Health
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.diagnosis.diagnose import diagnose
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.diagnosis.ladder import Rung, RungId
from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Event, StoredEvent
from armguard_tray.messages.gap import Gap
from armguard_tray.messages.streams import Stream
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from tests.end_to_end.connection.desk import Impatient

PATIENCE = 90.0
"""Seconds after which what a test waits for is not coming."""


class Screen:
    """Takes what the core shows; each change is looked at once, in order.

    Attributes:
        streams: how the streams are.
        completeness: how complete the log is.
        stored: the events that were handed on, in order.
        changed: those that were handed on again because they read differently.
        toasts: the toasts.
        trouble: what keeps the journal from being written.

    """

    def __init__(self) -> None:
        self.streams: tuple[StreamFacts, ...] = ()
        self.completeness: Completeness = UNKNOWN
        self.stored: list[StoredEvent] = []
        self.changed: list[StoredEvent] = []
        self.toasts: list[Single | Summary] = []
        self.trouble: JournalError | None = None
        self._awaited: list[tuple[Callable[[], bool], asyncio.Event]] = []

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait until that is seen, if only for a moment."""
        came = asyncio.Event()
        self._awaited.append((seen, came))
        self._look()
        try:
            async with asyncio.timeout(PATIENCE):
                await came.wait()
        except TimeoutError:
            raise AssertionError(f"not seen, but {self.streams}\n{self.completeness}") from None
        finally:
            self._awaited.remove((seen, came))

    def stream(self, stream: Stream) -> StreamFacts | None:
        """Return how a stream is."""
        return next((each for each in self.streams if each.stream is stream), None)

    @property
    def is_live(self) -> bool:
        """Whether all streams are live."""
        return bool(self.streams) and all(each.phase is Phase.LIVE for each in self.streams)

    def _look(self) -> None:
        for seen, came in self._awaited:
            if seen():
                came.set()

    # What the core calls

    def on_health(self, health: Health) -> None:
        """Take how the streams are."""
        self.streams = health.streams
        self._look()

    def on_completeness(self, completeness: Completeness) -> None:
        """Take how complete the log is."""
        self.completeness = completeness
        self._look()

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        """Take what is new in the log."""
        self.stored += events
        self._look()

    def on_changed(self, events: Sequence[StoredEvent]) -> None:
        """Take rows that read differently now."""
        self.changed += events
        self._look()

    def on_toast(self, toast: Single | Summary) -> None:
        """Take a toast."""
        self.toasts.append(toast)
        self._look()

    def on_storage_trouble(self, error: JournalError | None) -> None:
        """Take what keeps the journal from being written."""
        self.trouble = error
        self._look()


@dataclass(frozen=True, slots=True)
class Following:
    """A desk that follows a server.

    Attributes:
        core: the real thing.
        server: whom it follows.
        screen: sees what the core shows.
        clock: its clock.

    """

    core: Core
    server: ServerSettings
    screen: Screen
    clock: SystemClock

    async def goes_live(self) -> None:
        """Wait until all streams are live, and the log is known to be complete."""
        await self.screen.until(lambda: self.screen.is_live and self.screen.completeness.is_current)

    async def has_the_month_before(self) -> None:
        """Wait until the time before is fetched, from the server's first transaction on."""
        await self.screen.until(lambda: self.screen.is_live and self.screen.completeness.begins == 1)

    async def is_complete_to(self, number: int) -> None:
        """Wait until the log is known to be complete to there."""
        await self.screen.until(
            lambda: self.screen.completeness.is_current and self.screen.completeness.complete_to == number
        )

    async def until(self, moment: datetime) -> None:
        """Return at that moment: of what may still be under way, only time tells."""
        await asyncio.sleep(max(0.0, (moment - self.clock.now()).total_seconds()))

    async def is_surely_subscribed(self) -> None:
        """Return when what is made from now on was made since the subscription, by seconds that are whole."""
        live = [each.since for each in self.screen.streams]
        await self.until(max(live) + MARGIN + MARGIN / 2)

    async def is_surely_announced(self) -> None:
        """Return when what was made up to now has been announced, if ever."""
        await self.until(self.clock.now() + timedelta(seconds=SOON))

    async def looked_a_while_ago(self) -> None:
        """Return when who asks for a look gets a new one."""
        await self.until(self.clock.now() + timedelta(seconds=FRESH))

    def answered_since(self, moment: datetime) -> bool:
        """Tell whether the server has answered a ping on the transactions that was sent after that."""
        transactions = self.screen.stream(Stream.TRANSACTIONS)
        return transactions is not None and transactions.heard is not None and transactions.heard > moment

    @property
    def gaps(self) -> list[Gap]:
        """The gaps that were shown."""
        return [each.event.gap for each in self.screen.stored if each.event.gap is not None]

    @property
    def auditor(self) -> Auditor:
        """Return what the health page asks."""
        return Auditor(self.server.zone, self.clock, self.core.look_at_history)

    async def tells_of_announcements(self) -> Rung:
        """Return the rung of the health page that tells of them."""
        audit = await self.auditor.audit(PATIENCE)
        facts = Facts(now=self.clock.now(), streams=self.screen.streams, audit=audit)
        return next(each for each in diagnose(facts, self.server.zone).rungs if each.id == RungId.COMPLETE)

    async def log(self) -> list[StoredEvent]:
        """Return the log, the oldest first."""
        newest_first = await self.core.journal.page(LogFilter(), limit=10_000)
        return newest_first[::-1]

    async def transactions(self) -> list[Event]:
        """Return the transactions in the log, the oldest first."""
        return [each.event for each in await self.log() if each.event.transaction_id is not None]


@asynccontextmanager
async def following(
    server: ServerSettings, password: str | None, folder: Path, *, chance: random.Random | None = None
) -> AsyncIterator[Following]:
    """Follow `server` until the block ends, with a journal in `folder`."""

    async def look_up(_: ServerSettings) -> str | None:
        return password

    screen, clock = Screen(), SystemClock()
    journal = await Journal.open(folder / "journal.sqlite3")
    core = Core(journal, screen, look_up, clock=clock, chance=chance or Impatient())
    try:
        await core.follow(Settings(server=server))
        yield Following(core, server, screen, clock)
    finally:
        loss = await core.close()
    assert loss is None
