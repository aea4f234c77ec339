"""How long to wait."""

from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.connection.backoff import Delay, asked_for, full_jitter


@given(st.integers(0, 10**6))
def test_full_jitter_stays_within_bounds(failures: int) -> None:
    delay = full_jitter(failures)
    assert delay.least == 0
    assert 5 <= delay.most <= 60
    assert delay.most <= max(5.0, 2.0 ** min(failures, 10))


def test_the_first_attempt_comes_within_five_seconds() -> None:
    assert full_jitter(0) == full_jitter(1) == Delay(0, 5)


@given(st.floats(min_value=0, allow_nan=False, allow_infinity=True))
def test_a_retry_after_is_honoured_for_an_hour_at_most(seconds: float) -> None:
    delay = asked_for(seconds, otherwise=Delay(0, 5))
    assert delay.least == min(seconds, 3600)
    assert delay.least < delay.most <= 3600 * 1.1 + 1


@given(st.floats(min_value=0, allow_nan=False, allow_infinity=True))
def test_a_retry_after_never_shortens(seconds: float) -> None:
    delay = asked_for(seconds, otherwise=Delay(60, 120))
    assert delay.least >= 60
    assert delay.most >= 120
