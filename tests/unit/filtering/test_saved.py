"""Filters as text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.errors import FilterError
from armguard_tray.filtering.saved import SavedFilters, from_text, to_text
from armguard_tray.filtering.wanted import EVERYTHING, Wanted
from armguard_tray.filtering.when import When
from tests.unit.filtering.wanted_at_random import anything_wanted

REYES = Wanted(text="reyes", when=When.SHIFT)
GUARD = Wanted(duties=frozenset({"Guard Duty"}))


@given(anything_wanted)
def test_what_is_saved_comes_back(wanted: Wanted) -> None:
    assert from_text(to_text(wanted)) == wanted


def test_everything_is_short() -> None:
    assert to_text(EVERYTHING) == '{"version":1}'


def test_half_a_character_does_no_harm() -> None:
    assert from_text(to_text(Wanted(text="rey\ud800es"))) == Wanted(text="rey?es")


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "green"},
        {"when": "fortnight"},
        {"categories": ["issued", "borrowed"]},
        {"sources": ["telepathy"]},
        {"duties": "Guard Duty"},
        {"dates": True, "since": "0001-01-01T00:00:00+08:00"},
        {"dates": True, "since": "2026-13-01T00:00:00+08:00"},
        {"dates": True, "since": "2026-01-01T00:00:00"},
        {"dates": True, "since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"since": "2026-02-01T00:00:00Z"},
        {"version": 2},
        {"version": 0},
        {"version": "1"},
    ],
)
def test_a_filter_that_is_not_understood_is_refused_whole(change: dict[str, Any]) -> None:
    content = {**json.loads(to_text(REYES)), **change}
    with pytest.raises(FilterError) as refused:
        from_text(json.dumps(content))
    assert refused.value.message.endswith(".")


def test_of_a_newer_version_it_is_told() -> None:
    with pytest.raises(FilterError, match="newer version"):
        from_text('{"version": 2, "mood": "sunny"}')


@given(st.text() | st.sampled_from(["", "null", "[]", "{}", "[" * 10_000, '{"version":1,"text":"\ud800"}']))
def test_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        from_text(text)


# Under names


def test_filters_are_kept_under_names() -> None:
    saved = SavedFilters().with_filter(" Night\nshift ", REYES).with_filter("guards", GUARD)
    again = SavedFilters.of(saved.text)
    assert again.names == ["guards", "Night shift"]
    assert again.get("Night shift") == REYES
    assert again == saved


@given(st.dictionaries(st.text(min_size=1, max_size=20), anything_wanted, max_size=4))
def test_names_may_be_anything(filters: dict[str, Wanted]) -> None:
    saved = SavedFilters({name: to_text(wanted) for name, wanted in filters.items()})
    assert {name: SavedFilters.of(saved.text).get(name) for name in saved.names} == filters


def test_the_same_name_overwrites() -> None:
    assert SavedFilters().with_filter("mine", REYES).with_filter("mine", GUARD).get("mine") == GUARD


def test_a_filter_gets_another_name() -> None:
    saved = SavedFilters().with_filter("a", REYES).with_filter("b", GUARD)
    assert saved.renamed("a", "c").get("c") == REYES
    assert saved.renamed("a", "a") == saved
    with pytest.raises(FilterError, match="“b” already"):
        saved.renamed("a", "b")
    with pytest.raises(FilterError, match="no filter “x”"):
        saved.renamed("x", "y")


def test_a_filter_is_deleted() -> None:
    assert SavedFilters().with_filter("a", REYES).without("a") == SavedFilters()


@pytest.mark.parametrize("name", ["", " \n", "x" * 61])
def test_not_everything_is_a_name(name: str) -> None:
    with pytest.raises(FilterError):
        SavedFilters().with_filter(name, REYES)


def test_what_a_newer_version_saved_is_kept_and_refused() -> None:
    newer = '{"night":{"version":2,"mood":"sunny"}}'
    saved = SavedFilters.of(newer).with_filter("mine", REYES)
    assert json.loads(saved.text)["night"] == {"version": 2, "mood": "sunny"}
    with pytest.raises(FilterError, match=r"“night”.*newer version"):
        saved.get("night")
    assert saved.get("mine") == REYES


@pytest.mark.parametrize("text", ["[", "[]", "1", "\ud800", "[" * 10_000])
def test_damaged_filters_are_told(text: str) -> None:
    with pytest.raises(FilterError, match="damaged"):
        SavedFilters.of(text)


def test_what_is_not_there_is_told() -> None:
    assert SavedFilters.of("") == SavedFilters()
    with pytest.raises(FilterError, match="no filter “x”"):
        SavedFilters().get("x")
