"""PURE: the report on a shift, worked out from what the journal has of it.

The rules, each with its reason:

- A transaction counts by when it happened, by the server's clock, however late it came.
- What came twice under one number of the server's present record is one transaction. What is of a record that
  the server has no more (its database was put back) did happen at a counter: it counts, and is marked.
- What is out at the end is the board as of that moment, by all that is known now. The server's own list is
  held against it only while the shift is on: it says nothing of a time that is over.
- A gap is told if something of it may have happened in the shift. Once its numbers have come it is none.
- An outage is a time in which this desk did not hear a stream, whether that was made up for later or not. One
  that left nothing behind is in no journal, so how much was caught up is told besides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from armguard_tray.catchup.issued_page import IssuedNow
from armguard_tray.holdings.board import Board, Holding, ahead_of, board_of
from armguard_tray.messages.decoding import UNDECODABLE
from armguard_tray.messages.event import Category, Event, Source
from armguard_tray.messages.streams import Stream
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.shift_report.shift import Shift
from armguard_tray.storage import record_change
from armguard_tray.storage.chain import ChainHead
from armguard_tray.storage.holdings import Handlings
from armguard_tray.storage.shift import FoundGap, ShiftRecords

_ROLL_CALL: Final = timedelta(minutes=2)
"""So much older may be what the journal remembers of a stream that is heard: it is written each minute."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened in the shift.

    Attributes:
        event: what.
        is_gone: whether it is of a record that the server has no more.

    """

    event: Event
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReport:
    """The report.

    Attributes:
        shift: from when to when.
        made: when, aware: it is what the journal had then.
        issued, returned, statuses: what happened, in the order of the log.
        out: what is out at the end, overdue first, by how long.
        overdue: these of it.
        board: the board that this is of.
        gaps: those of which something is missing.
        outages: the times in which this desk did not hear all.
        record_changes: what this desk found out about the server's record.
        unreadable: how many messages could not be read.
        late: how many transactions came later than they happened.
        covered: up to when all transactions are in the log or in its gaps, aware; None: that is not known.
        covers_from: the number and time, aware, from which on that is so, if it is within the shift or after;
            None: from before the shift on.
        statuses_since, statuses_until: from when to when changes of status were heard at the utmost, but for
            the outages, aware; None: never, as far as is known.
        head: the end of the journal's chain; None: there is none.

    """

    shift: Shift
    made: datetime
    issued: tuple[Entry, ...] = ()
    returned: tuple[Entry, ...] = ()
    statuses: tuple[Entry, ...] = ()
    out: tuple[Holding, ...] = ()
    overdue: tuple[Holding, ...] = ()
    board: Board
    gaps: tuple[FoundGap, ...] = ()
    outages: tuple[FoundGap, ...] = ()
    record_changes: tuple[Event, ...] = ()
    unreadable: int = 0
    late: int = 0
    covered: datetime | None = None
    covers_from: tuple[int, datetime] | None = None
    statuses_since: datetime | None = None
    statuses_until: datetime | None = None
    head: ChainHead | None = None

    @property
    def end(self) -> datetime:
        """As of when it is: the end of the shift, or when it was made."""
        return self.shift.end(self.made)

    @property
    def is_over(self) -> bool:
        """Whether the shift was over."""
        return self.shift.is_over(self.made)

    @property
    def missing(self) -> int:
        """How many transactions are known to be missing that were, or may have been, made in the shift."""
        return sum(missing_of(each) for each in self.gaps)

    @property
    def gone(self) -> int:
        """How many transactions are of a record that the server has no more."""
        return sum(each.is_gone for each in (*self.issued, *self.returned))

    @property
    def is_covered(self) -> bool:
        """Whether up to the end all transactions are in the log or in its gaps."""
        return self.covered is not None and self.covered >= self.end

    @property
    def may_lack_transactions(self) -> bool:
        """Whether the figures of transactions may be short."""
        return (
            bool(self.gaps)
            or bool(self.unreadable)
            or self.covers_from is not None
            or any(hides(each, Stream.TRANSACTIONS) for each in self.outages)
            or not self.is_covered
        )

    @property
    def may_lack_statuses(self) -> bool:
        """Whether the figure of changes of status may be short."""
        return (
            bool(self.unreadable)
            or any(hides(each, Stream.INVENTORY) for each in (*self.outages, *self.gaps))
            or self.statuses_began_late
            or self.statuses_ended_early
        )

    @property
    def statuses_began_late(self) -> bool:
        """Whether this desk did not hear changes of status yet when the shift began."""
        return self.statuses_since is None or self.statuses_since > self.shift.since

    @property
    def statuses_ended_early(self) -> bool:
        """Whether it has not heard them up to the end."""
        return self.statuses_until is None or self.end - self.statuses_until > _ROLL_CALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What is known now, beside the journal.

    Attributes:
        now: the present, aware.
        is_current: whether nothing newer than what the journal answers for is known to be missing.
        issued: what the server lists as issued; None: nothing was read of it.

    What happened is told by the server's clock, and this desk's may be minutes apart from it: a shift is over
    when it is over there. How far they are apart the board knows.
    """

    now: datetime
    is_current: bool = False
    issued: IssuedNow | None = None


def report_of(records: ShiftRecords, shift: Shift, hours: DutyHours, present: Present) -> ShiftReport:
    """Return the report on `shift`; `hours` say what is overdue."""
    ahead = ahead_of(records.handlings, present.issued) or timedelta()
    made = present.now + ahead
    end = shift.end(made)
    board = board_of(records.handlings, None if shift.is_over(made) else present.issued, hours)
    out = tuple(board.ordered(end))
    entries = list(_entries(records))
    transactions = [each.event for each in entries if each.event.transaction_id is not None]
    others = [each.event for each in entries if each.event.category is Category.OTHER]
    heard = records.heard.get(Stream.INVENTORY)
    return ShiftReport(
        shift=shift,
        made=made,
        issued=_of(entries, Category.ISSUED),
        returned=_of(entries, Category.RETURNED),
        statuses=_of(entries, Category.STATUS),
        out=out,
        overdue=tuple(each for each in out if each.overdue(end) is not None),
        board=board,
        gaps=tuple(each for each in records.gaps if not _is_time(each) and _is_open(each)),
        outages=tuple(each for each in records.gaps if _is_time(each)),
        record_changes=tuple(each for each in others if each.kind == record_change.KIND),
        unreadable=sum(each.kind == UNDECODABLE for each in others),
        late=sum(each.source in {Source.CATCHUP, Source.UNANNOUNCED} for each in transactions),
        covered=_covered(records.handlings, present, ahead),
        covers_from=_covers_from(records.handlings, shift),
        statuses_since=records.live_since,
        statuses_until=None if heard is None else heard + ahead,
        head=records.head,
    )


def missing_of(found: FoundGap) -> int:
    """Return how many transactions a gap lacks; 0 where nobody knows."""
    gap = found.stored.event.gap
    if gap is None or gap.first is None or gap.last is None or not gap.is_open:
        return 0
    return gap.last - gap.first + 1 if gap.missing is None else gap.missing


def hides(found: FoundGap, stream: Stream) -> bool:
    """Tell whether something of a stream may be missing; what the server cannot deliver may be anything."""
    gap = found.stored.event.gap
    return gap is None or (gap.is_open and stream in gap.streams)


def length_of(outage: FoundGap, report: ShiftReport) -> timedelta:
    """Return how long an outage was within the shift; from its beginning where it is not known since when."""
    since = report.shift.since if outage.since is None else max(outage.since, report.shift.since)
    return max(timedelta(), min(outage.until, report.end) - since)


def _entries(records: ShiftRecords) -> Iterator[Entry]:
    """Yield what happened, once each."""
    last: dict[int | None, int] = {
        each.event.transaction_id: each.row
        for each in records.events
        if each.event.transaction_id is not None and each.row not in records.gone
    }
    for each in records.events:
        is_gone = each.row in records.gone
        if is_gone or last.get(each.event.transaction_id, each.row) == each.row:
            yield Entry(each.event, is_gone)


def _of(entries: list[Entry], category: Category) -> tuple[Entry, ...]:
    return tuple(each for each in entries if each.event.category is category)


def _is_time(found: FoundGap) -> bool:
    gap = found.stored.event.gap
    return gap is not None and gap.first is None


def _is_open(found: FoundGap) -> bool:
    gap = found.stored.event.gap
    return gap is None or gap.is_open


def _covered(have: Handlings, present: Present, ahead: timedelta) -> datetime | None:
    if have.ledger is None or have.hole is not None:
        return None
    return (present.now if present.is_current else have.ledger.as_of) + ahead


def _covers_from(have: Handlings, shift: Shift) -> tuple[int, datetime] | None:
    """Return from where on; what retention has removed is not there any more, whatever was claimed of it."""
    ledger = have.ledger
    if ledger is None:
        return None
    number, time = (ledger.begins, ledger.as_of) if have.first is None else have.first
    return (number, time) if number > 1 and time > shift.since else None
