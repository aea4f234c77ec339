"""Am I covered? The worst of the streams says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from armguard_tray.connection.health import Coverage, coverage_of, health_of
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.phase import Need, Phase, StreamFacts, Trouble
from armguard_tray.messages.streams import Stream

APP = LiveApp("1.2", layer="redis")
NOW = datetime(2026, 11, 24, 3, 26, 40, tzinfo=UTC)
REFUSED = Trouble("server refused the connection")
HELD_UP = Trouble("held up by this desk")
WRONG_PASSWORD = Trouble("user name or password refused", need=Need.LOGIN)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def stream(phase: Phase, trouble: Trouble | None = None, since: float = 5) -> StreamFacts:
    return StreamFacts(stream=Stream.TRANSACTIONS, phase=phase, since=ago(since), trouble=trouble)


def polled(phase: Phase, trouble: Trouble | None = None) -> StreamFacts:
    return replace(stream(phase, trouble), app=replace(APP, real_time=False))


@pytest.mark.parametrize(
    ("facts", "coverage"),
    [
        (stream(Phase.LIVE), Coverage.LIVE),
        (stream(Phase.IDLE), Coverage.WAITING),
        (stream(Phase.LOGGING_IN), Coverage.WAITING),
        (stream(Phase.CONNECTING), Coverage.WAITING),
        (stream(Phase.BACKING_OFF, REFUSED), Coverage.OFFLINE),
        (stream(Phase.STOPPED), Coverage.OFFLINE),
        (stream(Phase.REFUSED, WRONG_PASSWORD), Coverage.NEEDS_YOU),
        # Each time it knocks it is still what it was.
        (stream(Phase.LOGGING_IN, REFUSED), Coverage.OFFLINE),
        (stream(Phase.CONNECTING, REFUSED), Coverage.OFFLINE),
        (stream(Phase.LOGGING_IN, WRONG_PASSWORD), Coverage.NEEDS_YOU),
        # Open and proven, but nothing of it is stored or shown.
        (stream(Phase.LIVE, HELD_UP), Coverage.OFFLINE),
        # All comes, but not at once: that is not the green of what comes as it happens.
        (polled(Phase.LIVE), Coverage.DELAYED),
        (polled(Phase.CONNECTING), Coverage.WAITING),
        (polled(Phase.LIVE, HELD_UP), Coverage.OFFLINE),
        (replace(stream(Phase.LIVE), app=APP), Coverage.LIVE),
        (replace(stream(Phase.LIVE), app=replace(APP, real_time=False, in_use=False)), Coverage.LIVE),
    ],
)
def test_one_stream(facts: StreamFacts, coverage: Coverage) -> None:
    assert coverage_of(facts) is coverage


def test_every_phase_has_a_coverage() -> None:
    assert {coverage_of(stream(phase)) for phase in Phase} == set(Coverage) - {Coverage.DELAYED}


def test_without_a_server_it_is_offline() -> None:
    health = health_of((), NOW)
    assert (health.coverage, health.since, health.streams) == (Coverage.OFFLINE, NOW, ())


def test_the_worst_stream_decides() -> None:
    live, waiting = stream(Phase.LIVE), stream(Phase.CONNECTING)
    offline, needy = stream(Phase.BACKING_OFF, REFUSED), stream(Phase.REFUSED, WRONG_PASSWORD)
    assert health_of([live, live], NOW).coverage is Coverage.LIVE
    assert health_of([live, waiting], NOW).coverage is Coverage.WAITING
    assert health_of([live, offline, waiting], NOW).coverage is Coverage.OFFLINE
    health = health_of([offline, needy, live], NOW)
    assert (health.coverage, health.trouble) == (Coverage.NEEDS_YOU, WRONG_PASSWORD)


def test_live_began_with_the_last_stream() -> None:
    assert health_of([stream(Phase.LIVE, since=9), stream(Phase.LIVE, since=2)], NOW).since == ago(2)


def test_offline_began_with_the_first_stream() -> None:
    streams = [stream(Phase.BACKING_OFF, REFUSED, since=2), stream(Phase.BACKING_OFF, REFUSED, since=9)]
    assert health_of(streams, NOW).since == ago(9)


def test_an_outage_began_with_the_trouble_and_not_with_the_last_attempt() -> None:
    knocking = replace(stream(Phase.CONNECTING, REFUSED, since=0.1), troubled_since=ago(4))
    assert health_of([knocking, stream(Phase.LIVE, since=60)], NOW).since == ago(4)


def test_the_next_attempt_is_the_earliest_and_the_last_event_the_latest() -> None:
    one = replace(stream(Phase.BACKING_OFF, REFUSED), retry_at=ago(-1), last_event=ago(9))
    other = replace(stream(Phase.BACKING_OFF, REFUSED), retry_at=ago(-2), last_event=ago(3))
    health = health_of([one, other, stream(Phase.LIVE)], NOW)
    assert (health.retry_at, health.last_event) == (ago(-1), ago(3))


def test_a_desk_that_only_looks_now_and_then_says_so() -> None:
    health = health_of([polled(Phase.LIVE), polled(Phase.LIVE)], NOW)

    assert (health.coverage, health.since) == (Coverage.DELAYED, ago(5))
    assert health.trouble is not None
    assert health.trouble.summary == "real time is switched off on the server; looking every 15 s"


def test_the_servers_app_is_told_with_what_it_warns_of() -> None:
    warned = replace(APP, layer="memory", warning="Several processes")

    assert health_of([stream(Phase.LIVE), replace(stream(Phase.LIVE), app=warned)], NOW).app == warned
    assert health_of([stream(Phase.LIVE)], NOW).app is None
