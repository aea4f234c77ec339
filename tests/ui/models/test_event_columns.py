"""What stands in each column."""

from datetime import UTC, datetime

import pytest

from armguard_tray.messages.event import Source, named
from armguard_tray.messages.streams import Stream
from armguard_tray.ui.gap_words import gap_line
from armguard_tray.ui.models.clocks import Clocks
from armguard_tray.ui.models.event_columns import Column, across, cells, tooltip
from tests.fakes import gaps
from tests.fakes.events import MANILA, event, issued, notice, returned, status_change, unreadable

ONE_CLOCK = Clocks(MANILA, MANILA)


def test_an_issued_weapon() -> None:
    assert cells(issued(2), MANILA) == (
        "24/11/26 08:00:09",
        "→ Issued",
        "2",
        "GLOCK - 00031",
        "José Peña",
        "VIP Escort",
        "3",
        "90",
        "armorer1",
        "live",
    )


def test_what_a_return_does_not_say_is_a_dash() -> None:
    row = cells(returned(3, source=Source.CATCHUP), MANILA)
    assert row[Column.WHAT] == "← Returned"
    assert row[Column.DUTY] == row[Column.MAGS] == row[Column.ROUNDS] == "—"
    assert row[Column.CAME] == "caught up"


def test_a_change_of_status_shows_from_what_to_what() -> None:
    event_ = status_change()
    assert cells(event_, MANILA)[Column.PERSON] == "Available → Maintenance"
    assert across(event_, MANILA) == (Column.PERSON, "Available → Maintenance")


def test_a_notice_is_one_sentence_across_the_row() -> None:
    across_it = across(notice("Account", "Password expires"), MANILA)
    assert across_it == (Column.ITEM, "Account — Password expires")


def test_a_transaction_has_its_columns_and_no_sentence() -> None:
    assert across(issued(), MANILA) is None


def test_a_gap_goes_across_from_its_sign_on_as_it_is_now() -> None:
    gap = gaps.found(gaps.numbers(), gaps.partly_filled())
    line = gap_line(gap, MANILA)
    assert across(gap, MANILA) == (Column.WHAT, f"░ Gap {line}")
    row = cells(gap, MANILA)
    assert row[:4] == ("24/11/26 11:02:10", "░ Gap", "", line)
    assert row[Column.CAME] == "missing"
    assert cells(gaps.found(gaps.numbers(), gaps.closed()), MANILA)[Column.CAME] == "closed"


def test_a_gap_of_an_unknown_time_does_not_tell_when_it_was_found_instead() -> None:
    gap = gaps.found(gaps.numbers(since=None, until=None))
    assert cells(gap, MANILA)[Column.TIME] == "—"
    assert tooltip(gap, Column.TIME, ONE_CLOCK) == "Found Tuesday 24 November 2026, 11:09:14, missing"


@pytest.mark.parametrize(
    ("source", "words", "why"),
    [
        (Source.LIVE, "live", "It arrived as it happened."),
        (Source.CATCHUP, "caught up", "It came later: this desk was away."),
        (
            Source.UNANNOUNCED,
            "not announced",
            "Found on the server's history; the server announced it to nobody.",
        ),
        (
            Source.HISTORY,
            "history",
            "From the server's history of the time before this desk followed the server.",
        ),
    ],
)
def test_how_it_came_and_what_that_means(source: Source, words: str, why: str) -> None:
    event_ = gaps.from_history(7, source)
    assert cells(event_, MANILA)[Column.CAME] == words
    assert tooltip(event_, Column.CAME, ONE_CLOCK).splitlines()[0] == why


def test_a_transaction_has_its_number_and_nothing_else_has_one() -> None:
    assert cells(returned(48_211), MANILA)[Column.NUMBER] == "48211"
    assert [cells(each, MANILA)[Column.NUMBER] for each in (notice(), status_change())] == ["", ""]


def test_what_this_desk_found_out_of_the_record_is_a_kind_of_its_own_and_told_in_full() -> None:
    change = gaps.record_changed()
    row = cells(change, MANILA)
    assert (row[Column.WHAT], row[Column.CAME]) == ("! Record", "found out")
    assert tooltip(change, Column.CAME, ONE_CLOCK).startswith("This desk found it out by itself.")
    assert tooltip(change, Column.PERSON, ONE_CLOCK) == f"{change.title} — {change.detail}"


@pytest.mark.parametrize(
    ("level", "what"),
    [("info", "✉ Notice"), ("success", "✉ Notice"), ("warning", "✉ Notice ⚠"), ("error", "✉ Notice ✖")],
)
def test_a_warning_and_an_error_have_a_sign_of_their_own(level: str, what: str) -> None:
    assert cells(notice("Backup", "The nightly backup", level=level), MANILA)[Column.WHAT] == what


def test_an_unreadable_frame_says_so() -> None:
    row = cells(unreadable("not json"), MANILA)
    assert row[Column.WHAT] == "⚠ Unreadable"
    assert row[Column.ITEM] == "Unreadable message from the server"


def test_where_the_server_says_no_time_the_arrival_stands_in_and_the_tooltip_tells() -> None:
    online = event(Stream.PRESENCE, {"type": "user_online", "user_id": 2, "username": "armorer1"})
    assert cells(online, MANILA)[Column.TIME] == "24/11/26 08:00:09"
    assert tooltip(online, Column.TIME, ONE_CLOCK).startswith("The server does not say when it happened.")


def test_the_time_tooltip_has_the_whole_day_and_the_arrival() -> None:
    assert tooltip(issued(), Column.TIME, ONE_CLOCK) == (
        "Tuesday 24 November 2026, 08:00:09\nReceived Tuesday 24 November 2026, 08:00:09, live"
    )


def test_where_two_clocks_differ_the_time_tooltip_says_whose_is_meant() -> None:
    assert tooltip(issued(), Column.TIME, Clocks(MANILA, UTC, "Manila")) == (
        "Tuesday 24 November 2026, 08:00:09 (Manila)\n"
        "Received (this desk) Tuesday 24 November 2026, 00:00:09, live"
    )


def test_the_item_tooltip_has_its_id_where_the_cell_has_its_name() -> None:
    status = status_change("IR-00177241126")
    assert tooltip(status, Column.ITEM, ONE_CLOCK) == "IR-00177241126"
    known = named(status, "M4 - 00177")
    assert cells(known, MANILA)[Column.ITEM] == "M4 - 00177"
    assert tooltip(known, Column.ITEM, ONE_CLOCK) == "M4 - 00177\nIR-00177241126"


def test_the_last_day_of_the_calendar_is_shown_as_well_as_can_be() -> None:
    last = issued(at=datetime(9999, 12, 31, 20, tzinfo=UTC).replace(year=2026))
    frame = last.raw.replace("2027-01-01T04", "9999-12-31T20:00:00+00:00").replace(
        "9999-12-31T20:00:00+00:00:00:00.000000", "9999-12-31T20:00:00+00:00"
    )
    assert cells(event(Stream.TRANSACTIONS, frame), MANILA)[Column.TIME] == "31/12/99 20:00:00"
