"""How long to go on where pages lead no further down."""

from armguard_tray.catchup.standstill import MOST, MOVING, OUTRUN, REPEATED, pages_on


def test_a_page_that_shows_what_was_seen_is_no_reason_to_give_up() -> None:
    assert MOVING.and_then(range(20)).failure == ""


def test_the_same_again_and_again_is_the_server_repeating_itself() -> None:
    still = MOVING
    for _ in range(MOST):
        assert still.failure == ""
        still = still.and_then(range(20))
    assert still.failure == REPEATED


def test_others_each_time_are_made_faster_than_they_may_be_read() -> None:
    still = MOVING
    for newest in range(MOST):
        still = still.and_then(range(newest, newest + 20))
    assert still.failure == OUTRUN


def test_it_goes_to_where_the_first_one_not_seen_may_stand() -> None:
    seen = range(41, 101)
    assert pages_on(range(81, 101), seen) == 3, "41 ends the second page from here"
    assert pages_on(range(51, 71), seen) == 1, "ten of the next page were seen"
    assert pages_on(range(41, 61), seen) == 1
