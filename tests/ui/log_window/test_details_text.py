"""Everything of an event as text, and the frame made fit to read."""

from datetime import UTC

import pytest

from armguard_tray.messages.event import Source, named
from armguard_tray.ui.log_window.details_text import (
    MAX_SHOWN,
    as_text,
    can_be_fetched,
    fields,
    shown_frame,
)
from armguard_tray.ui.models.clocks import Clocks
from tests.fakes import gaps
from tests.fakes.events import MANILA, issued, status_change, stored, unreadable

ONE_CLOCK = Clocks(MANILA, MANILA)


def test_every_field_with_its_label() -> None:
    (row,) = stored(48_211, issued(2, notes="kept in the frame only"))
    assert fields(row, ONE_CLOCK) == [
        ("Time", "Tuesday 24 November 2026, 08:00:09"),
        ("Received", "Tuesday 24 November 2026, 08:00:09"),
        ("How it came", "live"),
        ("What", "→ Issued"),
        ("Title", "GLOCK - 00031 issued"),
        ("Detail", "José Peña · VIP Escort · 3 mags, 90 rounds · by armorer1"),
        ("Level", "success"),
        ("Item", "GLOCK - 00031"),
        ("Item id", "IR-00002241126"),
        ("Person", "José Peña"),
        ("Person id", "PE-000002241126"),
        ("Duty", "VIP Escort"),
        ("Magazines", "3"),
        ("Rounds", "90"),
        ("Issued by", "armorer1"),
        ("Action", "Take"),
        ("Transaction", "#2"),
        ("Stream", "transactions"),
        ("Wire type", "transaction_created"),
        ("Row", "48,211"),
    ]


def test_no_rounds_are_a_fact_and_not_a_gap() -> None:
    (row,) = stored(1, issued(2, mags=0, rounds=None))
    labels = dict(fields(row, ONE_CLOCK))
    assert labels["Magazines"] == "0"
    assert "Rounds" not in labels


def test_an_unreadable_frame_has_no_time_of_the_servers() -> None:
    (row,) = stored(1, unreadable("not json"))
    assert fields(row, ONE_CLOCK)[0] == ("Time", "not said by the server")


def test_the_copied_text_ends_with_the_whole_frame() -> None:
    (row,) = stored(1, unreadable("x" * 1_000_000))
    assert as_text(row, ONE_CLOCK).endswith("\n\n" + "x" * 1_000_000)


def test_json_is_indented_and_no_number_is_changed_on_the_way() -> None:
    assert shown_frame('{"a":12345678901234567890.10,"a":1}').text == (
        '{\n  "a": 12345678901234567890.10,\n  "a": 1\n}'
    )


@pytest.mark.parametrize(
    "raw", ["not json", '{"a": NaN}', "[" * 5000, "", "[" * 900 + "1," * 5000 + "1" + "]" * 900]
)
def test_what_cannot_be_indented_is_shown_as_it_is(raw: str) -> None:
    assert shown_frame(raw).text == raw


def test_what_a_text_view_would_obey_is_written_out() -> None:
    assert shown_frame('"\u202eevil\x1b[2J\u2028"').text == '"\\u202eevil\\u001b[2J\\u2028"'


def test_of_a_long_frame_the_beginning_is_shown_and_it_says_so() -> None:
    shown = shown_frame("x" * 1_048_576)
    assert shown.text == "x" * MAX_SHOWN
    assert shown.note == (
        "Frame as received · the first 16,384 of 1,048,576 characters; Copy takes all of them"
    )


@pytest.mark.parametrize(
    ("raw", "note"),
    [
        ('{"a":1}', "Frame, indented · 7 characters as received"),
        ("not json", "Frame as received · 8 characters"),
    ],
)
def test_a_frame_that_was_indented_does_not_pass_for_the_one_that_was_received(raw: str, note: str) -> None:
    assert shown_frame(raw).note == note


def test_where_two_clocks_differ_each_time_says_whose_it_is() -> None:
    (row,) = stored(1, issued())
    assert fields(row, Clocks(MANILA, UTC, "Manila"))[:2] == [
        ("Time (server, Manila)", "Tuesday 24 November 2026, 08:00:09"),
        ("Received (this desk)", "Tuesday 24 November 2026, 00:00:09"),
    ]


def test_an_item_that_is_called_by_its_name_is_listed_with_its_id() -> None:
    (row,) = stored(1, named(status_change("IR-00177241126"), "M4 - 00177"))
    labels = dict(fields(row, ONE_CLOCK))
    assert (labels["Item"], labels["Item id"]) == ("M4 - 00177", "IR-00177241126")


# Gaps, and what came from the history


def test_every_fact_of_a_gap() -> None:
    (row,) = stored(7, gaps.found(gaps.numbers(), gaps.partly_filled()))
    assert fields(row, ONE_CLOCK) == [
        ("From", "Tuesday 24 November 2026, 11:02:10"),
        ("Until", "Tuesday 24 November 2026, 11:09:10"),
        ("State", "open"),
        ("Numbers", "#48195\N{EN DASH}48197"),
        ("Still missing", "2 of 3"),
        ("Concerns", "transactions"),
        ("Connection lost", "server restarted"),
        ("Found", "Tuesday 24 November 2026, 11:09:14"),
        ("What", "░ Gap"),
        ("Title", "2 of 3 transactions (#48195\N{EN DASH}48197) not received"),
        (
            "Detail",
            "not announced, and not in the server's history: perhaps cancelled or deleted · server restarted",
        ),
        ("Level", "warning"),
        ("Stream", "transactions"),
        ("Wire type", "gap"),
        ("Row", "7"),
    ]


def test_since_when_a_gap_is_closed() -> None:
    (row,) = stored(7, gaps.found(gaps.numbers(), gaps.closed()))
    facts = dict(fields(row, ONE_CLOCK))
    assert facts["State"] == "closed Tuesday 24 November 2026, 11:24:10"
    assert facts["Still missing"] == "0 of 3"


def test_a_gap_in_time_has_no_numbers_and_what_is_not_known_is_said() -> None:
    (row,) = stored(7, gaps.found(gaps.of_time(since=None)))
    facts = dict(fields(row, ONE_CLOCK))
    assert facts["From"] == "not known"
    assert facts["Concerns"] == "notifications, inventory"
    assert not facts.keys() & {"Numbers", "Still missing"}


def test_only_transactions_can_be_fetched_again() -> None:
    assert can_be_fetched(gaps.found(gaps.numbers()))
    assert can_be_fetched(gaps.found(gaps.numbers(), gaps.partly_filled()))
    assert not can_be_fetched(gaps.found(gaps.numbers(), gaps.closed()))
    assert not can_be_fetched(gaps.found(gaps.of_time()))
    assert not can_be_fetched(issued(2))


def test_what_the_history_does_not_tell_is_said() -> None:
    (row,) = stored(7, gaps.from_history(48_190, Source.CATCHUP))
    facts = dict(fields(row, ONE_CLOCK))
    assert facts["How it came"] == "caught up"
    assert facts["Read on"] == "the server's history"
    assert facts["Not told there"] == "duty, ammunition, by whom"
    assert "Not told there" not in dict(fields(stored(8, issued(2, source=Source.CATCHUP))[0], ONE_CLOCK))


@pytest.mark.parametrize(
    ("raw", "note"),
    [
        (gaps.from_history(7, Source.HISTORY).raw, "No frame: as it was read on the server's history"),
        (gaps.found(gaps.numbers()).raw, "No frame: what this desk noted when it found the gap"),
    ],
)
def test_what_is_no_frame_is_not_called_one(raw: str, note: str) -> None:
    assert shown_frame(raw).note == note
