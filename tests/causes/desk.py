"""A desk that runs, to which something happens: what it tells then, from all that a tray can see."""

import asyncio
import time
from datetime import datetime, timedelta

from armguard_tray.app.check import exit_code
from armguard_tray.catchup.audit import GRACE, MARGIN, Announced
from armguard_tray.checkup.account import RunningLogin
from armguard_tray.checkup.audit import Auditor
from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.checkup.own_socket import own_socket
from armguard_tray.checkup.proof import RedisPlace, Running, prove
from armguard_tray.clock import SystemClock
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.connection.phase import Phase
from armguard_tray.diagnosis.diagnose import as_json, diagnose
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.messages import wire
from armguard_tray.messages.decoding import Decoded
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.redis_probe.find import candidates
from armguard_tray.redis_probe.proof import Proof
from armguard_tray.settings.model import ServerSettings
from tests.causes.command import Told, told_by
from tests.causes.scene import Scene
from tests.end_to_end.connection.desk import Desk

SECOND = timedelta(seconds=1)


async def what_a_desk_tells(scene: Scene) -> Told:
    """Connect, let it happen, and return what a desk tells of it; `seconds` are those of its checkup."""
    desk = Desk(scene.url, username=scene.username, password=scene.password, clock=SystemClock())
    async with desk:
        live = await desk.sees_all(Phase.LIVE)
        following = _Following(scene, desk)
        before = await following.prove(None)
        if scene.happens is None:
            await following.closed_often()
        else:
            # What was made around the beginning, or just now, is left out: time itself is waited for.
            await following.until(max(each.since for each in live) + MARGIN + SECOND)
            await following.audit(next(each.since for each in live if each.stream is Stream.TRANSACTIONS))
            await scene.happens()
            await following.until(desk.clock.now() + GRACE + 2 * SECOND)
        proof = await following.prove(before)
        began = time.perf_counter()
        facts = await following.check(proof)
        seconds = time.perf_counter() - began
    return told_of(facts, seconds)


def told_of(facts: Facts, seconds: float) -> Told:
    """Return what is told of facts, as the command does it."""
    diagnosis = diagnose(facts)
    return told_by(as_json(diagnosis), int(exit_code(diagnosis)), seconds)


class _Following:
    """What a tray looks at beside its connection."""

    def __init__(self, scene: Scene, desk: Desk) -> None:
        self._scene = scene
        self._desk = desk
        self._server = ServerSettings(address=scene.url, username=scene.username, ca_file=scene.ca_file)
        self._announced: set[int] = set()
        self._auditor = Auditor(self._server.zone, desk.clock, self._told)

    async def prove(self, earlier: Proof | None) -> Proof | None:
        """Look for our own membership in Redis, where it is known."""
        if self._scene.redis is None:
            return None
        running = next(each for each in self._desk.connection.facts if each.stream is Stream.NOTIFICATIONS)
        return await prove(
            RedisPlace(address=self._scene.redis, password=self._scene.redis_password),
            own_socket(self._server, LoginClient(self._server), self._session),
            clock=self._desk.clock,
            running=Running(running.since),
            earlier=earlier,
        )

    async def until(self, moment: datetime) -> None:
        """Return at that moment."""
        await asyncio.sleep(max(0.0, (moment - self._desk.clock.now()).total_seconds()))

    async def closed_often(self) -> None:
        """Wait until sockets have been closed so often that it is a rhythm: each stream's once, in turn."""
        for stream in DEFAULT_STREAMS:
            await self._desk.sees(stream, Phase.LIVE, where=lambda facts: len(facts.ends) >= 1)

    @property
    def _session(self) -> Session:
        login = self._desk.connection.standing.login
        assert login is not None
        return login.session

    async def audit(self, since: datetime) -> None:
        """Read the history for the first time: what is on it now was made before."""
        await self._auditor.audit(LoginClient(self._server), self._session, since, 5)

    async def _told(self, _since: datetime, _subscribed: datetime) -> Announced:
        """Return the transactions that were announced, all of them in this subscription."""
        while not self._desk.received.empty():
            content = self._desk.received.get_nowait().content
            frame = content.frame if isinstance(content, Decoded) else None
            if isinstance(frame, (wire.TransactionCreated, wire.TransactionReturned)):
                self._announced.add(frame.transaction.id)
        return Announced(known=self._announced, heard=self._announced)

    async def check(self, proof: Proof | None) -> Facts:
        """Make the checkup of a tray."""
        connection = self._desk.connection
        asked = Asked(
            server=self._server,
            redis=candidates(given=self._scene.redis, password=self._scene.redis_password)
            if self._scene.redis
            else (),
            proof=proof,
            auditor=self._auditor,
        )
        account = RunningLogin(self._scene.username, connection.standing, connection.facts)
        return await check(asked, account, clock=self._desk.clock)
