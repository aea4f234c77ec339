"""Which descriptions of one number mean one transaction."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.messages.event import Source
from armguard_tray.storage.ledger import KnownTransaction
from armguard_tray.storage.sameness import is_same, zone_shift

AT = datetime(2026, 11, 24, 3, 26, 16, tzinfo=UTC)
KNOWN = KnownTransaction(
    row=5,
    number=7,
    time=AT,
    person="Juan Dela Cruz",
    item="M4 - 00077",
    action="Take",
    source=Source.LIVE,
    received=AT,
)


def same(
    known: KnownTransaction = KNOWN,
    *,
    after: timedelta = timedelta(),
    person: str | None = "Juan Dela Cruz",
    item: str | None = "M4 - 00077",
    action: str | None = "Take",
) -> bool:
    """Compare with a description that differs from what is known only as said."""
    return is_same(known, AT + after, person, item, action)


def test_what_agrees_in_all_is_the_same() -> None:
    assert same()
    assert same(after=timedelta(seconds=10))
    assert same(after=-timedelta(seconds=10))


@pytest.mark.parametrize("after", [timedelta(seconds=11), -timedelta(minutes=5), timedelta(days=2)])
def test_what_happened_at_another_time_is_another(after: timedelta) -> None:
    assert not same(after=after)


@pytest.mark.parametrize(
    "after", [timedelta(hours=8), -timedelta(hours=8, seconds=9), timedelta(hours=5, minutes=45)]
)
def test_a_change_of_time_zone_makes_no_other_transaction(after: timedelta) -> None:
    assert same(after=after)


@pytest.mark.parametrize("after", [timedelta(hours=8), timedelta(minutes=15)])
def test_with_times_apart_all_else_must_agree(after: timedelta) -> None:
    assert not same(after=after, person="Ana Cruz")
    assert not same(after=after, item="M4 - 00078")


def test_who_was_renamed_since_took_it_all_the_same() -> None:
    assert same(person="Juan de la Cruz")
    assert same(item="M4 - 00077-A")


def test_another_person_with_another_item_is_another() -> None:
    assert not same(person="Ana Cruz", item="GLOCK - 00001")


def test_a_return_is_no_withdrawal() -> None:
    assert not same(action="Return")
    assert same(action="TAKE")


def test_what_is_not_known_agrees_with_all() -> None:
    assert same(person=None, item=None, action=None)
    blank = replace(KNOWN, time=None, person=None, item=None, action=None)
    assert same(blank, after=timedelta(days=3), person="Ana Cruz")


def test_without_a_time_all_else_must_agree() -> None:
    assert same(replace(KNOWN, time=None), after=timedelta(days=3))
    assert not same(replace(KNOWN, time=None), person="Ana Cruz")
    assert not is_same(KNOWN, None, "Ana Cruz", KNOWN.item, KNOWN.action)


def test_a_page_writes_blanks_in_its_own_way() -> None:
    known = replace(KNOWN, person="Juan  Dela\ufffdCruz ")
    assert same(known, after=timedelta(hours=8))
    long = "x" * 999
    assert same(replace(KNOWN, person=long + "…"), after=timedelta(hours=8), person=long + "yz")


def test_a_shift_is_told_apart_from_any_other_difference() -> None:
    assert zone_shift(AT, AT + timedelta(seconds=3)) == timedelta()
    assert zone_shift(AT, AT - timedelta(hours=8, seconds=1)) == -timedelta(hours=8)
    assert zone_shift(AT, AT + timedelta(hours=26)) == timedelta(hours=26)
    assert zone_shift(AT, AT + timedelta(hours=26, minutes=15)) is None
    assert zone_shift(AT, AT + timedelta(minutes=7)) is None


@given(st.timedeltas(min_value=timedelta(days=-3), max_value=timedelta(days=3)))
def test_a_shift_is_the_same_in_both_directions(apart: timedelta) -> None:
    there, back = zone_shift(AT, AT + apart), zone_shift(AT + apart, AT)
    assert (there is None) == (back is None)
    assert there is None or back is None or there == -back


@pytest.mark.parametrize(("seconds", "is_one"), [(0, True), (1.5, True), (-2, True), (5, False), (-5, False)])
def test_another_person_with_the_item_some_seconds_later_is_another_transaction(
    seconds: float,
    is_one: bool,  # noqa: FBT001 - a table
) -> None:
    assert same(after=timedelta(seconds=seconds), person="Rogelio Santos") == is_one
