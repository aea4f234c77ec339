"""The newest events, which a process keeps in memory."""

from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.server.sockets.recent import RecentEvents
from tests.unit.server.sockets.events import event, events, seqs


def recent(last: int, limit: int = 3, characters: int = 1000) -> RecentEvents:
    return RecentEvents(last, events=limit, characters=characters)


def test_nothing_is_held_at_first() -> None:
    held = recent(7)
    assert (held.first, held.last) == (8, 7)
    assert held.after(7) == []
    assert held.after(6) is None


def test_who_is_behind_gets_what_it_lacks() -> None:
    held = recent(7)
    held.extend(events(8, 9, 10))
    assert seqs(held.after(8)) == [9, 10]
    assert seqs(held.after(7)) == [8, 9, 10]
    assert held.after(6) is None


def test_the_oldest_go_when_there_are_too_many() -> None:
    held = recent(0, limit=2)
    held.extend(events(1, 2, 3))
    assert held.after(0) is None
    assert seqs(held.after(1)) == [2, 3]


def test_the_oldest_go_when_they_are_too_long() -> None:
    held = recent(0, characters=100)
    held.extend([event(1, "x" * 60), event(2, "x" * 60)])
    assert (held.first, held.last) == (2, 2)
    held.extend([event(3, "x" * 500)])
    assert (held.first, held.last) == (4, 3)


def test_a_hole_ends_what_was_before() -> None:
    held = recent(0, limit=10)
    held.extend(events(1, 2, 5, 6))
    assert (held.first, held.last) == (5, 6)
    assert held.after(2) is None
    assert seqs(held.after(4)) == [5, 6]


@given(st.lists(st.integers(1, 3), max_size=50), st.integers(1, 8))
def test_it_never_gives_a_run_with_a_hole(steps: list[int], limit: int) -> None:
    held, seq = recent(0, limit=limit), 0
    for step in steps:
        seq += step
        held.extend(events(seq))
        assert held.last == seq
        assert held.last - held.first < limit
    for position in range(seq + 1):
        found = seqs(held.after(position))
        assert found is None or found == list(range(position + 1, seq + 1))
