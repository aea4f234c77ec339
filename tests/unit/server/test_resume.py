"""Where delivery goes on, and what a client is told is missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.server.resume import Gap, HeadState, Resumption, resume

HEAD = HeadState("now", seq=20, oldest=11)
NEW = HeadState("now", seq=0, oldest=1)
LOWER = HeadState("now", seq=20, oldest=11, began=5)
EMPTY = HeadState("now", seq=20, oldest=21)  # all was trimmed


@pytest.mark.parametrize(
    ("head", "epoch", "since", "expected"),
    [
        pytest.param(HEAD, "now", 15, Resumption(15), id="goes on"),
        pytest.param(HEAD, "now", 20, Resumption(20), id="nothing missed"),
        pytest.param(HEAD, "now", 10, Resumption(10), id="the very oldest is still there"),
        pytest.param(HEAD, "now", 9, Resumption(10, Gap("now", 10, 10, "trimmed")), id="one was trimmed"),
        pytest.param(HEAD, "now", 0, Resumption(10, Gap("now", 1, 10, "trimmed")), id="from the beginning"),
        pytest.param(HEAD, "now", 25, Resumption(20, Gap("now", 21, 25, "ahead")), id="ahead"),
        pytest.param(HEAD, "old", 5, Resumption(10, Gap("now", 6, 10, "epoch")), id="another epoch"),
        pytest.param(HEAD, "old", 15, Resumption(10, Gap("now", None, None, "epoch")), id="cannot be said"),
        pytest.param(HEAD, "old", 99, Resumption(10, Gap("now", None, None, "epoch")), id="old numbers"),
        pytest.param(LOWER, "old", 15, Resumption(10, Gap("now", 5, 10, "epoch")), id="numbers went back"),
        pytest.param(LOWER, "old", 2, Resumption(10, Gap("now", 3, 10, "epoch")), id="numbers went on"),
        pytest.param(HEAD, None, None, Resumption(20), id="a new client"),
        pytest.param(HEAD, "now", None, Resumption(20), id="no position"),
        pytest.param(HEAD, None, 5, Resumption(20), id="no epoch"),
        pytest.param(NEW, "now", 0, Resumption(0), id="an empty log"),
        pytest.param(NEW, None, None, Resumption(0), id="a new client of an empty log"),
        pytest.param(EMPTY, "now", 20, Resumption(20), id="up to date though all was trimmed"),
        pytest.param(EMPTY, "now", 18, Resumption(20, Gap("now", 19, 20, "trimmed")), id="all was trimmed"),
    ],
)
def test_examples(head: HeadState, epoch: str | None, since: int | None, expected: Resumption) -> None:
    assert resume(head, epoch, since) == expected


@given(
    seq=st.integers(0, 50),
    kept=st.integers(0, 50),
    epoch=st.sampled_from(["now", "old"]),
    since=st.integers(0, 60),
)
def test_what_is_missing_and_what_follows_leave_nothing_out(
    seq: int, kept: int, epoch: str, since: int
) -> None:
    head = HeadState("now", seq, max(1, seq + 1 - kept))
    going_on = resume(head, epoch, since)

    follows = set(range(going_on.position + 1, seq + 1))
    missing: set[int] = set()
    if going_on.gap and going_on.gap.first is not None and going_on.gap.last is not None:
        missing = set(range(going_on.gap.first, going_on.gap.last + 1))
        assert missing, "a gap has at least one number"
    assert all(number >= head.oldest for number in follows), "only what is kept can follow"
    assert not follows & missing
    assert set(range(since + 1, seq + 1)) <= follows | missing
    assert (going_on.gap is None) == (epoch == "now" and head.oldest - 1 <= since <= seq)


def test_the_frame_of_a_gap() -> None:
    assert Gap("now", 3, 5, "trimmed").frame() == {
        "type": "gap",
        "epoch": "now",
        "from": 3,
        "to": 5,
        "reason": "trimmed",
    }
