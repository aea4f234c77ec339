"""A desk that runs, to which something happens: what it tells then, from all that a tray can see."""

import tempfile
import time
from functools import partial
from pathlib import Path

from armguard_tray.app.check import exit_code
from armguard_tray.checkup.account import RunningLogin
from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.checkup.own_socket import own_socket
from armguard_tray.checkup.proof import RedisPlace, Running, prove
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.connection.phase import Phase
from armguard_tray.diagnosis.diagnose import as_json, diagnose
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.redis_probe.proof import Proof
from armguard_tray.settings.model import ServerSettings
from tests.causes.command import Told, told_by
from tests.causes.scene import Scene
from tests.end_to_end.catchup.following import Following, following
from tests.fakes.redis_wanted import named


async def what_a_desk_tells(scene: Scene) -> Told:
    """Connect, let it happen, and return what a desk tells of it; `seconds` are those of its checkup."""
    server = ServerSettings(address=scene.url, username=scene.username, ca_file=scene.ca_file)
    with tempfile.TemporaryDirectory() as folder:
        async with following(server, scene.password, Path(folder)) as desk:
            await desk.screen.until(lambda: desk.screen.is_live)
            tray = _Tray(scene, desk)
            before = await tray.prove(None)
            if scene.happens is None:
                await tray.is_closed_often()
            else:
                await desk.is_surely_subscribed()
                await scene.happens()
                await desk.is_surely_announced()
            proof = await tray.prove(before)
            began = time.perf_counter()
            facts = await tray.check(proof)
            seconds = time.perf_counter() - began
    return told_of(facts, seconds)


def told_of(facts: Facts, seconds: float) -> Told:
    """Return what is told of facts, as the command does it."""
    diagnosis = diagnose(facts)
    return told_by(as_json(diagnosis), int(exit_code(diagnosis)), seconds)


class _Tray:
    """What a tray looks at beside its connection."""

    def __init__(self, scene: Scene, desk: Following) -> None:
        self._scene = scene
        self._desk = desk

    async def prove(self, earlier: Proof | None) -> Proof | None:
        """Look for our own membership in Redis, where it is known."""
        if self._scene.redis is None:
            return None
        running = self._desk.screen.stream(Stream.NOTIFICATIONS)
        assert running is not None
        return await prove(
            RedisPlace(address=self._scene.redis, password=self._scene.redis_password),
            own_socket(self._desk.server, LoginClient(self._desk.server), self._session),
            clock=self._desk.clock,
            running=Running(running.since),
            earlier=earlier,
        )

    async def is_closed_often(self) -> None:
        """Wait until sockets have been closed so often that it is a rhythm: each stream's once, in turn."""
        for stream in DEFAULT_STREAMS:
            await self._desk.screen.until(partial(self._is_back, stream))

    def _is_back(self, stream: Stream) -> bool:
        facts = self._desk.screen.stream(stream)
        return facts is not None and facts.phase is Phase.LIVE and len(facts.ends) >= 1

    @property
    def _session(self) -> Session:
        login = self._desk.core.standing.login
        assert login is not None
        return login.session

    async def check(self, proof: Proof | None) -> Facts:
        """Make the checkup of a tray."""
        core = self._desk.core
        asked = Asked(
            server=self._desk.server,
            redis=named(self._scene.redis, self._scene.redis_password) if self._scene.redis else None,
            proof=proof,
            auditor=self._desk.auditor,
        )
        account = RunningLogin(self._scene.username, core.standing, core.health.streams)
        return await check(asked, account, clock=self._desk.clock)
