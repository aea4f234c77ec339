"""What happens again and again is told of now and then."""

from armguard_tray.server.layers.tally import Tally


def test_the_first_is_told_at_once_and_the_others_together_after_a_while() -> None:
    now = 1000.0
    tally = Tally(60.0, clock=lambda: now)
    assert [tally.add() for _ in range(4)] == [1, 0, 0, 0]
    now += 59.9
    assert tally.add() == 0
    now += 0.1
    assert [tally.add(), tally.add()] == [5, 0]


def test_what_happens_seldom_is_told_each_time() -> None:
    now = 1000.0
    tally = Tally(60.0, clock=lambda: now)
    told = []
    for _ in range(3):
        told.append(tally.add())
        now += 60.0
    assert told == [1, 1, 1]
