"""What the journal answers for: places, gaps, and numbers that begin anew."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from armguard_tray.messages.event import Category, Event, Source, StoredEvent
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Backlog, KnownTransaction, Ledger, Plan, Roll, View, Written
from armguard_tray.storage.log_filter import LogFilter
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, event, takes

AT = frames.AT
EVERYTHING = LogFilter()
AN_HOUR_LATER = frames.take(6).replace("T11:25", "T12:32")


def from_history(number: int, source: Source = Source.CATCHUP) -> Event:
    """Return a transaction as the server's history tells of it: without duty and ammunition."""
    told = event(frames.take(number))
    raw = json.dumps({"history": {"id": number}}, separators=(",", ":"))
    return replace(told, source=source, raw=raw, key=None, duty=None, mags=None, rounds=None, issued_by=None)


def gap(first: int, last: int) -> Event:
    """Return what a plan declares missing."""
    return timed_gap(
        Gap(reason=Reason.NOT_IN_HISTORY, streams=(Stream.TRANSACTIONS,), first=first, last=last)
    )


def timed_gap(what: Gap) -> Event:
    return Event(
        stream=what.streams[0],
        kind="gap",
        category=Category.GAP,
        received=AT,
        source=Source.MISSING,
        raw="{}",
        title="A gap",
        gap=what,
    )


def ledger(begins: int, complete_to: int) -> Ledger:
    return Ledger(begins=begins, complete_to=complete_to, as_of=AT)


async def carry_out(journal: Journal, plan: Plan | Callable[[View], Plan]) -> Written:
    """Write a plan."""
    planner = plan if callable(plan) else lambda _: plan
    return await journal.carry_out(SERVER, planner, AT)


async def log(journal: Journal) -> list[int | str]:
    """Return the log from the oldest to the newest: a transaction's number, or what else it is."""
    return [
        each.event.transaction_id or each.event.kind
        for each in reversed(await journal.page(EVERYTHING, limit=1000))
    ]


async def complete_to(journal: Journal) -> int | None:
    found = await journal.ledger(SERVER)
    return None if found is None else found.complete_to


async def test_what_was_fetched_later_stands_where_it_belongs(journal: Journal) -> None:
    await journal.append(SERVER, [*takes(1, 2), event(frames.STATUS, Stream.INVENTORY), *takes(6, 7)])

    await carry_out(journal, Plan(found=[from_history(number) for number in (5, 4, 3)]))

    assert await log(journal) == [1, 2, 3, 4, 5, "inventory_updated", 6, 7]


async def test_between_two_transactions_what_happened_before_comes_first(journal: Journal) -> None:
    def notice(at: datetime) -> Event:
        return replace(event(frames.NOTICE, Stream.NOTIFICATIONS), time=at, key=None)

    minutes = [AT + timedelta(minutes=each) for each in range(6)]
    await journal.append(SERVER, [*takes(1, 1), notice(minutes[1])])
    away = Gap(reason=Reason.AWAY, streams=(Stream.INVENTORY,), since=minutes[1], until=minutes[4])
    await journal.attend(SERVER, "reyes", Roll(heard={Stream.INVENTORY: minutes[1]}))
    await journal.attend(SERVER, "reyes", Roll(heard={Stream.INVENTORY: minutes[4]}, gap=timed_gap(away)))
    await journal.append(SERVER, [notice(minutes[5])])

    missed = [replace(from_history(number), time=minutes[number]) for number in (2, 3)]
    await carry_out(journal, Plan(found=missed))

    assert await log(journal) == [1, "notification", "gap", 2, 3, "notification"]


async def test_it_stands_before_all_of_greater_numbers_in_whatever_order_those_came(journal: Journal) -> None:
    def told(number: int) -> Event:
        return replace(event(frames.take(number)), time=AT)

    notice = replace(event(frames.NOTICE, Stream.NOTIFICATIONS), time=AT, key=None)
    await journal.append(SERVER, [told(1), told(4), notice, told(3)])

    await carry_out(journal, Plan(found=[replace(from_history(2), time=AT + timedelta(seconds=9))]))

    assert await log(journal) == [1, 2, 4, "notification", 3]


async def test_pages_lead_through_all_places(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 2))
    await journal.append(SERVER, takes(8, 9))
    await carry_out(journal, Plan(found=[from_history(number) for number in range(3, 8)]))

    seen: list[StoredEvent] = []
    while page := await journal.page(EVERYTHING, before=seen[-1].place if seen else None, limit=2):
        seen += page

    assert [each.event.transaction_id for each in seen] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert await journal.newer(EVERYTHING, after=0, limit=100) == seen[::-1]


async def test_what_is_older_than_all_stands_behind_what_was_there_when_the_server_was_first_followed(
    journal: Journal,
) -> None:
    await journal.append("https://other.local", takes(70, 71))
    await carry_out(journal, lambda view: Plan(ledger=replace(ledger(5, 4), start_row=view.last_row)))
    await journal.append(SERVER, takes(5, 6))

    await carry_out(journal, Plan(found=[from_history(number, Source.HISTORY) for number in (4, 3)]))

    assert await log(journal) == [70, 71, 3, 4, 5, 6]


async def test_what_was_there_before_the_desk_is_not_unread(journal: Journal) -> None:
    await carry_out(journal, Plan(found=[from_history(3, Source.HISTORY), from_history(4, Source.CATCHUP)]))

    assert await journal.unread() == 1


async def test_the_ledger_moves_up_with_what_comes_without_a_hole(journal: Journal) -> None:
    await carry_out(journal, Plan(ledger=ledger(5, 4)))

    seen = []
    for number in (5, 6, 8, 9, 7):
        await journal.append(SERVER, takes(number, number))
        seen.append(await complete_to(journal))

    assert seen == [5, 6, 6, 6, 9]


async def test_without_a_ledger_nothing_is_claimed(journal: Journal) -> None:
    written = await journal.append(SERVER, takes(1, 3))

    assert written.ledger is None
    assert await journal.ledger(SERVER) is None


async def test_the_ledger_is_of_one_server(journal: Journal) -> None:
    await carry_out(journal, Plan(ledger=ledger(1, 0)))
    await journal.append("https://other.local", takes(1, 3))

    assert await complete_to(journal) == 0
    assert await journal.ledger("https://other.local") is None


async def test_a_ledger_is_read_back_as_it_was_written(journal: Journal) -> None:
    wanted = Ledger(
        begins=3,
        complete_to=9,
        as_of=AT,
        era_row=4,
        era_first=5,
        start_row=2,
        backlog=Backlog.CANCELLED,
    )
    written = await carry_out(journal, Plan(ledger=wanted))

    assert written.ledger == wanted
    assert await journal.ledger(SERVER) == wanted


async def test_a_gap_stands_in_its_place_and_closes_when_all_of_it_has_turned_up(journal: Journal) -> None:
    await journal.append(SERVER, [*takes(1, 2), *takes(6, 6)])
    (found,) = (await carry_out(journal, Plan(gaps=[gap(3, 5)], ledger=ledger(1, 6)))).new
    assert await log(journal) == [1, 2, "gap", 6]
    assert found.event.gap is not None
    assert found.event.gap.missing == 3

    (partly,) = (await journal.append(SERVER, takes(4, 4))).changed
    (closed,) = (await carry_out(journal, Plan(found=[from_history(3), from_history(5)]))).changed

    assert partly.event.gap is not None
    assert (partly.row, partly.event.gap.missing, partly.event.gap.is_open) == (found.row, 2, True)
    assert closed.event.gap is not None
    assert (closed.row, closed.event.gap.missing, closed.event.gap.closed_at) == (found.row, 0, AT)
    assert await log(journal) == [1, 2, "gap", 3, 4, 5, 6]
    assert await journal.get(found.row) == closed


async def test_only_gaps_that_are_open_are_counted(journal: Journal) -> None:
    await carry_out(journal, Plan(gaps=[gap(3, 3), gap(5, 6)], ledger=ledger(1, 9)))
    assert await journal.gaps_since(SERVER, AT) == 2

    await journal.append(SERVER, takes(3, 3))

    assert await journal.gaps_since(SERVER, AT) == 1
    assert await journal.gaps_since(SERVER, AT + timedelta(seconds=1)) == 0
    assert await journal.gaps_since("https://other.local", AT) == 0


async def test_what_the_journal_has_already_is_not_written_again(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 2))

    written = await carry_out(journal, Plan(found=[from_history(2), from_history(3)]))

    assert [each.event.transaction_id for each in written.new] == [3]


async def test_an_announcement_that_comes_late_says_more_than_the_history(journal: Journal) -> None:
    (fetched,) = (await carry_out(journal, Plan(found=[from_history(1, Source.UNANNOUNCED)]))).new

    late = await journal.append(SERVER, [event(frames.take(1))])
    again = await journal.append(SERVER, [event(frames.take(1))])

    assert not late.new
    (completed,) = late.changed
    assert (completed.row, completed.event.duty, completed.event.source) == (
        fetched.row,
        "Guard Duty",
        Source.LIVE,
    )
    assert await journal.get(fetched.row) == completed
    assert not again.new
    assert not again.changed


async def test_the_same_number_for_something_else_begins_a_new_record(journal: Journal) -> None:
    await carry_out(journal, Plan(ledger=ledger(1, 0)))
    await journal.append(SERVER, takes(1, 9))
    others = [event(AN_HOUR_LATER), event(AN_HOUR_LATER.replace('"id": 6', '"id": 7'))]

    written = await journal.append(SERVER, others)

    told, *news = written.new
    assert told.event.kind == "record_changed"
    assert [each.event.transaction_id for each in news] == [6, 7], "the old 7 is of the old record"
    assert written.ledger is not None
    assert (written.ledger.begins, written.ledger.complete_to) == (1, 7)
    assert await journal.count(EVERYTHING) == 12


def other(number: int) -> Event:
    """Return another transaction of that number, made an hour later."""
    return event(frames.take(number).replace("T11:25", "T12:32"))


async def test_announcements_that_overtake_each_other_tell_of_one_new_record(journal: Journal) -> None:
    await carry_out(journal, Plan(ledger=ledger(1, 0)))
    await journal.append(SERVER, takes(1, 9))

    for number in (8, 7, 9, 6):
        await journal.append(SERVER, [other(number)])

    told = [each for each in await log(journal) if each == "record_changed"]
    assert len(told) == 1
    assert await complete_to(journal) == 9
    again = await carry_out(journal, Plan(found=[from_history(number) for number in range(1, 10)]))
    assert not again.new


async def test_a_record_that_changes_again_does_not_bring_back_the_first_one(journal: Journal) -> None:
    await carry_out(journal, Plan(ledger=ledger(1, 0)))
    await journal.append(SERVER, takes(1, 9))
    await journal.append(SERVER, [other(number) for number in (5, 8)])
    await journal.append(SERVER, [event(frames.take(8).replace("T11:25", "T13:48"))])

    written = await carry_out(journal, Plan(found=[replace(other(6), key=None)]))

    assert [each.event.transaction_id for each in written.new] == [6], "the 6 of the first record is another"


async def test_what_is_fetched_of_a_new_record_stands_behind_the_one_before(journal: Journal) -> None:
    await carry_out(journal, Plan(ledger=ledger(1, 0)))
    await journal.append(SERVER, takes(1, 5))

    found = [replace(other(number), key=None, source=Source.CATCHUP) for number in (4, 6)]
    changed = replace(ledger(1, 3), era_row=6, era_first=4)
    await carry_out(journal, Plan(found=found, gaps=[gap(5, 5)], ledger=changed))

    assert await log(journal) == [1, 2, 3, 4, 5, 4, "gap", 6]


async def test_what_stood_there_when_the_claim_was_lowered_is_not_claimed_by_what_comes(
    journal: Journal,
) -> None:
    await journal.append(SERVER, takes(1, 4))
    # The record was set back to 2 and goes on: the 3 and 4 that are here are of the record before.
    await carry_out(journal, Plan(ledger=replace(ledger(1, 2), as_of=AT + timedelta(hours=1))))

    await journal.append(SERVER, [event(frames.take(5))])

    assert await complete_to(journal) == 2


async def test_a_plan_sees_only_what_is_of_the_present_record(journal: Journal) -> None:
    seen: list[Mapping[int, KnownTransaction]] = []

    def look(view: View) -> Plan:
        seen.append(view.known(1, 100))
        return Plan()

    await carry_out(journal, Plan(ledger=ledger(1, 0)))
    await journal.append(SERVER, takes(1, 9))
    await journal.append(SERVER, [event(AN_HOUR_LATER)])
    await carry_out(journal, look)

    assert sorted(seen[0]) == [1, 2, 3, 4, 5, 6]
    assert seen[0][6].time == datetime(2026, 11, 24, 4, 32, 26, 899686, tzinfo=UTC)


async def test_a_plan_that_fails_leaves_nothing_behind(journal: Journal) -> None:
    no_gap = replace(gap(1, 2), gap=None)

    with pytest.raises(ValueError, match="no gap"):
        await carry_out(journal, Plan(found=[from_history(3)], gaps=[no_gap], ledger=ledger(1, 3)))

    assert await log(journal) == []
    assert await journal.ledger(SERVER) is None


async def test_a_number_beyond_all_others_has_a_place_too(journal: Journal) -> None:
    great = 2**62
    await journal.append(SERVER, takes(1, 1))

    await carry_out(journal, Plan(found=[from_history(great), from_history(great + 1)]))

    assert sorted(each for each in await log(journal) if isinstance(each, int)) == [1, great, great + 1]


async def test_a_gap_in_time_stands_behind_what_was_heard_last(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 2))
    await journal.attend(SERVER, "reyes", Roll(heard={Stream.INVENTORY: AT}))
    await journal.append(SERVER, takes(3, 4))
    away = Gap(reason=Reason.AWAY, streams=(Stream.INVENTORY,), since=AT, until=AT + timedelta(minutes=7))

    until = AT + timedelta(minutes=8)
    written = await journal.attend(
        SERVER, "reyes", Roll(heard={Stream.INVENTORY: until}, gap=timed_gap(away))
    )

    assert [each.event.gap for each in written.new] == [away]
    assert await log(journal) == [1, 2, "gap", 3, 4]
    roll = await journal.attendance(SERVER, "reyes")
    assert (roll[Stream.INVENTORY].until, roll[Stream.INVENTORY].row) == (until, written.new[0].row)


async def test_attendance_is_of_one_account_at_one_server(journal: Journal) -> None:
    await journal.attend(SERVER, "reyes", Roll(heard={Stream.INVENTORY: AT}))

    assert await journal.attendance(SERVER, "cruz") == {}
    assert await journal.attendance("https://other.local", "reyes") == {}


async def test_what_was_declared_missing_is_known_though_it_has_come_since(journal: Journal) -> None:
    declared: list[range] = []

    def look(view: View) -> Plan:
        declared[:] = view.declared(6, 8)
        return Plan()

    missing = Plan(found=[from_history(6), from_history(9)], gaps=[gap(7, 8)], ledger=ledger(6, 9))
    await carry_out(journal, missing)
    await carry_out(journal, Plan(found=[from_history(8)]))
    await carry_out(journal, look)
    assert declared == [range(7, 9)]
    await carry_out(journal, Plan(ledger=replace(ledger(6, 7), era_row=100, era_first=8)))
    await carry_out(journal, look)
    assert declared == [range(7, 8)], "8 is another transaction now"
