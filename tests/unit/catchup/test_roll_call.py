"""The task that calls the roll: when it reads and writes, and what it does while the journal cannot."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from armguard_tray.catchup.audit import GRACE
from armguard_tray.catchup.roll_call import RollCall
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.errors import JournalError
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.storage.ledger import Attendance, Roll
from armguard_tray.tasks import TaskKeeper
from tests.unit.catchup.patient_clock import PatientClock

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Records:
    """A journal that remembers in memory.

    Attributes:
        stored: what it remembers.
        gaps: what was declared.
        writes: how often it was tried.
        failure: raised by whatever is asked; None: it works.
        held: while it is not set, a write takes its time.

    """

    def __init__(self, stored: Mapping[Stream, datetime] | None = None) -> None:
        self.stored = {stream: Attendance(until, 7) for stream, until in (stored or {}).items()}
        self.gaps: list[Gap] = []
        self.writes = 0
        self.failure: Exception | None = None
        self.held = asyncio.Event()
        self.held.set()

    async def remembered(self) -> Mapping[Stream, Attendance]:
        if self.failure is not None:
            raise self.failure
        return dict(self.stored)

    async def call_the_roll(self, roll: Roll) -> None:
        self.writes += 1
        await self.held.wait()
        if self.failure is not None:
            raise self.failure
        self.stored |= {stream: Attendance(until, 7) for stream, until in roll.heard.items()}
        if roll.gap is not None:
            assert roll.gap.gap is not None
            self.gaps.append(roll.gap.gap)

    @property
    def until(self) -> set[datetime]:
        """Up to when all are remembered."""
        return {each.until for each in self.stored.values()}


def facts(phase: Phase, since: datetime, heard: datetime | None) -> list[StreamFacts]:
    return [StreamFacts(stream=each, phase=phase, since=since, heard=heard) for each in DEFAULT_STREAMS]


@asynccontextmanager
async def calling(records: Records, clock: PatientClock) -> AsyncIterator[RollCall]:
    """Call the roll, from when it first rests."""
    roll_call = RollCall(
        remembered=records.remembered,
        call_the_roll=records.call_the_roll,
        history_tells=lambda: False,
        began=clock.now(),
        clock=clock,
        wait=clock.until,
    )
    tasks = TaskKeeper("test")
    tasks.start(roll_call.run(), name="roll call")
    await clock.rest()
    yield roll_call
    await tasks.close()


async def test_what_is_heard_is_remembered_and_the_time_without_the_program_declared() -> None:
    records, clock = Records(dict.fromkeys(DEFAULT_STREAMS, at(-500))), PatientClock(START)
    async with calling(records, clock) as roll_call:
        roll_call.streams_changed(facts(Phase.LIVE, at(0), at(0)))
        await clock.pass_by(0)

        gap = Gap(reason=Reason.AWAY, streams=DEFAULT_STREAMS, since=at(-500), until=at(0))
        assert (records.gaps, records.until) == ([gap], {at(0)})


async def test_a_clean_end_remembers_the_last_answer() -> None:
    records, clock = Records(), PatientClock(START)
    async with calling(records, clock) as roll_call:
        roll_call.streams_changed(facts(Phase.LIVE, at(0), at(0)))
        await clock.pass_by(20)
        roll_call.streams_changed(facts(Phase.LIVE, at(0), at(19)))
        await clock.pass_by(0)
        assert records.until == {at(0)}, "it is not written each time"
        await roll_call.close()
        assert records.until == {at(19)}


async def test_a_journal_that_cannot_be_written_is_tried_again_but_not_at_each_change() -> None:
    records, clock = Records(dict.fromkeys(DEFAULT_STREAMS, at(-500))), PatientClock(START)
    async with calling(records, clock) as roll_call:
        records.failure = JournalError("no space left")
        for second in range(5):
            roll_call.streams_changed(facts(Phase.LIVE, at(0), at(second)))
            await clock.pass_by(1)
        assert records.writes == 1
        records.failure = None
        await clock.pass_by(15)
        assert [gap.until for gap in records.gaps] == [at(0)]


async def test_a_journal_that_cannot_be_read_at_first_is_read_later() -> None:
    records, clock = Records(dict.fromkeys(DEFAULT_STREAMS, at(-500))), PatientClock(START)
    records.failure = JournalError("locked")
    async with calling(records, clock) as roll_call:
        roll_call.streams_changed(facts(Phase.LIVE, at(0), at(0)))
        await clock.pass_by(1)
        records.failure = None
        await clock.pass_by(15)
        assert [(gap.since, gap.until) for gap in records.gaps] == [(at(-500), at(0))]


async def test_a_fault_in_one_roll_does_not_leave_the_next_outage_untold(
    caplog: pytest.LogCaptureFixture,
) -> None:
    records, clock = Records(dict.fromkeys(DEFAULT_STREAMS, at(-500))), PatientClock(START)
    async with calling(records, clock) as roll_call:
        records.failure = RuntimeError("a bug")
        roll_call.streams_changed(facts(Phase.LIVE, at(0), at(0)))
        await clock.pass_by(1)
        assert "a bug" in caplog.text
        records.failure = None
        await clock.pass_by(15)
        assert len(records.gaps) == 1


async def test_what_happens_during_a_write_counts_after_it() -> None:
    records, clock = Records(dict.fromkeys(DEFAULT_STREAMS, at(-500))), PatientClock(START)
    async with calling(records, clock) as roll_call:
        records.held.clear()
        roll_call.streams_changed(facts(Phase.LIVE, at(0), at(0)))
        await asyncio.sleep(0)
        clock.advance(100)
        roll_call.streams_changed(facts(Phase.BACKING_OFF, at(100), at(90)))
        records.held.set()
        await clock.rest()
        await clock.pass_by(15)
        assert records.until == {at(90)}
        roll_call.streams_changed(facts(Phase.LIVE, at(120), at(120)))
        await clock.pass_by(0)
        assert [(gap.since, gap.until) for gap in records.gaps] == [(at(-500), at(0)), (at(90), at(120))]
        assert records.gaps[1].reason is Reason.NOT_CONNECTED, "a slow disk is no sleep"


async def test_what_is_found_to_be_deaf_during_a_write_is_deaf_after_it() -> None:
    records, clock = Records(), PatientClock(START)
    async with calling(records, clock) as roll_call:
        roll_call.streams_changed(facts(Phase.LIVE, at(0), at(0)))
        await clock.pass_by(600)
        records.held.clear()
        roll_call.streams_changed(facts(Phase.LIVE, at(0), at(590)))
        await asyncio.sleep(0)
        roll_call.went_deaf()
        roll_call.streams_changed(facts(Phase.LOGGING_IN, at(601), at(600)))
        records.held.set()
        await clock.rest()
        await clock.pass_by(15)
        assert records.until == {at(0)}, "nothing was announced since"
        roll_call.streams_changed(facts(Phase.LIVE, at(620), at(620)))
        await clock.pass_by(0)
        (gap,) = records.gaps
        assert (gap.since, gap.until, gap.reason) == (at(0), at(620), Reason.NOT_ANNOUNCED)


@pytest.mark.parametrize("is_declared", [False, True])
async def test_what_was_deaf_before_the_outage_is_in_a_gap_whenever_that_is_found(
    *, is_declared: bool
) -> None:
    records, clock = Records(), PatientClock(START)
    async with calling(records, clock) as roll_call:
        roll_call.streams_changed(facts(Phase.LIVE, at(0), at(0)))
        await clock.pass_by(600)
        presence = StreamFacts(stream=Stream.PRESENCE, phase=Phase.LIVE, since=at(0), heard=at(590))
        roll_call.streams_changed([*facts(Phase.LIVE, at(0), at(590)), presence])
        roll_call.streams_changed([*facts(Phase.BACKING_OFF, at(600), at(590)), presence])
        await clock.pass_by(20)
        roll_call.streams_changed(facts(Phase.LIVE, at(620), at(620)))
        if is_declared:
            await clock.pass_by(5)
        roll_call.streams_changed([*facts(Phase.LIVE, at(620), at(620)), presence])
        assert not roll_call.was_deaf(at(0)), "none that is remembered goes on from before"
        await clock.pass_by(5)
        spans = [(at(590), at(620)), (at(0), at(620))] if is_declared else [(at(0), at(620))]
        assert [(gap.since, gap.until) for gap in records.gaps] == spans
        assert records.gaps[-1].reason is Reason.NOT_ANNOUNCED
        roll_call.streams_changed(facts(Phase.LIVE, at(620), at(630)))
        await clock.pass_by(90)
        assert records.until == {at(630)}
        assert len(records.gaps) == len(spans)


async def test_a_life_that_others_have_followed_is_in_the_gap_up_to_the_present_one() -> None:
    records, clock = Records(), PatientClock(START)
    async with calling(records, clock) as roll_call:
        for life in (0, 100, 200, 300):
            roll_call.streams_changed(facts(Phase.LIVE, at(life), at(life)))
            await clock.pass_by(60)
            roll_call.streams_changed(facts(Phase.LIVE, at(life), at(life + 50)))
            if life < 300:
                roll_call.streams_changed(facts(Phase.BACKING_OFF, at(life + 60), at(life + 50)))
            await clock.pass_by(40)
        short = [(at(50), at(100)), (at(150), at(200)), (at(250), at(300))]
        assert [(gap.since, gap.until) for gap in records.gaps] == short
        roll_call.was_deaf(at(100))
        await clock.pass_by(5)
        assert [(gap.since, gap.until) for gap in records.gaps] == [*short, (at(100), at(300))]
        roll_call.was_deaf(at(0))
        await clock.pass_by(5)
        assert [(gap.since, gap.until) for gap in records.gaps[4:]] == [(at(0), at(300))]


async def test_of_a_life_before_the_program_it_is_known_since_when_nothing_was_announced() -> None:
    records, clock = Records(dict.fromkeys(DEFAULT_STREAMS, at(-500))), PatientClock(START)
    records.failure = JournalError("locked")
    async with calling(records, clock) as roll_call:
        roll_call.streams_changed(facts(Phase.LIVE, at(0), at(0)))
        roll_call.was_deaf(at(-560))
        records.failure = None
        await clock.pass_by(15)
        gap = Gap(reason=Reason.AWAY, streams=DEFAULT_STREAMS, since=at(-560) - GRACE, until=at(0))
        assert records.gaps == [gap]


async def test_a_stream_that_goes_on_from_before_is_deaf_still() -> None:
    records, clock = Records(), PatientClock(START)
    async with calling(records, clock) as roll_call:
        transactions, *others = facts(Phase.LIVE, at(0), at(590))
        roll_call.streams_changed([transactions, *others])
        await clock.pass_by(600)
        lost = replace(transactions, phase=Phase.BACKING_OFF, since=at(600))
        roll_call.streams_changed([lost, *others])
        await clock.pass_by(20)
        roll_call.streams_changed([replace(transactions, since=at(620), heard=at(620)), *others])
        assert roll_call.was_deaf(at(0))
        await clock.pass_by(0)
        roll_call.streams_changed([lost, *facts(Phase.LIVE, at(640), at(640))[1:]])
        await clock.pass_by(60)
        missed = [(gap.since, gap.until) for gap in records.gaps if others[0].stream in gap.streams]
        assert missed == [(at(0), at(640))]


async def test_the_end_does_not_wait_for_a_journal_that_takes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("armguard_tray.catchup.roll_call.CLOSE_WITHIN", 0.0)
    records, clock = Records(), PatientClock(START)
    records.held.clear()
    async with calling(records, clock) as roll_call:
        roll_call.streams_changed(facts(Phase.LIVE, at(0), at(0)))
        await roll_call.close()
    assert "the journal does not take it" in caplog.text
