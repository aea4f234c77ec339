"""Going down the history once more, to numbers that were not there: what has turned up is put in its place.

Pages follow each other from the one that should have the greatest of the numbers down to the least. Nothing
is claimed with that, so it may end anywhere.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from armguard_tray.catchup.backlog import BROKEN
from armguard_tray.catchup.history_page import ROWS_A_PAGE
from armguard_tray.catchup.look import ENDLESS, MOST_PAGES, Write
from armguard_tray.catchup.planning import recover
from armguard_tray.catchup.reader import NotRead, Read, Reader
from armguard_tray.catchup.standstill import MOVING, Standstill
from armguard_tray.clock import Clock
from armguard_tray.errors import JournalError
from armguard_tray.storage.ledger import Ledger

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search has come to.

    Attributes:
        at: when it ended, aware.
        back_to: when the oldest transaction was made that it has read, aware; None: it has read none.
        is_too_old: whether the history ends before it comes down to all of the numbers.
        found: how many transactions it brought, of whatever gap.
        failure: why it could not look, in words; empty if it could.

    """

    at: datetime
    back_to: datetime | None = None
    is_too_old: bool = False
    found: int = 0
    failure: str = ""


class Search:
    """One search; `read_a_page` until it has `result`.

    Attributes:
        result: what it has come to; None while it goes on.
        ended: set when it has.

    """

    def __init__(  # noqa: PLR0913 - what it works with, and what it looks for
        self, reader: Reader, write: Write, clock: Clock, *, first: int, last: int, leave: int = 0
    ) -> None:
        """Look for numbers `first` to `last`, and leave so many requests of the budget to others."""
        self.result: Searched | None = None
        self.ended = asyncio.Event()
        self._reader = reader
        self._write = write
        self._clock = clock
        self._first = first
        self._last = last
        self._leave = leave
        self._page: int | None = None
        self._pages = 0
        # Whether a page was read that reaches up to the greatest of the numbers.
        self._has_begun = False
        self._seen: set[int] = set()
        self._standstill: Standstill = MOVING
        self._back_to: datetime | None = None
        self._found = 0

    def wait(self) -> float:
        """Return the seconds until the next page may be read; 0.0: now."""
        return self._reader.wait(leave=self._leave)

    def end(self, failure: str = "", *, is_too_old: bool = False) -> None:
        """End it, as it is."""
        if failure:
            log.warning("not looked for #%d to #%d: %s", self._first, self._last, failure)
        self.result = Searched(
            at=self._clock.now(),
            back_to=self._back_to,
            is_too_old=is_too_old,
            found=self._found,
            failure=failure,
        )
        self.ended.set()

    async def read_a_page(self, ledger: Ledger) -> None:
        """Read the next page, and store what the journal with `ledger` does not have of it."""
        try:
            await self._read_a_page(ledger)
        except JournalError as error:
            self.end(error.message)
        except Exception:
            # One page that is stranger than all others must not end the task.
            log.exception("a page could not be searched")
            self.end(BROKEN)

    async def _read_a_page(self, ledger: Ledger) -> None:
        number = self._page or 1 + max(0, ledger.complete_to - self._last) // ROWS_A_PAGE
        read = await self._reader.page(number)
        self._pages += 1
        if isinstance(read, NotRead):
            self.end(read.why)
        elif self._pages > MOST_PAGES:
            self.end(ENDLESS)
        elif not self._has_begun and number > 1 and (further_up := self._further_up(number, read)):
            self._page = further_up
        else:
            self._has_begun = True
            self._page = number + 1
            await self._take(read)

    def _further_up(self, number: int, read: Read) -> int | None:
        """Return the page to begin with if page `number` is too far down: not all numbers are in use."""
        if not read.rows:
            return number // 2
        short = self._last - max(row.id for row in read.rows)
        return max(1, number - max(1, short // ROWS_A_PAGE)) if short > 0 else None

    async def _take(self, read: Read) -> None:
        new = [row for row in read.rows if row.id not in self._seen]
        self._seen |= {row.id for row in new}
        self._standstill = MOVING if new else self._standstill.and_then([row.id for row in read.rows])
        if new:
            written = await self._write(recover(new, read.at), read.at)
            self._found += sum(each.event.transaction_id is not None for each in written.new)
            self._back_to = min(row.time for row in new)
        if self._seen and min(self._seen) <= self._first:
            self.end()
        elif read.is_past_end or (not new and read.is_short):
            self.end(is_too_old=True)
        elif failure := self._standstill.failure:
            self.end(failure)
