"""The whole answer to a filter: at once, however long; live rows, late answers, rows that leave."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from armguard_tray.errors import JournalError
from armguard_tray.messages.event import PLACES_A_ROW, Category, Event, StoredEvent
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.models import event_table
from armguard_tray.ui.models.clocks import clocks_at
from armguard_tray.ui.models.event_columns import Column, cells
from armguard_tray.ui.models.event_table import EVENT_ROLE, PAGE, PENDING, EventTable
from armguard_tray.ui.models.shown_row import LONG_RAW, LONG_TEXT
from tests.fakes.clock import FakeClock
from tests.fakes.events import MANILA, MORNING, issued, notice, returned, status_change, traffic, unreadable
from tests.fakes.journal import FakeJournal
from tests.fakes.signals import Recorder, emitted, settled

if TYPE_CHECKING:
    from array import array

Answer = TypeVar("Answer")
ISSUED = LogFilter(frozenset({Category.ISSUED}))
RETURNED = LogFilter(frozenset({Category.RETURNED}))
PARADE = LogFilter(text="parade")


@pytest.fixture
def journal() -> FakeJournal:
    return FakeJournal(islice(traffic(), 1000))


@pytest.fixture
async def table(journal: FakeJournal, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EventTable]:
    monkeypatch.setattr(event_table, "CHUNK", 300)
    keeper = TaskKeeper("table")
    table = EventTable(journal, keeper, MANILA, clock=FakeClock())
    yield table
    await keeper.close()
    table.deleteLater()


def rows_of(table: EventTable, journal: FakeJournal) -> list[int]:
    """Return the numbers of the rows that are listed, from the top."""
    row_at = {stored.place: stored.row for stored in journal.rows}
    return [row_at[table.place_at(index)] for index in range(table.rowCount())]


def between(journal: FakeJournal, lower: int, upper: int) -> int:
    """Return a place between two rows of the journal."""
    return (journal.rows[lower - 1].place + journal.rows[upper - 1].place) // 2


async def load(table: EventTable) -> None:
    """Ask for all rows, and wait until all are listed."""
    table.load()
    await emitted(table.loaded)
    await complete(table)


async def complete(table: EventTable) -> None:
    """Wait until all that matches is listed."""
    while not table.complete:
        await emitted(table.extended)


async def attend(table: EventTable, first: int, last: int) -> None:
    """Show some rows, and wait until they are there."""
    table.attend(first, last)
    while any(table.row_at(index) is None for index in range(first, last + 1)):
        await emitted(table.filled)


# The whole answer


async def test_the_first_page_is_there_at_once_with_its_rows(table: EventTable, journal: FakeJournal) -> None:
    at_once: list[list[int]] = []
    table.loaded.connect(lambda: at_once.append(rows_of(table, journal)))
    table.load()
    await emitted(table.loaded)
    assert at_once == [list(range(1000, 1000 - PAGE, -1))]
    assert all(table.stored_at(index) is not None for index in range(PAGE))
    assert not table.complete


async def test_all_others_are_listed_behind_it_in_chunks(table: EventTable, journal: FakeJournal) -> None:
    inserted = Recorder(table.rowsInserted)
    await load(table)
    assert rows_of(table, journal) == list(range(1000, 0, -1))
    assert [call[1:] for call in inserted.calls] == [(200, 499), (500, 799), (800, 999)]
    assert journal.asked == ["page", "places", "places", "places"]


async def test_a_short_answer_is_complete_with_its_first_page(
    table: EventTable, journal: FakeJournal
) -> None:
    del journal.rows[100:]
    table.load()
    await emitted(table.loaded)
    assert table.complete
    assert table.rowCount() == 100
    assert journal.asked == ["page"]


async def test_it_tells_how_long_the_first_rows_took(journal: FakeJournal) -> None:
    clock, keeper = FakeClock(), TaskKeeper("timed")
    table = EventTable(journal, keeper, MANILA, clock=clock)
    journal.open_gate.clear()
    table.load()
    await settled()
    assert table.answered_in is None
    clock.advance(0.25)
    journal.open_gate.set()
    await emitted(table.loaded)
    assert table.answered_in == pytest.approx(0.25)
    await keeper.close()
    table.deleteLater()


async def test_an_answer_to_an_older_question_is_dropped(table: EventTable, journal: FakeJournal) -> None:
    journal.open_gate.clear()
    loaded = Recorder(table.loaded)
    table.show_filter(ISSUED)
    table.show_filter(RETURNED)
    journal.open_gate.set()
    await emitted(table.loaded)
    await complete(table)
    assert len(loaded.calls) == 1
    assert len(rows_of(table, journal)) == await journal.count(RETURNED)


async def test_with_another_question_no_more_of_the_older_answer_is_listed(table: EventTable) -> None:
    table.load()
    await emitted(table.loaded)
    table.show_filter(PARADE)
    await emitted(table.loaded)
    await settled()
    assert table.rowCount() == 0
    assert table.complete


async def test_a_journal_that_cannot_be_read_is_said_and_shows_no_old_rows(
    table: EventTable, journal: FakeJournal, caplog: pytest.LogCaptureFixture
) -> None:
    await load(table)
    journal.failure = JournalError("The journal is damaged.", "Move it away.")
    table.show_filter(ISSUED)
    (words,) = await emitted(table.failed)
    assert words == "The journal is damaged. Move it away."
    assert (table.rowCount(), table.complete) == (0, False)
    assert "table:rows failed" in caplog.text
    journal.failure = None
    await load(table)
    assert table.rowCount() == await journal.count(ISSUED)
    assert table.failure is None


async def test_what_could_not_be_listed_can_be_asked_for_once_more(
    table: EventTable, journal: FakeJournal
) -> None:
    damaged = JournalError("The journal is damaged.")
    table.loaded.connect(lambda: setattr(journal, "failure", damaged))
    table.load()
    await emitted(table.failed)
    assert (table.rowCount(), table.complete) == (PAGE, False)
    assert table.canFetchMore()
    journal.failure = None
    table.fetchMore()
    assert not table.canFetchMore()
    await complete(table)
    assert table.rowCount() == 1000


# Rows where somebody looks


async def test_a_row_far_down_is_a_placeholder_until_it_is_fetched(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    assert table.stored_at(700) is None
    assert table.index(700, Column.PERSON).data() == PENDING
    assert table.index(700, Column.PERSON).data(EVENT_ROLE) is None
    told = Recorder(table.dataChanged)
    table.attend(700, 720)
    await emitted(table.filled)
    assert table.stored_at(700) == journal.rows[299]
    assert table.index(700, Column.PERSON).data() == cells(journal.rows[299].event, MANILA)[Column.PERSON]
    first, last = told.calls[0][:2]
    assert (first.row(), first.column(), last.row(), last.column()) == (700, 0, 720, Column.CAME)


async def test_the_rows_a_screen_away_are_fetched_ahead(table: EventTable) -> None:
    await load(table)
    await attend(table, 700, 719)
    while table.row_at(739) is None:
        await emitted(table.filled)
    there = [index for index in range(600, 800) if table.row_at(index) is not None]
    assert (there[0], there[-1]) == (680, 739)


async def test_whoever_drags_is_not_kept_waiting_for_what_was_passed_by(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    journal.asked.clear()
    for first in range(300, 900, 100):
        table.attend(first, first + 20)
    await attend(table, 900, 920)
    assert journal.asked[:2] == ["at", "at"]
    assert table.row_at(500) is None


async def test_only_so_many_rows_are_kept(journal: FakeJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_table, "CACHE", 250)
    keeper = TaskKeeper("small")
    small = EventTable(journal, keeper, MANILA)
    await load(small)
    await attend(small, 500, 560)
    assert sum(small.row_at(index) is not None for index in range(1000)) <= 250
    assert small.row_at(500) is not None
    await attend(small, 0, 60)
    assert small.stored_at(0) == journal.rows[-1]
    await keeper.close()
    small.deleteLater()


async def test_rows_that_cannot_be_read_are_said_once_and_asked_for_again_elsewhere(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    journal.failure = JournalError("The journal is damaged.")
    table.attend(700, 720)
    await emitted(table.failed)
    journal.asked.clear()
    table.attend(700, 720)
    await settled()
    assert journal.asked == []
    journal.failure = None
    await attend(table, 710, 730)
    assert table.stored_at(710) is not None


async def test_long_frames_are_left_to_the_details(table: EventTable, journal: FakeJournal) -> None:
    await load(table)
    table.add(journal.append(unreadable("x" * (LONG_RAW + 1)), unreadable("y" * LONG_RAW)))
    short, long = table.stored_at(0), table.stored_at(1)
    assert short is not None
    assert short.event.raw == "y" * LONG_RAW
    assert long == StoredEvent(1001, replace(journal.rows[1000].event, raw=""))


async def test_rows_to_copy_come_from_memory_and_from_the_journal(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    rows = await table.rows_in([table.place_at(index) for index in (0, 999, 500)])
    assert [row.stored for row in rows] == [journal.rows[999], journal.rows[499], journal.rows[0]]


# Live rows


async def test_new_rows_go_in_on_top(table: EventTable, journal: FakeJournal) -> None:
    await load(table)
    inserted = Recorder(table.rowsInserted)
    table.add(journal.append(issued(1), returned(2), issued(3)))
    assert rows_of(table, journal)[:4] == [1003, 1002, 1001, 1000]
    assert table.stored_at(0) == journal.rows[-1], "nothing need be fetched"
    assert len(inserted.calls) == 1  # one batch, one insertion


async def test_new_rows_that_do_not_match_stay_out(table: EventTable, journal: FakeJournal) -> None:
    table.show_filter(ISSUED)
    await emitted(table.loaded)
    await complete(table)
    before = table.rowCount()
    table.add(journal.append(returned(1), issued(2), status_change()))
    assert table.rowCount() == before + 1
    assert rows_of(table, journal)[0] == 1002


@contextlib.asynccontextmanager
async def late_answer(table: EventTable, journal: FakeJournal) -> AsyncIterator[None]:
    """Ask for the rows; the answer has nothing of what is stored until the context ends."""
    before = list(journal.rows)
    journal.open_gate.clear()
    table.load()
    await settled()
    yield
    everything, journal.rows = journal.rows, before
    journal.open_gate.set()
    await emitted(table.loaded)
    journal.rows = everything
    await complete(table)


async def test_rows_that_arrive_while_the_journal_answers_are_not_lost(
    table: EventTable, journal: FakeJournal
) -> None:
    async with late_answer(table, journal):
        table.add(journal.append(issued(1)))
        table.add([journal.insert(issued(5), between(journal, 990, 991))])
    assert rows_of(table, journal)[:2] == [1001, 1000]
    assert rows_of(table, journal)[10:13] == [991, 1002, 990]


async def test_a_change_while_the_journal_answers_is_not_lost(
    table: EventTable, journal: FakeJournal
) -> None:
    async with late_answer(table, journal):
        table.change([journal.change(900, issued(900, duty_type="Parade"))])
    assert table.index(100, Column.DUTY).data() == "Parade"


async def test_what_is_told_of_rows_that_are_being_listed_waits_for_the_answer(
    table: EventTable, journal: FakeJournal
) -> None:
    answer = list(journal.rows)
    table.loaded.connect(journal.open_gate.clear)
    table.show_filter(ISSUED)
    await emitted(table.loaded)
    table.add([journal.insert(issued(5), between(journal, 300, 301))])  # below: the answer may be older
    table.add(journal.append(issued(1)))  # on top: nobody asks for that
    assert rows_of(table, journal)[0] == 1002
    assert 1001 not in rows_of(table, journal)
    left = next(each.row for each in answer if each.event.category is Category.ISSUED)
    table.change([journal.change(left, returned(7))])
    everything, journal.rows = journal.rows, answer
    journal.open_gate.set()
    await emitted(table.extended)
    journal.rows = everything
    await complete(table)
    assert rows_of(table, journal) == [
        each.row for each in reversed(journal.in_order()) if each.event.category is Category.ISSUED
    ]


async def test_a_row_that_the_answer_has_already_is_not_put_in_twice(
    table: EventTable, journal: FakeJournal
) -> None:
    new = journal.append(issued(1))
    await load(table)
    table.add(new)
    assert rows_of(table, journal)[:2] == [1001, 1000]


async def test_what_came_later_goes_where_it_belongs_neighbours_together(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    place = between(journal, 950, 951)
    inserted = Recorder(table.rowsInserted)
    table.add([journal.insert(issued(n), place + n) for n in (3, 1, 2)])
    assert rows_of(table, journal)[49:54] == [951, 1001, 1003, 1002, 950]
    assert len(inserted.calls) == 1
    table.add([journal.insert(issued(1), 5)])
    assert rows_of(table, journal)[-2:] == [1, 1004]


async def test_reading_the_top_means_all_up_to_the_newest_row_wherever_it_stands(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    assert table.newest_row == 1000
    table.add([journal.insert(issued(1), between(journal, 700, 701))])
    assert table.newest_row == 1001


# Rows that change and leave


async def test_a_row_that_reads_differently_is_replaced_in_its_place(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    assert table.index(100, Column.DUTY).data() != "Parade"
    told = Recorder(table.dataChanged)
    table.change([journal.change(900, issued(900, duty_type="Parade"))])
    assert table.index(100, Column.DUTY).data() == "Parade"
    first, last = told.calls[-1][:2]
    assert (first.row(), first.column(), last.row(), last.column()) == (100, 0, 100, Column.CAME)


async def test_a_row_that_no_longer_matches_leaves_and_one_that_does_comes(
    table: EventTable, journal: FakeJournal
) -> None:
    table.show_filter(PARADE)
    await emitted(table.loaded)
    assert table.rowCount() == 0
    table.change([journal.change(900, issued(900, duty_type="Parade"))])
    assert rows_of(table, journal) == [900]
    table.change([journal.change(900, issued(900))])
    assert rows_of(table, journal) == []


async def test_a_row_that_changes_while_it_is_fetched_reads_as_it_is_now(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    before = list(journal.rows)
    journal.open_gate.clear()
    table.attend(700, 720)
    await settled()
    table.change([journal.change(300, issued(300, duty_type="Parade"))])
    journal.rows, now = before, journal.rows
    journal.open_gate.set()
    await emitted(table.filled)
    journal.rows = now
    assert table.index(700, Column.DUTY).data() == "Parade"


async def test_rows_that_the_journal_has_no_more_leave_when_they_are_met(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    journal.remove(295, 300)
    vanished = Recorder(table.vanished)
    table.attend(690, 720)
    await emitted(table.filled)
    assert len(vanished.calls) == 1
    assert rows_of(table, journal) == [*range(1000, 300, -1), *range(299, 295, -1), *range(294, 0, -1)]


async def test_where_many_rows_were_cleared_up_the_rest_is_asked_for_anew(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    journal.remove(*range(1, 501))
    journal.asked.clear()
    table.attend(700, 720)
    await emitted(table.vanished)
    await complete(table)
    assert table.rowCount() < 720
    table.attend(table.rowCount() - 21, table.rowCount() - 1)
    while rows_left(table, journal) != table.rowCount():
        await emitted(table.filled)
    assert rows_of(table, journal) == list(range(1000, 500, -1))
    assert len(journal.asked) < 25, "far fewer questions than rows that left"


def rows_left(table: EventTable, journal: FakeJournal) -> int:
    there = {stored.place for stored in journal.rows}
    table.attend(max(0, table.rowCount() - 21), table.rowCount() - 1)
    return sum(table.place_at(index) in there for index in range(table.rowCount()))


async def test_rows_that_were_too_old_leave_at_once(table: EventTable, journal: FakeJournal) -> None:
    await load(table)
    journal.remove(*range(1, 401))
    journal.asked.clear()
    vanished = Recorder(table.vanished)

    table.leave(400)

    assert rows_of(table, journal) == list(range(1000, 400, -1))
    assert len(vanished.calls) == 1
    assert table.complete
    assert not journal.asked


async def test_what_came_later_stays_where_older_rows_leave(table: EventTable, journal: FakeJournal) -> None:
    late = journal.insert(issued(1), between(journal, 20, 21))
    await load(table)
    journal.remove(*range(1, 401))

    table.leave(400)
    await complete(table)

    assert rows_of(table, journal) == [*range(1000, 400, -1), late.row]


@pytest.mark.parametrize("late", [False, True], ids=["none came later", "one came later"])
@pytest.mark.parametrize(("answers", "gone"), [(1, 850), (2, 700)], ids=["the first page", "places below it"])
async def test_an_answer_that_is_older_than_the_leaving_brings_nothing_back(
    table: EventTable, monkeypatch: pytest.MonkeyPatch, *, answers: int, gone: int, late: bool
) -> None:
    journal = HeldAnswers(islice(traffic(), 1000))
    monkeypatch.setattr(table, "_journal", journal)
    moved = [journal.insert(issued(1), between(journal, 20, 21)).row] if late else []
    table.load()
    await journal.held.wait()
    for _ in range(answers - 1):
        await journal.let_go()
        await journal.held.wait()

    journal.remove(*range(1, gone + 1))
    table.leave(gone)
    while not table.complete:
        await journal.let_go()

    assert rows_of(table, journal) == [*range(1000, gone, -1), *moved]


class HeldAnswers(FakeJournal):
    """Holds what it has read until it is let go.

    Attributes:
        held: something was read and is held.

    """

    def __init__(self, events: Iterable[Event]) -> None:
        super().__init__(events)
        self.held = asyncio.Event()
        self._may_go = asyncio.Event()

    async def let_go(self) -> None:
        """Hand out what is held, and wait until it was taken."""
        self.held.clear()
        self._may_go.set()
        await settled()

    async def page(
        self, log_filter: LogFilter, *, before: int | None = None, limit: int = PAGE
    ) -> list[StoredEvent]:
        return await self._hold(await super().page(log_filter, before=before, limit=limit))

    async def places(self, log_filter: LogFilter, *, before: int | None = None, limit: int) -> "array[int]":
        return await self._hold(await super().places(log_filter, before=before, limit=limit))

    async def _hold(self, answer: Answer) -> Answer:
        self._may_go.clear()
        self.held.set()
        await self._may_go.wait()
        return answer


async def test_a_journal_that_was_emptied_leaves_an_empty_table(
    journal: FakeJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_table, "CACHE", 10)
    keeper = TaskKeeper("emptied")
    emptied = EventTable(journal, keeper, MANILA)
    await load(emptied)
    journal.remove(*range(1, 1001))
    emptied.attend(0, 20)
    await emitted(emptied.loaded)
    assert (emptied.rowCount(), emptied.complete) == (0, True)
    await keeper.close()
    emptied.deleteLater()


# Going to a row


async def test_a_row_far_down_is_reached_once_it_is_listed(table: EventTable, journal: FakeJournal) -> None:
    table.load()
    index = await table.reach(journal.rows[299].place)
    assert index == 700
    assert not table.complete, "it is not waited for more than that"
    assert table.index_of(journal.rows[299].place) == 700
    assert await table.reach(between(journal, 299, 300)) == 701
    assert await table.reach(0) == 999


async def test_a_row_is_not_reached_when_something_else_is_shown_by_now(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    journal.open_gate.clear()
    table.load()
    await settled()
    reaching = TaskKeeper("reaching").start(table.reach(journal.rows[299].place), name="row")
    await settled()
    table.show_filter(ISSUED)
    journal.open_gate.set()
    assert await reaching is None


async def test_a_row_that_cannot_be_read_is_not_reached(table: EventTable, journal: FakeJournal) -> None:
    journal.failure = JournalError("The journal is damaged.")
    table.load()
    assert await table.reach(5) is None


# Whatever happens


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_the_table_is_what_matches_in_order(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("PAGE", 10), ("CHUNK", 15), ("CACHE", 40)):
        monkeypatch.setattr(event_table, name, value)
    random = Random(seed)  # noqa: S311 - no secret
    journal = FakeJournal(islice(traffic(), 60))
    keeper = TaskKeeper("any")
    table = EventTable(journal, keeper, MANILA)
    tester = QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Warning)
    table.load()
    for _ in range(30):
        do(random, table, journal)
        if random.random() < 0.6:  # else the next thing happens while the journal answers
            await settled()
        if random.random() < 0.15:
            await check(table, journal)
    await check(table, journal)
    tester.deleteLater()
    await keeper.close()
    table.deleteLater()


async def check(table: EventTable, journal: FakeJournal) -> None:
    """Compare the table with the journal: what is remembered first, then all of it, looked at anew."""
    await settle(table)
    there = {each.place: each for each in journal.rows}
    for index in range(table.rowCount()):
        row = table.row_at(index)
        if row is not None and table.place_at(index) in there:
            assert row.stored == there[table.place_at(index)]
            assert row.texts == cells(row.stored.event, MANILA)
    table._rows.clear()
    before = -1
    while before != table.rowCount():  # rows that leave bring others up to where one has looked
        before = table.rowCount()
        for first in range(0, before, 10):
            table.attend(first, first + 9)
            await settle(table)
    log = [each.place for each in journal.in_order() if table.log_filter.matches(each.event)]
    assert [table.place_at(index) for index in range(table.rowCount())] == log[::-1]
    assert table.complete


async def settle(table: EventTable) -> None:
    """Wait until nothing is asked of the journal."""
    while table.loading or table._extension or table._fetch:
        await settled()


def do(random: Random, table: EventTable, journal: FakeJournal) -> None:
    """Let one thing happen to the table."""
    number = random.randrange(10**6)
    match random.choice(
        ["live"] * 2 + ["late"] + ["change"] * 2 + ["leave", "trim"] + ["look"] * 3 + ["filter", "load"]
    ):
        case "live":
            table.add(journal.append(*(issued(number + each) for each in range(random.randrange(1, 6)))))
        case "late":
            top = max((each.place for each in journal.rows), default=PLACES_A_ROW)
            taken = {each.place for each in journal.rows}
            places = {random.randrange(1, top + 5) for _ in range(3)} - taken
            table.add([journal.insert(issued(number), place) for place in places])
        case "change" if journal.rows:
            row = random.choice(journal.rows).row
            table.change([journal.change(row, random.choice((issued, returned))(number))])
        case "leave" if journal.rows:
            newest = journal.rows[-1].row  # its number would be given a second time
            oldest = [each.row for each in journal.in_order() if each.row != newest]
            kept = random.randrange(len(oldest) // 2 + 1)
            journal.remove(*(oldest[:kept] if random.random() < 0.3 else random.sample(oldest, kept // 8)))
        case "trim" if len(journal.rows) > 1:
            gone = random.choice(sorted(each.row for each in journal.rows)[:-1])
            journal.remove(*(each.row for each in journal.rows if each.row <= gone))
            table.leave(gone)
        case "look" if table.rowCount():
            first = random.randrange(table.rowCount())
            table.attend(first, min(first + 7, table.rowCount() - 1))
        case "filter":
            table.show_filter(random.choice((LogFilter(), ISSUED)))
        case _:
            table.load()


# What a view is told


async def test_what_each_role_says(table: EventTable, journal: FakeJournal) -> None:
    await load(table)
    table.add(journal.append(issued(2, personnel="<b>José</b>"), status_change(), notice()))
    role = Qt.ItemDataRole

    def says(place: int, column: Column, what: int) -> object:
        return table.index(place, column).data(what)

    assert says(2, Column.PERSON, role.DisplayRole) == "<b>José</b>"
    assert says(2, Column.PERSON, role.ToolTipRole) == "<qt>&lt;b&gt;José&lt;/b&gt;</qt>"
    assert says(2, Column.WHAT, role.AccessibleTextRole) == "Issued"
    assert says(1, Column.PERSON, role.AccessibleTextRole) == "Available to Maintenance"
    assert says(1, Column.MAGS, role.AccessibleTextRole) == "none"
    assert (
        says(2, Column.MAGS, role.TextAlignmentRole)
        == Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    )
    assert says(2, Column.BY, EVENT_ROLE) == journal.rows[1000]


async def test_what_the_headings_say(table: EventTable) -> None:
    headings = [table.headerData(column, Qt.Orientation.Horizontal) for column in Column]
    assert headings == ["Time", "What", "No.", "Item", "Person", "Duty", "Mags", "Rounds", "By", "Came"]


# Two clocks


async def test_the_heading_names_the_zone_of_the_times_where_the_desk_has_another(table: EventTable) -> None:
    assert heading(table) == "Time"
    told = Recorder(table.headerDataChanged)
    table.tell_clocks_apart(clocks_at(MORNING, MANILA, ZoneInfo("Europe/Berlin")))
    assert heading(table) == "Time (Manila)"
    assert "reads 08:00 (UTC+08:00) when this desk" in heading(table, Qt.ItemDataRole.ToolTipRole)
    assert told.calls == [(Qt.Orientation.Horizontal, Column.TIME, Column.TIME)]


def heading(table: EventTable, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> str:
    return str(table.headerData(Column.TIME, Qt.Orientation.Horizontal, role))


async def test_events_of_hostile_length_are_kept_short_in_the_table(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    long = replace(issued(1), raw="x" * (LONG_RAW + 1), person="é" * 1000, duty="Guard Duty")
    table.add(journal.append(long))
    stored = table.stored_at(0)
    assert stored is not None
    event = stored.event
    assert (event.raw, event.person, event.duty) == ("", "é" * LONG_TEXT, "Guard Duty")
