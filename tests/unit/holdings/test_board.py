"""Who holds what, and how certain that is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from armguard_tray.catchup.issued_page import IssuedNow
from armguard_tray.holdings.board import Board, Holding, board_of
from armguard_tray.holdings.doubt import Why
from armguard_tray.holdings.words import Zones, confirmed_words, doubt_words, notes
from armguard_tray.messages.event import Source
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.storage.holdings import Handlings, LastTransaction
from tests.fakes.events import MANILA
from tests.fakes.handlings import JUAN, M4, NOW, away, hours, lack, last, ledger, listed, status
from tests.fakes.handlings import have as has

GLOCK = "GLOCK - 00031"
ANA = "Ana Lim"
ZONES = Zones(MANILA, MANILA)
A_DAY = DutyHours(24, {"guard duty": 12, "training": 2})


def board(have: Handlings, issued: IssuedNow | None = None) -> Board:
    return board_of(have, issued, A_DAY)


def only(have: Handlings, issued: IssuedNow | None = None) -> Holding:
    """Return the one row of the board."""
    (holding,) = board(have, issued).holdings
    return holding


def why(holding: Holding) -> list[Why]:
    return [doubt.why for doubt in holding.doubts]


def said(holding: Holding) -> str:
    return " ".join(doubt_words(doubt, ZONES) for doubt in holding.doubts)


# What is out


def test_a_weapon_whose_last_transaction_is_a_take_is_out() -> None:
    holding = only(has(last(), last(GLOCK, taken=False)))

    assert (holding.item, holding.holder, holding.since) == (M4, JUAN, NOW - hours(3))
    assert (holding.duty, holding.issued_by, holding.number) == ("Guard Duty", "armorer1", 100)
    assert holding.is_certain


def test_one_person_may_hold_several() -> None:
    assert {each.holder for each in board(has(last(M4), last(GLOCK))).holdings} == {JUAN}


def test_nothing_is_on_the_board_of_an_empty_journal() -> None:
    assert board(has()).holdings == ()


# Overdue


@pytest.mark.parametrize(("duty", "limit"), [("Guard Duty", 12), ("Training", 2), ("Patrol", 24), (None, 24)])
def test_each_duty_has_its_own_time(duty: str | None, limit: int) -> None:
    holding = only(has(last(duty=duty)))

    assert holding.due == NOW - hours(3) + hours(limit)


def test_it_is_overdue_by_what_has_gone_by_since() -> None:
    holding = only(has(last(duty="Training", ago=hours(5))))

    assert holding.overdue(NOW) == hours(3)
    assert holding.overdue(NOW - hours(3)) is None


def live(ahead: timedelta, **what: Any) -> LastTransaction:
    """Return a transaction that came at once, of a server whose clock is ahead of this desk's."""
    made = last(**what)
    return replace(made, known=replace(made.known, received=made.time - ahead))


@pytest.mark.parametrize("ahead", [hours(6), hours(-6), hours(0)])
def test_what_is_overdue_is_judged_by_the_servers_clock(ahead: timedelta) -> None:
    by_log = board(has(live(ahead, duty="Training", ago=hours(5))))
    by_page = board(has(last(duty="Training", ago=hours(5))), replace(listed(), ahead=ahead))

    for each in (by_log, by_page):
        (holding,) = each.holdings
        assert each.by_server(NOW - ahead) == NOW
        assert holding.overdue(each.by_server(NOW - ahead)) == hours(3)


def test_of_several_that_came_at_once_the_last_one_tells_the_clock() -> None:
    have = has(live(hours(6), number=99), live(hours(1), item=GLOCK, number=101), caught_up(number=102))
    assert board(have).ahead == hours(1)


def test_where_the_servers_clock_is_not_known_that_is_said() -> None:
    told = "judged by this desk's clock: the server's is not known"
    unknown = board(has(caught_up()))
    assert unknown.ahead is None
    assert told in " ".join(notes(unknown, ZONES))
    assert told not in " ".join(notes(board(has(last())), ZONES))
    assert told not in " ".join(notes(board(has(caught_up()), listed()), ZONES))
    assert told not in " ".join(notes(unknown, ZONES, is_past=True)), "then no clock is asked"


def caught_up(**what: Any) -> LastTransaction:
    """Return a transaction that nobody announced to this desk."""
    made = last(item="A - 1", **what)
    return replace(made, known=replace(made.known, source=Source.CATCHUP))


def test_what_is_most_overdue_comes_first_then_what_is_out_longest() -> None:
    have = has(
        last("A - 1", ago=hours(1)),
        last("B - 2", ago=hours(11)),
        last("C - 3", ago=hours(13)),
        last("D - 4", ago=hours(5), duty="Training"),
    )

    assert [each.item for each in board(have).ordered(NOW)] == ["D - 4", "C - 3", "B - 2", "A - 1"]


def test_a_date_at_the_end_of_the_calendar_is_never_overdue() -> None:
    take = last()
    holding = only(has(last(time=take.time.replace(year=9999, month=12, day=31, hour=23))))

    assert holding.due is None


# Gaps


def test_missing_numbers_after_it_make_it_uncertain() -> None:
    holding = only(has(last(number=100), lacks=[lack(48, 50), lack(101, 103)]))

    assert why(holding) == [Why.GAP]
    assert said(holding) == (
        "A gap in the log since then (#101\N{EN DASH}103): it may have come back, or gone to somebody else."
    )


def test_missing_numbers_before_it_do_not() -> None:
    assert only(has(last(number=100), lacks=[lack(90, 99)])).is_certain


def test_what_is_still_missing_of_a_gap_counts_not_where_it_ended() -> None:
    assert only(has(last(number=100), lacks=[lack(90, 110, greatest=95)])).is_certain


def test_a_time_of_which_nothing_is_known_makes_it_uncertain_if_it_ended_later() -> None:
    assert why(only(has(last(ago=hours(3)), lacks=[away(hours(2), hours(1))]))) == [Why.GAP]
    assert why(only(has(last(ago=hours(3)), lacks=[away(hours(4), hours(2))]))) == [Why.GAP]
    assert only(has(last(ago=hours(3)), lacks=[away(hours(5), hours(4))])).is_certain


def test_several_gaps_are_counted_and_the_last_is_named() -> None:
    holding = only(has(last(number=100), lacks=[lack(101, 103), lack(110, 110), lack(120, 121)]))

    assert said(holding).startswith("3 gaps in the log since then (the last: #120\N{EN DASH}121)")


def test_what_came_back_before_a_gap_is_said_once_and_is_no_row() -> None:
    have = has(last(M4, number=50, taken=False), last(GLOCK, number=60, taken=False), lacks=[lack(101, 103)])
    found = board(have)

    assert found.holdings == ()
    assert (found.returned_before_gap, found.gaps) == (2, 1)
    assert "The log has 1 open gap: 2 weapons came back before it and may be out again." in notes(
        found, ZONES
    )


def test_what_has_not_come_yet_makes_what_is_older_uncertain() -> None:
    have = has(last(M4, number=100), last(GLOCK, number=104), hole=103)

    assert {each.item: why(each) for each in board(have).holdings} == {M4: [Why.ON_ITS_WAY], GLOCK: []}


# Where the log begins


def test_from_when_on_it_knows_is_said_unless_the_log_goes_back_to_the_very_first() -> None:
    sentence = "What was issued before 24/11/26 04:02 and not touched since is not known."
    later = board(has(ledger=ledger(begins=90), first=(90, NOW - hours(10))))
    whole = board(has(ledger=ledger(begins=1), first=(1, NOW - hours(10))))

    assert sentence in notes(later, ZONES)
    assert sentence not in notes(whole, ZONES)


def test_what_went_out_before_the_log_is_complete_is_uncertain() -> None:
    holding = only(has(last(number=80), ledger=ledger(begins=90)))

    assert why(holding) == [Why.BEFORE]
    assert "before #90" in said(holding)


def test_nothing_is_certain_before_anybody_has_looked() -> None:
    found = board(has(last(), ledger=None))

    assert why(found.holdings[0]) == [Why.UNCHECKED]
    assert next(notes(found, ZONES)) == (
        "It has not been checked yet whether transactions are missing, so nothing here is certain."
    )


# Statuses


@pytest.mark.parametrize("word", ["Available", "Maintenance", "Retired"])
def test_a_status_of_weapons_in_the_armory_contradicts_the_take_before_it(word: str) -> None:
    holding = only(has(last(), statuses=[status(word)]))

    assert why(holding) == [Why.STATUS]
    assert said(holding) == (
        f"Its status was set to {word} by hand on 24/11/26 13:02, but no return is in the log."
    )


def test_the_status_issued_agrees_with_it() -> None:
    assert only(has(last(), statuses=[status("Issued")])).is_certain


def test_a_status_from_before_the_take_says_nothing() -> None:
    assert only(has(last(), statuses=[status("Maintenance", row=50, ago=hours(9))])).is_certain
    # It came late, but was set before.
    assert only(has(last(), statuses=[status("Maintenance", ago=hours(9))])).is_certain


def test_a_status_under_the_items_id_alone_counts_as_well() -> None:
    nameless = status("Retired", "IR-00077")

    assert why(only(has(last(item_id="IR-00077"), statuses=[nameless]))) == [Why.STATUS]


def test_a_weapon_that_was_set_to_issued_by_hand_is_out_with_nobody_knows_whom() -> None:
    holding = only(has(last(taken=False), statuses=[status("Issued")]))

    assert (holding.item, holding.holder, holding.since) == (M4, None, NOW - hours(1))
    assert why(holding) == [Why.SET_ISSUED]


def test_of_that_the_servers_list_may_know_nothing() -> None:
    have = has(last(taken=False), statuses=[status("Issued")])

    assert why(only(have, listed())) == [Why.SET_ISSUED, Why.NOT_LISTED]
    assert why(only(have, listed((M4, ANA, hours(1))))) == [Why.ONLY_LISTED]


# The server's own list


def test_what_log_and_server_both_say_is_certain_whatever_gaps_lie_before() -> None:
    have = has(
        last(number=80),
        lacks=[lack(101, 103), away(hours(2), hours(1))],
        hole=150,
        ledger=ledger(begins=90),
    )
    holding = only(have, listed((M4, JUAN, hours(3))))

    assert holding.is_certain
    assert confirmed_words(holding, ZONES) == (
        "By transaction #80, and by the server's list of 24/11/26 14:01."
    )


def test_a_gap_behind_the_list_still_counts() -> None:
    have = has(last(number=100), lacks=[lack(201, 203)])

    assert why(only(have, listed((M4, JUAN, hours(3)), newest=200))) == [Why.GAP]


def test_a_status_that_was_set_after_the_list_still_counts() -> None:
    have = has(last(), statuses=[status("Retired", ago=timedelta())])

    assert why(only(have, listed((M4, JUAN, hours(3))))) == [Why.STATUS]


def test_what_the_server_does_not_list_is_uncertain() -> None:
    holding = only(has(last()), listed())

    assert why(holding) == [Why.NOT_LISTED]
    assert said(holding) == "The server does not list it as issued (its list of 24/11/26 14:01)."


def test_what_is_newer_than_the_list_is_not_held_against_it() -> None:
    assert only(has(last(number=201)), listed(newest=200)).is_certain
    assert only(has(last(ago=hours(0))), listed(newest=0)).is_certain


def test_nor_is_what_was_made_while_the_server_made_the_page() -> None:
    during = timedelta(minutes=1, seconds=2)

    assert only(has(last(ago=during)), listed(ago=timedelta(minutes=1))).is_certain
    assert board(has(last(ago=during, taken=False)), listed((M4, JUAN, hours(1)))).holdings == ()


def test_the_server_may_name_another_holder() -> None:
    holding = only(has(last()), listed((M4, ANA, hours(1))))

    assert holding.holder == JUAN
    assert why(holding) == [Why.OTHER_HOLDER]
    assert said(holding) == (
        "The server lists it as issued to Ana Lim since 24/11/26 13:02 (its list of 24/11/26 14:01)."
    )


def test_or_the_same_one_since_another_time() -> None:
    assert why(only(has(last()), listed((M4, JUAN, hours(1.2))))) == [Why.OTHER_TIME]


def test_what_only_the_server_lists_is_shown_as_such() -> None:
    have = has(last(GLOCK, taken=False, number=90))
    found = {
        each.item: each
        for each in board(have, listed((M4, ANA, hours(30)), (GLOCK, JUAN, hours(2)))).holdings
    }

    assert set(found) == {M4, GLOCK}
    assert (found[M4].holder, found[M4].since, found[M4].duty) == (ANA, NOW - hours(30), None)
    assert [why(each) for each in found.values()] == [[Why.ONLY_LISTED]] * 2
    assert said(found[M4]) == (
        "Issued according to the server (its list of 24/11/26 14:01); this desk has no transaction of it, "
        "and does not know for what duty and by whom it was issued."
    )


def test_what_came_back_after_the_list_is_not_out() -> None:
    have = has(last(number=201, taken=False))

    assert board(have, listed((M4, JUAN, hours(3)), newest=200)).holdings == ()


def test_the_list_also_knows_what_came_back_before_a_gap() -> None:
    have = has(last(taken=False, number=50), lacks=[lack(101, 103)])

    assert board(have, listed()).returned_before_gap == 0


def test_it_is_said_what_the_board_was_held_against() -> None:
    assert list(notes(board(has()), ZONES)) == [
        "Worked out from the log alone: the server's list of what is issued has not been read."
    ]
    assert list(notes(board(has(), listed()), ZONES)) == [
        "Compared with the server's list of what is issued, of 24/11/26 14:01."
    ]


# An older copy of the server's database was put in place


def put_back(have: Handlings, *undone: LastTransaction) -> Handlings:
    return replace(have, undone={each.item: each for each in undone})


def test_what_was_handled_after_the_copy_is_uncertain_whatever_the_server_lists() -> None:
    have = put_back(has(last()), last(number=120, taken=False, ago=hours(1)))

    for issued in (None, listed((M4, JUAN, hours(3)))):
        holding = only(have, issued)
        assert why(holding) == [Why.PUT_BACK]
        assert "#120, which the server's record has no more" in said(holding)


def test_what_went_out_after_the_copy_may_be_out() -> None:
    taken = last(GLOCK, ANA, number=120, ago=hours(1))

    holding = only(put_back(has(), taken))

    assert (holding.item, holding.holder, why(holding)) == (GLOCK, ANA, [Why.TAKEN_BEFORE_PUT_BACK])
    assert "It went out with #120" in said(holding)


def test_a_weapon_that_came_back_or_was_seen_since_is_not_out() -> None:
    came_back = last(GLOCK, number=120, taken=False)
    seen = status("Available", row=150, ago=hours(0.5))

    assert board(put_back(has(last(GLOCK, number=90, taken=False)), came_back)).holdings == ()
    assert board(put_back(has(statuses=[seen]), last(number=120, ago=hours(1)))).holdings == ()
