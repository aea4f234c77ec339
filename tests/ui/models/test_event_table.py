"""The window onto the journal: pages, live rows, a bounded size, answers that come too late."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from armguard_tray.errors import JournalError
from armguard_tray.messages.event import PLACES_A_ROW, Category, StoredEvent
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.models import event_table
from armguard_tray.ui.models.clocks import clocks_at
from armguard_tray.ui.models.event_columns import Column, cells
from armguard_tray.ui.models.event_table import EVENT_ROLE, LONG_RAW, LONG_TEXT, PAGE, EventTable
from tests.fakes.events import MANILA, MORNING, issued, notice, returned, status_change, traffic, unreadable
from tests.fakes.journal import FakeJournal
from tests.fakes.signals import Recorder, emitted, settled

CAPACITY = 450
ISSUED = LogFilter(frozenset({Category.ISSUED}))
RETURNED = LogFilter(frozenset({Category.RETURNED}))


@pytest.fixture
def journal() -> FakeJournal:
    return FakeJournal(islice(traffic(), 1000))


@pytest.fixture
async def table(journal: FakeJournal) -> AsyncIterator[EventTable]:
    keeper = TaskKeeper("table")
    table = EventTable(journal, keeper, MANILA, capacity=CAPACITY)
    yield table
    await keeper.close()
    table.deleteLater()


def rows_of(table: EventTable) -> list[int]:
    return [table.stored_at(place).row for place in range(table.rowCount())]


def between(journal: FakeJournal, lower: int, upper: int) -> int:
    """Return a place between two rows of the journal."""
    return (journal.rows[lower - 1].place + journal.rows[upper - 1].place) // 2


async def load(table: EventTable) -> None:
    table.load_newest()
    await emitted(table.loaded)


async def fetch(table: EventTable) -> None:
    table.fetchMore()
    await emitted(table.rowsInserted)
    await settled()


async def test_it_opens_with_one_page_newest_first(table: EventTable, journal: FakeJournal) -> None:
    await load(table)
    assert rows_of(table) == list(range(1000, 800, -1))
    assert journal.asked == ["page"]


async def test_older_rows_come_page_by_page_until_there_are_none(
    table: EventTable, journal: FakeJournal
) -> None:
    del journal.rows[300:]
    await load(table)
    assert table.canFetchMore()
    await fetch(table)
    assert rows_of(table) == list(range(300, 0, -1))
    assert not table.canFetchMore()


async def test_a_page_is_asked_for_once(table: EventTable, journal: FakeJournal) -> None:
    await load(table)
    table.fetchMore()
    table.fetchMore()
    assert not table.canFetchMore()
    await emitted(table.rowsInserted)
    assert journal.asked == ["page", "page"]


async def test_new_rows_go_in_on_top_while_the_reader_is_there(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    inserted = Recorder(table.rowsInserted)
    table.add(journal.append(issued(1), returned(2), issued(3)))
    assert rows_of(table)[:4] == [1003, 1002, 1001, 1000]
    assert len(inserted.calls) == 1  # one batch, one insertion


async def test_new_rows_that_do_not_match_stay_out(table: EventTable, journal: FakeJournal) -> None:
    table.show_filter(ISSUED)
    await emitted(table.loaded)
    table.add(journal.append(returned(1), issued(2), status_change()))
    assert rows_of(table)[0] == 1002
    assert all(table.stored_at(place).event.category is Category.ISSUED for place in range(table.rowCount()))


async def test_elsewhere_nothing_moves_and_new_rows_are_counted(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    table.following = False
    table.add(journal.append(issued(1), issued(2)))
    table.add(journal.append(issued(3)))
    assert rows_of(table)[0] == 1000
    assert (table.held, table.more_above) == (3, True)


async def test_back_at_the_top_the_missed_rows_are_put_in(table: EventTable, journal: FakeJournal) -> None:
    await load(table)
    table.following = False
    table.add(journal.append(issued(1), issued(2)))
    table.catch_up()
    (count,) = await emitted(table.caughtUp)
    assert count == 2
    assert rows_of(table)[:3] == [1002, 1001, 1000]
    assert (table.held, table.more_above) == (0, False)


async def test_it_stays_within_its_capacity_at_the_far_end(table: EventTable, journal: FakeJournal) -> None:
    await load(table)
    table.add(journal.append(*islice(traffic(), 400)))
    assert rows_of(table) == list(range(1400, 1400 - CAPACITY, -1))
    table.following = False
    await fetch(table)  # what was trimmed can be fetched again
    assert rows_of(table)[-1] == 1400 - CAPACITY - PAGE + 1


async def test_reading_far_down_loses_the_newest_which_come_back(table: EventTable) -> None:
    await load(table)
    table.following = False
    await fetch(table)
    await fetch(table)
    assert rows_of(table) == list(range(850, 400, -1))
    assert table.more_above
    table.catch_up()
    await emitted(table.caughtUp)
    assert rows_of(table)[0] == 1000


async def test_an_answer_to_an_older_question_is_dropped(table: EventTable, journal: FakeJournal) -> None:
    journal.open_gate.clear()
    loaded = Recorder(table.loaded)
    table.show_filter(ISSUED)
    table.show_filter(RETURNED)
    journal.open_gate.set()
    await emitted(table.loaded)
    await settled()
    assert len(loaded.calls) == 1
    assert table.stored_at(0).event.category is Category.RETURNED


async def test_rows_that_arrive_while_the_journal_answers_are_not_lost(
    table: EventTable, journal: FakeJournal
) -> None:
    async with late_answer(table, journal):
        table.add(journal.append(issued(1)))
        table.add([journal.insert(issued(5), between(journal, 990, 991))])
    assert rows_of(table)[:2] == [1001, 1000]
    assert rows_of(table)[10:13] == [991, 1002, 990]


@contextlib.asynccontextmanager
async def late_answer(table: EventTable, journal: FakeJournal) -> AsyncIterator[None]:
    """Ask for the newest rows; the answer has nothing of what is stored until the context ends."""
    answer = await journal.page(table.log_filter, limit=PAGE)
    journal.open_gate.clear()
    table.load_newest()
    await settled()
    yield
    everything, journal.rows = journal.rows, answer
    journal.open_gate.set()
    await emitted(table.loaded)
    journal.rows = everything
    await settled()


async def test_a_row_that_the_answer_has_already_is_not_put_in_twice(
    table: EventTable, journal: FakeJournal
) -> None:
    new = journal.append(issued(1))
    await load(table)
    table.add(new)
    assert rows_of(table)[:2] == [1001, 1000]


async def test_the_rows_around_one_far_away(table: EventTable, journal: FakeJournal) -> None:
    table.following = False
    await table.load_around(journal.rows[299].place)
    assert table.index_of(300) == PAGE
    assert rows_of(table) == list(range(500, 100, -1))
    assert table.more_above
    assert table.index_of(800) is None


async def test_a_journal_that_cannot_be_read_is_said_and_shows_no_old_rows(
    table: EventTable, journal: FakeJournal, caplog: pytest.LogCaptureFixture
) -> None:
    await load(table)
    journal.failure = JournalError("The journal is damaged.", "Move it away.")
    table.show_filter(ISSUED)
    (words,) = await emitted(table.failed)
    assert words == "The journal is damaged. Move it away."
    assert table.rowCount() == 0
    assert "table:newest rows failed" in caplog.text
    journal.failure = None
    await load(table)
    assert (table.rowCount(), table.failure) == (PAGE, None)


async def test_long_frames_are_left_to_the_details(table: EventTable, journal: FakeJournal) -> None:
    await load(table)
    table.add(journal.append(unreadable("x" * (LONG_RAW + 1)), unreadable("y" * LONG_RAW)))
    short, long = table.stored_at(0), table.stored_at(1)
    assert short.event.raw == "y" * LONG_RAW
    assert long == StoredEvent(1001, replace(journal.rows[1000].event, raw=""))


async def test_qt_finds_each_change_well_announced(table: EventTable, journal: FakeJournal) -> None:
    await load(table)
    table.add(journal.append(*islice(traffic(), 400)))
    table.following = False
    # It warns, which fails the test; and it fetches a page, so that rows go at the top.
    tester = QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Warning)
    await emitted(table.rowsRemoved)
    await settled()
    table.catch_up()  # so that rows go at the bottom
    await emitted(table.caughtUp)
    assert rows_of(table) == list(range(1400, 1400 - CAPACITY, -1))
    tester.deleteLater()


# What came later


async def test_what_came_later_goes_where_it_belongs_wherever_the_reader_is(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    table.following = False
    place = between(journal, 950, 951)
    inserted = Recorder(table.rowsInserted)
    table.add([journal.insert(issued(n), place + n) for n in (3, 1, 2)])
    assert rows_of(table)[49:54] == [951, 1001, 1003, 1002, 950]
    assert len(inserted.calls) == 1  # neighbours go in together
    assert (table.held, table.more_above) == (0, False)


async def test_what_belongs_below_the_window_is_left_until_it_is_fetched(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    table.add([journal.insert(issued(1), between(journal, 700, 701))])
    assert rows_of(table) == list(range(1000, 800, -1))
    await fetch(table)
    assert rows_of(table)[299:302] == [701, 1001, 700]


async def test_what_belongs_before_all_others_is_put_in_if_all_others_are_there(
    table: EventTable, journal: FakeJournal
) -> None:
    del journal.rows[100:]
    await load(table)
    table.add([journal.insert(issued(1), 5)])
    assert rows_of(table)[-2:] == [1, 101]


async def test_what_belongs_above_waits_like_new_rows_while_the_reader_is_elsewhere(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    table.following = False
    table.add([journal.insert(issued(1), journal.rows[-1].place + 1)])
    assert (rows_of(table)[0], table.held) == (1000, 1)
    table.catch_up()
    await emitted(table.caughtUp)
    assert rows_of(table)[:2] == [1001, 1000]


async def test_a_row_in_the_middle_of_a_full_window_pushes_out_the_last(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    table.add(journal.append(*islice(traffic(), 250)))
    assert table.rowCount() == CAPACITY
    table.add([journal.insert(issued(1), between(journal, 1200, 1201))])
    assert rows_of(table)[-1] == 802
    assert table.canFetchMore()


async def test_a_row_that_reads_differently_is_replaced_in_its_place(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    assert table.texts_at(100)[Column.DUTY] != "Parade"
    told = Recorder(table.dataChanged)
    table.change([journal.change(900, issued(900, duty_type="Parade"))])
    assert table.texts_at(100)[Column.DUTY] == "Parade"
    first, last = told.calls[-1][:2]
    assert (first.row(), first.column(), last.row(), last.column()) == (100, 0, 100, Column.CAME)


async def test_a_row_that_no_longer_matches_leaves_and_one_that_does_comes(
    table: EventTable, journal: FakeJournal
) -> None:
    table.show_filter(LogFilter(text="parade"))
    await emitted(table.loaded)
    assert table.rowCount() == 0
    table.change([journal.change(900, issued(900, duty_type="Parade"))])
    assert rows_of(table) == [900]
    table.change([journal.change(900, issued(900))])
    assert rows_of(table) == []


async def test_a_change_while_the_journal_answers_is_not_lost(
    table: EventTable, journal: FakeJournal
) -> None:
    async with late_answer(table, journal):
        table.change([journal.change(900, issued(900, duty_type="Parade"))])
    assert table.texts_at(100)[Column.DUTY] == "Parade"


async def test_a_row_that_changed_unheard_reads_anew_once_the_journal_is_asked_again(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    assert table.texts_at(100)[Column.DUTY] != "Parade"
    table.load_newest()
    table.change([journal.change(900, issued(900, duty_type="Parade"))])
    await load(table)  # the question before is dropped, and what waited for its answer with it
    assert table.texts_at(100)[Column.DUTY] == "Parade"


async def test_what_comes_while_older_rows_are_fetched_is_not_lost(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    table.fetchMore()
    table.add([*journal.append(issued(1)), journal.insert(issued(2), between(journal, 700, 701))])
    table.change([journal.change(900, issued(900, duty_type="Parade"))])
    await emitted(table.rowsInserted)
    await settled()
    assert rows_of(table)[:2] == [1001, 1000]
    assert rows_of(table)[300:303] == [701, 1002, 700]
    assert table.texts_at(101)[Column.DUTY] == "Parade"


async def test_when_the_last_row_on_show_leaves_the_others_are_looked_for(
    table: EventTable, journal: FakeJournal
) -> None:
    journal.change(900, issued(900, duty_type="Parade"))
    table.show_filter(LogFilter(text="parade"))
    await emitted(table.loaded)
    table.following = False
    table.add(journal.append(issued(1, duty_type="Parade")))
    assert (rows_of(table), table.held) == ([900], 1)
    table.change([journal.change(900, issued(900))])
    await emitted(table.loaded)
    assert (rows_of(table), table.held, table.more_above) == ([1001], 0, False)


async def test_what_new_rows_push_out_of_a_window_that_had_all_can_be_fetched_again(
    table: EventTable, journal: FakeJournal
) -> None:
    del journal.rows[440:]
    await load(table)
    await fetch(table)
    await fetch(table)
    assert not table.canFetchMore()
    table.add(journal.append(*islice(traffic(), 20)))
    assert rows_of(table)[-1] == 11
    assert table.canFetchMore()


async def test_reading_the_top_means_all_up_to_the_newest_row_wherever_it_stands(
    table: EventTable, journal: FakeJournal
) -> None:
    await load(table)
    assert table.newest_row == 1000
    table.add([journal.insert(issued(1), between(journal, 700, 701))])
    assert table.newest_row == 1001


KINDS = st.sampled_from(["live", "late", "change", "fetch", "newest", "catch up", "away", "top", "filter"])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(KINDS, st.integers(0, 10**9)), min_size=8, max_size=30))
async def test_whatever_happens_the_window_is_a_part_of_the_log_without_a_hole(
    steps: list[tuple[str, int]],
) -> None:
    journal = FakeJournal(islice(traffic(), 60))
    keeper = TaskKeeper("any")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_table, "PAGE", 10)
        table = EventTable(journal, keeper, MANILA, capacity=40)
        tester = QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Warning)
        table.load_newest()
        for kind, number in steps:
            do(kind, number, table, journal)
            if number % 3:  # else the next thing happens while the journal answers
                await settled()
        await settled()
        check_window(table, journal)
        tester.deleteLater()
        await keeper.close()
        table.deleteLater()


def check_window(table: EventTable, journal: FakeJournal) -> None:
    """Check that the window is a part of what matches, in order and without a hole, and knows of the rest."""
    log = [each for each in journal.in_order() if table.log_filter.matches(each.event)][::-1]
    shown = [table.stored_at(index) for index in range(table.rowCount())]
    assert shown, "something always matches"
    first = log.index(shown[0])
    assert log[first : first + len(shown)] == shown
    assert len(shown) <= 40
    assert table.more_above or first == 0
    assert table.canFetchMore() or log[-1] == shown[-1]
    assert table.newest_row >= max(each.row for each in shown)
    for index, each in enumerate(shown):
        assert table.texts_at(index) == cells(each.event, MANILA)


def do(kind: str, number: int, table: EventTable, journal: FakeJournal) -> None:
    """Let one thing happen to the table."""
    match kind:
        case "live":
            table.add(journal.append(*(issued(number + each) for each in range(number % 5 + 1))))
        case "late":
            rows = len(journal.rows)
            places = {(number * each) % (rows * PLACES_A_ROW) + 1 for each in (1, 1, 7)} | {number + 3}
            free = places - {each.place for each in journal.rows}
            table.add([journal.insert(issued(number), place) for place in free])
        case "change":
            row = number % len(journal.rows) + 1
            table.change([journal.change(row, (issued, returned)[number % 2](number))])
        case "fetch":
            table.fetchMore()
        case "newest":
            table.load_newest()
        case "catch up":
            table.catch_up()
        case "away":
            table.following = False
        case "top":
            table.following = True
            table.catch_up()
        case _:
            table.show_filter((LogFilter(), ISSUED)[number % 2])


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
    event = table.stored_at(0).event
    assert (event.raw, event.person, event.duty) == ("", "é" * LONG_TEXT, "Guard Duty")
