"""Numbers of things, in words."""

import pytest

from armguard_tray.counting import counted


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 gaps"), (1, "1 gap"), (2, "2 gaps"), (50_000, "50,000 gaps")]
)
def test_a_number_is_told_with_what_it_is_of(count: int, words: str) -> None:
    assert counted(count, "gap") == words
