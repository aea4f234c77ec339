"""A membership that is gone tells of the one socket that had it, whatever happens to the desk's clock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.diagnosis.deafness import PROVEN_ON, is_deaf
from armguard_tray.diagnosis.facts import Facts
from tests.unit.diagnosis.examples import NOW, ago, live, proof

RUNNING = live(PROVEN_ON)


def deaf_with(*streams: StreamFacts) -> bool:
    gone = replace(proof(was_member=True), socket_since=RUNNING.since)
    return is_deaf(Facts(now=NOW, streams=streams, proof=gone))


def test_the_socket_that_had_the_membership_is_deaf() -> None:
    assert deaf_with(RUNNING)


@pytest.mark.parametrize(
    "streams",
    [
        (replace(RUNNING, since=NOW + timedelta(seconds=1)),),
        (replace(RUNNING, since=ago(hours=4)),),  # opened anew, after the clock was set back
        (replace(RUNNING, phase=Phase.BACKING_OFF),),
        (),
    ],
)
def test_another_socket_or_none_is_not(streams: tuple[StreamFacts, ...]) -> None:
    assert not deaf_with(*streams)
