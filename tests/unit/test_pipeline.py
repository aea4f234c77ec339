"""The path of a message: stored before it is shown, in order, and never lost."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from armguard_tray import pipeline as pipeline_module
from armguard_tray.errors import JournalError
from armguard_tray.messages.decoding import UNDECODABLE, Undecodable
from armguard_tray.messages.event import Category, Event, Received, Source, StoredEvent, event_of
from armguard_tray.messages.position import Position, Reached
from armguard_tray.messages.streams import Stream
from armguard_tray.pipeline import LOOK_EVERY, Pipeline
from armguard_tray.rules import echo
from armguard_tray.rules.storm import Single, Summary, as_toast
from armguard_tray.rules.verdict import judge
from armguard_tray.settings.model import NotificationSettings
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Written
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from tests.fakes.clock import FakeClock
from tests.unit.messages import frames
from tests.unit.messages.frames import received, take

SERVER = "https://armory.local:8443"
MANILA = ZoneInfo("Asia/Manila")


def move_away(file: Path) -> None:
    file.rename(file.with_name("away.sqlite3"))


class Desk:
    """Whoever looks at the screen: keeps what was shown, as words."""

    def __init__(self, journal_file: Path) -> None:
        self.rows: list[int] = []
        self.events: list[Event] = []
        self.changed: list[int] = []
        self.toasts: asyncio.Queue[str] = asyncio.Queue()
        self.trouble: list[str] = []
        self._more_trouble = asyncio.Event()
        self._journal_file = journal_file

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        with closing(sqlite3.connect(self._journal_file)) as connection:
            on_disk = {row for (row,) in connection.execute("SELECT row FROM event")}
        assert {each.row for each in events} <= on_disk, "shown before it was stored"
        self.rows += [each.row for each in events]
        self.events += [each.event for each in events]

    def on_changed(self, events: Sequence[StoredEvent]) -> None:
        self.changed += [stored.row for stored in events]

    def on_toast(self, toast: Single | Summary) -> None:
        if isinstance(toast, Summary):
            toast = as_toast(toast)  # as front ends do
        if isinstance(toast, Single):
            assert toast.event.row in self.rows, "announced before it was shown"
            self.toasts.put_nowait(toast.event.event.title)
        else:
            self.toasts.put_nowait(f"{toast.title}: {toast.text}")

    def on_storage_trouble(self, error: JournalError | None) -> None:
        self.trouble.append("works again" if error is None else error.message)
        self._more_trouble.set()

    async def troubled(self, times: int) -> None:
        """Wait until so much was told of the journal."""
        while len(self.trouble) < times:
            self._more_trouble.clear()
            await self._more_trouble.wait()

    @property
    def transactions(self) -> list[int | None]:
        return [each.transaction_id for each in self.events]

    def announced(self) -> list[str]:
        """Return the toasts since the last look."""
        return [self.toasts.get_nowait() for _ in range(self.toasts.qsize())]


class Rig:
    """A pipeline between a real journal and a desk, with a clock of its own whose sleeps take no time."""

    def __init__(self, journal: Journal, journal_file: Path) -> None:
        self.journal = journal
        self.desk = Desk(journal_file)
        self.clock = FakeClock()
        self.settings = NotificationSettings(burst=20)
        self.slept: list[float] = []
        self.on_sleep: Callable[[], object] = lambda: None
        self.pipeline = self.make()
        self.tasks = TaskKeeper("test")

    def make(self, **how: Any) -> Pipeline:
        self.pipeline = Pipeline(
            journal=self.journal,
            server=SERVER,
            account="reyes",
            zone=MANILA,
            notifications=lambda: self.settings,
            clock=self.clock,
            sink=self.desk,
            sleep=self._sleep,
            **how,
        )
        return self.pipeline

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.on_sleep()
        self.clock.advance(seconds)
        await asyncio.sleep(0)

    async def put(self, *data: str | bytes) -> None:
        for each in data:
            await self.pipeline.put(received(each))

    def run(self) -> asyncio.Task[None]:
        return self.tasks.start(self.pipeline.run(), name="pipeline")

    async def pass_through(self, *data: str | bytes) -> None:
        """Put frames into a running pipeline, and return when they came out."""
        await self.put(*data)
        self.run()
        await self.pipeline.drain()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    file = tmp_path / "journal.sqlite3"
    journal = await Journal.open(file)
    made = Rig(journal, file)
    yield made
    await made.tasks.close()
    await journal.close()


async def test_events_are_stored_shown_and_announced_in_order(rig: Rig) -> None:
    await rig.pass_through(frames.TAKE, frames.RETURN, frames.STATUS)

    assert rig.desk.rows == [1, 2, 3]
    assert await rig.journal.count(LogFilter()) == 3
    assert rig.desk.announced() == [
        "M4 - 00077 issued",
        "M4 - 00077 returned",
        "IR-00177241126 is now Maintenance",
    ]


async def test_times_are_read_in_the_servers_zone(rig: Rig) -> None:
    await rig.pass_through(frames.TAKE)

    (event,) = rig.desk.events
    assert event.time is not None
    assert event.time.isoformat() == "2026-11-24T03:25:26.899686+00:00"


async def test_a_duplicate_is_neither_shown_nor_announced(rig: Rig) -> None:
    await rig.pass_through(frames.TAKE, frames.TAKE)
    await rig.put(frames.TAKE)
    await rig.pipeline.drain()

    assert rig.desk.rows == [1]
    assert len(rig.desk.announced()) == 1


async def test_many_go_through_in_batches_in_their_order(rig: Rig) -> None:
    rig.run()

    await rig.put(*(take(number) for number in range(1, 3001)))
    await rig.pipeline.drain()

    assert rig.desk.transactions == list(range(1, 3001))


async def test_a_full_inbox_makes_the_sender_wait_and_loses_nothing(rig: Rig) -> None:
    rig.make(capacity=2)
    await rig.put(take(1), take(2))
    third = rig.tasks.start(rig.put(take(3)), name="third")
    await asyncio.sleep(0)
    assert not third.done()

    rig.run()
    await third
    await rig.pipeline.drain()

    assert rig.desk.transactions == [1, 2, 3]


async def test_a_few_huge_frames_fill_the_inbox_too(rig: Rig) -> None:
    huge = take(1, person="J" * 1_000_000)
    await rig.put(*[huge] * 34)
    next_one = rig.tasks.start(rig.put(take(2)), name="next")
    await asyncio.sleep(0)
    assert not next_one.done()

    rig.run()
    await next_one
    await rig.pipeline.drain()

    assert rig.desk.transactions == [1, 2]


async def test_what_a_sender_held_when_it_was_cancelled_is_not_lost(rig: Rig) -> None:
    rig.make(capacity=1)
    await rig.put(take(1))
    waiting = rig.tasks.start(rig.put(take(2)), name="waiting")
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])

    rig.run()
    await rig.pipeline.drain()

    assert rig.desk.transactions == [1, 2]


async def test_draining_an_empty_pipeline_returns_at_once(rig: Rig) -> None:
    await rig.pipeline.drain()


async def test_what_could_not_be_stored_is_told_once_kept_and_tried_again_ever_more_slowly(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = rig.journal.append
    failures = iter([JournalError("The disk is full.")] * 6 + [JournalError("Locked.")])
    shown_meanwhile: list[int] = []

    async def failing(
        server: str, events: Sequence[Event], reached: Reached | None, *, claim: bool
    ) -> Written:
        error = next(failures, None)
        shown_meanwhile.append(len(rig.desk.rows))
        if error is not None:
            raise error
        return await append(server, events, reached, claim=claim)

    monkeypatch.setattr(rig.journal, "append", failing)
    await rig.pass_through(frames.TAKE, frames.RETURN)

    assert rig.slept == [1, 2, 4, 8, 16, 30, 30]
    assert rig.desk.trouble == ["The disk is full.", "Locked.", "works again"]
    assert set(shown_meanwhile) == {0}
    assert rig.desk.rows == [1, 2]


async def test_a_full_disk_holds_events_back_until_there_is_space(rig: Rig) -> None:
    await rig.pass_through(frames.TAKE)
    await rig.journal._writer.call(lambda sql: sql.execute("PRAGMA max_page_count = 1").close())

    def make_space() -> None:
        raised = rig.journal._writer.call(lambda sql: sql.execute("PRAGMA max_page_count = 10000").close())
        rig.tasks.start(raised, name="space")

    rig.on_sleep = make_space
    await rig.put(*(take(number, person="J" * 900) for number in range(10, 200)))
    await rig.pipeline.drain()

    assert rig.desk.trouble == ["The disk is full: the journal cannot be written.", "works again"]
    assert rig.desk.transactions == [2, *range(10, 200)]


async def test_a_journal_that_is_taken_away_is_told_though_nothing_arrives(rig: Rig) -> None:
    await rig.pass_through(take(1))
    looks = 0

    def take_it_away() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            move_away(rig.journal.file)

    rig.on_sleep = take_it_away
    rig.tasks.start(rig.pipeline.watch_journal(), name="watch")
    await rig.desk.troubled(2)

    assert rig.slept[:4] == [*[LOOK_EVERY] * 3, 1], "then another one is begun"
    assert "was moved or deleted" in rig.desk.trouble[0]
    assert rig.desk.trouble[1] == "works again"
    assert await rig.journal.count(LogFilter()) == 0


async def test_it_is_told_though_another_found_it_first(rig: Rig) -> None:
    await rig.pass_through(take(1))
    move_away(rig.journal.file)
    with pytest.raises(JournalError):
        await rig.journal.tend(lambda _: None)

    await rig.put(take(2))
    await rig.pipeline.drain()

    assert "was moved or deleted" in rig.desk.trouble[0]
    assert rig.desk.trouble[1:] == ["works again"]
    assert await rig.journal.count(LogFilter()) == 1


async def test_what_is_given_up_at_the_end_is_in_the_log(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed = asyncio.Event()

    async def failing(*_: Any, **__: Any) -> list[StoredEvent]:
        failed.set()
        raise JournalError("The disk is full.")

    monkeypatch.setattr(rig.journal, "append", failing)
    await rig.put(frames.TAKE, frames.RETURN)
    rig.run()
    await failed.wait()
    await rig.tasks.close()

    assert "2 messages were received but perhaps not stored" in caplog.text


async def test_a_fault_in_describing_one_message_costs_nothing_else(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(frame: Received, *how: Any) -> Event:
        if not isinstance(frame.content, Undecodable) and "Return" in str(frame.data):
            raise KeyError("a bug")
        return event_of(frame, *how)

    monkeypatch.setattr(pipeline_module, "event_of", faulty)
    await rig.pass_through(frames.TAKE, frames.RETURN, frames.STATUS)

    assert [event.kind for event in rig.desk.events] == [
        "transaction_created",
        UNDECODABLE,
        "inventory_updated",
    ]
    assert rig.desk.events[1].raw == frames.RETURN
    assert rig.desk.announced() == ["M4 - 00077 issued", "IR-00177241126 is now Maintenance"]
    assert "KeyError: 'a bug'" in caplog.text


async def test_a_fault_in_the_rules_costs_only_the_toast(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(event: Event, *how: Any) -> Any:
        if event.category is Category.RETURNED:
            raise KeyError("a bug")
        return judge(event, *how)

    monkeypatch.setattr(pipeline_module, "judge", faulty)
    await rig.pass_through(frames.TAKE, frames.RETURN, frames.STATUS)

    assert rig.desk.rows == [1, 2, 3]
    assert rig.desk.announced() == ["M4 - 00077 issued", "IR-00177241126 is now Maintenance"]
    assert "the rules fail for row 2" in caplog.text


async def test_a_fault_in_what_shows_does_not_stop_what_stores(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(_: Any) -> None:
        raise RuntimeError("the window is gone")

    monkeypatch.setattr(rig.desk, "on_stored", faulty)
    monkeypatch.setattr(rig.desk, "on_toast", faulty)
    await rig.pass_through(frames.TAKE)
    await rig.put(frames.RETURN)
    await rig.pipeline.drain()

    assert await rig.journal.count(LogFilter()) == 2
    assert "the window is gone" in caplog.text


async def test_a_storm_is_summed_up(rig: Rig) -> None:
    rig.settings = NotificationSettings(burst=3)
    await rig.pass_through(*(take(number) for number in range(1, 16)))

    assert [await rig.desk.toasts.get() for _ in range(4)] == [
        *["M4 - 00077 issued"] * 3,
        "12 more transactions: 12 issued, last: M4 - 00077",
    ]
    assert rig.slept == [10]
    assert len(rig.desk.rows) == 15


async def test_a_second_storm_is_summed_up_as_well(rig: Rig) -> None:
    rig.settings = NotificationSettings(burst=1)
    await rig.pass_through(*(take(number) for number in (1, 2, 3)))
    first = [await rig.desk.toasts.get() for _ in range(2)]
    rig.clock.advance(60)
    await rig.put(*(take(number) for number in (4, 5, 6)))
    second = [await rig.desk.toasts.get() for _ in range(2)]

    assert first == second == ["M4 - 00077 issued", "2 more transactions: 2 issued, last: M4 - 00077"]


async def test_while_paused_nothing_is_announced_and_all_is_unread(rig: Rig) -> None:
    rig.settings = NotificationSettings(paused_until=rig.clock.now() + timedelta(minutes=30))
    await rig.pass_through(frames.TAKE, frames.RETURN)

    assert rig.desk.announced() == []
    assert rig.desk.rows == [1, 2]
    assert await rig.journal.unread() == 2

    rig.clock.advance(30 * 60)
    await rig.put(frames.STATUS)
    await rig.pipeline.drain()
    assert rig.desk.announced() == ["IR-00177241126 is now Maintenance"]


async def test_a_pause_in_the_middle_of_a_storm_silences_its_summary(rig: Rig) -> None:
    rig.settings = NotificationSettings(burst=1)

    def pause() -> None:
        rig.settings = replace(rig.settings, paused_until=rig.clock.now() + timedelta(minutes=30))

    rig.on_sleep = pause
    await rig.pass_through(*(take(number) for number in (1, 2, 3)))
    assert rig.pipeline._summing_up is not None
    await rig.pipeline._summing_up
    rig.clock.advance(60 * 60)
    await rig.put(take(4))
    await rig.pipeline.drain()

    assert rig.desk.announced() == ["M4 - 00077 issued"] * 2


@pytest.mark.parametrize("name", sorted(frames.HOSTILE))
async def test_hostile_frames_are_stored_and_shown_and_the_next_goes_on(rig: Rig, name: str) -> None:
    data, kind = frames.HOSTILE[name]
    await rig.pass_through(data, frames.RETURN)

    page = await rig.journal.page(LogFilter())
    assert [each.event.kind for each in page] == ["transaction_returned", kind]
    assert [each.event for each in page] == rig.desk.events[::-1]
    assert rig.desk.announced()[-1] == "M4 - 00077 returned"


@pytest.mark.parametrize("frame", [*frames.USUAL, "not JSON", '{"type": "weather"}'])
async def test_what_the_rules_count_as_unread_is_what_the_journal_counts(rig: Rig, frame: str) -> None:
    await rig.pipeline.put(received(frame, Stream.PRESENCE))
    rig.run()
    await rig.pipeline.drain()

    verdict = judge(rig.desk.events[0], rig.settings, rig.clock.now())
    assert await rig.journal.unread() == int(verdict.badge)


NOTICE_OF_7 = (
    '{"type": "notification", "title": "Transaction Created", "message": "issued", "level": "success",'
    ' "timestamp": "2026-11-24T11:25:26", "data": {"transaction_id": 7}}'
)


@pytest.mark.parametrize("frames", [(take(7), NOTICE_OF_7), (NOTICE_OF_7, take(7))], ids=["after", "before"])
async def test_a_transaction_and_the_notice_about_it_are_two_rows_and_one_toast(
    rig: Rig, frames: tuple[str, str]
) -> None:
    await rig.pass_through(*frames)
    assert len(rig.desk.rows) == 2
    assert await rig.desk.toasts.get() == "M4 - 00077 issued"
    await rig.tasks.close()
    assert rig.desk.announced() == []


async def test_a_notice_whose_transaction_does_not_come_is_announced_itself(rig: Rig) -> None:
    await rig.pass_through(NOTICE_OF_7)
    assert await rig.desk.toasts.get() == "Transaction Created"
    assert rig.slept == [echo.WITHIN]


# Where the server has an event log.


def logged(
    number: int,
    *,
    seq: int,
    source: Source = Source.CATCHUP,
    frame: str | None = None,
    stream: str = "transactions",
) -> Received:
    """Return an event as the live app's socket delivers it."""
    text = frames.logged(frame or take(number), seq, stream=stream)
    return replace(received(text, Stream(stream)), source=source, position=Position("e1", seq))


def reached(seq: int) -> Received:
    """Return what the server says when all is there up to `seq`."""
    text = frames.POSITION.replace('"seq": 9', f'"seq": {seq}')
    return replace(received(text), position=Position("e1", seq))


async def put_all(rig: Rig, *everything: Received) -> None:
    for each in everything:
        await rig.pipeline.put(each)
    rig.run()
    await rig.pipeline.drain()


async def place(rig: Rig) -> Position | None:
    return (await rig.journal.resume_point(SERVER, "reyes")).position


async def test_how_far_the_desk_is_is_stored_with_the_events(rig: Rig) -> None:
    await put_all(rig, logged(1, seq=6), logged(2, seq=7))

    assert rig.desk.rows == [1, 2]
    assert await place(rig) == Position("e1", 7)


async def test_a_position_alone_moves_it_and_is_no_event(rig: Rig) -> None:
    await put_all(rig, reached(9))

    assert (rig.desk.rows, rig.desk.announced()) == ([], [])
    assert await place(rig) == Position("e1", 9)


async def test_the_same_position_again_is_not_written_each_time(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Reached | None] = []
    append = rig.journal.append

    async def counting(server: str, events: Sequence[Event], at: Reached | None, *, claim: bool) -> Written:
        written.append(at)
        return await append(server, events, at, claim=claim)

    monkeypatch.setattr(rig.journal, "append", counting)
    rig.run()
    for minutes in (0, 1, 4, 5, 9, 10):
        at = frames.AT + timedelta(minutes=minutes)
        await rig.pipeline.put(replace(reached(9), at=at))
        await rig.pipeline.drain()

    assert [at.at - frames.AT for at in written if at] == [timedelta(minutes=n) for n in (0, 5, 10)]


async def test_what_cannot_be_stored_moves_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = asyncio.Event()

    async def failing(*_: Any, **__: Any) -> list[StoredEvent]:
        failed.set()
        raise JournalError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(rig.journal, "append", failing)
        await rig.pipeline.put(logged(1, seq=6))
        await rig.pipeline.put(reached(6))
        rig.run()
        await failed.wait()
        await rig.tasks.close()
    assert await place(rig) is None
    assert [each.position for each in rig.pipeline.unfinished] == [Position("e1", 6)], "only events are lost"


async def test_what_happened_while_the_desk_was_away_is_one_toast(rig: Rig) -> None:
    await put_all(
        rig,
        *(logged(number, seq=number) for number in range(1, 4)),
        logged(4, seq=4, frame=frames.RETURN),
        logged(5, seq=5, frame=frames.STATUS, stream="inventory"),
    )
    assert rig.desk.rows == [1, 2, 3, 4, 5], "it is in the log at once"
    assert rig.desk.announced() == [], "nothing is said before all of it is there"

    await rig.pipeline.put(reached(5))
    await rig.pipeline.put(logged(9, seq=6, source=Source.LIVE))
    await rig.pipeline.drain()

    assert rig.desk.announced() == [
        "You missed 5 events: 3 issued, 1 returned, 1 status change, last: IR-00177241126",
        "M4 - 00077 issued",
    ]


async def test_a_single_event_is_told_as_it_is(rig: Rig) -> None:
    await put_all(rig, logged(1, seq=1), reached(1))

    assert rig.desk.announced() == ["M4 - 00077 issued"]


async def test_a_notice_about_a_transaction_is_not_counted_beside_it(rig: Rig) -> None:
    notice = logged(2, seq=2, frame=frames.NOTICE, stream="notifications")
    await put_all(rig, logged(2, seq=1), notice, logged(3, seq=3), reached(3))

    assert rig.desk.announced() == ["You missed 2 transactions: 2 issued, last: M4 - 00077"]


async def test_what_the_settings_keep_silent_is_not_counted(rig: Rig) -> None:
    rig.settings = NotificationSettings(issued=False)
    await put_all(rig, logged(1, seq=1), logged(2, seq=2), logged(3, seq=3, frame=frames.RETURN), reached(3))

    assert rig.desk.announced() == ["M4 - 00077 returned"]


async def test_while_toasts_are_paused_nothing_is_summed_up(rig: Rig) -> None:
    await put_all(rig, logged(1, seq=1), logged(2, seq=2))
    rig.settings = NotificationSettings(paused_until=rig.clock.now() + timedelta(hours=1))
    await rig.pipeline.put(reached(2))
    await rig.pipeline.drain()

    assert rig.desk.announced() == []


async def test_a_link_that_breaks_in_the_middle_is_told_once_all_is_there(rig: Rig) -> None:
    await put_all(rig, logged(1, seq=1), logged(1, seq=1), logged(2, seq=2), reached(2))

    assert rig.desk.announced() == ["You missed 2 transactions: 2 issued, last: M4 - 00077"]


async def test_a_gap_is_listed_and_announced_by_itself(rig: Rig) -> None:
    rig.settings = NotificationSettings(burst=1, issued=True)
    gap = replace(received(frames.GAP), position=Position("e1", 23))
    storm = [logged(number, seq=number, source=Source.LIVE) for number in range(30, 33)]
    await put_all(rig, *storm, gap, logged(24, seq=24), reached(24))

    (missing,) = [event for event in rig.desk.events if event.category is Category.GAP]
    assert missing.title == "Up to 21 events were missed"
    assert "Up to 21 events were missed" in rig.desk.announced(), "even in a storm, with a toast of its own"
    assert await place(rig) == Position("e1", 24)


async def test_a_thousand_missed_events_are_there_in_order(rig: Rig) -> None:
    await put_all(rig, *(logged(number, seq=number) for number in range(1, 1001)), reached(1000))

    assert rig.desk.transactions == list(range(1, 1001))
    assert rig.desk.announced() == ["You missed 1,000 transactions: 1,000 issued, last: M4 - 00077"]


MOVED = frames.STATUS.replace("IR-00177241126", "IR-00077241126").replace("Maintenance", "Issued")


async def test_a_transaction_is_one_toast_though_its_item_moved_too(rig: Rig) -> None:
    moved = logged(1, seq=1, source=Source.LIVE, frame=MOVED, stream="inventory")
    by_hand = logged(
        2, seq=2, source=Source.LIVE, frame=MOVED.replace("IR-00077", "IR-00078"), stream="inventory"
    )
    await put_all(rig, moved, by_hand, logged(3, seq=3, source=Source.LIVE, frame=frames.TAKE))

    assert await rig.desk.toasts.get() == "M4 - 00077 issued"
    assert await rig.desk.toasts.get() == "IR-00078241126 is now Issued", "a moment later: nobody took it"
    assert rig.desk.announced() == []
    assert rig.desk.rows == [1, 2, 3], "all are in the log"


async def test_moves_are_not_counted_beside_the_transactions_that_made_them(rig: Rig) -> None:
    moved = logged(1, seq=1, frame=MOVED, stream="inventory")
    await put_all(rig, moved, logged(2, seq=2, frame=frames.TAKE), reached(2))

    assert rig.desk.announced() == ["M4 - 00077 issued"]
