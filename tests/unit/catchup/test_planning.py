"""What is written after reading the history: the examples. At random: `test_planning_at_random`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from armguard_tray.catchup.entries import event_of_row
from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.catchup.planning import Walk, begin, fill, lower, set_back, settle
from armguard_tray.catchup.reach import reach_of
from armguard_tray.messages.event import Source
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.storage.ledger import Backlog, Ledger
from tests.unit.catchup.model import Journal, sources
from tests.unit.catchup.pages import MORNING, made, seconds

LATER = MORNING + timedelta(hours=1)


def at_second(number: int) -> HistoryRow:
    """Return a transaction that was made `number` seconds after the morning."""
    return made(number, MORNING + seconds(number))


def rows(*numbers: int) -> list[HistoryRow]:
    """Return transactions, each made at the second of its number."""
    return [at_second(number) for number in numbers]


def others(*numbers: int) -> list[HistoryRow]:
    """Return other transactions of the same numbers."""
    return [
        replace(row, personnel="Ana Cruz", time=row.time + timedelta(minutes=50)) for row in rows(*numbers)
    ]


def journal(newest: int, *live: int) -> Journal:
    """Return a journal that begins behind `newest` and was told of `live`."""
    new = Journal()
    new.carry_out(begin(newest, MORNING))
    hears(new, *rows(*live))
    return new


def hears(told: Journal, *announced: HistoryRow) -> None:
    """Announce transactions."""
    for row in announced:
        told.announced(event_of_row(row, at=LATER, source=Source.LIVE))


def ledger(of: Journal) -> Ledger:
    """Return the ledger that must be there."""
    assert of.ledger is not None
    return of.ledger


def claim(of: Journal) -> tuple[int, int]:
    """Return the first and last number that it answers for."""
    return ledger(of).begins, ledger(of).complete_to


def walk(of: Journal, *read: HistoryRow) -> Walk:
    """Return a walk that has read these rows of the history just now."""
    return Walk(rows=read, at=LATER, asked_row=of.last_row)


def numbers(gaps: list[Gap]) -> list[tuple[int | None, int | None, Reason]]:
    """Return what the gaps are of, and why."""
    return [(gap.first, gap.last, gap.reason) for gap in gaps]


def test_it_begins_behind_the_newest_there_is() -> None:
    told = journal(100)
    assert claim(told) == (101, 100)
    assert ledger(told).backlog is Backlog.WANTED
    told.carry_out(begin(500, LATER))
    assert claim(told) == (101, 100)  # once and for all


def test_what_was_missed_is_stored_and_claimed_once_the_walk_has_settled() -> None:
    told = journal(100, 101)
    found = walk(told, *rows(104, 103, 102, 101, 100))
    told.carry_out(fill(replace(found, sources={103: Source.UNANNOUNCED})))
    assert claim(told) == (101, 101)
    assert sources(told.transactions) == {
        101: Source.LIVE,
        102: Source.CATCHUP,
        103: Source.UNANNOUNCED,
        104: Source.CATCHUP,
    }
    told.carry_out(settle(found, 104, reaches=True))
    assert claim(told) == (101, 104)
    assert ledger(told).as_of == LATER
    assert told.gaps == []


def test_what_the_walk_read_is_stored_when_it_settles_at_the_latest() -> None:
    told = journal(100, 101)
    told.carry_out(settle(walk(told, *rows(103, 102, 101)), 103, reaches=True))
    assert sorted(sources(told.transactions)) == [101, 102, 103]


def test_numbers_that_nobody_has_become_one_gap_between_their_neighbours() -> None:
    told = journal(100, 101)
    told.carry_out(settle(walk(told, *rows(106, 105, 101)), 106, reaches=True, cause="server restarted"))
    (gap,) = told.gaps
    assert (gap.first, gap.last, gap.missing) == (102, 104, 3)
    assert (gap.since, gap.until) == (at_second(101).time, at_second(105).time)
    assert (gap.reason, gap.cause) == (Reason.NOT_IN_HISTORY, "server restarted")
    assert claim(told) == (101, 106)


def test_what_is_older_than_the_history_is_given_up() -> None:
    told = journal(100, 101)
    told.carry_out(settle(walk(told, *rows(203, 201)), 203, reaches=False))
    assert numbers(told.gaps) == [(102, 200, Reason.TOO_OLD), (202, 202, Reason.NOT_IN_HISTORY)]


def test_a_gap_closes_when_its_transaction_turns_up() -> None:
    told = journal(100, 101)
    told.carry_out(settle(walk(told, *rows(103, 101)), 103, reaches=True))
    told.carry_out(fill(walk(told, *rows(103, 102, 101))))
    assert [gap.is_open for gap in told.gaps] == [False]


def test_what_was_made_just_now_is_left_to_its_announcement() -> None:
    told = journal(100, 101)
    found = replace(walk(told, *rows(104, 102, 101)), settled=102)
    told.carry_out(settle(found, 102, reaches=True))
    assert claim(told) == (101, 102)
    assert told.gaps == []
    assert 104 not in sources(told.transactions)


def test_what_was_announced_of_it_already_is_claimed_with_the_rest() -> None:
    told = journal(100, 101)
    hears(told, at_second(103))
    told.carry_out(settle(replace(walk(told, *rows(103, 102, 101)), settled=102), 102, reaches=True))
    assert claim(told) == (101, 103)


def test_what_is_announced_while_the_pages_are_read_is_claimed_too() -> None:
    told = journal(100, 101)
    found = walk(told, *rows(102, 101))
    hears(told, at_second(103))
    told.carry_out(settle(found, 102, reaches=True))
    assert claim(told) == (101, 103)


def test_absurd_numbers_cost_nothing() -> None:
    told = journal(100, 101)
    told.carry_out(settle(walk(told, *rows(101), made(10**17, LATER)), 10**17, reaches=True))
    assert numbers(told.gaps) == [(102, 10**17 - 1, Reason.NOT_IN_HISTORY)]


def test_times_that_contradict_each_other_are_not_said() -> None:
    told = journal(100, 101)
    early = made(103, MORNING - timedelta(hours=8))
    told.carry_out(settle(walk(told, early, *rows(101)), 103, reaches=True))
    assert [(gap.since, gap.until) for gap in told.gaps] == [(None, None)]


# Another record


def test_other_transactions_of_the_same_numbers_begin_a_new_era() -> None:
    told = journal(100, 101, 102, 103)
    found = walk(told, *others(103, 102), *rows(101, 100))
    told.carry_out(fill(found))
    assert claim(told) == (101, 101)
    assert [each.title for each in told.told] == ["The server's record was set back"]
    told.carry_out(settle(found, 103, reaches=True))
    assert claim(told) == (101, 103)
    assert [each.person for each in told.transactions][-2:] == ["Ana Cruz", "Ana Cruz"]
    assert len(told.transactions) == 5
    assert told.gaps == []
    told.carry_out(fill(walk(told, *others(103, 102), *rows(101))))
    assert len(told.told) == 1


def test_what_was_announced_of_the_new_era_is_not_stored_twice() -> None:
    told = journal(100, 101, 102, 103)
    hears(told, at_second(104))  # the desk cannot know yet that 102 and 103 are others now
    found = walk(told, *rows(104), *others(103, 102), *rows(101))
    told.carry_out(settle(found, 104, reaches=True))
    assert sorted(each.transaction_id or 0 for each in told.transactions) == [101, 102, 102, 103, 103, 104]
    assert claim(told) == (101, 104)


def test_an_era_found_on_a_later_page_keeps_what_earlier_pages_brought() -> None:
    told = journal(100, 101)
    told.carry_out(fill(walk(told, *rows(104, 103))))
    second = replace(walk(told, *rows(102), *others(101)), shown={104, 103})
    told.carry_out(fill(second))
    assert sorted(told.known(101, 104)) == [101, 102, 103, 104]
    assert len(told.transactions) == 5


def test_what_stands_between_the_last_that_both_records_have_and_the_first_that_differs_is_the_olds() -> None:
    told = journal(100, 101, 102, 103, 104)
    told.carry_out(settle(walk(told, *others(104), *rows(101)), 104, reaches=True))
    assert sorted(told.known(101, 104)) == [101, 104]
    assert numbers(told.gaps) == [(102, 103, Reason.NOT_IN_HISTORY)]


def test_that_is_found_by_the_next_page_too() -> None:
    told = journal(100, 101, 102, 103)
    told.carry_out(fill(walk(told, *others(103))))
    assert claim(told) == (101, 102)
    told.carry_out(fill(walk(told, *others(103), *rows(101))))
    assert claim(told) == (101, 101)
    assert len(told.told) == 1, "it is the same change"


def test_a_change_of_the_time_zone_is_no_other_record() -> None:
    told = journal(100, 101, 102)
    shifted = [replace(row, time=row.time + timedelta(hours=8)) for row in rows(102, 101)]
    reach = reach_of(shifted, ledger(told), told.known(101, 102))
    assert (reach.differs_from, reach.shift) == (None, timedelta(hours=8))
    told.carry_out(fill(walk(told, *shifted)))
    assert told.told == []
    assert len(told.transactions) == 2


def test_a_record_that_ends_earlier_is_told_of_once() -> None:
    told = journal(100, 101, 102, 103)
    for _ in range(2):
        told.carry_out(set_back(102, LATER, asked_row=told.last_row))
        told.carry_out(settle(walk(told, *rows(102, 101)), 102, reaches=True))
    assert claim(told) == (101, 102)
    assert len(told.told) == 1
    told.carry_out(settle(walk(told, *rows(104, 102, 101)), 104, reaches=True))
    assert claim(told) == (101, 104)
    assert told.gaps == []  # number 103 was deleted there, and is here


def test_what_was_declared_missing_before_a_record_was_set_back_is_declared_once() -> None:
    told = journal(100, 101)
    told.carry_out(settle(walk(told, *rows(105, 101)), 105, reaches=True))
    told.carry_out(set_back(101, LATER, asked_row=told.last_row))
    told.carry_out(settle(walk(told, *rows(108, 101)), 108, reaches=True))
    assert claim(told) == (101, 108)
    assert numbers(told.gaps) == [
        (102, 104, Reason.NOT_IN_HISTORY),
        (106, 107, Reason.NOT_IN_HISTORY),
    ], "105 was deleted there, and is here"


def test_a_page_that_is_older_than_an_announcement_says_nothing() -> None:
    told = journal(100, 101)
    asked_row = told.last_row
    hears(told, at_second(102))
    told.carry_out(set_back(101, LATER, asked_row=asked_row))
    assert claim(told) == (101, 102)
    assert told.told == []


def test_what_is_announced_meanwhile_does_not_hide_that_the_record_was_set_back() -> None:
    told = journal(100, 101)
    told.carry_out(settle(walk(told, *rows(103, 101)), 103, reaches=True))
    asked_row = told.last_row
    hears(told, at_second(102))
    told.carry_out(set_back(101, LATER, asked_row=asked_row))
    assert claim(told) == (101, 101)


def test_if_all_that_was_claimed_is_gone_the_journal_begins_anew() -> None:
    told = journal(100, 101)
    told.carry_out(set_back(5, LATER, asked_row=told.last_row))
    assert claim(told) == (6, 5)
    assert ledger(told).backlog is Backlog.WANTED
    assert [each.title for each in told.told] == ["The server's record is another"]
    told.carry_out(lower(others(5, 4, 3, 2, 1), LATER, is_last=True, from_newest=True))
    assert claim(told) == (1, 5)


# How far down


@pytest.mark.parametrize(
    ("page", "enough"),
    [
        (rows(105, 104), False),
        (rows(105, 104, 103), True),  # 103 is claimed, and the same
        (others(105, 104, 103), False),  # another record, perhaps further down as well
        ([*others(105, 104, 103), *rows(102)], True),
        (others(103, 102, 101), True),  # nothing below is answered for
        ([], False),
    ],
)
def test_a_page_must_show_what_is_claimed_as_the_journal_has_it(
    page: list[HistoryRow], *, enough: bool
) -> None:
    told = journal(100, 101, 102, 103)
    assert reach_of(page, ledger(told), told.known(101, 200)).far_enough is enough


def test_what_fills_a_gap_proves_nothing_of_what_is_older() -> None:
    told = journal(100, 101)
    told.carry_out(settle(walk(told, *rows(103, 101)), 103, reaches=True))
    told.carry_out(fill(walk(told, *rows(103, 102))))
    declared = told.declared(101, 103)
    assert declared == [range(102, 103)]
    assert not reach_of(rows(102), ledger(told), told.known(102, 102), declared=declared).far_enough
    assert reach_of(rows(103), ledger(told), told.known(103, 103), declared=declared).far_enough


# The time before


def test_the_time_before_is_fetched_downwards() -> None:
    told = journal(100)
    told.carry_out(lower(rows(100, 98, 97), LATER, is_last=False, from_newest=True))
    assert claim(told) == (97, 100)
    assert numbers(told.gaps) == [(99, 99, Reason.NOT_IN_HISTORY)]
    told.carry_out(lower(rows(97, 95), LATER, is_last=True, from_newest=False))
    assert claim(told) == (95, 100)
    assert ledger(told).backlog is Backlog.DONE
    assert set(sources(told.transactions).values()) == {Source.HISTORY}


def test_pages_that_do_not_adjoin_the_beginning_prove_nothing() -> None:
    told = journal(100)
    told.carry_out(lower(rows(90, 89), LATER, is_last=True, from_newest=False))
    assert claim(told) == (101, 100)
    assert told.transactions == []


def test_the_time_before_leaves_what_is_new_to_the_walks() -> None:
    told = journal(100)
    told.carry_out(lower(rows(102, 101, 100), LATER, is_last=False, from_newest=True))
    assert sources(told.transactions) == {100: Source.HISTORY}


def test_an_older_journal_of_another_record_is_not_mixed_in() -> None:
    told = Journal()
    hears(told, *rows(98, 99, 100))
    told.carry_out(begin(100, LATER))
    told.carry_out(lower(others(100, 99, 98), LATER, is_last=True, from_newest=True))
    assert {each.person for each in told.known(98, 100).values()} == {"Ana Cruz"}
    assert claim(told) == (98, 100)
    assert told.gaps == []


def test_without_a_ledger_nothing_is_written() -> None:
    told = Journal()
    found = walk(told, *rows(2, 1))
    for planner in (
        fill(found),
        settle(found, 2, reaches=True),
        set_back(0, LATER, asked_row=0),
        lower(rows(2, 1), LATER, is_last=True, from_newest=True),
    ):
        told.carry_out(planner)
    assert told.rows == []
