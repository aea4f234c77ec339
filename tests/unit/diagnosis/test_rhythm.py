"""A server that gives idle sockets up in turn is told from one that dropped them for another reason."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.phase import End
from armguard_tray.diagnosis.facts import HandshakeFound
from armguard_tray.diagnosis.rhythm import Ended, closures_of, in_rhythm, one_given_up
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from tests.unit.diagnosis.examples import NOW, ago, handshake, live

A, B, C = DEFAULT_STREAMS


def dropped(*drops: tuple[float, Stream], code: int = 1011) -> list[Ended]:
    """Return closures, each of so many seconds ago."""
    return [(ago(seconds=seconds), stream, Closure(code)) for seconds, stream in drops]


@pytest.mark.parametrize(
    "drops",
    [
        # As it was seen: in turn, 5.01 s apart.
        [(16.04, A), (11.03, B), (6.02, C)],
        # Some reads were answered in time.
        [(40, A), (25, B), (20, A)],
        # One stream alone.
        [(21, A), (11, A), (1, A)],
        # Earlier ones do not matter, nor do later ones, of sockets that were opened again at any time.
        [(90, B), (60, A), (55, B), (50, C), (43, C), (29, A)],
        # After half a minute in which all waited.
        [(45, A), (40, B), (10, C)],
        # The live app's one socket has all streams.
        [(21, A), (21, B), (21, C), (16, A), (16, B), (16, C), (11, A), (11, B), (11, C)],
    ],
)
def test_drops_that_are_whole_reads_apart_have_a_rhythm(drops: list[tuple[float, Stream]]) -> None:
    assert in_rhythm(dropped(*drops), NOW) == {stream for _, stream in drops}


@pytest.mark.parametrize(
    "drops",
    [
        [],
        # Twice may be chance.
        [(15, A), (10, B)],
        # A restart of Redis drops all at once, and no two restarts are whole reads apart for long.
        [(9, A), (9, B), (9, C)],
        [(47, A), (47, B), (47, C), (9, A), (9, B), (9, C)],
        # Of any other timing.
        [(31, A), (20, B), (9, C)],
        [(3, A), (2, B), (1, C)],
        [(32, A), (27, A), (19, A), (14, A)],
        # Some are sooner than a read can end: a server that fails at random.
        [(40, A), (38, B), (30, A), (25, B), (20, C)],
        # Whole seconds, but not punctual.
        [(16, A), (10.5, B), (5, C)],
        # An hour apart, to the second.
        [(7210, A), (3610, B), (10, C)],
        # It is over.
        [(330, A), (325, B), (320, C)],
        [(100, A), (95, B), (90, C)],
    ],
)
def test_drops_of_any_other_timing_have_none(drops: list[tuple[float, Stream]]) -> None:
    assert in_rhythm(dropped(*drops), NOW) == frozenset()


@pytest.mark.parametrize("code", [1006, 1012, 4000])
def test_a_rhythm_is_one_of_1011(code: int) -> None:
    drops = [(16, A), (11, B), (6, C)]
    assert in_rhythm(dropped(*drops, code=code), NOW) == frozenset()


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(Stream), st.sampled_from([1006, 1011]))))
@settings(deadline=None)
def test_a_rhythm_needs_three_drops(drops: list[tuple[int, Stream, int]]) -> None:
    closures = [
        (NOW - timedelta(seconds=s), stream, Closure(code))
        for s, stream, code in sorted(drops, key=lambda drop: -drop[0])
    ]
    found = in_rhythm(closures, NOW)
    moments = {at for at, _, closure in closures if closure.code == 1011}
    assert not found or len(moments) >= 3
    assert found <= {stream for _, stream, closure in closures if closure.code == 1011}


def test_closures_of_all_streams_are_in_their_order_and_failures_are_none() -> None:
    lost, refused = Closure(1011), Failure(FailureKind.REFUSED)
    transactions = live(A, ends=(End(ago(seconds=30), lost), End(ago(seconds=5), lost)))
    inventory = live(B, ends=(End(ago(seconds=20), lost), End(ago(seconds=10), refused)))
    assert closures_of([transactions, inventory]) == dropped((30, A), (20, B), (5, A))


def made(
    stream: Stream, silent: float, code: int | None = 1011, *, opened: float = 0, alive: float | None = None
) -> HandshakeFound:
    """Return a handshake of a checkup, made so many seconds after the first one."""
    at = NOW + timedelta(seconds=opened)
    closure = None if code is None else Closure(code)
    lived = silent if alive is None else alive
    return handshake(stream, at=at, closure=closure, alive=lived, silent=silent)


@pytest.mark.parametrize("silent", [4.6, 5.0, 5.7, 6.1])
def test_the_first_idle_socket_of_a_checkup_that_is_given_up(silent: float) -> None:
    others = made(B, 6.5, None, opened=0.01), made(C, 6.5, None, opened=0.02)
    assert one_given_up([made(A, silent), *others])


def test_silence_is_what_counts_and_not_the_age_of_the_socket() -> None:
    assert one_given_up([made(A, 5.1, alive=6.3)])
    assert not one_given_up([made(A, 0.4, alive=5.2)]), "it fell over what it was to announce"


def test_the_live_apps_one_socket_has_all_streams() -> None:
    assert one_given_up([made(stream, 5.2) for stream in DEFAULT_STREAMS])


@pytest.mark.parametrize(
    "handshakes",
    [
        [made(A, 0.2)],
        [made(A, 2.5)],
        [made(A, 7.0)],
        [made(A, 5.0, 1012)],
        [made(A, 6.5, None)],
        # Not in turn: that is a restart, or a server that fails.
        [made(A, 5.2), made(B, 5.1, opened=0.1)],
    ],
)
def test_other_ends_are_not_taken_for_it(handshakes: list[HandshakeFound]) -> None:
    assert not one_given_up(handshakes)
