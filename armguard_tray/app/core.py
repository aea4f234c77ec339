"""Journal, pipeline and connection of one desk, joined without a display. Both front ends stand on it."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.catchup.completeness import UNKNOWN, Completeness
from armguard_tray.catchup.issued_page import IssuedNow
from armguard_tray.catchup.keeper import Keeper
from armguard_tray.catchup.reader import Reader
from armguard_tray.catchup.roll_call import RollCall
from armguard_tray.catchup.search import Searched
from armguard_tray.clock import Clock
from armguard_tray.connection.connection import Connection
from armguard_tray.connection.health import Coverage, Health, health_of
from armguard_tray.connection.phase import Need, StreamFacts, Trouble
from armguard_tray.connection.session import Standing
from armguard_tray.diagnosis.record import Record
from armguard_tray.errors import UserError
from armguard_tray.messages.event import Received
from armguard_tray.messages.gap import Gap
from armguard_tray.messages.position import ResumePoint
from armguard_tray.pipeline import Pipeline, Sink
from armguard_tray.settings.model import JournalSettings, ServerSettings, Settings, problems
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Roll
from armguard_tray.storage.rescue import rescue
from armguard_tray.storage.retention import Limits
from armguard_tray.storage.upkeep import Upkeep, Wishes
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

    def on_completeness(self, completeness: Completeness) -> None:
        """See how complete the log is, after it changed."""
        ...


@dataclass(frozen=True, slots=True)
class _Following:
    """A server that is being followed.

    Attributes:
        server: which one.
        pipeline: stores what it tells.
        connection: keeps its streams open.
        reader: reads the server's history.
        keeper: keeps the log complete.
        roll_call: remembers up to when each stream was heard.
        tasks: what runs for it besides.

    """

    server: ServerSettings
    pipeline: Pipeline
    connection: Connection
    reader: Reader
    keeper: Keeper
    roll_call: RollCall
    tasks: TaskKeeper


class Core:
    """Follows one server at a time and keeps what it says.

    Attributes:
        journal: where events are kept.
        health: whether events reach this desk, as last told to the front end.
        completeness: how complete the log is, as last told to the front end.
        record: what the streams did since this server is followed.
        upkeep: takes care of the journal, by the settings in force.
        unstored: how many messages were received and could not be stored, up to now.

    """

    def __init__(  # noqa: PLR0913 - what it joins, all named
        self,
        journal: Journal,
        front_end: FrontEnd,
        password: PasswordSource,
        *,
        clock: Clock,
        chance: random.Random,
        on_trimmed: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Prepare; nothing runs before `follow`. `on_trimmed` is told up to which row old events are gone."""
        self.journal = journal
        self.health = health_of((), clock.now())
        self.completeness = UNKNOWN
        self.record = Record()
        self.unstored = 0
        self._rescued: list[str] = []
        self._front_end = front_end
        self._password = password
        self._clock = clock
        self._began = clock.now()
        self._chance = chance
        self._settings = Settings()
        self.upkeep = Upkeep(journal, clock, lambda: _wishes(self._settings.journal), on_trimmed=on_trimmed)
        self._tasks = TaskKeeper("journal")
        self._is_tended = False
        self._following: _Following | None = None
        # Two that follow at once would leave one connection behind that nobody stops.
        self._changing = asyncio.Lock()

    @property
    def standing(self) -> Standing:
        """How the login stands that all streams share; nothing is known of it while no server is followed."""
        return self._following.connection.standing if self._following is not None else Standing()

    @property
    def issued(self) -> IssuedNow | None:
        """What the server listed last as issued; None: no server is followed, or its list was not read."""
        return self._following.reader.issued if self._following is not None else None

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
        if self._following is not None:
            self._following.keeper.streams_changed(facts)
            self._following.roll_call.streams_changed(facts)
        self._tell(health_of(facts, now))

    def _tell(self, health: Health) -> None:
        self.health = health
        self._front_end.on_health(health)

    def _tell_completeness(self, completeness: Completeness) -> None:
        self.completeness = completeness
        self._front_end.on_completeness(completeness)

    async def follow(self, settings: Settings, *, anew: bool = False) -> None:
        """Follow the server of `settings`; other settings take effect at once.

        The connection is made again when the server's settings changed, or with `anew` (a new password).
        """
        async with self._changing:
            before, self._settings = self._settings, settings
            if not self._is_tended:
                self._is_tended = True
                self._tasks.start(self.upkeep.run(), name="upkeep")
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
            on_replayed=lambda: keeper.replay_ended(),  # noqa: PLW0108 - it is made below
            on_written=lambda written: keeper.stored(written),  # noqa: PLW0108 - as above
            may_claim=lambda: keeper.is_same_record,
        )
        reader = Reader(connection.pages, server.zone, self._clock)
        keeper = Keeper(
            server=server.base_url,
            zone=server.zone,
            journal=self.journal,
            reader=reader,
            write=pipeline.write_plan,
            clock=self._clock,
            on_completeness=self._tell_completeness,
            on_walked=pipeline.welcome_back,
            on_deaf=lambda: roll_call.went_deaf(),  # noqa: PLW0108 - it is made below
            on_was_deaf=lambda life: _renew_if(connection, stays=roll_call.was_deaf(life)),
            reopen=connection.renew,
            last_life=lambda: self.journal.last_life(server.base_url, server.username),
        )

        async def call_the_roll(roll: Roll) -> None:
            keeper.stored(await pipeline.call_the_roll(roll))
            if roll.gap is not None and not keeper.is_looking:
                pipeline.welcome_back()  # else the look that is under way ends with it

        roll_call = RollCall(
            remembered=lambda: self.journal.attendance(server.base_url, server.username),
            call_the_roll=call_the_roll,
            history_tells=lambda: _history_tells(keeper.completeness),
            began=self._began,
            clock=self._clock,
        )
        tasks = TaskKeeper("core")
        self._following = _Following(server, pipeline, connection, reader, keeper, roll_call, tasks)
        self._tell_completeness(keeper.completeness)
        tasks.start(pipeline.run(), name="pipeline")
        tasks.start(pipeline.watch_journal(), name="journal-watch")
        tasks.start(keeper.run(), name="catchup")
        tasks.start(roll_call.run(), name="roll-call")
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
        else:
            await following.roll_call.close()
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
            self._following.keeper.network_is_back()

    async def look_at_history(self, within: float) -> AuditFound | None:
        """Return what the server's history shows beside the log; None while no server is followed."""
        following = self._following
        return await following.keeper.look_now(within) if following is not None else None

    async def fetch_gap(self, gap: Gap, within: float) -> Searched:
        """Look for what is missing of `gap` once more; who is cancelled wants it no more.

        Args:
            gap: of a time only it is looked whether the history has anything that is not in the log.
            within: seconds that a look may take; down to the gap it goes on for as long as it takes.

        """
        following = self._following
        if following is None:
            return Searched(at=self._clock.now(), failure="no server is followed")
        return await following.keeper.search(gap.first, gap.last, within)

    async def cancel_backlog(self) -> None:
        """Fetch nothing more of the time before this desk followed the server. Raises JournalError."""
        if self._following is not None:
            await self._following.keeper.cancel()

    async def fetch_backlog(self) -> None:
        """Fetch the time before after all, if that was cancelled. Raises JournalError."""
        if self._following is not None:
            await self._following.keeper.fetch_backlog()

    async def close(self) -> UserError | None:
        """Stop everything in order: sockets, pipeline, journal.

        Returns:
            what to tell the user if any message that was received could not be stored.

        """
        async with self._changing:
            await self._unfollow()
        await self._tasks.close()
        await self.journal.close()
        self.upkeep.note_clean_end()
        return self._loss()

    def _loss(self) -> UserError | None:
        if not self.unstored:
            return None
        files = " and ".join(self._rescued)
        return UserError(
            f"{self.unstored:,} received message{'s' if self.unstored > 1 else ''} could not be stored.",
            f"They are kept in {files}." if files else "The server's own records still have what they told.",
        )


def _renew_if(connection: Connection, *, stays: bool) -> None:
    if stays:
        connection.renew()


def backup_folder(settings: JournalSettings) -> Path | None:
    """Return where the journal's backups are to lie; None: where they do by default."""
    return Path(settings.backup_folder) if settings.backup_folder else None


def _wishes(settings: JournalSettings) -> Wishes:
    """Return how the journal is to be kept; what is impossible removes nothing."""
    wrong = problems(settings)
    keep = settings.keep_days if "keep_days" not in wrong else 0
    size = settings.most_mib if "most_mib" not in wrong else 0
    return Wishes(
        limits=Limits(keep=timedelta(days=keep) if keep else None, size=size << 20 if size else None),
        backups=backup_folder(settings),
        backups_kept=max(1, settings.backups),
    )


def _history_tells(completeness: Completeness) -> bool:
    """Tell whether the server's history says which transactions are missing."""
    return completeness.complete_to is not None and not completeness.failure
