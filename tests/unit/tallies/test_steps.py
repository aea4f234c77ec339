"""A time is cut into stretches of the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.tallies.steps import Step, label_of, start_of, starts, step_for


@pytest.mark.parametrize(
    ("days", "step"),
    [(1, Step.DAY), (62, Step.DAY), (63, Step.WEEK), (500, Step.MONTH), (3_000, Step.YEAR)],
)
def test_the_longer_the_time_the_longer_the_stretches(days: int, step: Step) -> None:
    first = date(2026, 1, 1)
    assert step_for(first, first + timedelta(days=days - 1)) is step


def test_a_week_begins_on_monday_and_a_month_on_its_first() -> None:
    day = date(2026, 11, 26)
    assert start_of(day, Step.WEEK) == date(2026, 11, 23)
    assert start_of(day, Step.MONTH) == date(2026, 11, 1)
    assert [label_of(start_of(day, step), step) for step in Step] == [
        "26/11/26",
        "23/11/26",
        "11/2026",
        "2026",
        "2000",
    ]


@given(st.dates(), st.dates())
def test_every_day_lies_in_one_of_not_too_many_stretches(one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    step = step_for(first, last)

    every = list(starts(first, last, step))

    assert start_of(first, step) == every[0]
    assert start_of(last, step) == every[-1]
    assert every == sorted(set(every))
    assert len(every) <= 110
