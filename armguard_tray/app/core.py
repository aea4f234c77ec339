"""Journal, pipeline and connection of one desk, joined without a display. Both front ends stand on it."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from armguard_tray.clock import Clock
from armguard_tray.connection.connection import Connection
from armguard_tray.connection.health import Coverage, Health, health_of
from armguard_tray.connection.phase import Need, StreamFacts, Trouble
from armguard_tray.connection.session import Standing
from armguard_tray.diagnosis.record import Record
from armguard_tray.errors import UserError
from armguard_tray.messages.event import Received
from armguard_tray.messages.position import ResumePoint
from armguard_tray.pipeline import Pipeline, Sink
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.rescue import rescue
from armguard_tray.tasks import TaskKeeper

log = logging.getLogger(__name__)

DRAIN_WITHIN = 5.0
"""Seconds that the end waits for what arrived to be stored; a full disk must not keep the program alive."""

PasswordSource = Callable[[ServerSettings], Awaitable[str | None]]


class FrontEnd(Sink, Protocol):
    """Whoever shows things to a person: a desktop or a terminal."""

    def on_health(self, health: Health) -> None:
        """See whether events reach this desk, after it changed."""
        ...


@dataclass(frozen=True, slots=True)
class _Following:
    """A server that is being followed."""

    server: ServerSettings
    pipeline: Pipeline
    connection: Connection
    tasks: TaskKeeper


class Core:
    """Follows one server at a time and keeps what it says.

    Attributes:
        journal: where events are kept.
        health: whether events reach this desk, as last told to the front end.
        record: what the streams did since this server is followed.
        unstored: how many messages were received and could not be stored, up to now.

    """

    def __init__(
        self,
        journal: Journal,
        front_end: FrontEnd,
        password: PasswordSource,
        *,
        clock: Clock,
        chance: random.Random,
    ) -> None:
        """Prepare; nothing runs before `follow`."""
        self.journal = journal
        self.health = health_of((), clock.now())
        self.record = Record()
        self.unstored = 0
        self._rescued: list[str] = []
        self._front_end = front_end
        self._password = password
        self._clock = clock
        self._chance = chance
        self._settings = Settings()
        self._following: _Following | None = None
        # Two that follow at once would leave one connection behind that nobody stops.
        self._changing = asyncio.Lock()

    @property
    def standing(self) -> Standing:
        """How the login stands that all streams share; nothing is known of it while no server is followed."""
        return self._following.connection.standing if self._following is not None else Standing()

    async def on_received(self, received: Received) -> None:
        """Take a frame from the connection; waits while the pipeline is full."""
        if self._following is not None:
            await self._following.pipeline.put(received)

    async def resume_point(self) -> ResumePoint:
        """Return from where to go on with the server's event log. Raises JournalError."""
        server = self._settings.server if self._following is None else self._following.server
        return await self.journal.resume_point(server.base_url, server.username)

    def on_facts(self, facts: Sequence[StreamFacts]) -> None:
        """Take the state of the streams from the connection."""
        now = self._clock.now()
        self.record.take(facts, now)
        self._tell(health_of(facts, now))

    def _tell(self, health: Health) -> None:
        self.health = health
        self._front_end.on_health(health)

    async def follow(self, settings: Settings, *, anew: bool = False) -> None:
        """Follow the server of `settings`; other settings take effect at once.

        The connection is made again when the server's settings changed, or with `anew` (a new password).
        """
        async with self._changing:
            before, self._settings = self._settings, settings
            if self._following is not None and settings.server == before.server and not anew:
                return
            await self._unfollow()
            if settings.server.configured:
                self._begin(settings.server)
            else:
                self._tell(health_of((), self._clock.now()))

    def _begin(self, server: ServerSettings) -> None:
        self.record = Record()
        try:
            connection = Connection(
                server, lambda: self._password(server), self, clock=self._clock, chance=self._chance
            )
        except OSError as error:
            log.warning("the CA file cannot be used: %s", error)
            trouble = Trouble("CA file cannot be used", "Choose another one.", Need.CERTIFICATE)
            self._tell(Health(Coverage.NEEDS_YOU, self._clock.now(), (), trouble))
            return
        pipeline = Pipeline(
            journal=self.journal,
            server=server.base_url,
            account=server.username,
            zone=server.zone,
            notifications=lambda: self._settings.notifications,
            clock=self._clock,
            sink=self._front_end,
        )
        tasks = TaskKeeper("core")
        self._following = _Following(server, pipeline, connection, tasks)
        tasks.start(pipeline.run(), name="pipeline")
        connection.start()

    async def _unfollow(self) -> None:
        """Close the sockets, then store all that had arrived."""
        following = self._following
        if following is None:
            return
        await following.connection.stop()
        try:
            async with asyncio.timeout(DRAIN_WITHIN):
                await following.pipeline.drain()
        except TimeoutError:
            log.error("what arrived last could not be stored within %.0f s", DRAIN_WITHIN)  # noqa: TRY400 - the cause was logged
            await self._rescue(following)
        self._following = None
        await following.tasks.close()

    async def _rescue(self, following: _Following) -> None:
        """Give up what cannot be stored, but not without a last try to keep it somewhere."""
        left = following.pipeline.unfinished
        self.unstored += len(left)
        file = await asyncio.to_thread(rescue, left, following.server.base_url, self.journal.file.parent)
        if file is not None:
            self._rescued.append(str(file))

    def reconnect_now(self) -> None:
        """Try at once, because the user asks."""
        if self._following is not None:
            self._following.connection.reconnect_now()

    def network_is_back(self) -> None:
        """Try what waits, because the network came back."""
        if self._following is not None:
            self._following.connection.network_is_back()

    async def close(self) -> UserError | None:
        """Stop everything in order: sockets, pipeline, journal.

        Returns:
            what to tell the user if any message that was received could not be stored.

        """
        async with self._changing:
            await self._unfollow()
        await self.journal.close()
        return self._loss()

    def _loss(self) -> UserError | None:
        if not self.unstored:
            return None
        files = " and ".join(self._rescued)
        return UserError(
            f"{self.unstored:,} received message{'s' if self.unstored > 1 else ''} could not be stored.",
            f"They are kept in {files}." if files else "The server's own records still have what they told.",
        )
