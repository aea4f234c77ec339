"""How times are written."""

from datetime import UTC, datetime, timedelta

import pytest

from armguard_tray.errors import JournalError
from armguard_tray.ui.wording import failure_words, plain_tooltip, rounded_span, since, span
from tests.fakes.events import MANILA

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 days"),
        (timedelta(days=730), "730 days"),
        (timedelta(days=355_417), "973 years"),
    ],
)
def test_a_length_of_time_has_its_largest_unit(length: timedelta, words: str) -> None:
    assert span(length) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=59.4), "59 s"),
        (timedelta(seconds=59.6), "1 min"),
        (timedelta(seconds=89), "1 min"),
        (timedelta(minutes=1, seconds=50), "2 min"),
        (timedelta(minutes=59, seconds=29), "59 min"),
        (timedelta(minutes=59, seconds=40), "1 h"),
        (timedelta(hours=47, minutes=40), "2 days"),
        (timedelta(days=2, hours=20), "3 days"),
    ],
)
def test_a_length_that_is_over_is_told_to_the_nearest(length: timedelta, words: str) -> None:
    assert rounded_span(length) == words


def test_since_names_the_day_only_where_it_is_another() -> None:
    assert since(NOW - timedelta(hours=4, minutes=2), NOW, MANILA) == "07:58"
    assert since(NOW - timedelta(hours=13), NOW, MANILA) == "23/11/26 23:00"


def test_a_tooltip_shows_markup_as_it_stands() -> None:
    assert plain_tooltip("<b>José</b>\nPeña") == "<qt>&lt;b&gt;José&lt;/b&gt;<br>Peña</qt>"


def test_an_error_for_people_is_shown_in_its_own_words_and_a_bug_is_not() -> None:
    error = JournalError("The disk is full.", "Free some space.")
    assert failure_words(error) == "The disk is full. Free some space."
    assert "secret" not in failure_words(RuntimeError("secret"))
