"""Times and counts as the status page has them."""

from datetime import UTC, datetime, timedelta

import pytest

from armguard_tray.server.status_words import SHAPES, ago, counted, page_without_database, stamp

NOW = datetime(2026, 11, 24, 11, 26, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s ago"),  # the other machine's clock is ahead
        (0, "0 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (47 * 3600, "47 h ago"),
        (48 * 3600, "2 days ago"),
        (9 * 86400, "9 days ago"),
    ],
)
def test_how_long_ago_something_was(seconds: float, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_a_time_is_written_as_the_armory_does_and_an_unknown_one_is_unknown() -> None:
    assert stamp(NOW) == "24/11/26 11:26:16"
    assert stamp(None) == "unknown"
    assert ago(None, NOW) == ""


def test_counts_begin_with_the_highest() -> None:
    assert list(counted(["a", "b", "b"]).items()) == [("b", 2), ("a", 1)]


def test_no_two_states_have_one_shape() -> None:
    assert len(set(SHAPES.values())) == len(SHAPES)


def test_without_a_database_the_page_says_what_may_help() -> None:
    page = page_without_database("no such table", NOW)
    assert (page.shape, page.word) == ("■", "Broken")
    (problem,) = page.problems
    assert "no such table" in problem.what
    assert "migrate armguard_live" in problem.remedy
