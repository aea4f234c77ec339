"""A desk that runs and stores what it hears, until it cannot: what it tells then."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from armguard_tray.app.core import Core
from armguard_tray.catchup.completeness import Completeness
from armguard_tray.checkup.account import RunningLogin
from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.clock import SystemClock
from armguard_tray.connection.explain import HELD_UP
from armguard_tray.connection.health import Health
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.errors import JournalError
from armguard_tray.messages.event import StoredEvent
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.storage.journal import Journal
from tests.causes.command import Told
from tests.causes.desk import told_of
from tests.causes.scene import Scene

PATIENCE = 60.0
"""Seconds after which what is waited for is not coming."""


async def what_a_storing_desk_tells(scene: Scene) -> Told:
    """Connect, let it happen until the desk is held up, and return what it tells; then let it pass."""
    assert scene.journal is not None
    assert scene.happens is not None
    assert scene.passes is not None
    server = ServerSettings(address=scene.url, username=scene.username)
    screen, clock = _Screen(), SystemClock()
    core = await _core(scene, scene.journal, screen, clock)
    try:
        await core.follow(Settings(server=server))
        await screen.shows(lambda streams: all(each.phase is Phase.LIVE for each in streams))
        await scene.happens()
        await screen.shows(lambda streams: any(each.trouble == HELD_UP for each in streams))
        began = time.perf_counter()
        account = RunningLogin(scene.username, core.standing, core.health.streams)
        facts = await check(Asked(server=server), account, clock=clock)
        seconds = time.perf_counter() - began
    finally:
        await scene.passes()
        loss = await core.close()
    assert loss is None, "all that waited is stored once the journal can be written again"
    return told_of(facts, seconds)


async def _core(scene: Scene, journal: Path, screen: "_Screen", clock: SystemClock) -> Core:
    async def password(_: ServerSettings) -> str | None:
        return scene.password

    return Core(await Journal.open(journal), screen, password, clock=clock, chance=random.SystemRandom())


class _Screen:
    """Sees how the streams are."""

    def __init__(self) -> None:
        self._streams: tuple[StreamFacts, ...] = ()
        self._changed = asyncio.Event()

    async def shows(self, wanted: Callable[[Sequence[StreamFacts]], bool]) -> None:
        """Wait until the streams are so."""
        async with asyncio.timeout(PATIENCE):
            while not (self._streams and wanted(self._streams)):
                self._changed.clear()
                await self._changed.wait()

    def on_health(self, health: Health) -> None:
        """Take how they are."""
        self._streams = health.streams
        self._changed.set()

    def on_completeness(self, completeness: Completeness) -> None:
        """Show nothing."""

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        """Show nothing."""

    def on_changed(self, events: Sequence[StoredEvent]) -> None:
        """Show nothing."""

    def on_toast(self, toast: object) -> None:
        """Show nothing."""

    def on_storage_trouble(self, error: JournalError | None) -> None:
        """Show nothing."""
