"""Older events, read from the log in pages that all connections of a process share."""

import asyncio
import functools
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from armguard_tray.server.event_log import Logged

PAGE: Final = 256  # events
KEPT: Final = 16  # pages
LONGEST_KEPT: Final = 500_000  # characters of a page


class History:
    """Reads each page of the log once, however many connections want it at a time.

    Pages lie at fixed places, so that connections with different positions meet in them. A page that reaches
    its end is kept for the next who comes; one that does not may yet grow.
    """

    def __init__(self, read: "Callable[[int, int], Awaitable[Sequence[Logged]]]") -> None:
        """`read` returns the events after a number, at most so many."""
        self._read = read
        self._pages: OrderedDict[int, asyncio.Task[Sequence[Logged]]] = OrderedDict()

    async def after(self, seq: int) -> "list[Logged]":
        """Return the events after `seq` up to the end of a page; none where the log holds them no more.

        Raises whatever reading raises.
        """
        number = seq // PAGE
        page = self._pages.get(number) or self._start(number)
        self._pages.move_to_end(number)
        return [event for event in await asyncio.shield(page) if event.seq > seq]

    def clear(self) -> None:
        """Forget what was read: the log is another one."""
        self._pages.clear()

    def close(self) -> None:
        """Stop reading; nobody may be waiting for it."""
        for page in self._pages.values():
            page.cancel()
        self._pages.clear()

    def _start(self, number: int) -> "asyncio.Task[Sequence[Logged]]":
        while len(self._pages) >= KEPT:
            self._pages.popitem(last=False)
        loop = asyncio.get_running_loop()
        page = loop.create_task(self._page(number), name=f"armguard-live-page-{number}")
        page.add_done_callback(functools.partial(self._keep_or_drop, number))
        self._pages[number] = page
        return page

    def _keep_or_drop(self, number: int, page: "asyncio.Task[Sequence[Logged]]") -> None:
        was_read = not page.cancelled() and page.exception() is None
        if was_read and _is_worth_keeping(page.result(), page_end(number)):
            return
        if self._pages.get(number) is page:
            del self._pages[number]

    async def _page(self, number: int) -> "Sequence[Logged]":
        events = await self._read(number * PAGE, PAGE)
        return [event for event in events if event.seq <= page_end(number)]


def page_end(number: int) -> int:
    """Return the last event's number of a page."""
    return (number + 1) * PAGE


def _is_worth_keeping(events: "Sequence[Logged]", end: int) -> bool:
    complete = bool(events) and events[-1].seq == end
    return complete and sum(len(event.body) for event in events) <= LONGEST_KEPT
