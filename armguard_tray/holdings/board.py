"""PURE: the board: every weapon that is out, with whom, since when, and how certain that is.

The rules, each with its reason:

- A weapon is out if its last transaction is not a return. Last is the one with the greatest number: numbers
  ascend in the order in which the server wrote them, announcements may overtake each other.
- What was taken before the ledger begins, and not touched since, nobody here can know. That is said once.
- Numbers that are missing, or a time of which nothing is known, may hide a return or another take. So a
  weapon whose last transaction lies before such a gap is uncertain. One that came back before it may be out
  again; as rows these would be the whole armory, so that is said once, too.
- Where an older copy of the server's database was put in place, what was done after that copy did happen at
  the counter. Until a weapon is handled again it is uncertain, and the server's list, which is of that very
  copy, settles nothing.
- Who sets a weapon's status to anything but Issued has it at hand, or wrote it off: after a take that
  contradicts. Which of the two is right, people must find out.
- The server's own list of what is issued settles all that happened before the page was asked for: what both
  say is certain, whatever gaps lie before. Where they differ, both are shown. A transaction that is newer
  than the page is not held against it.
- Nothing is certain while nobody has looked whether transactions are missing.
- What is overdue is judged by the server's clock, as the times are. How far it is ahead of this desk's is
  known from the page with the list, else from the last transaction that was announced live: it came at once.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from armguard_tray.catchup.issued_page import IssuedNow, IssuedRow
from armguard_tray.holdings.doubt import Doubt, Why
from armguard_tray.messages.event import Source
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.storage.holdings import Handlings, Lack, LastTransaction, StatusChange
from armguard_tray.storage.ledger import Ledger
from armguard_tray.storage.sameness import is_same

_OUT: Final = "issued"
_ONE_PAGE: Final = timedelta(seconds=5)
"""How long a server may take to make a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A weapon that is out, or may be.

    Attributes:
        item: what it is called.
        holder: who has it; None: not known.
        since: since when, by the server's clock, aware; None: not known.
        duty, issued_by: as the transaction says; None: not known.
        due: when it becomes overdue, aware; None: it is not known since when it is out.
        doubts: why it is not certain; none: it is.
        confirmed: when the server listed the same, by this desk's clock, aware; None: it has not.
        number: the transaction with which it went out; None: there is none.

    """

    item: str
    holder: str | None
    since: datetime | None
    duty: str | None = None
    issued_by: str | None = None
    due: datetime | None = None
    doubts: tuple[Doubt, ...] = ()
    confirmed: datetime | None = None
    number: int | None = None

    @property
    def is_certain(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.doubts

    def overdue(self, now: datetime) -> timedelta | None:
        """Return for how long it has been overdue, `now` by the server's clock; None: it is not."""
        return now - self.due if self.due is not None and now > self.due else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Who holds what.

    Attributes:
        holdings: what is out, in no particular order.
        knows_since: what was taken before this time, aware, and not touched since, is not known; None: the
            log goes back to the server's first transaction, or nothing is known yet.
        returned_before_gap: how many weapons came back before a gap, and may be out again.
        gaps: how many gaps that are.
        ledger: what the log answers for; None: nothing yet.
        listed_at: when the server's list was asked for that this was held against, by this desk's clock,
            aware; None: against none.
        ahead: by how much the server's clock is ahead of this desk's; None: it is not known.

    """

    holdings: tuple[Holding, ...] = ()
    knows_since: datetime | None = None
    returned_before_gap: int = 0
    gaps: int = 0
    ledger: Ledger | None = None
    listed_at: datetime | None = None
    ahead: timedelta | None = None

    def by_server(self, now: datetime) -> datetime:
        """Return what the server's clock shows when this desk's shows `now`, aware, as far as is known."""
        return now + (self.ahead or timedelta())

    def ordered(self, now: datetime) -> list[Holding]:
        """Return what is overdue first, by how long; then what is out longest; then what has no time.

        `now` is by the server's clock.
        """

        def key(each: Holding) -> tuple[bool, timedelta, bool, float, str]:
            overdue = each.overdue(now)
            since = 0.0 if each.since is None else each.since.timestamp()
            return (overdue is None, -(overdue or timedelta()), each.since is None, since, each.item)

        return sorted(self.holdings, key=key)


EMPTY: Final = Board()


def board_of(have: Handlings, issued: IssuedNow | None, hours: DutyHours) -> Board:
    """Return the board.

    Args:
        have: what the journal has.
        issued: what the server lists; None: no list was read.
        hours: after how long a weapon is overdue.

    """
    return _Desk(have, issued, hours).board()


class _Desk:
    """What the board is worked out of, arranged to be asked for each weapon."""

    def __init__(self, have: Handlings, issued: IssuedNow | None, hours: DutyHours) -> None:
        self._have = have
        self._issued = issued
        self._hours = hours
        self._listed: Mapping[str, IssuedRow] = {} if issued is None else _by_item(issued.rows)
        self._numbered = sorted(
            (each for each in have.lacks if each.greatest is not None), key=lambda each: each.greatest or 0
        )
        self._greatest = [each.greatest or 0 for each in self._numbered]
        self._timed = [each for each in have.lacks if each.greatest is None]

    def board(self) -> Board:
        have = self._have
        holdings = [self._taken(each) for each in have.last.values() if each.taken]
        holdings += self._taken_before_put_back()
        holdings += self._set_issued({each.item for each in holdings})
        out = {each.item for each in holdings}
        holdings += self._only_listed(out)
        before_gap = [self._open(self._lacks_since(each)) for each in have.last.values() if not each.taken]
        hidden = {id(lack) for lacks in before_gap for lack in lacks}
        return Board(
            holdings=tuple(holdings),
            knows_since=_knows_since(have),
            returned_before_gap=sum(bool(lacks) for lacks in before_gap),
            gaps=len(hidden),
            ledger=have.ledger,
            listed_at=None if self._issued is None else self._issued.at,
            ahead=ahead_of(have, self._issued),
        )

    # What went out

    def _taken(self, take: LastTransaction) -> Holding:
        listed = self._listed.get(take.item)
        confirmed = self._issued is not None and listed is not None and _agree(take, listed)
        return Holding(
            item=take.item,
            holder=take.known.person,
            since=take.time,
            duty=take.duty,
            issued_by=take.issued_by,
            due=self._due(take.time, take.duty),
            doubts=tuple(self._doubts_of(take, listed, confirmed=confirmed)),
            confirmed=self._issued.at if self._issued is not None and confirmed else None,
            number=take.number,
        )

    def _doubts_of(
        self, take: LastTransaction, listed: IssuedRow | None, *, confirmed: bool
    ) -> Iterator[Doubt]:
        if not confirmed:
            yield from self._doubts_of_list(take, listed)
            yield from _doubts_of_beginning(take, self._have.ledger)
        yield from self._doubts_of_gaps(take, confirmed=confirmed)
        undone = self._have.undone.get(take.item)
        if undone is not None:
            yield Doubt(why=Why.PUT_BACK, count=undone.number, at=undone.time)
        status = self._status_since(take)
        if (
            status is not None
            and status.status.casefold() != _OUT
            and not (confirmed and self._is_before_list(status.time))
        ):
            yield Doubt(why=Why.STATUS, what=status.status, at=status.time)

    def _doubts_of_list(self, take: LastTransaction, listed: IssuedRow | None) -> Iterator[Doubt]:
        issued = self._issued
        if issued is None or _is_newer(take, issued):
            return
        if listed is None:
            yield Doubt(why=Why.NOT_LISTED, at=issued.at)
        elif _same_person(take, listed):
            yield Doubt(why=Why.OTHER_TIME, at=issued.at, listed=listed.time)
        else:
            yield Doubt(why=Why.OTHER_HOLDER, what=listed.personnel, at=issued.at, listed=listed.time)

    def _doubts_of_gaps(self, take: LastTransaction, *, confirmed: bool) -> Iterator[Doubt]:
        lacks = self._open(self._lacks_since(take)) if confirmed else self._lacks_since(take)
        if lacks:
            last = max(lacks, key=lambda each: each.place)
            began = last.gap.since or last.gap.until
            yield Doubt(why=Why.GAP, what=last.gap.numbers, at=began, count=len(lacks))
        hole = self._have.hole
        after = max(take.number, self._issued.newest) if confirmed and self._issued else take.number
        if hole is not None and hole > after:
            yield Doubt(why=Why.ON_ITS_WAY)

    def _lacks_since(self, last: LastTransaction) -> list[Lack]:
        """Return the gaps that may hide what was done with a weapon after its last transaction."""
        numbered = self._numbered[bisect_right(self._greatest, last.number) :]
        return [*numbered, *(each for each in self._timed if _ends_after(each, last))]

    def _open(self, lacks: list[Lack]) -> list[Lack]:
        """Return those gaps that may hide what the server's list does not tell either."""
        issued = self._issued
        return lacks if issued is None else [each for each in lacks if not _is_settled(each, issued)]

    def _status_since(self, last: LastTransaction) -> StatusChange | None:
        """Return the status that was set by hand after a weapon's last transaction, if any."""
        statuses = self._have.statuses
        found = [statuses.get(last.item), statuses.get(last.item_id or "")]
        since = [
            each
            for each in found
            if each and each.place > last.place and not _is_earlier(each.time, last.time)
        ]
        return max(since, key=lambda each: each.place, default=None)

    def _is_before_list(self, time: datetime) -> bool:
        """Tell whether the server's list is newer than a time of the server's clock."""
        return self._issued is not None and time <= self._issued.at + self._issued.ahead

    def _due(self, since: datetime, duty: str | None) -> datetime | None:
        try:
            return since + self._hours.limit(duty)
        except OverflowError:  # a server may write any date
            return None

    # What only others say

    def _taken_before_put_back(self) -> Iterator[Holding]:
        """Yield what went out by a record that the server has no more, and was not handled since."""
        for item, take in self._have.undone.items():
            last = self._have.last.get(item)
            status = self._status_since(take)
            was_seen = status is not None and status.status.casefold() != _OUT
            if not take.taken or was_seen or item in self._listed or (last is not None and last.taken):
                continue
            yield Holding(
                item=item,
                holder=take.known.person,
                since=take.time,
                duty=take.duty,
                issued_by=take.issued_by,
                due=self._due(take.time, take.duty),
                doubts=(Doubt(why=Why.TAKEN_BEFORE_PUT_BACK, count=take.number, at=take.time),),
                number=take.number,
            )

    def _set_issued(self, out: set[str]) -> Iterator[Holding]:
        """Yield what has been set to Issued by hand since it came back, or without any transaction."""
        by_id = {each.item_id: each for each in self._have.last.values() if each.item_id}
        for status in self._have.statuses.values():
            last = self._have.last.get(status.item) or by_id.get(status.item)
            if status.status.casefold() != _OUT or (last is not None and last.taken):
                continue
            if last is not None and (status.place < last.place or _is_earlier(status.time, last.time)):
                continue
            item = status.item if last is None else last.item
            if item not in self._listed and item not in out:
                doubts = [Doubt(why=Why.SET_ISSUED, at=status.time)]
                if self._issued is not None and self._is_before_list(status.time):
                    doubts.append(Doubt(why=Why.NOT_LISTED, at=self._issued.at))
                due = self._due(status.time, None)
                yield Holding(item=item, holder=None, since=status.time, due=due, doubts=tuple(doubts))

    def _only_listed(self, out: set[str]) -> Iterator[Holding]:
        """Yield what the server lists and the log does not know to be out."""
        issued = self._issued
        if issued is None:
            return
        for row in self._listed.values():
            last = self._have.last.get(row.item)
            if row.item in out or (last is not None and _is_newer(last, issued)):
                continue
            doubt = Doubt(why=Why.ONLY_LISTED, at=issued.at, listed=row.time)
            yield Holding(
                item=row.item,
                holder=row.personnel,
                since=row.time,
                due=self._due(row.time, None),
                doubts=(doubt,),
            )


def _by_item(rows: Sequence[IssuedRow]) -> dict[str, IssuedRow]:
    """Return the newest row of each item; there should be one only."""
    return {row.item: row for row in sorted(rows, key=lambda row: row.time)}


def _agree(take: LastTransaction, listed: IssuedRow) -> bool:
    """Tell whether log and list mean the very same take."""
    return is_same(take.known, listed.time, listed.personnel, listed.item, None)


def _same_person(take: LastTransaction, listed: IssuedRow) -> bool:
    return is_same(replace(take.known, time=None), None, listed.personnel, listed.item, None)


def _is_newer(last: LastTransaction, issued: IssuedNow) -> bool:
    """Tell whether a transaction was made after the server's list."""
    # A server asks its database twice for the page, and what was made in between is in one half of it only.
    return last.time > issued.at + issued.ahead - _ONE_PAGE or last.number > issued.newest > 0


def _is_settled(lack: Lack, issued: IssuedNow) -> bool:
    """Tell whether all that a gap hides was made before the server's list."""
    if lack.greatest is not None:
        return lack.greatest <= issued.newest
    return (lack.gap.until or lack.found) <= issued.at


def _ends_after(lack: Lack, last: LastTransaction) -> bool:
    """Tell whether a time of which nothing is known ends after a transaction; its ends are by this desk."""
    until = lack.gap.until
    if until is None:
        return lack.place > last.place
    return until > (last.known.received if last.known.source is Source.LIVE else last.time)


def _is_earlier(time: datetime, than: datetime) -> bool:
    # The history tells whole seconds.
    return time < than.replace(microsecond=0)


def _doubts_of_beginning(take: LastTransaction, ledger: Ledger | None) -> Iterator[Doubt]:
    if ledger is None:
        yield Doubt(why=Why.UNCHECKED)
    elif take.number < ledger.begins:
        yield Doubt(why=Why.BEFORE, count=ledger.begins)


def ahead_of(have: Handlings, issued: IssuedNow | None) -> timedelta | None:
    """Return by how much the server's clock is ahead of this desk's; None: it is not known."""
    if issued is not None:
        return issued.ahead
    live = [each for each in have.last.values() if each.known.source is Source.LIVE and each.known.time]
    if not live:
        return None
    newest = max(live, key=lambda each: each.number)
    return newest.time - newest.known.received


def _knows_since(have: Handlings) -> datetime | None:
    if have.ledger is None or have.ledger.begins <= 1:
        return None
    return have.ledger.as_of if have.first is None else have.first[1]
