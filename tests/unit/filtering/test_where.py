"""Conditions on a command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.errors import FilterError
from armguard_tray.filtering.wanted import EVERYTHING, Wanted
from armguard_tray.filtering.when import When
from armguard_tray.filtering.where import CONDITIONS, parse, parse_all
from armguard_tray.messages.event import Category, Source


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("text=reyes", Wanted(text="reyes")),
        ("kind=issued", Wanted(categories=frozenset({Category.ISSUED}))),
        ("type=M4", Wanted(item_types=frozenset({"M4"}))),
        ("duty=Guard Duty", Wanted(duties=frozenset({"Guard Duty"}))),
        ("duty=a=b", Wanted(duties=frozenset({"a=b"}))),
        ("by=armorer1", Wanted(issuers=frozenset({"armorer1"}))),
        ("status=Available", Wanted(statuses=frozenset({"Available"}))),
        (" Came = Caught up", Wanted(sources=frozenset({Source.CATCHUP}))),
        ("needs-look=yes", Wanted(needs_look=True)),
        ("person=Juan Dela Cruz", Wanted(person="Juan Dela Cruz")),
        ("item=M4 - 00077", Wanted(item="M4 - 00077")),
        ("when=shift", Wanted(when=When.SHIFT)),
        ("when=last-month", Wanted(when=When.LAST_MONTH)),
    ],
)
def test_a_condition_is_a_key_and_a_value(text: str, wanted: Wanted) -> None:
    assert parse(text) == wanted


def test_every_source_and_kind_can_be_asked_for() -> None:
    words = ("live", "caught up", "not announced", "history", "missing")
    assert frozenset().union(*(parse(f"came={word}").sources for word in words)) == set(Source)
    assert frozenset().union(*(parse(f"kind={kind}").categories for kind in Category)) == set(Category)


def test_all_conditions_hold_and_any_value_of_one_will_do() -> None:
    wanted = parse_all(
        ["duty=Guard Duty", "duty=Patrol", "kind=issued", "text=m4", "text=reyes", "when=today"]
    )
    assert wanted == Wanted(
        duties=frozenset({"Guard Duty", "Patrol"}),
        categories=frozenset({Category.ISSUED}),
        text="m4 reyes",
        when=When.TODAY,
    )
    assert parse_all([]) == EVERYTHING


@pytest.mark.parametrize(
    "pair", [("person=A", "person=B"), ("item=A", "item=B"), ("when=today", "when=week")]
)
def test_what_cannot_be_both_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(FilterError, match="contradicts"):
        parse_all(pair)
    assert parse_all((pair[0], pair[0])) == parse(pair[0])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour=green", "There are text, kind, type"),
        ("", "no condition"),
        ("duty", "duty=value"),
        ("duty= ", "says no value"),
        ("kind=borrowed", "not one of issued, returned"),
        ("came=telepathy", "not one of live, caught up"),
        ("when=fortnight", "not one of today, shift"),
        ("needs-look=no", "not one of yes"),
    ],
)
def test_what_is_not_known_is_refused_with_what_there_is(text: str, told: str) -> None:
    with pytest.raises(FilterError) as refused:
        parse(text)
    assert told in str(refused.value)


@given(st.sampled_from(CONDITIONS), st.text())
def test_no_condition_asks_for_everything(key: str, value: str) -> None:
    try:
        wanted = parse(f"{key}={value}")
    except FilterError:
        return
    assert wanted != EVERYTHING or value.strip().casefold() == "everything"
