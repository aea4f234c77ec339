"""An audit: the server's history page, read with the session that there is, beside what was announced.

It costs the server a request, seldom two; so it is made every few minutes at most, and whoever asks in
between is told what the last one found. Where the server limits requests it waits longer.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from http import HTTPStatus
from typing import Protocol

from armguard_tray.catchup.audit import (
    GRACE,
    MARGIN,
    Announced,
    Comparison,
    Doubtful,
    Reading,
    Span,
    compare,
    compare_newer,
    too_late,
)
from armguard_tray.catchup.history_page import (
    ROWS_A_PAGE,
    HistoryPage,
    HistoryRow,
    NotUnderstood,
    history_path,
    parse_history,
)
from armguard_tray.checkup.hearing import Hearing
from armguard_tray.checkup.limits import Limits, Stopwatch
from armguard_tray.checkup.website import ahead_by
from armguard_tray.clock import Clock, in_zone
from armguard_tray.connection.explain import outcome
from armguard_tray.connection.failures import Failure
from armguard_tray.connection.login import Page, Session
from armguard_tray.diagnosis.facts import AuditFound
from armguard_tray.errors import UserError

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=3)
LIMITED_FOR = timedelta(minutes=5)
"""How long nothing is asked after the server has said that it was asked too much, unless it says longer."""
MOST_PAGES = 2
# The page has all that is issued now, too: some hundred rows in a large armory.
_MAX_PAGE = 1024 * 1024
# A day would end at midnight, and with it what was made just before; of all of them the first page is alike.
_PERIOD = "week"


class Pages(Protocol):
    """Reads pages of the server with a session, as `LoginClient` does."""

    async def get(self, session: Session, path: str, *, accept: str, most: int) -> Page | Failure:
        """Return what is at `path`, up to `most` bytes of it, or why nothing came."""
        ...


Told = Callable[[datetime, datetime], Awaitable[Announced]]
"""Returns what was announced of what was made since a time, told when we subscribed. Raises UserError."""


class Auditor:
    """Audits one server, not too often."""

    def __init__(self, zone: tzinfo, clock: Clock, told: Told | None = None) -> None:
        """Read the server's times in `zone`; `told` is this desk's journal, None where there is none."""
        self._zone = zone
        self._clock = clock
        self._told = told
        self._last: AuditFound | None = None
        self._first: tuple[datetime, Reading] | None = None
        self._not_before: float = clock.monotonic()
        self._asking = asyncio.Lock()

    async def audit(
        self, client: Pages, session: Session, since: datetime, within: float
    ) -> AuditFound | None:
        """Compare the history with the journal, within so many seconds.

        The first look of a subscription shows less than those that follow, which know what was there then.

        Args:
            client: reads pages.
            session: with which.
            since: since when this desk has been subscribed to the transactions, aware.
            within: seconds that it may take.

        Returns:
            what is found; what the last one found if none is due; None where there is no journal.

        """
        if self._told is None:
            return None
        async with self._asking:
            if self._last is None or self._clock.monotonic() >= self._not_before:
                first = self._first[1] if self._first is not None and self._first[0] == since else None
                self._wait(GRACE if first is None else EVERY)
                history = _History(client, session, self._zone, self._clock)
                watch = Stopwatch(self._clock)
                compared = _compared(history, since, self._told, watch, first)
                self._last = await _within(within, compared, watch)
                if first is None and history.newest is not None:
                    self._first = since, Reading(newest=history.newest, at=watch.at + history.ahead)
                if history.limited_for is not None:
                    self._wait(max(LIMITED_FOR, history.limited_for))
            return self._last

    def _wait(self, time: timedelta) -> None:
        self._not_before = self._clock.monotonic() + time.total_seconds()

    async def audit_meanwhile(
        self, client: Pages, session: Session, hearing: Hearing, limits: Limits
    ) -> AuditFound | None:
        """Compare the history with what is heard by a checkup's own socket while it is watched.

        Returns:
            what is found; None if it is not watched long enough for that.

        """
        half = limits.stays / 2
        if half <= limits.announced:
            return None
        await hearing.begun.wait()
        watch = Stopwatch(self._clock)
        history = _History(client, session, self._zone, self._clock)
        return await _within(
            limits.stays + limits.audit, _heard(history, hearing, half, limits.announced, watch), watch
        )


async def _within(
    seconds: float, finding: Coroutine[None, None, AuditFound | str], watch: Stopwatch
) -> AuditFound:
    """Return what is found, or a finding that says why nothing is."""
    try:
        async with asyncio.timeout(seconds):
            found = await finding
    except TimeoutError:
        found = "the history page did not come in time"
    except UserError as error:
        found = error.message
    if isinstance(found, str):
        log.warning("audit: %s", found)
        return AuditFound(at=watch.at, ms=watch.ms, failure=found)
    if found.unannounced:
        log.warning("audit: not announced: %s", ", ".join(f"#{each}" for each in found.unannounced))
    return found


async def _compared(
    history: "_History", since: datetime, told: Told, watch: Stopwatch, first: Reading | None
) -> AuditFound | str:
    """Return what the history shows of the time since then, or why it shows nothing. Raises UserError."""
    rows = await history.since(since)
    if isinstance(rows, str):
        return rows
    # Asked for after the page: what was announced while it came is known then.
    oldest = min((row.time for row in rows), default=since)
    announced = await told(oldest - MARGIN, since)
    span = Span(since=since + history.ahead, until=watch.at + history.ahead)
    found = compare(rows, announced, span, reaches_back=history.reaches_back, first=first)
    if isinstance(found, Doubtful):
        return str(found)
    return _found(replace(found, since=found.since - history.ahead), watch)


async def _heard(
    history: "_History", hearing: Hearing, half: float, announced: float, watch: Stopwatch
) -> AuditFound | str:
    """Return what the history shows that was made between two readings, half of the time apart."""
    before = await history.page(1)
    if isinstance(before, str):
        return before
    newest = history.newest
    await _ended(hearing, half - watch.ms / 1000)
    after = await history.page(1)
    if isinstance(after, str):
        return after
    await _ended(hearing, announced)
    if hearing.ended.is_set():
        return "the socket was not open long enough to compare"
    if newest is None and after.rows:
        return "the history page showed no transactions at first: what is new is not known"
    return _found(compare_newer(after.rows, hearing.heard, watch.at, newest_before=newest or 0), watch)


async def _ended(hearing: Hearing, within: float) -> None:
    """Wait until nobody listens any more, but no longer than `within` seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await hearing.ended.wait()


def _found(compared: Comparison, watch: Stopwatch) -> AuditFound:
    return AuditFound(
        at=watch.at,
        ms=watch.ms,
        complete_to=compared.complete_to,
        unannounced=compared.unannounced,
        since=compared.since,
        compared=compared.compared,
    )


@dataclass
class _History:
    """The history, as it is read with a session.

    Attributes:
        ahead: by how much the server's clock is ahead of this desk's, as far as it says.
        reaches_back: whether all that was made since the time asked for has been read.
        newest: the newest transaction when first read, 0 if it said that there is none; None: not known.
        limited_for: how long the server wants not to be asked; None: it has not said so.

    """

    client: Pages
    session: Session
    zone: tzinfo
    clock: Clock
    ahead: timedelta = timedelta(0)
    reaches_back: bool = False
    newest: int | None = None
    limited_for: timedelta | None = None

    async def since(self, since: datetime) -> list[HistoryRow] | str:
        """Return what was made since a time, and perhaps more, the newest first; or why that is not known."""
        rows: list[HistoryRow] = []
        for number in range(1, MOST_PAGES + 1):
            page = await self.page(number)
            if isinstance(page, str):
                return page
            # What is made between the two requests pushes the first page's last rows on to the second.
            known = {row.id for row in rows}
            rows += [row for row in page.rows if row.id not in known]
            if len(page.rows) < ROWS_A_PAGE or page.rows[-1].time < since + self.ahead:
                self.reaches_back = True
                break
        impossible = too_late(rows, self.clock.now() + self.ahead)
        if impossible is not None:
            when = f"{in_zone(impossible.time, self.zone):%d/%m/%y %H:%M:%S}"
            return (
                f"transaction #{impossible.id} of {when} is still to come: is the server's time zone right?"
            )
        return rows

    async def page(self, number: int) -> HistoryPage | str:
        """Return a page, or why there is none."""
        watch = Stopwatch(self.clock)
        page = await self.client.get(
            self.session, history_path(_PERIOD, number), accept="text/html", most=_MAX_PAGE
        )
        if isinstance(page, Failure):
            return _not_had(page)
        if number == 1:
            self.ahead = ahead_by(page.headers.get("Date", ""), watch.at, watch.ms) or self.ahead
        match page.status:
            case HTTPStatus.OK:
                # Not here: a page may be as hostile to its reader as it likes.
                read = await asyncio.to_thread(parse_history, page.text, self.zone)
                if isinstance(read, NotUnderstood):
                    return str(read)
                if self.newest is None and not read.unclear:
                    self.newest = read.rows[0].id if read.rows else 0
                return read
            case HTTPStatus.NOT_FOUND if number > 1:
                return HistoryPage(())  # the page before was the last
            case HTTPStatus.FORBIDDEN | HTTPStatus.TOO_MANY_REQUESTS:
                self.limited_for = _asked_to_wait(page)
                return "the server does not show its history now: too many requests, or not allowed"
            case status:
                return f"the history page was answered with {status}"


def _not_had(failure: Failure) -> str:
    if failure.status == HTTPStatus.FOUND:
        return "the history page needs a new login: the session is gone"
    return f"the history page could not be had: {outcome(failure)}"


def _asked_to_wait(page: Page) -> timedelta:
    try:
        return timedelta(seconds=page.retry_after or 0)
    except OverflowError:  # a hostile server may name any number
        return LIMITED_FOR
