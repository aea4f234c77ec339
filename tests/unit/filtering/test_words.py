"""A filter in words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given

from armguard_tray.filtering.wanted import EVERYTHING, Wanted
from armguard_tray.filtering.when import Dates, When
from armguard_tray.filtering.words import CAME, KINDS, NOTHING_ASKED, WHEN, condition_words, in_words
from armguard_tray.messages.event import Category, Source
from armguard_tray.storage.log_filter import MAX_TERMS
from tests.fakes.events import MANILA
from tests.unit.filtering.wanted_at_random import anything_wanted

SIX = datetime(2026, 11, 24, 6, tzinfo=MANILA)
EIGHTEEN = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (EVERYTHING, "Everything"),
        (
            Wanted(
                text="reyes",
                categories=frozenset({Category.RETURNED, Category.ISSUED}),
                duties=frozenset({"Guard Duty"}),
                when=When.SHIFT,
            ),
            "Issued or returned · Guard Duty · this shift · “reyes”",
        ),
        (Wanted(issuers=frozenset({"armorer1"})), "By armorer1"),
        (Wanted(statuses=frozenset({"Lost", "Available"})), "Status Available or Lost"),
        (Wanted(sources=frozenset({Source.UNANNOUNCED, Source.CATCHUP})), "Came caught up or not announced"),
        (Wanted(person="Juan Dela Cruz"), "Only Juan Dela Cruz"),
        (Wanted(item="M4 - 00077", needs_look=True), "Needs a look · only the item M4 - 00077"),
        (Wanted(when=Dates(since=SIX)), "Since 24/11/26 06:00"),
        (Wanted(when=Dates(until=SIX)), "Until 24/11/26 06:00"),
        (Wanted(when=Dates(SIX, EIGHTEEN)), "24/11/26 06:00 to 24/11/26 18:00"),
        (Wanted(when=Dates(until=SIX.replace(second=5))), "Until 24/11/26 06:00:05"),
    ],
)
def test_a_filter_reads_as_a_person_would_say_it(wanted: Wanted, words: str) -> None:
    assert in_words(wanted, MANILA) == words


def test_where_a_time_begins_now_is_told_if_it_is_known() -> None:
    assert in_words(Wanted(when=When.SHIFT), MANILA, SIX) == "This shift (since 24/11/26 06:00)"
    assert in_words(Wanted(when=When.THIS_MONTH), MANILA, SIX) == "This month (since 24/11/26 06:00)"
    assert in_words(Wanted(when=When.LAST_MONTH), MANILA, SIX) == "Last month (November 2026)"
    assert in_words(Wanted(when=Dates(since=SIX)), MANILA, SIX) == "Since 24/11/26 06:00"


def test_each_condition_has_words_of_its_own() -> None:
    wanted = Wanted(duties=frozenset({"Guard Duty"}), text="reyes")
    assert condition_words(wanted) == {"duties": "Guard Duty", "text": "“reyes”"}
    assert wanted.without("duties") == Wanted(text="reyes")


@given(anything_wanted)
def test_without_its_conditions_a_filter_is_everything(wanted: Wanted) -> None:
    for name in condition_words(wanted):
        assert condition_words(wanted).keys() - condition_words(wanted.without(name)).keys() == {name}
        wanted = wanted.without(name)
    assert in_words(wanted) == NOTHING_ASKED


def test_every_value_has_a_word() -> None:
    assert (set(KINDS), set(CAME), set(WHEN)) == (set(Category), set(Source), set(When))


def test_words_that_are_not_looked_for_are_told() -> None:
    many = " ".join(map(str, range(MAX_TERMS + 1)))
    assert in_words(Wanted(text=many)).startswith("The first 100 words of “0 1 2")


def test_server_text_is_shown_plain() -> None:
    assert "\u202e" not in in_words(Wanted(duties=frozenset({"Guard\u202eDuty"})))


@given(anything_wanted)
def test_who_asks_for_something_is_told_so(wanted: Wanted) -> None:
    asked = wanted.at(EIGHTEEN, MANILA, ()) != EVERYTHING.at(EIGHTEEN, MANILA, ())
    assert (in_words(wanted) != NOTHING_ASKED) == asked
