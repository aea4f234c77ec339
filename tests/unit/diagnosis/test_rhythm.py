"""A server that drops sockets every few seconds is told from one that did it once."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armguard_tray.connection.failures import Closure
from armguard_tray.diagnosis.facts import HandshakeFound
from armguard_tray.diagnosis.rhythm import dropped_alike, in_rhythm
from armguard_tray.messages.streams import Stream
from tests.unit.diagnosis.examples import NOW, ago, handshake

S = Stream.TRANSACTIONS


@pytest.mark.parametrize(
    ("seconds_ago", "codes", "is_rhythm"),
    [
        ((31, 20, 9), (1011, 1011, 1011), True),
        # With the back-off of a desk that waits longer each time.
        ((120, 70, 5), (1011, 1011, 1011), True),
        ((900, 31, 20, 9), (1012, 1011, 1011, 1011), True),
        # Twice may be chance.
        ((20, 9), (1011, 1011), False),
        # Something else came between.
        ((31, 20, 9), (1011, 1012, 1011), False),
        # At once: that is no idle socket which is given up.
        ((3, 2, 1), (1011, 1011, 1011), False),
        # Once an hour: a restart.
        ((9000, 5400, 10), (1011, 1011, 1011), False),
        # It is over.
        ((331, 320, 309), (1011, 1011, 1011), False),
    ],
)
def test_closures_in_a_rhythm(
    seconds_ago: tuple[int, ...], codes: tuple[int, ...], *, is_rhythm: bool
) -> None:
    closures = [(ago(seconds=each), S, Closure(code)) for each, code in zip(seconds_ago, codes, strict=True)]
    assert (S in in_rhythm(closures, NOW)) is is_rhythm


def test_each_stream_has_a_rhythm_of_its_own() -> None:
    # A restart of Redis drops all of them within a moment.
    closures = [(ago(seconds=9), stream, Closure(1011)) for stream in Stream]
    assert in_rhythm(closures, NOW) == frozenset()


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(Stream), st.sampled_from([1006, 1011]))))
@settings(deadline=None)
def test_a_rhythm_needs_three_drops(drops: list[tuple[int, Stream, int]]) -> None:
    closures = [
        (NOW - timedelta(seconds=s), stream, Closure(code))
        for s, stream, code in sorted(drops, key=lambda d: -d[0])
    ]
    for stream in in_rhythm(closures, NOW):
        assert sum(each is stream and closure.code == 1011 for _, each, closure in closures) >= 3


def dropped(stream: Stream, alive: float, code: int = 1011) -> HandshakeFound:
    return handshake(stream, closure=Closure(code), alive=alive)


@pytest.mark.parametrize(
    ("lives", "alike"),
    [((5.0, 5.1), True), ((5.2, 10.1), True), ((5.0,), False), ((0.1, 0.1), False), ((2.4, 7.4), False)],
)
def test_sockets_of_one_checkup_that_end_after_whole_reads(lives: tuple[float, ...], *, alike: bool) -> None:
    found = [dropped(stream, alive) for stream, alive in zip(Stream, lives, strict=False)]
    assert dropped_alike([*found, handshake(Stream.PRESENCE)]) is alike


def test_other_codes_do_not_count() -> None:
    assert not dropped_alike([dropped(Stream.INVENTORY, 5.0, 1012), dropped(S, 5.0, 1012)])
