"""Searches for numbers that are missing: those that somebody asked for, and one a day by itself."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from armguard_tray.catchup.backlog import GOES_BACK, LEFT_FOR_LOOKS
from armguard_tray.catchup.look import Write
from armguard_tray.catchup.reader import Reader
from armguard_tray.catchup.search import Search, Searched
from armguard_tray.clock import Clock
from armguard_tray.errors import JournalError
from armguard_tray.storage.ledger import Ledger

log = logging.getLogger(__name__)

A_DAY = timedelta(days=1).total_seconds()


class Missing(Protocol):
    """What the journal answers, as `storage.journal.Journal`."""

    async def missing_numbers(self, server: str, since: datetime) -> tuple[int, int] | None:
        """Return the least and the greatest number of open gaps since then. Raises JournalError."""
        ...


class Searches:
    """Makes one search at a time, page by page; what somebody asked for goes before.

    The one of a day goes down to the oldest number that is missing of the last month.
    """

    def __init__(self, reader: Reader, write: Write, clock: Clock, missing: Missing, server: str) -> None:
        """Read from `reader` and store by `write` what `missing` knows to be missing of `server`."""
        self._reader = reader
        self._write = write
        self._clock = clock
        self._missing = missing
        self._server = server
        self._asked: list[Search] = []
        self._daily: Search | None = None
        self._not_before = clock.monotonic()

    async def ask(self, first: int, last: int, wake: Callable[[], None]) -> Searched | None:
        """Return what a search for numbers `first` to `last` comes to; who is cancelled wants it no more.

        `wake` is called when there is something to do.
        """
        search = Search(self._reader, self._write, self._clock, first=first, last=last)
        self._asked.append(search)
        wake()
        try:
            await search.ended.wait()
        finally:
            self._asked.remove(search)
        return search.result

    def close(self, why: str) -> None:
        """End what is asked for."""
        for each in self._asked:
            if each.result is None:
                each.end(why)

    @property
    def _first_asked(self) -> Search | None:
        return next((each for each in self._asked if each.result is None), None)

    def wait_for_asked(self) -> float | None:
        """Return the seconds until a page of what somebody asked for may be read; None: nobody has asked.

        They are told at once if the server refuses.
        """
        search = self._first_asked
        if search is None:
            return None
        return 0.0 if self._reader.refused_for() else search.wait()

    def wait_for_daily(self) -> float:
        """Return the seconds until there is something to do for the one of a day."""
        if self._daily is not None:
            return self._daily.wait()
        return max(0.0, self._not_before - self._clock.monotonic())

    async def step_asked(self, ledger: Ledger) -> Searched | None:
        """Read a page of what somebody asked for; return what it came to if that was the last one."""
        search = self._first_asked
        return await _step(search, ledger) if search is not None else None

    async def step_daily(self, ledger: Ledger) -> Searched | None:
        """Begin the one of a day, or read a page of it; return what it came to if that was the last one."""
        if self._daily is None:
            self._not_before = self._clock.monotonic() + A_DAY
            self._daily = await self._new_daily()
            return None
        searched = await _step(self._daily, ledger)
        if searched is not None:
            self._daily = None
        return searched

    async def _new_daily(self) -> Search | None:
        try:
            missing = await self._missing.missing_numbers(self._server, self._clock.now() - GOES_BACK)
        except JournalError as error:
            log.warning("which numbers are missing is not known: %s", error.message)
            return None
        if missing is None:
            return None
        first, last = missing
        return Search(self._reader, self._write, self._clock, first=first, last=last, leave=LEFT_FOR_LOOKS)


async def _step(search: Search, ledger: Ledger) -> Searched | None:
    await search.read_a_page(ledger)
    return search.result
