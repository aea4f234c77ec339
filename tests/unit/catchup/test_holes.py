"""Which numbers are missing."""

from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.catchup.holes import Hole, holes, undeclared


def test_what_was_declared_missing_is_left_out() -> None:
    missing = [Hole(3, 9), Hole(12, 20)]
    assert list(undeclared(missing, [])) == missing
    assert list(undeclared(missing, [range(1, 5), range(8, 14)])) == [Hole(5, 7), Hole(14, 20)]
    assert list(undeclared(missing, [range(1, 30)])) == []


RANGES = st.builds(lambda first, length: range(first, first + length), st.integers(0, 30), st.integers(-2, 9))


@given(st.sets(st.integers(0, 30)), st.lists(RANGES, max_size=5))
def test_each_number_is_missing_once_or_there_or_declared(present: set[int], declared: list[range]) -> None:
    left = [
        number
        for hole in undeclared(holes(present, 0, 30), declared)
        for number in range(hole.first, hole.last + 1)
    ]
    assert left == [
        each for each in range(31) if each not in present and not any(each in one for one in declared)
    ]
