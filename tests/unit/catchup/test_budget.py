"""How often a server is asked: a few pages at once, then slowly, and not at all while it refuses."""

import math

import pytest

from armguard_tray.catchup.budget import (
    BURST,
    EACH,
    LIMITED_AT_MOST,
    LIMITED_FOR,
    RETRY_AFTER_AT_MOST,
    Budget,
)

NOW = 1000.0


def spent(requests: int) -> Budget:
    budget = Budget.full(NOW)
    for _ in range(requests):
        budget = budget.spend(NOW)
    return budget


def test_a_few_requests_at_once_then_one_every_few_seconds() -> None:
    assert spent(BURST - 1).wait(NOW) == 0
    assert spent(BURST).wait(NOW) == EACH
    later = spent(BURST).spend(NOW + EACH)
    assert later.wait(NOW + EACH) == EACH
    assert later.wait(NOW + EACH + 2) == EACH - 2


def test_time_without_requests_fills_it_up_again_but_no_further() -> None:
    much_later = NOW + 1e6
    budget = spent(BURST)
    for _ in range(BURST):
        assert budget.wait(much_later) == 0
        budget = budget.spend(much_later)
    assert budget.wait(much_later) == EACH


def test_what_is_less_urgent_leaves_some_for_what_is_more() -> None:
    budget = spent(BURST - 3)
    assert budget.wait(NOW, leave=2) == 0
    assert budget.wait(NOW, leave=3) == EACH


def test_a_refusal_holds_for_longer_each_time() -> None:
    budget, waits = Budget.full(NOW), []
    for _ in range(6):
        budget = budget.refuse(NOW, None)
        waits.append(budget.refused_for(NOW))
    assert waits == [LIMITED_FOR, 600, 1200, 2400, LIMITED_AT_MOST, LIMITED_AT_MOST]
    assert budget.wait(NOW) == LIMITED_AT_MOST
    assert budget.wait(NOW + LIMITED_AT_MOST) == 0
    assert budget.had().refuse(NOW, None).refused_for(NOW) == LIMITED_FOR


def test_the_server_says_how_long_itself() -> None:
    assert Budget.full(NOW).refuse(NOW, 42.0).refused_for(NOW) == 42
    assert Budget.full(NOW).refuse(NOW, 0.0).refused_for(NOW) == EACH


@pytest.mark.parametrize("hostile", [1e300, math.inf])
def test_it_cannot_silence_this_desk_for_good(hostile: float) -> None:
    assert Budget.full(NOW).refuse(NOW, hostile).refused_for(NOW) == RETRY_AFTER_AT_MOST


def test_a_clock_that_stands_still_gives_nothing_away() -> None:
    assert spent(BURST).spend(NOW + EACH).wait(NOW) >= EACH
