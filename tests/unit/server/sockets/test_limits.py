"""How much a client may send, and how much may be on its way to it."""

from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.server.sockets.limits import RateLimit, Window


def test_a_burst_and_then_the_rate() -> None:
    rate = RateLimit(8, burst=3)
    assert [rate.allows(100.0) for _ in range(4)] == [True, True, True, False]
    assert [rate.allows(100.125), rate.allows(100.125)] == [True, False]


def test_silence_saves_up_no_more_than_a_burst() -> None:
    rate = RateLimit(10, burst=2)
    rate.allows(0.0)
    assert [rate.allows(1000.0) for _ in range(3)] == [True, True, False]


@given(st.lists(st.floats(0, 1), max_size=200))
def test_never_more_than_burst_and_rate_allow(pauses: list[float]) -> None:
    rate, now, allowed = RateLimit(5, burst=4), 0.0, 0
    for pause in pauses:
        now += pause
        allowed += rate.allows(now)
    assert allowed <= 4 + 5 * now + 1e-6


def test_the_window_opens_with_acknowledgements() -> None:
    window = Window(2)
    window.sent(5)
    before = window.full
    window.sent(9)
    then = window.full
    progress = window.acknowledge(5)
    assert (before, then, progress, window.full) == (False, True, True, False)


def test_one_acknowledgement_counts_for_all_before() -> None:
    window = Window(3)
    for seq in (1, 4, 6):
        window.sent(seq)
    assert window.acknowledge(1_000_000)
    assert not window.full


def test_an_acknowledgement_of_nothing_new_is_no_progress() -> None:
    window = Window(1)
    window.sent(7)
    assert [window.acknowledge(seq) for seq in (6, 7, 7)] == [False, True, False]


def test_a_renewed_window_is_empty_and_bears_with_what_is_still_under_way() -> None:
    window = Window(3)
    for seq in (7, 8, 9):
        window.sent(seq)
    window.acknowledge(7)

    window = window.renewed()

    assert not window.full
    window.sent(1)
    # For 8 and 9, which were sent before; for 1; and one too many.
    assert [window.acknowledge(0), window.acknowledge(0), window.acknowledge(1), window.acknowledge(1)] == [
        *(True, True, True),
        False,
    ]
