"""A runner whose events are fetched over HTTP now and then: real time is switched off on the server."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlencode

from armguard_tray.connection import lifecycle as life
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.live_app import EVENTS_PATH
from armguard_tray.connection.phase import StreamFacts
from armguard_tray.connection.readers import streams_query
from armguard_tray.connection.resume import Resumption, follow
from armguard_tray.connection.runner import Runner, Shared
from armguard_tray.errors import JournalError
from armguard_tray.messages.decoding import MAX_FRAME_BYTES
from armguard_tray.messages.event import Received
from armguard_tray.messages.position import Position
from armguard_tray.messages.streams import DEFAULT_STREAMS

log = logging.getLogger(__name__)

EVERY = 15.0
"""Seconds between two looks."""
MORE_AFTER = 1.0
"""Seconds until the next look where the server had more than it gave: it may allow 60 requests a minute."""
LIMIT = 500
_MOST = 8 * MAX_FRAME_BYTES
"""Bytes of one answer that are read; what is behind them comes with the next one."""


class Poller(Runner):
    """Fetches the live app's events: the very frames of its socket, one a line."""

    def __init__(self, facts: Iterable[StreamFacts], shared: Shared, state: life.State | None = None) -> None:
        """Serve the streams of `facts`; nothing is fetched before `run`."""
        super().__init__("events", facts, shared, state)
        self._at_once = asyncio.Event()
        self._from_position = False

    async def _connect(self) -> life.Event:
        try:
            point = await self._shared.observer.resume_point()
        except JournalError as error:
            return life.Failed(Failure(FailureKind.JOURNAL, detail=str(error)))
        resumption = Resumption(point.position, point.at)
        self._from_position = point.position is not None
        while True:
            asked = self._moment()
            frames = await self._fetch(resumption.since)
            if isinstance(frames, Failure):
                return life.Failed(frames)
            resumption, reached = await self._take_all(resumption, frames)
            if reached is None:
                return life.Failed(Failure(FailureKind.NO_APP, HTTPStatus.OK))
            self.tell(life.Proven(), self._activity)
            more = reached != resumption.since and _there_is_more(resumption, reached)
            attended = resumption.attended or not more
            resumption = Resumption(reached, resumption.at, attended)
            if attended and self._was_whole(asked):
                self._shared.counted()
            await self._pause(MORE_AFTER if more else EVERY)

    def _resumes(self) -> bool:
        return self._from_position

    async def _pause(self, seconds: float) -> None:
        self._at_once.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._at_once.wait()

    def _ask_for_life(self, patience: float) -> None:  # noqa: ARG002 - a request has a time-out of its own
        self._at_once.set()

    def _expect(self, patience: float) -> None:
        """Do nothing: each answer is awaited with a time-out of its own."""

    async def _fetch(self, position: Position | None) -> list[str] | Failure:
        """Return the frames of one answer, or why there are none."""
        assert self._login is not None  # noqa: S101 - the machine connects only after it has logged in
        asked: dict[str, str | int] = {"streams": streams_query(DEFAULT_STREAMS), "limit": LIMIT}
        if position is not None:
            asked |= {"epoch": position.epoch, "since": position.seq}
        page = await self._shared.client.get(
            self._login.session,
            f"{EVENTS_PATH}?{urlencode(asked, safe=',')}",
            accept="application/x-ndjson",
            most=_MOST,
        )
        if isinstance(page, Failure):
            return page
        match page.status:
            case HTTPStatus.OK:
                # What stands behind the last newline may be half a frame.
                return page.text.split("\n")[:-1]
            case HTTPStatus.NOT_FOUND:
                return Failure(FailureKind.NO_APP, page.status)
            case status:
                return Failure(FailureKind.STATUS, status, page.retry_after)

    async def _take_all(
        self, resumption: Resumption, frames: Iterable[str]
    ) -> tuple[Resumption, Position | None]:
        """Hand on what was fetched; return how the delivery stands, and up to where."""
        reached = None
        for frame in frames:
            received = Received.of(DEFAULT_STREAMS[0], frame, self._shared.clock.now())
            resumption, received = follow(resumption, received)
            reached = received.position or reached
            if not received.is_control or received.position is not None:
                self._count(received)
                await self._hand_on(received)
        return resumption, reached


def _there_is_more(resumption: Resumption, reached: Position) -> bool:
    """Tell whether the server has more than it gave at once."""
    hello = resumption.hello
    return hello is not None and hello.epoch == reached.epoch and reached.seq < hello.head
