"""What the journal has of one shift."""

from dataclasses import replace
from datetime import timedelta

import pytest

from armguard_tray.errors import FilterError
from armguard_tray.messages.event import Category, Event, Source
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage import shift
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Plan, Roll
from armguard_tray.storage.shift import ShiftRecords
from tests.unit.holdings.armory import (
    AT,
    BEGIN,
    ITEMS,
    answering,
    carry_out,
    gap_event,
    handed,
    numbers,
    out,
    set_by_hand,
)
from tests.unit.storage.events import SERVER

ITEM, OTHER, _ = ITEMS
HOUR = timedelta(hours=1)


async def records(journal: Journal, first: int = 60, last: int = 120) -> ShiftRecords:
    """Return what it has from one minute to another."""
    return await journal.shift(SERVER, BEGIN + first * HOUR / 60, BEGIN + last * HOUR / 60)


def told_by_server(minute: int) -> Event:
    """Return what this desk makes of the server's word that it cannot deliver all."""
    return replace(
        handed(900, ITEM, taken=True, minute=minute),
        received=BEGIN + minute * HOUR / 60,
        time=None,
        kind="gap",
        category=Category.GAP,
        source=Source.MISSING,
        key=None,
        transaction_id=None,
    )


async def test_a_shift_has_its_first_moment_and_not_the_one_behind_its_last(journal: Journal) -> None:
    minutes = (59, 60, 119, 120)
    await journal.append(
        SERVER, [handed(n, ITEM, taken=True, minute=minute) for n, minute in enumerate(minutes, 1)]
    )
    assert [each.event.transaction_id for each in (await records(journal)).events] == [2, 3]


async def test_other_servers_and_notices_are_none_of_it(journal: Journal) -> None:
    await journal.append("https://other.local", [handed(1, ITEM, taken=True, minute=70)])
    assert await records(journal) == ShiftRecords(head=await journal.chain_head())
    notice = replace(handed(2, ITEM, taken=True, minute=70), category=Category.NOTICE, key="notice")
    await journal.append(SERVER, [notice, handed(3, ITEM, taken=True, minute=71)])
    assert [each.event.transaction_id for each in (await records(journal)).events] == [3]


async def test_what_is_out_is_so_as_of_the_end(journal: Journal) -> None:
    await carry_out(journal, Plan(ledger=answering(1, 0)))
    await journal.append(
        SERVER,
        [
            handed(1, ITEM, taken=True, minute=10),
            handed(2, OTHER, taken=True, minute=70),
            handed(3, ITEM, taken=False, minute=130),
            handed(4, OTHER, taken=False, minute=131),
            handed(5, OTHER, taken=True, minute=132),
        ],
    )
    assert out((await records(journal)).handlings) == {ITEM: 1, OTHER: 2}
    assert out((await records(journal, 120, 180)).handlings) == {OTHER: 5}
    assert out(await journal.last_handled(SERVER)) == {OTHER: 5}


async def test_a_status_of_later_says_nothing_of_then(journal: Journal) -> None:
    await journal.append(SERVER, [set_by_hand("IR-00077", "Maintenance")])  # nine hours after the beginning
    assert (await records(journal)).handlings.statuses == {}
    assert (await records(journal, 500, 600)).handlings.statuses.keys() == {"IR-00077"}


async def test_a_gap_is_told_if_it_may_concern_the_shift(journal: Journal) -> None:
    def gap(first: int, since: int | None, until: int | None) -> Event:
        known = [None if each is None else BEGIN + each * HOUR / 60 for each in (since, until)]
        return gap_event(
            Gap(
                reason=Reason.NOT_IN_HISTORY,
                streams=(Stream.TRANSACTIONS,),
                since=known[0],
                until=known[1],
                first=first,
                last=first,
            )
        )

    before, into, within, out_of, after = (
        gap(2, 10, 59), gap(4, 50, 61), gap(6, 70, 80), gap(8, 110, 130), gap(10, 120, 140)
    )  # fmt: skip
    await journal.append(SERVER, [handed(1, ITEM, taken=True, minute=5)])
    await carry_out(journal, Plan(gaps=[before, into, within, out_of, after], ledger=answering(1, 10)))
    found = (await records(journal)).gaps
    assert [each.stored.event.gap.first for each in found if each.stored.event.gap] == [4, 6, 8]
    assert [lack.gap.first for lack in (await records(journal)).handlings.lacks] == [2, 4, 6, 8]


async def test_a_gap_without_times_lies_behind_the_number_before(journal: Journal) -> None:
    await journal.append(SERVER, [handed(1, ITEM, taken=True, minute=100)])
    lost = replace(numbers(2, 3), received=BEGIN + 5 * HOUR)
    await carry_out(journal, Plan(gaps=[lost], ledger=answering(1, 3)))
    (found,) = (await records(journal)).gaps
    assert (found.since, found.until) == (BEGIN + 100 * HOUR / 60, BEGIN + 5 * HOUR)
    assert (await records(journal, 30, 90)).gaps == []


async def test_where_the_clocks_disagree_a_gap_is_between_both(journal: Journal) -> None:
    await journal.append(SERVER, [handed(1, ITEM, taken=True, minute=100)])
    await carry_out(journal, Plan(gaps=[numbers(2, 3)], ledger=answering(1, 3)))  # found before it was made
    (found,) = (await records(journal)).gaps
    assert (found.since, found.until) == (AT, BEGIN + 100 * HOUR / 60)


async def test_what_the_server_cannot_deliver_happened_since_it_was_last_heard(journal: Journal) -> None:
    heard = replace(handed(1, ITEM, taken=True, minute=70), received=BEGIN + 70 * HOUR / 60)
    await journal.append(SERVER, [heard, told_by_server(100)])
    (found,) = (await records(journal)).gaps
    assert (found.since, found.until) == (BEGIN + 70 * HOUR / 60, BEGIN + 100 * HOUR / 60)
    assert (await records(journal, 10, 60)).gaps == []


async def test_transactions_of_a_record_that_is_gone_are_named(journal: Journal) -> None:
    await carry_out(journal, Plan(ledger=answering(1, 0)))
    await journal.append(SERVER, [handed(n, ITEM, taken=True, minute=60 + n) for n in (1, 2, 3)])
    await journal.append(SERVER, [handed(2, OTHER, taken=True, person="Ana Lim", minute=80)])
    found = await records(journal)
    gone = [each.event.transaction_id for each in found.events if each.row in found.gone]
    assert gone == [2, 3]


async def test_it_is_known_when_the_streams_were_heard(journal: Journal) -> None:
    await journal.append(SERVER, [handed(1, ITEM, taken=True, minute=70)])
    await journal.attend(SERVER, "armorer1", Roll(heard={Stream.INVENTORY: BEGIN}))
    await journal.attend(SERVER, "sgt.reyes", Roll(heard={Stream.INVENTORY: AT}))
    found = await records(journal)
    assert found.heard == {Stream.INVENTORY: AT}
    assert found.live_since == AT, "when the first event arrived"


async def test_what_nobody_would_read_is_refused(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shift, "MOST_ROWS", 2)
    await journal.append(SERVER, [handed(n, ITEM, taken=True, minute=60 + n) for n in (1, 2)])
    assert len((await records(journal)).events) == 2
    await journal.append(SERVER, [handed(3, ITEM, taken=True, minute=63)])
    with pytest.raises(FilterError, match="More than 2"):
        await records(journal)
