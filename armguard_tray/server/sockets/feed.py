"""The event log as a process follows it: where it stands, its newest events, one reader for all."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from armguard_tray.server import event_log
from armguard_tray.server.event_log import Logged
from armguard_tray.server.resume import HeadState
from armguard_tray.server.sockets.history import PAGE, History
from armguard_tray.server.sockets.recent import RecentEvents

T = TypeVar("T")

_EVENTS: Final = 2000
_CHARACTERS: Final = 4_000_000
_PREFILL: Final = 2 * PAGE
_AT_ONCE: Final = _PREFILL

Run = Callable[[Callable[[], T]], Awaitable[T]]
"""Does work with the database in a thread, within a time; raises TimeoutError, and what the work raises."""


class Feed:
    """What this process knows of the log.

    Attributes:
        history: events that are older than the newest ones.

    """

    def __init__(
        self,
        look: "Run[tuple[HeadState, list[Logged]]]",
        read: "Run[Sequence[Logged]]",
        on_news: Callable[[int, Sequence[Logged]], None],
        on_change: Callable[[], None],
    ) -> None:
        """Follow the log.

        Args:
            look: runs what looks for news; apart from `read`, so that reading old events holds up no news.
            read: runs what reads old events.
            on_news: is called with the number before, and the new events.
            on_change: is called when the log is another one than before.

        """
        self.history = History(lambda after, limit: read(partial(event_log.read_after, after, limit)))
        self._run = look
        self._on_news = on_news
        self._on_change = on_change
        self._head = HeadState("", 0, 1)  # as last looked at; `recent` knows of later events
        self._recent: RecentEvents | None = None
        self._looking: asyncio.Task[int] | None = None

    @property
    def head(self) -> HeadState:
        """Where the log stands, as far as this process knows. Only once a look has succeeded."""
        return replace(self._head, seq=self.recent.last)

    @property
    def recent(self) -> RecentEvents:
        """The newest events. Only once a look has succeeded."""
        if self._recent is None:
            raise LookupError("the log has not been looked at")
        return self._recent

    async def look(self) -> int:
        """Look for news in the log; return how many events that brought. Raises what the database raises.

        All who ask at about the same time share one look, which begins after they have asked.
        """
        await self._last_look()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look(), name="armguard-live-look")
            # Whoever waits for it may have gone when it fails.
            self._looking.add_done_callback(lambda look: look.cancelled() or look.exception())
        return await asyncio.shield(self._looking)

    async def after(self, seq: int) -> Sequence[Logged]:
        """Return some of the events after `seq`, none beyond the newest known one.

        None at all where there are none, or where the log does not hold the next ones any more. Raises what
        the database raises.
        """
        recent = self.recent.after(seq)
        if recent is not None:
            return recent
        return [event for event in await self.history.after(seq) if event.seq <= self.recent.last]

    def hear(self, events: Sequence[Logged]) -> bool:
        """Take events that somebody has announced; return False if the log must be looked at to go on."""
        if self._recent is None:
            return False
        fresh: list[Logged] = []
        expected = self._recent.last + 1
        understood = True
        for event in events:
            if event.epoch == self._head.epoch and event.seq == expected:
                fresh.append(event)
                expected += 1
            elif event.epoch != self._head.epoch or event.seq > expected:
                understood = False
        self._take(fresh)
        return understood

    def close(self) -> None:
        """Stop reading; nobody may be waiting for it."""
        self.history.close()
        if self._looking is not None:
            self._looking.cancel()

    async def _last_look(self) -> None:
        if self._looking is not None and not self._looking.done():
            await asyncio.wait({self._looking})

    async def _look(self) -> int:
        found = 0
        anew = self._recent is None
        while True:
            before = None if anew else self.recent.last  # bells may move it meanwhile
            head, events = await self._run(partial(_read_log, before))
            if any(event.epoch != head.epoch for event in events):
                continue  # the epoch changed between the two queries
            if before is None:
                self._begin(head, events)
                return found
            if head.epoch != self._head.epoch or head.seq < before:
                anew = True
                continue
            self._head = head
            fresh = [event for event in events if event.seq > self.recent.last]
            self._take(fresh)
            found += len(fresh)
            if len(events) < _AT_ONCE:
                return found

    def _begin(self, head: HeadState, events: Sequence[Logged]) -> None:
        self._head = head
        before = events[0].seq - 1 if events else head.seq
        self._recent = RecentEvents(before, events=_EVENTS, characters=_CHARACTERS)
        self._recent.extend(events)
        self.history.clear()
        self._on_change()

    def _take(self, events: Sequence[Logged]) -> None:
        if events:
            before = self.recent.last
            self.recent.extend(events)
            self._on_news(before, events)


def _read_log(after: int | None) -> tuple[HeadState, list[Logged]]:
    head = event_log.head()
    if after is None:
        after = max(head.oldest - 1, head.seq - _PREFILL)
    return head, event_log.read_after(after, _AT_ONCE)
