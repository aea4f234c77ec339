"""Sums of what a filter shows of a journal."""

import asyncio
import tempfile
import threading
from collections import Counter
from concurrent.futures import CancelledError
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armguard_tray.errors import JournalDamagedError, JournalError
from armguard_tray.messages.event import Category, Event
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage import outside
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Plan
from armguard_tray.storage.log_filter import LogFilter, happened, item_type
from armguard_tray.storage.tallies import (
    QUARTER,
    Moves,
    Quarters,
    Tallies,
    pairs_takes_and_returns,
    read_tallies,
    span_of,
)
from tests.unit.holdings.armory import AT, BEGIN, ITEMS, answering, carry_out, gap_event, handed
from tests.unit.storage import events as told_events
from tests.unit.storage.events import SERVER

FIRST_YEAR = datetime(1, 1, 1, tzinfo=UTC)
A_TAKE, A_RETURN = Moves(taken=1), Moves(returned=1)


def summed(journal: Journal, log_filter: LogFilter) -> Tallies:
    return read_tallies(journal.file, log_filter, threading.Event())


def made(number: int, minute: int, *, taken: bool = True, item: str = ITEMS[0]) -> Event:
    return handed(number, item, taken=taken, minute=minute)


def _transactions() -> st.SearchStrategy[list[Event]]:
    one = st.tuples(
        st.integers(-40_000_000, -39_999_000) | st.integers(-3_000, 3_000),
        st.sampled_from([*ITEMS, "Bayonet"]),
        st.booleans(),
        st.booleans(),
    )
    return st.lists(one, max_size=15).map(
        lambda given: [
            handed(number, item, taken=taken, minute=minute, late=late)
            for number, (minute, item, taken, late) in enumerate(given, 1)
        ]
    )


def _filters() -> st.SearchStrategy[LogFilter]:
    near = st.none() | st.integers(-3_000, 3_000).map(lambda minute: BEGIN + timedelta(minutes=minute))
    return st.builds(
        LogFilter,
        categories=st.sampled_from(
            [frozenset[Category](), frozenset({Category.ISSUED}), frozenset({Category.STATUS})]
        ),
        text=st.sampled_from(["", "m4", "guard"]),
        since=near,
        until=near,
        item_types=st.sampled_from([frozenset[str](), frozenset({"M4", "M16"})]),
        duties=st.sampled_from([frozenset[str](), frozenset({"Guard Duty"})]),
        item=st.sampled_from([None, ITEMS[1]]),
    )


def replayed(
    events: list[Event], log_filter: LogFilter
) -> tuple[dict[datetime, Moves], dict[tuple[str, str], Moves]]:
    """Return what a person with a pencil would find."""
    when: dict[datetime, Moves] = {}
    what: dict[tuple[str, str], Moves] = {}
    for event in filter(log_filter.matches, events):
        move = A_TAKE if event.category is Category.ISSUED else A_RETURN
        time = happened(event)
        quarter = time - (time - FIRST_YEAR) % QUARTER
        sort = item_type(event.item or ""), event.duty or ""
        when[quarter] = when.get(quarter, Moves()) + move
        what[sort] = what.get(sort, Moves()) + move
    return when, what


@settings(deadline=None, max_examples=60)
@given(_transactions(), _filters())
def test_the_sums_are_those_of_a_replay(events: list[Event], log_filter: LogFilter) -> None:
    async def through_a_journal() -> Tallies:
        with tempfile.TemporaryDirectory() as folder:
            journal = await Journal.open(Path(folder) / "journal.sqlite3")
            try:
                await journal.append(SERVER, events)
                return summed(journal, log_filter)
            finally:
                await journal.close()

    have = asyncio.run(through_a_journal())

    assert (have.quarters, have.sorts) == replayed(events, log_filter)
    assert list(have.quarters) == sorted(have.quarters)
    if not pairs_takes_and_returns(log_filter):
        assert have.before is None
    elif log_filter.since is None:
        assert have.before == Moves()
    else:
        older = replayed(events, replace(log_filter, since=None, until=log_filter.since))[0]
        assert have.before == sum(older.values(), Moves())


async def test_a_short_time_is_found_by_the_index_with_the_same_result(journal: Journal) -> None:
    await journal.append(SERVER, [made(number, number) for number in range(1, 30)])

    have = summed(journal, LogFilter(since=BEGIN + timedelta(minutes=15)))

    assert dict(have.quarters) == {BEGIN + QUARTER: Moves(taken=15)}
    assert have.before == Moves(taken=14)


async def test_what_is_no_transaction_is_not_counted(journal: Journal) -> None:
    missing = Gap(reason=Reason.AWAY, streams=(Stream.TRANSACTIONS,), since=BEGIN, until=AT)
    await carry_out(journal, Plan(gaps=[gap_event(missing)]))

    have = summed(journal, LogFilter())

    assert (have.quarters, have.total) == ({}, Moves())


async def test_only_open_gaps_that_may_hide_transactions_of_that_time_are_told(journal: Journal) -> None:
    hour = timedelta(hours=1)
    here = Gap(reason=Reason.AWAY, streams=(Stream.TRANSACTIONS,), since=BEGIN, until=BEGIN + hour)
    elsewhere = replace(here, since=BEGIN - 9 * hour, until=BEGIN - 8 * hour)
    notices = replace(here, streams=(Stream.NOTIFICATIONS,))
    somewhen = Gap(reason=Reason.NOT_IN_HISTORY, streams=(Stream.TRANSACTIONS,), first=3, last=4)
    closed = replace(here, closed_at=AT)
    gaps = [gap_event(each) for each in (here, elsewhere, notices, somewhen, closed)]
    await carry_out(journal, Plan(gaps=gaps))

    have = summed(journal, LogFilter(since=BEGIN - hour))

    told = Counter((each.event.gap.since, each.event.gap.first) for each in have.open_gaps if each.event.gap)
    assert told == Counter([(BEGIN, None), (None, 3)])


async def test_a_log_that_begins_in_the_middle_says_when(journal: Journal) -> None:
    events = [made(7, 70), made(8, 80)]
    await carry_out(journal, Plan(found=events, ledger=answering(7, 8)))

    have = summed(journal, LogFilter())

    assert have.complete_since == BEGIN + timedelta(minutes=70)
    assert have.servers == {SERVER: answering(7, 8)}


def test_a_journal_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite3"
    with pytest.raises(JournalError, match="There is no journal"):
        read_tallies(file, LogFilter(), threading.Event())
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(JournalDamagedError):
        read_tallies(file, LogFilter(), threading.Event())


async def test_sums_that_nobody_wants_any_more_are_broken_off(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journal.append(SERVER, [made(number, 1) for number in range(1, 50)])
    monkeypatch.setattr(outside, "_STEPS_BETWEEN_LOOKS", 1)
    unwanted = threading.Event()
    unwanted.set()
    with pytest.raises(CancelledError):
        read_tallies(journal.file, LogFilter(), unwanted)


def test_quarters_are_found_by_their_beginning() -> None:
    number = (BEGIN - FIRST_YEAR) // QUARTER
    have = Quarters([(number, 2, 3), (number + 2, 0, 1)])

    assert have == {BEGIN: Moves(2, 1), BEGIN + 2 * QUARTER: Moves(0, 1)}
    assert have[BEGIN] == Moves(2, 1)
    for missing in (BEGIN + QUARTER, BEGIN + timedelta(seconds=1), BEGIN + 9 * QUARTER):
        assert missing not in have


def test_a_filter_by_duty_does_not_pair_takes_and_returns() -> None:
    assert pairs_takes_and_returns(LogFilter(item_types=frozenset({"M4"}), since=BEGIN, person="Ana Lim"))
    assert pairs_takes_and_returns(LogFilter(categories=frozenset({Category.ISSUED, Category.RETURNED})))
    assert not pairs_takes_and_returns(LogFilter(duties=frozenset({"Guard Duty"})))
    assert not pairs_takes_and_returns(LogFilter(categories=frozenset({Category.RETURNED})))
    assert not pairs_takes_and_returns(LogFilter(text="guard"))


async def test_what_is_of_a_record_that_was_put_back_is_told_apart(journal: Journal) -> None:
    await journal.append(SERVER, [made(1, 1), made(2, 2), made(3, 3, taken=False)])
    assert summed(journal, LogFilter()).gone == 0
    put_back = replace(answering(1, 1), era_row=await journal.last_row() + 1, era_first=2)
    await carry_out(journal, Plan(ledger=put_back))
    await journal.append(SERVER, [made(2, 5)])

    assert summed(journal, LogFilter()).gone == 2
    assert summed(journal, LogFilter(until=BEGIN + timedelta(minutes=3))).gone == 1
    assert summed(journal, LogFilter(categories=frozenset({Category.STATUS}))).gone == 0


async def test_what_the_server_cannot_deliver_lies_before_it_said_so(journal: Journal) -> None:
    hour = timedelta(hours=1)
    heard = replace(made(1, 0), received=BEGIN)
    told = '{"type": "gap", "epoch": "e", "first": 5, "last": 9, "reason": "trimmed"}'
    await journal.append(SERVER, [heard, replace(told_events.event(told), received=BEGIN + 9 * hour)])

    (gap,) = summed(journal, LogFilter(since=BEGIN + hour, until=BEGIN + 2 * hour)).open_gaps

    assert span_of(gap) == (BEGIN, BEGIN + 9 * hour)
    assert summed(journal, LogFilter(until=BEGIN - hour)).open_gaps == []
