"""A whole desk, journal and all, at a real server with the live app: nothing is lost, each comes once."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import pytest

from armguard_tray.app.core import Core
from armguard_tray.catchup.completeness import Completeness
from armguard_tray.clock import SystemClock
from armguard_tray.connection.health import Coverage, Health
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.phase import Phase
from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Category, Event, Source, StoredEvent
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from tests.fakes.demo_server import DATABASE, GLOCK_BKP417, M4_00077, M4_00177, DemoClient, RestartableDemo
from tests.fakes.live_site import LiveSite
from tests.fakes.redis_server import controlled_redis

PATIENCE = 60.0
TRANSACTIONS = frozenset({Category.ISSUED, Category.RETURNED})


class Desk:
    """Whoever sits before the screen."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.toasts: list[str] = []
        self.health: Health | None = None
        self._changed = asyncio.Event()

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        self.events += [each.event for each in events]
        self._changed.set()

    def on_changed(self, events: Sequence[StoredEvent]) -> None:
        """Show nothing."""

    def on_completeness(self, completeness: Completeness) -> None:
        """Show nothing."""

    def on_toast(self, toast: Single | Summary) -> None:
        self.toasts.append(toast.event.event.title if isinstance(toast, Single) else toast.title)
        self._changed.set()

    def on_storage_trouble(self, error: JournalError | None) -> None:
        assert error is None

    def on_health(self, health: Health) -> None:
        self.health = health
        self._changed.set()

    @property
    def app(self) -> LiveApp | None:
        """What it is shown of the server's app while all is well."""
        is_live = self.health is not None and self.health.coverage is Coverage.LIVE
        return self.health.app if self.health is not None and is_live else None

    @property
    def transactions(self) -> list[int | None]:
        """The numbers of the transactions that it was shown, in order."""
        return [each.transaction_id for each in self.events if each.category in TRANSACTIONS]

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait until it has seen that."""
        async with asyncio.timeout(PATIENCE):
            while not seen():
                self._changed.clear()
                await self._changed.wait()

    async def until_all(self, phase: Phase) -> None:
        """Wait until each stream is in that phase."""

        def seen() -> bool:
            streams = self.health.streams if self.health is not None else ()
            return bool(streams) and all(facts.phase is phase for facts in streams)

        await self.until(seen)


@asynccontextmanager
async def desk_at(server: DemoServer, folder: Path) -> AsyncIterator[Desk]:
    """Follow a server with the journal in `folder`."""
    journal = await Journal.open(folder / "journal.sqlite3")

    async def password(_: ServerSettings) -> str:
        return server.password

    desk = Desk()
    core = Core(journal, desk, password, clock=SystemClock(), chance=random.SystemRandom())
    try:
        await core.follow(Settings(server=ServerSettings(address=server.url, username=server.username)))
        yield desk
    finally:
        assert await core.close() is None


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[RestartableDemo]:
    demo = RestartableDemo(tmp_path / "demo-server", stock=False)
    await demo.start()
    yield demo
    await demo.stop()


def make_some(server: DemoServer, rounds: int) -> list[int]:
    """Issue and take back, so often, and return the numbers of the transactions."""
    with DemoClient(server) as armorer:
        armorer.log_in()
        numbers = []
        for _ in range(rounds):
            numbers += [armorer.issue(item_id=GLOCK_BKP417), armorer.take_back(item_id=GLOCK_BKP417)]
    return numbers


async def journalled(folder: Path) -> list[int | None]:
    """Return the numbers of all transactions in the journal, in order."""
    journal = await Journal.open(folder / "journal.sqlite3")
    try:
        rows = await journal.page(LogFilter(categories=TRANSACTIONS), limit=100_000)
    finally:
        await journal.close()
    return [stored.event.transaction_id for stored in reversed(rows)]


async def test_everything_comes_over_one_socket_with_all_its_fields(
    demo: RestartableDemo, tmp_path: Path
) -> None:
    async with desk_at(demo.server, tmp_path) as desk:
        await desk.until_all(Phase.LIVE)
        with DemoClient(demo.server) as armorer:
            armorer.log_in()
            issued = armorer.issue(item_id=M4_00077)
            returned = armorer.take_back(item_id=M4_00077)
            armorer.change_status(M4_00177, "Maintenance")
        await desk.until(lambda: any(each.status == "Maintenance" for each in desk.events))
        await desk.until(lambda: desk.transactions == [issued, returned])
        assert desk.health is not None
        assert desk.health.coverage is Coverage.LIVE
        assert desk.health.app is not None
        assert desk.health.app.layer == "memory"
    back = next(each for each in desk.events if each.transaction_id == returned)
    assert back.item_id == M4_00077, "the stock server's returns leave it out"
    assert {each.source for each in desk.events} == {Source.LIVE}


async def test_what_happened_while_the_desk_was_off_is_caught_up(
    demo: RestartableDemo, tmp_path: Path
) -> None:
    async with desk_at(demo.server, tmp_path) as desk:
        await desk.until_all(Phase.LIVE)
        before = make_some(demo.server, 1)
        await desk.until(lambda: desk.transactions == before)
    missed = make_some(demo.server, 5)
    async with desk_at(demo.server, tmp_path) as desk:
        await desk.until(lambda: bool(desk.toasts))
        assert desk.transactions == missed
        assert {each.source for each in desk.events} == {Source.CATCHUP}
        assert desk.toasts == ["You missed 10 transactions"]
    assert await journalled(tmp_path) == [*before, *missed]


async def test_a_server_that_crashes_again_and_again_loses_nothing_for_the_desk(
    demo: RestartableDemo, tmp_path: Path
) -> None:
    made: list[int] = []
    async with desk_at(demo.server, tmp_path) as desk:
        await desk.until_all(Phase.LIVE)
        for _ in range(2):
            made += make_some(demo.server, 2)
            await demo.kill()
            await desk.until(lambda: desk.health is not None and desk.health.coverage is Coverage.OFFLINE)
            await demo.start()
            made += make_some(demo.server, 2)
            await desk.until_all(Phase.LIVE)
        made += make_some(demo.server, 1)
        await desk.until(lambda: desk.transactions[-1:] == made[-1:])
        assert not [each for each in desk.events if each.category is Category.GAP]
    assert await journalled(tmp_path) == made, "all of them, in order, each once"


async def test_what_the_server_no_longer_keeps_is_told_as_a_gap(
    demo: RestartableDemo, tmp_path: Path
) -> None:
    async with desk_at(demo.server, tmp_path) as desk:
        await desk.until_all(Phase.LIVE)
        before = make_some(demo.server, 1)
        await desk.until(lambda: desk.transactions == before)
    make_some(demo.server, 5)
    await demo.stop()
    with closing(sqlite3.connect(demo.data_dir / DATABASE, isolation_level=None)) as database:
        (newest,) = database.execute("SELECT max(seq) FROM armguard_live_event").fetchone()
        database.execute("DELETE FROM armguard_live_event")
        database.execute("UPDATE armguard_live_head SET oldest = ?", [newest + 1])
    await demo.start()
    async with desk_at(demo.server, tmp_path) as desk:
        await desk.until(lambda: bool(desk.toasts))
        (gap,) = desk.events
        assert (gap.category, gap.source) == (Category.GAP, Source.MISSING)
        assert f"to #{newest} · between" in gap.detail
        assert desk.toasts == [gap.title]
        after = make_some(demo.server, 1)
        await desk.until(lambda: desk.transactions == after)


async def test_without_real_time_everything_comes_too(tmp_path: Path) -> None:
    demo = RestartableDemo(tmp_path / "demo-server", stock=False, live={"REAL_TIME": False})
    await demo.start()
    try:
        async with desk_at(demo.server, tmp_path) as desk:
            await desk.until_all(Phase.LIVE)
            assert desk.health is not None
            assert desk.health.coverage is Coverage.DELAYED
            made = make_some(demo.server, 2)
            await desk.until(lambda: desk.transactions == made)
    finally:
        await demo.stop()


async def test_a_redis_that_goes_and_comes_is_told_while_connected(tmp_path: Path) -> None:
    for folder in ("redis", "desk"):
        (tmp_path / folder).mkdir()
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(controlled_redis(tmp_path / "redis"))
        site = LiveSite(tmp_path / "demo-server", redis=redis.url)
        server = await stack.enter_async_context(site.server())
        other_process = await stack.enter_async_context(site.publisher())
        desk = await stack.enter_async_context(desk_at(server, tmp_path / "desk"))

        def is_told(layer: str, *, warned: bool) -> bool:
            return desk.app is not None and (desk.app.layer, bool(desk.app.warning)) == (layer, warned)

        async def hears(title: str) -> None:
            await other_process.do("announce_to_all", title=title)
            await desk.until(lambda: any(title in each.text for each in desk.events))

        await desk.until(lambda: is_told("redis", warned=False))
        await hears("Before")
        await redis.stop()
        await desk.until(lambda: is_told("memory", warned=True))
        await hears("Without Redis")
        await redis.start()
        await desk.until(lambda: is_told("redis", warned=False))
        await hears("After")
        assert desk.health is not None
        assert [facts.reconnects for facts in desk.health.streams] == [0, 0, 0]
