"""A desk with a real `Connection`, and the means to wait for what it tells."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from armguard_tray.clock import Clock
from armguard_tray.connection.connection import Connection
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.messages.event import Received
from armguard_tray.messages.position import Position, ResumePoint
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.settings.model import ServerSettings
from tests.end_to_end.connection.fast_time import FastClock
from tests.fakes.scripted_server import PASSWORD

PATIENCE = 90.0
"""Seconds after which what a test waits for is not coming."""


class Impatient(random.Random):
    """Chance at its kindest: every delay is about the shortest that is allowed."""

    def uniform(self, a: float, b: float) -> float:
        """Return hardly more than `a`: not to wait at all would be a busy loop."""
        return min(a + 0.2, b)


class Desk:
    """Follows a server until the block ends.

    Attributes:
        connection: the real thing.
        clock: its clock.
        received: the frames that it delivered and the test has not taken yet.
        attentive: while it is not set, the desk takes a frame but does not come back for the next one.
        faults: raised by the next reports of the streams' state, one each.
        point: from where it asks the server's live app to go on; moved by what it receives.

    """

    def __init__(
        self,
        address: str,
        *,
        password: str | None = PASSWORD,
        clock: Clock | None = None,
        chance: random.Random | None = None,
        username: str = "armorer1",
        ca_file: str = "",
        allow_plain_http: bool = False,
        presence: bool = False,
    ) -> None:
        self.clock = clock or FastClock()
        self.received: asyncio.Queue[Received] = asyncio.Queue()
        self.attentive = asyncio.Event()
        self.attentive.set()
        self.faults: list[Exception] = []
        self.point = ResumePoint("client-of-this-desk")
        self._password = password
        self._told: defaultdict[Stream, asyncio.Queue[StreamFacts]] = defaultdict(asyncio.Queue)
        self._last: dict[Stream, StreamFacts] = {}
        server = ServerSettings(
            address=address,
            username=username,
            ca_file=ca_file,
            allow_plain_http=allow_plain_http,
            presence=presence,
        )
        self.connection = Connection(
            server, self._look_up, self, clock=self.clock, chance=chance or Impatient()
        )

    async def __aenter__(self) -> Self:
        self.connection.start()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.attentive.set()
        await self.connection.stop()

    async def _look_up(self) -> str | None:
        return self._password

    async def on_received(self, received: Received) -> None:
        """Take a frame."""
        if received.position is not None:
            self.stands_at(received.position)
        self.received.put_nowait(received)
        await self.attentive.wait()

    def stands_at(self, position: Position) -> None:
        """Have all of the server's event log up to there."""
        self.point = replace(self.point, position=position, at=self.clock.now())

    async def resume_point(self) -> ResumePoint:
        """Return where it stands."""
        return self.point

    def on_facts(self, facts: Sequence[StreamFacts]) -> None:
        """Keep each change, so that a test misses none."""
        if self.faults:
            raise self.faults.pop()
        for each in facts:
            if self._last.get(each.stream) != each:
                self._last[each.stream] = each
                self._told[each.stream].put_nowait(each)

    async def hears(self, stream: Stream) -> StreamFacts:
        """Wait for the next change of `stream`."""
        async with asyncio.timeout(PATIENCE):
            return await self._told[stream].get()

    async def sees(
        self,
        stream: Stream,
        phase: Phase,
        *,
        where: Callable[[StreamFacts], bool] = lambda _: True,
        within: float = PATIENCE,
    ) -> StreamFacts:
        """Wait until `stream` is told to be in `phase`; each change is looked at once, in order."""
        seen = [f"{stream} was not seen {phase}, but:"]
        try:
            async with asyncio.timeout(within):
                while True:
                    facts = await self._told[stream].get()
                    if facts.phase is phase and where(facts):
                        return facts
                    seen.append(f"{facts.phase}: {facts.trouble.summary if facts.trouble else '-'}")
        except TimeoutError:
            raise AssertionError("\n".join(seen)) from None

    async def sees_all(self, phase: Phase, streams: Sequence[Stream] = DEFAULT_STREAMS) -> list[StreamFacts]:
        """Wait until each stream has been told to be in `phase`."""
        return [await self.sees(stream, phase) for stream in streams]

    async def gets(self, stream: Stream | None = None) -> Received:
        """Wait for the next frame, which must be of `stream` if one is given."""
        async with asyncio.timeout(PATIENCE):
            received = await self.received.get()
        assert stream is None or received.stream is stream
        return received

    def seconds_to_retry(self, facts: StreamFacts) -> float:
        """Return how long after it began to wait a stream tries again."""
        assert facts.retry_at is not None, "it does not try again by itself"
        return (facts.retry_at - facts.since).total_seconds()
