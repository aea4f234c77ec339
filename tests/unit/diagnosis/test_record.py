"""What the streams did, from their facts."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from armguard_tray.connection.failures import Closure, Failure, FailureKind
from armguard_tray.connection.phase import End, Phase, StreamFacts
from armguard_tray.diagnosis.ladder import Diagnosis, Rung, Status
from armguard_tray.diagnosis.record import (
    MOST_TRIPS,
    RECONNECTS_KEPT,
    Reconnect,
    Record,
    StreamRecord,
    with_since,
)
from armguard_tray.messages.streams import Stream
from tests.fakes.stream_health import NOW

STREAM = Stream.TRANSACTIONS
BROKEN = Closure(1006)
REFUSED = Failure(FailureKind.REFUSED)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def live(since: datetime = NOW, *, round_trip: float | None = None, reconnects: int = 0) -> StreamFacts:
    return StreamFacts(
        stream=STREAM, phase=Phase.LIVE, since=since, round_trip=round_trip, reconnects=reconnects
    )


def away(since: datetime, *ends: End, phase: Phase = Phase.BACKING_OFF) -> StreamFacts:
    return StreamFacts(stream=STREAM, phase=phase, since=since, ends=ends)


def pinged(*seconds: float, every: float = 10.0) -> Record:
    """Return the record of a live stream whose pings took so long."""
    record = Record()
    for number, each in enumerate(seconds):
        record.take([live(round_trip=each)], after(number * every))
    return record


def test_of_a_stream_that_told_nothing_nothing_is_known() -> None:
    assert Record().of(STREAM, NOW) == StreamRecord()


def test_half_of_the_round_trips_and_nearly_all_of_them() -> None:
    record = pinged(*(number / 1000 for number in range(1, 101))).of(STREAM, after(1000))

    assert (record.p50, record.p95) == (0.050, 0.095)
    assert len(record.round_trips) == 100


def test_an_answer_that_is_only_repeated_counts_once() -> None:
    record = pinged(0.003)
    record.take([replace(live(round_trip=0.003), events=4)], after(5))

    assert [trip.at for trip in record.of(STREAM, after(5)).round_trips] == [NOW]


def test_what_is_older_than_an_hour_no_longer_counts() -> None:
    record = pinged(0.9, 0.001, every=3000)

    assert record.of(STREAM, after(3500)).p95 == 0.9
    assert record.of(STREAM, after(3601)).p95 == 0.001
    assert record.of(STREAM, after(10_000)).p95 is None


def test_however_many_come_it_stays_small() -> None:
    record = pinged(*(number / 1e6 for number in range(5 * MOST_TRIPS)), every=0.001)

    assert len(record.of(STREAM, after(10)).round_trips) == MOST_TRIPS


def test_a_reconnect_has_its_outage_and_what_ended_the_connection_and_not_what_failed_after_it() -> None:
    record = Record()
    record.take([live(NOW)], NOW)
    ends = End(after(60), BROKEN), End(after(64), REFUSED)
    record.take([away(after(60), ends[0])], after(60))
    record.take([away(after(63), ends[0], phase=Phase.CONNECTING)], after(63))
    record.take([away(after(64), *ends)], after(64))
    record.take([replace(live(after(72), reconnects=1), ends=ends)], after(72))

    found = record.of(STREAM, after(80))
    assert found.reconnects == 1
    assert found.last_reconnects == (Reconnect(after(60), after(72), BROKEN),)
    assert found.last_reconnects[0].outage == timedelta(seconds=12)


def test_the_first_time_live_is_no_reconnect() -> None:
    record = Record()
    record.take([away(NOW, End(NOW, REFUSED))], NOW)
    record.take([live(after(5))], after(5))

    assert record.of(STREAM, after(5)).reconnects == 0


def test_an_outage_that_no_facts_told_of_is_known_by_its_end() -> None:
    record = Record()
    record.take([live(NOW)], NOW)
    record.take([replace(live(after(9), reconnects=1), ends=(End(after(8), BROKEN),))], after(9))

    assert record.of(STREAM, after(9)).last_reconnects == (Reconnect(after(8), after(9), BROKEN),)


def test_what_ended_earlier_connections_is_not_the_cause_of_this_outage() -> None:
    old = End(after(-100), REFUSED)
    record = Record()
    record.take([replace(live(NOW), ends=(old,))], NOW)
    record.take([away(after(60), old, phase=Phase.CONNECTING)], after(60))
    record.take([replace(live(after(61), reconnects=1), ends=(old,))], after(61))

    assert record.of(STREAM, after(61)).last_reconnects == (Reconnect(after(60), after(61), None),)


def test_the_last_ten_are_kept_the_newest_first_and_all_are_counted() -> None:
    record = Record()
    record.take([live(NOW)], NOW)
    for number in range(1, 26):
        record.take([away(after(number * 10))], after(number * 10))
        record.take([live(after(number * 10 + 2), reconnects=number)], after(number * 10 + 2))

    found = record.of(STREAM, after(300))
    assert found.reconnects == 25
    assert len(found.last_reconnects) == RECONNECTS_KEPT
    assert found.last_reconnects[0].lost == after(250)


def test_each_stream_has_its_own() -> None:
    record = pinged(0.003)
    record.take([replace(live(round_trip=0.5), stream=Stream.INVENTORY)], NOW)

    assert record.of(STREAM, NOW).p50 == 0.003
    assert record.of(Stream.INVENTORY, NOW).p50 == 0.5


# Since when a rung is as it is


def looked(at: datetime, status: Status = Status.OK) -> Diagnosis:
    rung = Rung(id="tcp", name="TCP", status=status, evidence="192.168.0.177:8443", since=at, ms=1)
    return Diagnosis(status, "", (rung,))


def test_what_the_look_before_showed_as_well_has_been_so_since_then() -> None:
    assert with_since(looked(after(60)), looked(NOW)).rungs[0].since == NOW


@pytest.mark.parametrize("before", [None, looked(NOW, Status.FAILED), Diagnosis(Status.UNKNOWN, "", ())])
def test_what_has_changed_is_so_since_it_was_looked_at(before: Diagnosis | None) -> None:
    assert with_since(looked(after(60)), before).rungs[0].since == after(60)
