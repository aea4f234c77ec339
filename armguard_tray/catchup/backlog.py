"""The time before this desk followed the server: its history, fetched page by page, backwards."""

import logging
from dataclasses import replace
from datetime import timedelta

from armguard_tray.catchup.completeness import Progress
from armguard_tray.catchup.history_page import ROWS_A_PAGE, HistoryRow
from armguard_tray.catchup.look import Write
from armguard_tray.catchup.planning import lower
from armguard_tray.catchup.reader import NotRead, Read, Reader
from armguard_tray.catchup.schedule import EVERY
from armguard_tray.catchup.standstill import MOVING, Standstill
from armguard_tray.clock import Clock
from armguard_tray.errors import JournalError
from armguard_tray.storage.ledger import Backlog, Ledger, Plan, View

log = logging.getLogger(__name__)

GOES_BACK = timedelta(days=30)
"""How far the history of a month goes back."""
LEFT_FOR_LOOKS = 3
"""Requests that are left in the budget: looks go before."""


BROKEN = "this program failed at it; its log says how"


def cancelled(view: View) -> Plan:
    """Plan that the time before is not fetched, until somebody wants it again."""
    ledger = view.ledger
    if ledger is None or ledger.backlog is not Backlog.WANTED:
        return Plan()
    return Plan(ledger=replace(ledger, backlog=Backlog.CANCELLED))


def wanted_again(view: View) -> Plan:
    """Plan that the time before is fetched after all."""
    ledger = view.ledger
    if ledger is None or ledger.backlog is not Backlog.CANCELLED:
        return Plan()
    return Plan(ledger=replace(ledger, backlog=Backlog.WANTED))


class BacklogFetcher:
    """Goes down the history from where the ledger begins.

    Pages move while they are read: what is new pushes them down. So each one is joined to the row that was
    read last, and after a restart a page is sought that reaches up to where the ledger begins.

    Attributes:
        failure: why the last page could not be had, in words; empty if it could.
        brought: what the log has of the time that was to be fetched, once all is there; None: it is not.

    """

    def __init__(self, reader: Reader, write: Write, clock: Clock) -> None:
        """Read from `reader` and store by `write`."""
        self.failure = ""
        self.brought: Progress | None = None
        self._reader = reader
        self._write = write
        self._clock = clock
        self._not_before = clock.monotonic()
        self._progress: Progress | None = None
        self._page: int | None = None
        self._joint: HistoryRow | None = None
        self._standstill: Standstill = MOVING
        self._era_row = 0

    def begin_anew(self) -> None:
        """Seek the page again, and at once: it was cancelled a while ago, and is wanted."""
        self.failure = ""
        self.brought = None
        self._page = self._joint = None
        self._not_before = self._clock.monotonic()

    def wait(self) -> float:
        """Return the seconds until the next page may be fetched; 0.0: now."""
        again = self._not_before - self._clock.monotonic()
        return max(0.0, again, self._reader.wait(leave=LEFT_FOR_LOOKS))

    @property
    def progress(self) -> Progress | None:
        """How far it has come; None if it does not come on."""
        return None if self.failure else self._progress

    async def fetch(self, ledger: Ledger) -> None:
        """Fetch one page below `ledger`, or note why not."""
        try:
            self.failure = await self._fetch(ledger)
        except JournalError as error:
            self.failure = error.message
        except Exception:
            # One page that is stranger than all others must not end the task.
            log.exception("a page of the time before could not be taken")
            self.failure = BROKEN
        if self.failure:
            log.warning("the time before could not be fetched: %s", self.failure)
            self._not_before = self._clock.monotonic() + EVERY

    async def _fetch(self, ledger: Ledger) -> str:
        if ledger.era_row != self._era_row or (self._joint and self._joint.id < ledger.begins):
            self._page = self._joint = None  # the server's record is another meanwhile
        self._era_row = ledger.era_row
        number = self._page or max(1, 1 + (ledger.complete_to - ledger.begins + 1) // ROWS_A_PAGE)
        read = await self._reader.page(number)
        if isinstance(read, NotRead):
            return read.why
        rows = _joined(self._joint, read.rows)
        if number > 1 and not any(row.id >= ledger.begins for row in rows):
            # Too far down: not all of the numbers in between are on the history.
            self._page, self._joint = number - 1 if rows else number // 2, None
            return ""
        is_older = self._joint is None or any(row.id < self._joint.id for row in rows)
        if not is_older and not read.is_short:
            return self._stands_still(number, read)
        self._standstill = MOVING
        # Some show their last page once more in place of those past the end.
        is_last = read.is_past_end or not is_older
        await self._store(rows, read, is_last=is_last, from_newest=number == 1)
        self._page, self._joint = number + 1, min(rows, key=lambda row: row.id, default=None)
        return ""

    def _stands_still(self, number: int, read: Read) -> str:
        """Go on behind a page that has nothing older; return why not, if there were too many of them."""
        self._standstill = self._standstill.and_then([row.id for row in read.rows])
        self._page = number + 1
        if failure := self._standstill.failure:
            self._page, self._joint, self._standstill = None, None, MOVING
            return failure
        return ""

    async def _store(self, rows: list[HistoryRow], read: Read, *, is_last: bool, from_newest: bool) -> None:
        planner = lower(rows, read.at, is_last=is_last, from_newest=from_newest)
        in_all: int | None = None

        def plan(view: View) -> Plan:
            nonlocal in_all
            if view.ledger is None or view.ledger.backlog is not Backlog.WANTED:
                return Plan()
            planned = planner(view)
            after = planned.ledger
            if after is not None and after.backlog is Backlog.DONE:
                # It may have been interrupted: what counts is what is there.
                in_all = len(planned.found) + len(view.known(after.begins, after.complete_to))
            return planned

        written = await self._write(plan, read.at)
        fetched = sum(each.event.transaction_id is not None for each in written.new)
        before = self._progress or Progress(backlog=True, wants_back_to=read.at - GOES_BACK)
        self._progress = replace(
            before,
            fetched=before.fetched + fetched,
            back_to=min((row.time for row in rows), default=before.back_to),
        )
        if in_all is not None:
            self.brought = replace(self._progress, fetched=in_all)


def _joined(joint: HistoryRow | None, rows: tuple[HistoryRow, ...]) -> list[HistoryRow]:
    return list(rows) if joint is None or any(row.id == joint.id for row in rows) else [joint, *rows]
