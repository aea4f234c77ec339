"""Remembers up to when the streams were heard, and declares the gap when they are heard again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from armguard_tray.catchup import attendance
from armguard_tray.catchup.attendance import LOOK_EVERY, Attendants, Deaf, deaf_since, still_deaf
from armguard_tray.catchup.audit import GRACE
from armguard_tray.catchup.keeper import Wait, wait_until
from armguard_tray.catchup.listening import MOST_LIVES
from armguard_tray.clock import Clock
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.errors import JournalError
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.storage.ledger import Attendance, Roll

log = logging.getLogger(__name__)

RETRY_AFTER = 15.0
"""Seconds after which the journal is tried again."""
CLOSE_WITHIN = 5.0
"""Seconds that the end waits for the journal."""
Change = Callable[[Attendants], Attendants]
_NOT_WRITTEN = "up to when the streams were heard is not written down"


class RollCall:
    """Keeps the attendance of the streams of one followed server."""

    def __init__(  # noqa: PLR0913 - what it joins
        self,
        *,
        remembered: Callable[[], Awaitable[Mapping[Stream, Attendance]]],
        call_the_roll: Callable[[Roll], Awaitable[None]],
        history_tells: Callable[[], bool],
        began: datetime,
        clock: Clock,
        wait: Wait = wait_until,
    ) -> None:
        """Prepare; nothing is read or written before `run`.

        Args:
            remembered: returns what the journal remembers. Raises JournalError.
            call_the_roll: writes it down, and hands the gap on, when all that arrived before is stored.
                Raises JournalError.
            history_tells: tells whether the server's history says which transactions are missing.
            began: when the program was started, aware.
            clock: tells the time.
            wait: waits for an event, or for so many seconds.

        """
        self._remembered = remembered
        self._call_the_roll = call_the_roll
        self._history_tells = history_tells
        self._began = began
        self._clock = clock
        self._wait = wait
        self._facts: tuple[StreamFacts, ...] = ()
        self._attendants: Attendants | None = None
        self._deaf: Mapping[Stream, Deaf] = {}
        # Up to when each was surely announced to, in the transactions' present life, and in those before by
        # when they began.
        self._told: Mapping[Stream, Deaf] = {}
        self._told_before: dict[datetime, Mapping[Stream, Deaf]] = {}
        # What is to be done again with what a write brings back.
        self._meanwhile: list[Change] = []
        self._changed = asyncio.Event()
        self._writing = asyncio.Lock()

    def streams_changed(self, streams: Sequence[StreamFacts]) -> None:
        """Take what the streams do now; called whenever that changes."""
        self._facts = tuple(streams)
        self._deaf = still_deaf(self._deaf, self._facts)
        self._remember_told()
        self._take()

    def went_deaf(self) -> None:
        """Take that the server announces nothing to this desk any more, though the streams are live."""
        self._deaf = deaf_since(self._facts, self._clock.now())
        self._take()

    def was_deaf(self, life: datetime) -> bool:
        """Take that the server announced nothing to this desk at the end of a life of the transactions.

        Args:
            life: when that began, aware. Of one that is not remembered, as from before the program was
                started, nothing is taken for announced since.

        Returns:
            whether a stream still goes on from then, so that it is deaf.

        """
        told = self._told_before.get(life) or _told_until(life - GRACE)
        self._told_before = {began: each for began, each in self._told_before.items() if began < life}
        lives = {each.stream: each.since for each in self._facts if each.phase is Phase.LIVE}
        same = {stream: each for stream, each in told.items() if lives.get(stream) == each.life}
        self._deaf = {**self._deaf, **same}
        ended = {stream: each.until for stream, each in told.items() if stream not in same}

        def change(attendants: Attendants) -> Attendants:
            return attendants.were_deaf(ended)

        if self._attendants is not None:
            self._attendants = change(self._attendants)
        self._meanwhile.append(change)
        self._take()
        return bool(same)

    def _remember_told(self) -> None:
        told = deaf_since(self._facts, self._clock.now())
        now, before = told.get(Stream.TRANSACTIONS), self._told.get(Stream.TRANSACTIONS)
        if now is not None and before is not None and now.life != before.life:
            # Of older ones nothing is taken for announced.
            remembered = list(self._told_before.items())[1 - MOST_LIVES :]
            self._told_before = {**dict(remembered), before.life: self._told}
        self._told = {**self._told, **told}

    def _take(self) -> None:
        if self._attendants is not None:
            self._attendants = self._taken(self._attendants, self._clock.now())
        self._changed.set()

    def _taken(self, attendants: Attendants, now: datetime) -> Attendants:
        # What was deaf is known before what the stream does next.
        return attendants.deafened(self._deaf).take(self._facts, now)

    async def run(self) -> None:
        """Write down what is to be remembered when it is time, until cancelled."""
        while True:
            # What changes from here on is looked at again.
            self._changed.clear()
            if await self._write():
                await self._wait(self._changed, LOOK_EVERY)
            else:
                await self._wait(asyncio.Event(), RETRY_AFTER)

    async def close(self) -> None:
        """Write down up to when the streams were heard, once; if that fails, the next gap begins earlier."""
        try:
            async with asyncio.timeout(CLOSE_WITHIN):
                await self._write(last=True)
        except TimeoutError:
            log.warning("%s: the journal does not take it", _NOT_WRITTEN)

    async def _write(self, *, last: bool = False) -> bool:
        """Write down what is due; tell whether that, if anything was, is in the journal."""
        async with self._writing:
            try:
                attendants = await self._look()
                self._meanwhile.clear()
                roll = attendants.roll(history_tells=self._history_tells(), last=last)
                if roll is not None:
                    await self._call_the_roll(roll)
                    self._attendants = attendants.wrote(roll)
                    for change in self._meanwhile:
                        self._attendants = change(self._attendants)
            except JournalError as error:
                log.warning("%s: %s", _NOT_WRITTEN, error.message)
                return False
            except Exception:
                # A fault in one roll must not leave all outages after it untold.
                log.exception(_NOT_WRITTEN)
                return False
            finally:
                self._look_again()
        return True

    async def _look(self) -> Attendants:
        if self._attendants is None:
            stored = await self._remembered()
            now = self._clock.now()
            attendants = attendance.begin(stored, began=self._began, now=now)
            for change in self._meanwhile:
                attendants = change(attendants)
            self._attendants = self._taken(attendants, now)
        self._attendants = self._attendants.look(self._clock.now())
        return self._attendants

    def _look_again(self) -> None:
        """Take what the streams did while the journal was asked."""
        if self._attendants is not None:
            now = self._clock.now()
            self._attendants = self._taken(self._attendants.kept_waiting(now), now)


def _told_until(time: datetime) -> Mapping[Stream, Deaf]:
    return {each: Deaf(life=time, until=time, found=time) for each in DEFAULT_STREAMS}
