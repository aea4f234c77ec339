"""The report on a shift: what counts, what is out, and what is said of how certain that is."""

from dataclasses import replace
from datetime import timedelta

from armguard_tray.messages.event import Category, Source
from armguard_tray.messages.gap import Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.shift_report.report import ShiftReport, report_of
from armguard_tray.shift_report.words import certainty, figures
from armguard_tray.storage.shift import ShiftRecords
from tests.fakes import gaps, shifts
from tests.fakes.events import MANILA, event, issued, unreadable
from tests.fakes.handlings import have, hours, last, ledger, listed
from tests.fakes.shifts import AFTER, BEGIN, HOURS, SHIFT, at, found_gap, present, records, usual


def report(have: ShiftRecords, **changes: object) -> ShiftReport:
    return report_of(have, SHIFT, HOURS, present(**changes))


def said(report: ShiftReport) -> dict[str, str]:
    return {each.name: each.value for each in figures(report)}


def sentences(report: ShiftReport) -> str:
    return "\n".join(certainty(report, MANILA))


def test_a_whole_shift_in_figures() -> None:
    made = report(usual())
    assert said(made) == {
        "Issued": "3",
        "Returned": "2",
        "Still out": "3",
        "Overdue": "2",
        "Status changes": "1",
        "Gaps": "0",
        "Outages": "0",
    }
    assert [each.item for each in made.overdue] == ["GLOCK - 00031", "M16 - 00412"], "by how long"
    assert sentences(made).splitlines() == [
        "Nothing is known to be missing: all transactions of the shift are in the log.",
        (
            "Complete to #48211 as of 24/11/26 14:02: each transaction up to it is in the log, or in a gap "
            "that it shows."
        ),
        "What was out then is worked out from the log alone: the server lists only what is out now.",
    ]


def test_missing_transactions_make_the_figures_short() -> None:
    gap = found_gap(gaps.found(gaps.numbers()), gaps.SINCE, gaps.UNTIL)
    other = found_gap(gaps.found(gaps.numbers(), gaps.partly_filled()), gaps.SINCE, gaps.UNTIL)
    made = report(replace(usual(), gaps=[gap, other]))
    assert said(made)["Issued"] == "3, perhaps more"
    assert said(made)["Still out"] == "3, perhaps more"
    assert said(made)["Gaps"] == "2 · 5 transactions missing"
    assert sentences(made).startswith(
        "2 gaps in this shift: 5 transactions are missing. Issued and returned may be short by that, and "
        "what is still out may be wrong by as much."
    )
    assert "Nothing is known to be missing" not in sentences(made)


def test_a_gap_that_was_filled_is_none() -> None:
    gap = found_gap(gaps.found(gaps.numbers(), gaps.closed()), gaps.SINCE, gaps.UNTIL)
    assert said(report(replace(usual(), gaps=[gap])))["Gaps"] == "0"


def test_what_the_server_cannot_deliver_is_a_gap_of_unknown_size() -> None:
    told = replace(event(Stream.TRANSACTIONS, "{}"), category=Category.GAP, kind="gap", source=Source.MISSING)
    made = report(replace(usual(), gaps=[found_gap(told, None, at(60))]))
    assert said(made)["Gaps"] == "1"
    assert "nobody knows how much is missing" in sentences(made)
    assert made.may_lack_statuses


def test_outages_count_whether_they_were_made_up_for_or_not() -> None:
    first = found_gap(gaps.found(gaps.of_time()), at(60), at(78))
    filled = gaps.of_time(since=at(70), until=at(90), closed_at=at(100))
    made = report(replace(usual(), gaps=[first, found_gap(gaps.found(filled), at(70), at(90))]))
    assert said(made)["Outages"] == "2 · 30 min in all", "what overlaps counts once"
    assert said(made)["Status changes"] == "1, perhaps more"
    assert said(made)["Issued"] == "3", "the history tells of transactions"
    assert "1 outage in which changes of status may have been missed." in sentences(made)


def test_an_outage_of_the_transactions_leaves_their_figures_open() -> None:
    blind = gaps.of_time(
        streams=(Stream.TRANSACTIONS,), reason=Reason.UNREADABLE, since=at(-30), until=at(30)
    )
    made = report(replace(usual(), gaps=[found_gap(gaps.found(blind), at(-30), at(30))]))
    assert said(made)["Outages"] == "1 · 30 min in all", "only what lies in the shift"
    assert said(made)["Issued"] == "3, perhaps more"
    assert "transactions may have been missed; nobody knows how many" in sentences(made)


def test_one_number_is_one_transaction_unless_the_record_was_put_back() -> None:
    twice = records(issued(5, at(10)), issued(5, at(10), duty_type="Patrol"), issued(6, at(20)))
    assert said(report(twice))["Issued"] == "2"
    put_back = replace(twice, gone=frozenset({1}))
    made = report(put_back)
    assert said(made)["Issued"] == "3"
    assert [each.is_gone for each in made.issued] == [True, False, False]
    assert "1 transaction is of a record that the server has no more" in sentences(made)


def test_what_the_desk_found_out_of_the_record_is_told() -> None:
    made = report(records(gaps.record_changed()))
    assert "The server's record was set back: its newest transaction is #48100 now" in sentences(made)


def test_what_came_late_counts_and_is_told() -> None:
    late = records(issued(5, at(10), Source.CATCHUP), issued(6, at(12), Source.LIVE))
    made = report(late)
    assert said(made)["Issued"] == "2"
    assert "1 transaction reached this desk later than made" in sentences(made)


def test_a_message_that_cannot_be_read_may_have_been_a_transaction() -> None:
    made = report(records(unreadable(at=at(10))))
    assert said(made)["Issued"] == "0, perhaps more"
    assert "1 message from the server could not be read" in sentences(made)


def test_nothing_is_certain_before_anybody_has_looked() -> None:
    made = report(records(issued(5, at(10)), handled=have(ledger=None)), is_current=False)
    assert said(made)["Issued"] == "1, perhaps more"
    assert sentences(made).startswith("It has not been checked yet whether transactions are missing")


def test_while_the_desk_is_cut_off_there_may_be_gaps_and_outages_that_nobody_has_seen() -> None:
    made = report(records(issued(5, at(10)), handled=have(ledger=None)), is_current=False)
    assert said(made)["Gaps"] == "0, perhaps more"
    assert said(made)["Outages"] == "0, perhaps more"


def test_what_was_seen_before_the_end_says_nothing_of_the_end() -> None:
    seen = have(ledger=replace(ledger(complete_to=48_205), as_of=at(300)))
    made = report(records(issued(5, at(10)), handled=seen), is_current=False)
    assert said(made)["Issued"] == "1, perhaps more"
    assert "Complete to #48205 as of 24/11/26 11:00; what happened after that may be missing." in sentences(
        made
    )


def test_what_was_seen_after_the_end_goes_for_all_of_it() -> None:
    seen = have(ledger=replace(ledger(complete_to=48_205), as_of=AFTER))
    made = report(records(issued(5, at(10)), handled=seen), is_current=False)
    assert said(made)["Issued"] == "1"


def test_newer_transactions_with_a_hole_before_them_are_said() -> None:
    made = report(records(handled=have(hole=48_210)))
    assert made.covered is None
    assert "not yet all before them" in sentences(made)


def test_a_log_that_begins_within_the_shift_says_so() -> None:
    late = have(ledger=ledger(begins=48_200, complete_to=48_211), first=(48_200, at(45)))
    made = report(records(issued(48_200, at(45)), handled=late))
    assert said(made)["Issued"] == "1, perhaps more"
    assert "The log goes back to #48200 of 24/11/26 06:45" in sentences(made)


def test_a_log_that_begins_before_is_whole_but_for_what_is_out() -> None:
    old = have(ledger=ledger(begins=40_000, complete_to=48_211), first=(40_000, BEGIN - timedelta(days=20)))
    made = report(records(issued(48_200, at(45)), handled=old))
    assert said(made)["Issued"] == "1"
    assert said(made)["Still out"] == "0, perhaps more", "nobody knows what went out before"
    shown = report(records(handled=old), now=at(60), issued=listed(ago=hours(7.0)))
    assert said(shown)["Still out"] == "0", "the server's list says what is out now"


def test_changes_of_status_have_no_history() -> None:
    before = report(records(live_since=at(30)))
    assert said(before)["Status changes"] == "0, perhaps more"
    assert "hears changes of status since 24/11/26 06:30" in sentences(before)
    after = report(records(heard={Stream.INVENTORY: at(400)}))
    assert "has not heard changes of status since 24/11/26 12:40" in sentences(after)
    never = report(records(heard={}))
    assert "has not heard changes of status, so their number is not known" in sentences(never)


def test_while_the_shift_is_on_it_is_as_of_now() -> None:
    soon = have(last(number=48_202, ago=hours(7), duty="Range Training"), ledger=ledger(complete_to=48_211))
    made = report(records(handled=soon), now=at(120))
    assert said(made)["Still out"] == "1"
    assert said(made)["Overdue"] == "0", "after four hours it will be"
    assert "The shift is not over: this is how it stood at 24/11/26 08:00." in sentences(made)


def test_the_list_of_now_says_nothing_of_a_shift_that_is_over() -> None:
    came_back = have(last(number=48_202, ago=hours(7)), ledger=ledger(complete_to=48_211))
    made = report(records(handled=came_back), issued=listed())
    assert said(made)["Still out"] == "1"
    assert made.board.listed_at is None


def test_a_shift_is_over_when_the_server_s_clock_says_so() -> None:
    behind = replace(listed(), ahead=timedelta(minutes=-10))

    made = report(usual(), issued=behind)

    assert not made.is_over
    assert "this is how it stood at 24/11/26 13:52" in sentences(made)
    assert made.covered == AFTER - timedelta(minutes=10)


def test_without_the_server_s_list_its_clock_is_told_by_what_came_at_once_as_on_the_board() -> None:
    came = last(number=48_201, ago=hours(5))
    by_a_desk_ahead = replace(came, known=replace(came.known, received=came.time + timedelta(minutes=10)))

    made = report(records(handled=have(by_a_desk_ahead, ledger=ledger())))

    assert made.made == made.board.by_server(AFTER) == AFTER - timedelta(minutes=10)
    assert not made.is_over


def test_a_desk_whose_clock_is_behind_has_heard_all_the_same() -> None:
    ahead = replace(listed(), ahead=timedelta(minutes=10))

    made = report(usual(), now=AFTER - timedelta(minutes=5), issued=ahead)

    assert made.is_over
    assert not made.statuses_ended_early
    assert not made.may_lack_transactions


def test_the_end_of_the_chain_is_kept() -> None:
    assert report(usual()).head == shifts.HEAD
