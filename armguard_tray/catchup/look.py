"""One look at the server's history, page by page from the newest down to what is known already.

Each page is in the journal before the next one is asked for; what is claimed moves only with the last one. So
a look may end anywhere, and the next one begins at the newest again.
Pages of what the present connection has told are gone over (`leap`).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from armguard_tray.catchup.announcements import Announcements
from armguard_tray.catchup.audit import GRACE, Comparison, Doubtful, Span, too_late
from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.catchup.leap import Leap, leap_of
from armguard_tray.catchup.planning import Walk, begin, fill, set_back, settle
from armguard_tray.catchup.reach import Reach, reach_of
from armguard_tray.catchup.reader import NotRead, Read, Reader
from armguard_tray.catchup.standstill import MOVING, Standstill, pages_on
from armguard_tray.clock import Clock, in_zone
from armguard_tray.messages.event import Source
from armguard_tray.storage.ledger import Ledger, Plan, Planner, View, Written

MOST_PAGES = 2000
"""Of one look; only a history that never ends has more of a month."""
_A_MONTH = timedelta(days=28)
"""What is younger must be on a history of a month, however long that is."""
_A_SECOND = timedelta(seconds=1)
ENDLESS = "the history page goes on and on"

Write = Callable[[Planner, datetime], Awaitable[Written]]
"""Stores what a planner makes of the journal, found at that time, and hands it on. Raises JournalError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a look works with.

    Attributes:
        reader: reads the pages.
        write: stores what they show.
        announcements: knows what was announced.
        zone: the zone in which the server's times are told.
        last_row: returns the newest row of the journal. Raises JournalError.
        clock: tells the time.

    """

    reader: Reader
    write: Write
    announcements: Announcements
    zone: tzinfo
    last_row: Callable[[], Awaitable[int]]
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of the history beside those that were read before.

    Attributes:
        number: its number.
        read: what it shows.
        new: what of that was not seen before.
        is_last: whether the history has none behind it.
        goes_on: whether it leads further down, or is the last.

    """

    number: int
    read: Read
    new: list[HistoryRow]
    is_last: bool
    goes_on: bool

    @property
    def numbers(self) -> list[int]:
        return [row.id for row in self.read.rows]

    @property
    def is_first(self) -> bool:
        return self.number == 1


@dataclass(slots=True)
class _Seen:
    """What a planner saw of the journal, in the transaction in which its plan was written."""

    reach: Reach | None = None
    leap: Leap | None = None
    has_begun: bool = False
    is_behind: bool = False


class Look:
    """One look; `make` it once.

    Attributes:
        finding: what it has found up to now; None: nothing yet.
        failure: why the history could not be read, in words; empty if it could.
        is_behind: whether the server's record ends before what is claimed.
        is_outstanding: whether the history shows what is neither in the log nor in a gap yet.
        is_long: whether one page was not enough.
        fetched: how many transactions it brought.
        back_to: when the oldest one that it has read was made, aware; None: it has read none.
        skipped, silent: how many in a row were not announced, as in `audit.Comparison`.

    """

    def __init__(
        self,
        tools: Tools,
        *,
        was_behind: bool,
        was_empty: bool = False,
        lag: timedelta = timedelta(),
        shown: int = 0,
    ) -> None:
        """Prepare a look.

        Args:
            tools: what it works with.
            was_behind: whether the look before found the server's record behind. An announcement may be
                faster than its transaction, so that is believed when it is found twice.
            was_empty: whether the look before found a history without any transaction, and the journal has
                had none. What there is now was made since.
            lag: how much longer than usual an announcement may take.
            shown: the newest transaction that the history showed so long ago that it must have been announced
                since; 0: none.

        """
        self.finding: AuditFound | None = None
        self.failure = ""
        self.is_behind = False
        self.is_outstanding = False
        self.is_long = False
        self.fetched = 0
        self.back_to: datetime | None = None
        self.skipped = self.silent = 0
        self._tools = tools
        self._was_empty = was_empty
        self._was_behind = was_behind
        self._lag = lag
        self._shown = shown
        self._still_to_come = ""
        self._shift = timedelta()
        self._began = tools.clock.monotonic()
        self._at = tools.clock.now()
        self._asked_row = 0
        # Over what it went on to the present page, and all that it has gone over.
        self._leap: Leap | None = None
        self._told: set[int] = set()
        self._may_leap = True
        self._standstill: Standstill = MOVING
        self._rows: dict[int, HistoryRow] = {}
        self._until = self._at
        self._unannounced: dict[int, Source] = {}
        self._ledger: Ledger | None = None
        self._brought: set[int] = set()
        self._ahead = timedelta()

    async def make(self, on_page: Callable[[], None]) -> None:
        """Read and store; `on_page` is called after each page that is not the last. Raises JournalError."""
        self._asked_row = await self._tools.last_row()
        number = 1
        for _ in range(MOST_PAGES):
            read = await self._tools.reader.page(number)
            if isinstance(read, NotRead):
                self.fail(read.why)
                return
            if self._leap is not None:
                if not self._leap.lands(read.rows):
                    number, self._may_leap, self._leap = self._leap.since + 1, False, None
                    continue
                self._told.update(self._leap.over)
                self._leap = None
            page = self._page(number, read)
            self._standstill = MOVING if page.goes_on else self._standstill.and_then(page.numbers)
            if self._standstill.failure:
                self.fail(self._standstill.failure)
                return
            if (page.new or page.is_last) and await self._take(page):
                return
            number = self._after(page)
            self.is_long = True
            on_page()
        self.fail(ENDLESS)

    def _page(self, number: int, read: Read) -> _Page:
        new = [row for row in read.rows if row.id not in self._rows]
        oldest_seen = min(self._rows, default=None)
        oldest = min((row.id for row in read.rows), default=None)
        # Some show their last page once more in place of those past the end.
        is_last = read.is_past_end or (not new and read.is_short and oldest == oldest_seen)
        goes_on = is_last or oldest_seen is None or (oldest is not None and oldest < oldest_seen)
        return _Page(number, read, new, is_last=is_last, goes_on=goes_on)

    def _after(self, page: _Page) -> int:
        """Return the page to read next."""
        if self._leap is not None:
            return self._leap.to
        return page.number + (1 if page.goes_on else pages_on(page.numbers, self._rows))

    def fail(self, why: str) -> None:
        """Take why it could not be made."""
        self.failure = why
        self.finding = replace(self._finding(None, timedelta()), failure=why)

    async def _take(self, page: _Page) -> bool:
        """Store a page and what it shows; tell whether it was the last one that is needed."""
        if page.is_first:
            self._until = page.read.at_server - self._lag
        self._ahead = page.read.ahead
        self._rows |= {row.id: row for row in page.new}
        if self._rows:
            self.back_to = self._rows[min(self._rows)].time
        compared = await self._compare(page)
        if page.is_first:
            self._tools.announcements.first_seen(self.newest, page.read.at_server)
        done = await self._store(page)
        self.is_outstanding = done and (
            self.is_behind or (self._ledger is not None and self.newest > self._ledger.complete_to)
        )
        self.finding = self._finding(compared, page.read.ahead)
        return done

    @property
    def newest(self) -> int:
        """The newest transaction that it has seen; 0: none."""
        return max(self._rows, default=0)

    @property
    def at(self) -> datetime:
        """When it began, aware."""
        return self._at

    def brought_between(self, since: datetime, until: datetime) -> int:
        """Return how many it brought that should have been announced between these, by this desk's clock."""
        span = Span(since=since + self._ahead, until=until + self._ahead)
        return sum(span.holds(self._rows[number].time) for number in self._brought)

    @property
    def found_nothing(self) -> bool:
        """Whether the history was read, and has no transaction at all."""
        return not self.failure and not self._rows

    # What was announced

    async def _compare(self, page: _Page) -> Comparison | Doubtful | None:
        ahead = page.read.ahead
        announcements = self._tools.announcements
        since = announcements.subscribed
        rows = sorted(self._rows.values(), key=lambda row: row.id, reverse=True)
        reaches_back = since is None or page.is_last or rows[-1].time < since + ahead
        impossible = too_late(rows, page.read.at_server)
        if impossible is not None:
            # What is missing is found by its number all the same.
            self._still_to_come = _still_to_come(impossible, self._tools.zone)
            return None
        compared = await announcements.compare(
            rows, self._until, ahead, reaches_back=reaches_back, unsure=page.read.unsure
        )
        if isinstance(compared, Comparison):
            self._unannounced = dict.fromkeys(compared.unannounced, Source.UNANNOUNCED)
            self.skipped, self.silent = compared.skipped, compared.silent
        return compared

    def _finding(self, compared: Comparison | Doubtful | None, ahead: timedelta) -> AuditFound:
        found = AuditFound(
            at=self._at,
            ms=(self._tools.clock.monotonic() - self._began) * 1000,
            complete_to=None if self._ledger is None else self._ledger.complete_to,
            unannounced=tuple(sorted(self._unannounced)),
        )
        if self._still_to_come:
            return replace(found, failure=self._still_to_come)
        if self._shift and not self._unannounced:
            return replace(found, warning=_shifted(self._shift))
        match compared:
            case Comparison():
                return replace(found, since=compared.since - ahead, compared=compared.compared)
            case Doubtful():
                return replace(found, failure=str(compared))
            case None:
                return found

    # What is stored

    async def _store(self, page: _Page) -> bool:
        """Store what is new of a page; tell whether it was the last one that is needed."""
        seen = _Seen()
        await self._write(self._plan_of(page, seen), page.read.at)
        if seen.has_begun:  # there is a ledger now that the page can be held against
            seen = _Seen()
            await self._write(self._plan_of(page, seen), page.read.at)
        self.is_behind = seen.is_behind
        self._leap = seen.leap
        if seen.reach is not None:
            self._shift = self._shift or seen.reach.shift
        return seen.is_behind or page.is_last or seen.reach is None or seen.reach.far_enough

    async def _write(self, planner: Planner, at: datetime) -> None:
        written = await self._tools.write(planner, at)
        self._ledger = written.ledger
        self.fetched += sum(each.event.transaction_id is not None for each in written.new)
        not_live = {each.event.transaction_id for each in written.new if each.event.source is not Source.LIVE}
        self._brought.update(number for number in self._rows if number in not_live)

    def _plan_of(self, page: _Page, seen: _Seen) -> Planner:
        """Return the planner of a page, which also notes what it saw of the journal."""

        def plan(view: View) -> Plan:
            ledger = view.ledger
            if ledger is None:
                seen.has_begun = bool(self._rows)
                return self._begin(page)(view) if self._rows else Plan()
            numbers = [row.id for row in page.new]
            span = (min(numbers, default=0), max(numbers, default=-1))
            seen.reach = reach_of(page.new, ledger, view.known(*span), declared=view.declared(*span))
            if page.is_first and seen.reach.differs_from is None:
                back = self._set_back(view, page.read)
                seen.is_behind = back != Plan()
                if seen.is_behind:
                    return back if self._was_behind else Plan()
            walk = self._walk(list(self._rows.values()), page.read.at)
            if seen.reach.far_enough or page.is_last:
                return settle(walk, self._settled, reaches=seen.reach.far_enough)(view)
            seen.leap = self._leap_of(view, ledger, page) if seen.reach.differs_from is None else None
            # With all of its rows: what stands on no page is taken for gone if the record is another.
            return fill(walk)(view)

        return plan

    def _begin(self, page: _Page) -> Planner:
        # An empty history does not say what came before it, for it has only a month: the first number does.
        made_since = self._was_empty and page.is_first and page.read.is_short
        return begin(min(self._rows) - 1 if made_since else self.newest, page.read.at)

    def _walk(self, rows: list[HistoryRow], at: datetime) -> Walk:
        return Walk(
            rows=rows,
            at=at,
            asked_row=self._asked_row,
            sources=self._unannounced,
            shown=self._told,
            # Who is not subscribed need not wait for announcements.
            settled=None if self._tools.announcements.subscribed is None else self._settled,
        )

    def _leap_of(self, view: View, ledger: Ledger, page: _Page) -> Leap | None:
        was_told = self._tools.announcements.was_told
        lowest = min((row.id for row in page.read.rows), default=0)
        # What may be thousands is asked for only where it can be of use.
        if not self._may_leap or not any(map(was_told, view.known(lowest, lowest).values())):
            return None
        return leap_of(page.number, page.read.rows, view.known(ledger.complete_to + 1, lowest), was_told)

    @property
    def _settled(self) -> int:
        """Up to which number nothing was made just now; those above may still be announced."""
        fresh = [
            row.id
            for row in self._rows.values()
            if row.id > self._shown and row.time + _A_SECOND + GRACE > self._until
        ]
        return min(fresh) - 1 if fresh else self.newest

    def _set_back(self, view: View, read: Read) -> Plan:
        """Return what is to be said if the server's record ends before what is claimed; else nothing."""
        if not self._rows and not _is_young(view, read.at_server):
            return Plan()  # there was nothing to do for a month
        return set_back(self.newest, read.at, asked_row=self._asked_row)(view)


def _still_to_come(row: HistoryRow, zone: tzinfo) -> str:
    when = f"{in_zone(row.time, zone):%d/%m/%y %H:%M:%S}"
    return f"transaction #{row.id} of {when} is still to come: are the server's clock and time zone right?"


def _shifted(shift: timedelta) -> str:
    minutes = round(abs(shift).total_seconds() / 60)
    way = "later" if shift > timedelta() else "earlier"
    return (
        f"the history's times are {minutes // 60} h {minutes % 60:02} min {way} than those announced: "
        "is the server's time zone right?"
    )


def _is_young(view: View, now: datetime) -> bool:
    """Tell whether the newest transaction that is claimed is so young that the history must show it."""
    claimed = 0 if view.ledger is None else view.ledger.complete_to
    newest = view.known(claimed, claimed).get(claimed)
    return newest is not None and newest.time is not None and newest.time > now - _A_MONTH
