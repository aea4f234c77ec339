"""When the server's history is looked at."""

import pytest

from armguard_tray.catchup.schedule import EARLY_EVERY, EVERY, SOON, Schedule, State

NOW = 1000.0
LIVE = Schedule().went_live(NOW)


def looked(schedule: Schedule, now: float = NOW, *, good: bool = True) -> Schedule:
    return schedule.begun().looked(now, good=good)


def test_nothing_is_looked_for_before_the_transactions_are_live() -> None:
    assert Schedule().state(NOW) is State.IDLE
    assert Schedule().wait(NOW) is None


def test_once_they_are_live_it_is_looked_at_once_and_then_every_few_minutes() -> None:
    assert LIVE.state(NOW) is State.DUE
    assert LIVE.begun().state(NOW) is State.WALKING
    after = looked(LIVE)
    assert (after.state(NOW), after.wait(NOW)) == (State.WAITING, EVERY)
    assert after.state(NOW + EVERY) is State.DUE


def test_the_servers_app_sends_first_what_was_missed() -> None:
    replaying = Schedule().went_live(NOW, replaying=True)
    assert replaying.state(NOW) is State.WAITING
    assert replaying.replay_ended(NOW + 2).state(NOW + 2) is State.DUE


def test_it_is_looked_even_if_the_end_of_that_is_never_told() -> None:
    assert Schedule().went_live(NOW, replaying=True).state(NOW + EVERY) is State.DUE


def test_that_the_app_says_it_again_and_again_changes_nothing() -> None:
    after = looked(Schedule().went_live(NOW, replaying=True).replay_ended(NOW))
    assert after.replay_ended(NOW + 15) == after


def test_a_hole_is_looked_into_soon_but_what_is_under_way_may_come_first() -> None:
    after = looked(LIVE).hole_seen(NOW + 20)
    assert after.wait(NOW + 20) == SOON
    assert after.hole_seen(NOW + 25).wait(NOW + 25) == SOON - 5


def test_a_server_that_leaves_hole_after_hole_is_not_looked_at_all_the_time() -> None:
    first = looked(LIVE).hole_seen(NOW)
    early = NOW + SOON
    again = looked(first, early).hole_seen(early + 1)
    assert again.due_at == early + EARLY_EVERY


def test_a_hole_in_what_the_app_still_sends_is_none() -> None:
    replaying = Schedule().went_live(NOW, replaying=True)
    assert replaying.hole_seen(NOW) == replaying


def test_what_is_seen_during_a_walk_counts_after_it() -> None:
    walking = LIVE.begun().hole_seen(NOW + 1)
    assert walking.state(NOW + 1 + SOON) is State.WALKING
    assert walking.looked(NOW + 2, good=True).wait(NOW + 2) == SOON - 1


def test_a_failed_look_is_not_made_again_for_every_hole() -> None:
    failed = looked(LIVE, good=False)
    assert failed.hole_seen(NOW + 1).wait(NOW + 1) == EVERY - 1


def test_the_network_that_is_back_is_a_reason_to_try_what_failed() -> None:
    assert looked(LIVE, good=False).network_is_back(NOW + 5).state(NOW + 5) is State.DUE
    good = looked(LIVE)
    assert good.network_is_back(NOW + 5) == good
    assert Schedule().network_is_back(NOW) == Schedule()


def test_whoever_asks_is_answered_live_or_not() -> None:
    assert looked(LIVE).ask(NOW + 1).state(NOW + 1) is State.DUE
    asked = Schedule().ask(NOW)
    assert asked.state(NOW) is State.DUE
    assert looked(asked).state(NOW) is State.IDLE
    assert asked.left().state(NOW) is State.DUE


def test_whoever_asks_during_a_walk_wants_another() -> None:
    assert LIVE.begun().ask(NOW).looked(NOW + 1, good=True).state(NOW + 1) is State.DUE


@pytest.mark.parametrize("before", [LIVE, looked(LIVE), LIVE.begun()])
def test_when_they_are_no_longer_live_nothing_more_is_looked_for(before: Schedule) -> None:
    left = before.left()
    assert left.due_at is None
    if left.walking:
        left = left.looked(NOW + 1, good=True)
    assert left.state(NOW + 2 * EVERY) is State.IDLE
    assert left.went_live(NOW + 3 * EVERY).state(NOW + 3 * EVERY) is State.DUE


def test_a_tick_that_comes_hours_late_finds_one_look_due() -> None:
    late = NOW + 8 * 3600
    after = looked(looked(LIVE).hole_seen(NOW), late)
    assert (after.state(late), after.wait(late)) == (State.WAITING, EVERY)
