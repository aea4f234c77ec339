"""What the journal answers for: the run of a server's transactions that it has, but for its gaps.

Numbers of transactions ascend without end, so completeness is a statement about numbers: of all from `begins`
to `complete_to`, each is in the journal or in a gap that stands in the journal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from armguard_tray.messages.event import Event, Source, StoredEvent
from armguard_tray.messages.streams import Stream


class Backlog(StrEnum):
    """Whether the time before this desk followed the server has been fetched."""

    WANTED = "wanted"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What the journal answers for, of one server.

    Numbers may begin again, as when the server's database is put back to an older copy. Then the journal has
    two transactions of one number: what stands in rows below `era_row` counts only up to below `era_first`.

    Attributes:
        begins: the first number that it answers for.
        complete_to: the last one; `begins - 1` if there is none yet.
        as_of: when that was last seen to be so, aware.
        era_row: from this row on the journal's numbers are those of the server's present record.
        era_first: from this number on the server's record is another than what stands in older rows.
        start_row: the newest row when the ledger was begun: older transactions are placed behind it.
        backlog: whether the time before has been fetched.

    """

    begins: int
    complete_to: int
    as_of: datetime
    era_row: int = 0
    era_first: int = 0
    start_row: int = 0
    backlog: Backlog = Backlog.WANTED


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTransaction:
    """A transaction that the journal has.

    Attributes:
        row: its row.
        number: its number.
        time: when it happened by the server's clock, aware; None where that is not known.
        person, item, action: what happened, plain; None where it is not known.
        source: how it came.
        received: when, aware.

    """

    row: int
    number: int
    time: datetime | None
    person: str | None
    item: str | None
    action: str | None
    source: Source
    received: datetime


class View(Protocol):
    """What a plan sees of the journal; nobody else writes meanwhile.

    Attributes:
        ledger: the server's ledger; None if there is none yet.
        last_row: the newest row of the journal, 0 if it is empty.

    """

    ledger: Ledger | None
    last_row: int

    def known(self, first: int, last: int) -> Mapping[int, KnownTransaction]:
        """Return what it has of the server's present record from number `first` to `last`, by number."""
        ...

    def declared(self, first: int, last: int) -> Sequence[range]:
        """Return which of these were declared missing in that record, whether they have come since or not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be written at once, or nothing of it.

    Attributes:
        found: transactions, to be put in their places by their numbers; those of numbers that the journal
            has in the server's present record, by `ledger`, are left out.
        gaps: events with `gap`; those with numbers are put in their places, a gap in time at its end.
        told: other events about the server's record, put at the end.
        ledger: what the journal answers for with all this; None: as before.

    """

    found: Sequence[Event] = ()
    gaps: Sequence[Event] = ()
    told: Sequence[Event] = ()
    ledger: Ledger | None = None


Planner = Callable[[View], Plan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is on the disk now.

    Attributes:
        new: rows that are new, in order of their rows.
        changed: rows that were there and read differently now: a gap has become smaller, an announcement has
            said more of a transaction than the history had.
        ledger: the server's ledger after it; None if there is none.

    """

    new: Sequence[StoredEvent] = ()
    changed: Sequence[StoredEvent] = ()
    ledger: Ledger | None = None


@dataclass(frozen=True, slots=True)
class Attendance:
    """Up to when a stream was surely heard, aware, and the newest row of the journal then."""

    until: datetime
    row: int


@dataclass(frozen=True, slots=True)
class LastLife:
    """How the transactions' life ended with the program's last run.

    Attributes:
        told: when one was last announced, aware.
        whole: up to when they were surely heard, aware.

    """

    told: datetime
    whole: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """What is remembered of the streams' attendance.

    Attributes:
        heard: up to when each stream was surely heard, aware; what is not named stays as it was.
        gap: the event of the gap that lies before that, if there is one.

    """

    heard: Mapping[Stream, datetime]
    gap: Event | None = None
