"""Lengths of time in words."""

from datetime import timedelta

import pytest

from armguard_tray.durations import length, rounded_length


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(minutes=125), "2 h 05 min"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 min"),
        (timedelta(hours=24), "1 day"),
        (timedelta(hours=41), "1 day 17 h"),
        (timedelta(hours=65, minutes=59), "2 days 17 h"),
        (timedelta(days=9, hours=23), "9 days 23 h"),
        (timedelta(days=10, hours=23), "10 days"),
        (timedelta(days=730), "730 days"),
        (timedelta(days=355_417), "973 years"),
    ],
)
def test_a_length_of_time_has_its_two_largest_units_as_far_as_they_matter(
    span: timedelta, words: str
) -> None:
    assert length(span) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=59.4), "59 s"),
        (timedelta(seconds=59.6), "1 min"),
        (timedelta(seconds=89), "1 min"),
        (timedelta(minutes=1, seconds=50), "2 min"),
        (timedelta(minutes=59, seconds=29), "59 min"),
        (timedelta(minutes=59, seconds=40), "1 h"),
        (timedelta(minutes=124, seconds=40), "2 h 05 min"),
        (timedelta(hours=23, minutes=59, seconds=40), "1 day"),
        (timedelta(hours=47, minutes=40), "2 days"),
        (timedelta(days=9, hours=23, minutes=40), "10 days"),
        (timedelta(days=12, hours=20), "13 days"),
        (timedelta(days=2 * 365 + 1), "2 years"),
    ],
)
def test_a_length_that_is_over_is_told_to_the_nearest(span: timedelta, words: str) -> None:
    assert rounded_length(span) == words
