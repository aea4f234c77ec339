"""Everything of an event as text, and the frame made fit to read."""

import pytest

from armguard_tray.ui.log_window.details_text import MAX_SHOWN, as_text, fields, shown_frame
from tests.fakes.events import MANILA, issued, stored, unreadable


def test_every_field_with_its_label() -> None:
    (row,) = stored(48_211, issued(2, notes="kept in the frame only"))
    assert fields(row, MANILA) == [
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
    labels = dict(fields(row, MANILA))
    assert labels["Magazines"] == "0"
    assert "Rounds" not in labels


def test_an_unreadable_frame_has_no_time_of_the_servers() -> None:
    (row,) = stored(1, unreadable("not json"))
    assert fields(row, MANILA)[0] == ("Time", "not said by the server")


def test_the_copied_text_ends_with_the_whole_frame() -> None:
    (row,) = stored(1, unreadable("x" * 1_000_000))
    assert as_text(row, MANILA).endswith("\n\n" + "x" * 1_000_000)


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
    assert shown.note == "The first 16,384 of 1,048,576 characters. Copy takes all of them."
