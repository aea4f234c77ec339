"""What a journal may have of an armory's weapons, to work a board out of."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from armguard_tray.catchup.issued_page import IssuedNow, IssuedRow
from armguard_tray.messages.event import PLACES_A_ROW, Source
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.holdings import NOTHING_HANDLED, Handlings, Lack, LastTransaction, StatusChange
from armguard_tray.storage.ledger import KnownTransaction, Ledger

NOW = datetime(2026, 11, 24, 6, 2, tzinfo=UTC)
"""24/11/26 14:02 at the armory."""
M4 = "M4 - 00077"
JUAN = "Juan Dela Cruz"


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def last(
    item: str = M4,
    person: str = JUAN,
    *,
    number: int = 100,
    ago: timedelta = timedelta(hours=3),
    taken: bool = True,
    **facts: Any,
) -> LastTransaction:
    """Return the last transaction of an item, made `ago` now; it stands in the row of its number."""
    time = NOW - ago
    known = KnownTransaction(
        row=number,
        number=number,
        time=time,
        person=person,
        item=item,
        action="Take" if taken else "Return",
        source=Source.LIVE,
        received=time,
    )
    given: dict[str, Any] = {
        "known": known,
        "place": number * PLACES_A_ROW,
        "taken": taken,
        "time": time,
        "item_id": f"IR-{item[-5:]}",
        "duty": "Guard Duty" if taken else None,
        "issued_by": "armorer1",
    }
    return LastTransaction(**(given | facts))


def status(word: str, item: str = M4, *, row: int = 150, ago: timedelta = timedelta(hours=1)) -> StatusChange:
    """Return a status that was set by hand."""
    return StatusChange(
        item=item, item_id=f"IR-{item[-5:]}", status=word, place=row * PLACES_A_ROW, time=NOW - ago
    )


def lack(first: int, last: int, greatest: int | None = None) -> Lack:
    """Return a gap of numbers."""
    gap = Gap(reason=Reason.NOT_IN_HISTORY, streams=(Stream.TRANSACTIONS,), first=first, last=last)
    return Lack(
        gap=gap, place=first * PLACES_A_ROW - 1, found=NOW, greatest=last if greatest is None else greatest
    )


def away(since: timedelta, until: timedelta) -> Lack:
    """Return a gap in time, from so long ago until so long ago."""
    gap = Gap(reason=Reason.AWAY, streams=(Stream.TRANSACTIONS,), since=NOW - since, until=NOW - until)
    return Lack(gap=gap, place=120 * PLACES_A_ROW + 1, found=NOW - until, greatest=None)


def have(*lasts: LastTransaction, statuses: Iterable[StatusChange] = (), **changes: Any) -> Handlings:
    """Return what a journal has that answers for everything, unless `changes` say otherwise."""
    whole = replace(
        NOTHING_HANDLED,
        last={each.item: each for each in lasts},
        statuses={each.item: each for each in statuses},
        ledger=ledger(),
    )
    return replace(whole, **changes)


def ledger(begins: int = 1, complete_to: int = 200) -> Ledger:
    return Ledger(begins=begins, complete_to=complete_to, as_of=NOW)


def listed(
    *rows: tuple[str, str, timedelta], newest: int = 200, ago: timedelta = timedelta(minutes=1)
) -> IssuedNow:
    """Return the server's list, asked for `ago` now: items, holders, and how long ago they were issued."""
    return IssuedNow(
        rows=tuple(
            IssuedRow(item=item, personnel=person, time=(NOW - since).replace(microsecond=0))
            for item, person, since in rows
        ),
        newest=newest,
        at=NOW - ago,
    )
