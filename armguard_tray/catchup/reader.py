"""Reads pages of a server's history, within a budget, and says in plain words why one could not be had."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from http import HTTPStatus
from typing import Protocol

from armguard_tray.catchup.budget import Budget
from armguard_tray.catchup.history_page import (
    ROWS_A_PAGE,
    HistoryRow,
    NotUnderstood,
    history_path,
    parse_history,
)
from armguard_tray.catchup.issued_page import IssuedNow, NotListed, parse_issued
from armguard_tray.clock import Clock
from armguard_tray.connection.explain import outcome
from armguard_tray.connection.failures import Failure
from armguard_tray.connection.login import Page
from armguard_tray.connection.server_clock import ahead_by

log = logging.getLogger(__name__)

# A day would end at midnight, and with it what was made just before; of all periods the first page is alike.
PERIOD = "month"
# The page has all that is issued now, too: some hundred rows in a large armory.
MAX_PAGE = 1024 * 1024
_LIMITED = "the server does not show its history now: too many requests, or not allowed"
_UNCLEAR = "the history page says something else in place of its transactions"

Pause = Callable[[float], Awaitable[None]]
"""Returns after so many seconds."""


class PageSource(Protocol):
    """Where pages come from, as `connection.pages.SessionPages`."""

    async def get(self, path: str, *, accept: str, most: int) -> Page | Failure:
        """Return what is at `path`, up to `most` bytes of it, or why nothing came."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A page of the history as it was read and understood.

    Attributes:
        rows: its transactions, the newest first.
        at: when it was asked for, by this desk's clock, aware.
        ahead: by how much the server's clock is ahead of that.
        unsure: by how much that may be off, beside what clocks without fractions make of it; None: the
            server has never told the time, and its clock is taken to be this desk's.
        is_past_end: whether the history has nothing on this page, nor on older ones.

    """

    rows: tuple[HistoryRow, ...]
    at: datetime
    ahead: timedelta
    unsure: timedelta | None
    is_past_end: bool = False

    @property
    def is_short(self) -> bool:
        """Whether it may be the last one; other servers may show fewer on each."""
        return len(self.rows) < ROWS_A_PAGE

    @property
    def at_server(self) -> datetime:
        """When it was asked for, by the server's clock."""
        return self.at + self.ahead


@dataclass(frozen=True, slots=True)
class NotRead:
    """A page that was not had or not understood; `why` in plain words."""

    why: str

    def __str__(self) -> str:
        return self.why


class Reader:
    """Reads the history of one server, one page at a time.

    Attributes:
        issued: what the newest page listed as issued; None: none was read yet, or it is not understood.

    """

    def __init__(self, pages: PageSource, zone: tzinfo, clock: Clock, pause: Pause = asyncio.sleep) -> None:
        """Read from `pages`, whose times are in `zone`; `pause` waits until the budget allows a request."""
        self.issued: IssuedNow | None = None
        self._pages = pages
        self._zone = zone
        self._clock = clock
        self._pause = pause
        self._budget = Budget.full(clock.monotonic())
        self._ahead = timedelta(0)
        self._unsure: timedelta | None = None

    def wait(self, *, leave: int = 0) -> float:
        """Return the seconds until a page may be read that leaves so many more requests; 0.0: now."""
        return self._budget.wait(self._clock.monotonic(), leave=leave)

    def refused_for(self) -> float:
        """Return the seconds for which nothing is asked because the server refuses; 0.0: it does not."""
        return self._budget.refused_for(self._clock.monotonic())

    async def page(self, number: int) -> Read | NotRead:
        """Return page `number`, from 1 on, as soon as it may be asked for; none while the server refuses.

        A page past the end is empty.
        """
        if self.refused_for():
            return NotRead(_LIMITED)
        while (seconds := self.wait()) > 0:
            await self._pause(seconds)
        return await self._read(number)

    async def _read(self, number: int) -> Read | NotRead:
        began, at = self._clock.monotonic(), self._clock.now()
        self._budget = self._budget.spend(began)
        page = await self._pages.get(history_path(PERIOD, number), accept="text/html", most=MAX_PAGE)
        if isinstance(page, Failure):
            return _not_had(page)
        self._set_clock(page.headers.get("Date", ""), at, took=self._clock.monotonic() - began)
        match page.status:
            case HTTPStatus.OK:
                read = await self._understand(page, at)
                if number == 1 and isinstance(read, Read):
                    await self._take_issued(page, read)
                return read
            case HTTPStatus.NOT_FOUND if number > 1:
                # The page before was the last.
                return self._read_as((), at)
            case HTTPStatus.FORBIDDEN | HTTPStatus.TOO_MANY_REQUESTS:
                self._budget = self._budget.refuse(self._clock.monotonic(), page.retry_after)
                log.warning("history: HTTP %s; not asked for %.0f s", page.status, self.refused_for())
                return NotRead(_LIMITED)
            case status:
                return NotRead(f"the history page was answered with {status}")

    async def _understand(self, page: Page, at: datetime) -> Read | NotRead:
        self._budget = self._budget.had()
        # Not here: a page may be as hostile to its reader as it likes.
        read = await asyncio.to_thread(parse_history, page.text, self._zone)
        if isinstance(read, NotUnderstood):
            return NotRead(str(read))
        if read.unclear:
            return NotRead(_UNCLEAR)
        return self._read_as(read.rows, at)

    async def _take_issued(self, page: Page, read: Read) -> None:
        """Take what the page lists beside the history: each has the list, the first is asked for oftenest."""
        rows = await asyncio.to_thread(parse_issued, page.text, self._zone)
        if isinstance(rows, NotListed):
            log.info("what is issued now is not known: %s", rows)
            self.issued = None
        else:
            newest = max((row.id for row in read.rows), default=0)
            self.issued = IssuedNow(rows=rows, newest=newest, at=read.at, ahead=read.ahead)

    def _read_as(self, rows: tuple[HistoryRow, ...], at: datetime) -> Read:
        return Read(rows=rows, at=at, ahead=self._ahead, unsure=self._unsure, is_past_end=not rows)

    def _set_clock(self, date: str, at: datetime, *, took: float) -> None:
        """Take what the server's clock showed at some moment of the seconds that a page took."""
        ahead = ahead_by(date, at, took * 1000)
        if ahead is not None:
            self._ahead, self._unsure = ahead, timedelta(seconds=took / 2)


def _not_had(failure: Failure) -> NotRead:
    if failure.status == HTTPStatus.FOUND:
        return NotRead("the history page needs a new login: the session is gone")
    return NotRead(f"the history page could not be had: {outcome(failure)}")
