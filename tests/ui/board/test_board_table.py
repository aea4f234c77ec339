"""The board as Qt's views see it: every change is told, and what is selected stays with its row."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from armguard_tray.holdings.board import Board, Holding, board_of
from armguard_tray.holdings.words import Zones
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.ui.board.board_table import BoardTable
from armguard_tray.ui.board.columns import Column
from tests.fakes.events import MANILA
from tests.fakes.handlings import NOW, have, hours, lack, last, ledger

A_DAY = DutyHours(24, {"training": 4})


@pytest.fixture
def table() -> BoardTable:
    return BoardTable(Zones(MANILA, MANILA))


def held(item: str, ago: float, person: str = "Ana Lim") -> Holding:
    since = NOW - hours(ago)
    return Holding(item=item, holder=person, since=since, due=since + hours(24))


def items(table: BoardTable) -> list[str]:
    return [table.row_at(place).holding.item for place in range(table.rowCount())]


def test_a_row_says_what_where_since_when_and_how_certain(table: BoardTable) -> None:
    table.show(board_of(have(last(duty="Training", ago=hours(7))), None, A_DAY), NOW)

    assert table.row_at(0).texts == (
        "M4 - 00077",
        "Juan Dela Cruz",
        "24/11/26 07:02",
        "7 h",
        "Training",
        "armorer1",
        "⚠ Overdue by 3 h",
    )


@pytest.mark.parametrize(
    ("ago", "gaps", "state"),
    [
        (1, [], "→ Out"),
        (1, [lack(101, 103)], "? Uncertain"),
        (30, [], "⚠ Overdue by 6 h"),
        (30, [lack(101, 103)], "⚠ Overdue by 6 h · ? uncertain"),
    ],
)
def test_a_state_is_told_by_sign_and_word(
    table: BoardTable, ago: float, gaps: list[object], state: str
) -> None:
    table.show(board_of(have(last(ago=hours(ago)), lacks=gaps), None, A_DAY), NOW)

    assert table.index(0, Column.STATE).data() == state


def test_why_it_is_uncertain_can_be_read_and_heard(table: BoardTable) -> None:
    table.show(board_of(have(last(number=80), ledger=ledger(begins=90)), None, A_DAY), NOW)
    state = table.index(0, Column.STATE)

    assert "It went out before #90" in state.data(Qt.ItemDataRole.ToolTipRole)
    assert "It went out before #90" in state.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Due 25/11/26 11:02." in state.data(Qt.ItemDataRole.ToolTipRole)


def test_names_are_never_markup(table: BoardTable) -> None:
    table.show(Board(holdings=(held("M4 - 1", 1, "<b>José</b>"),)), NOW)

    assert "&lt;b&gt;" in table.index(0, Column.HOLDER).data(Qt.ItemDataRole.ToolTipRole)


def test_what_is_copied_is_no_formula(table: BoardTable) -> None:
    table.show(Board(holdings=(held('=HYPERLINK("http://x")', 1, "+1 Lim"),)), NOW)

    cells = table.texts([0]).split("\t")

    assert '\'=HYPERLINK("http://x")' in cells
    assert "'+1 Lim" in cells


def test_time_goes_by(table: BoardTable) -> None:
    table.show(Board(holdings=(held("M4 - 1", 23), held("M4 - 2", 1))), NOW)

    table.tell_time(NOW + timedelta(hours=2))

    assert [table.row_at(place).texts[Column.STATE] for place in (0, 1)] == ["⚠ Overdue by 1 h", "→ Out"]


def test_a_search_shows_rows_that_have_all_the_words(table: BoardTable) -> None:
    table.show(
        Board(
            holdings=(held("M4 - 1", 3), held("M4 - 2", 2, "José Peña"), held("GLOCK - 3", 1, "José Peña"))
        ),
        NOW,
    )

    table.search("peña m4")
    assert items(table) == ["M4 - 2"]

    table.search("")
    assert items(table) == ["M4 - 1", "M4 - 2", "GLOCK - 3"]


def test_what_is_selected_goes_with_its_row(table: BoardTable) -> None:
    table.show(Board(holdings=(held("A - 1", 3), held("B - 2", 2), held("C - 3", 1))), NOW)
    chosen = QPersistentModelIndex(table.index(2, Column.HOLDER))

    table.show(Board(holdings=(held("C - 3", 9), held("D - 4", 5), held("B - 2", 2))), NOW)

    assert items(table) == ["C - 3", "D - 4", "B - 2"]
    assert (chosen.row(), chosen.column()) == (0, Column.HOLDER)


def test_a_row_that_came_back_is_gone_for_who_had_chosen_it(table: BoardTable) -> None:
    table.show(Board(holdings=(held("A - 1", 3), held("B - 2", 2))), NOW)
    chosen = QPersistentModelIndex(table.index(0, 0))

    table.show(Board(holdings=(held("B - 2", 2),)), NOW)

    assert not chosen.isValid()


_BOARDS = st.lists(
    st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from([1.0, 5.0, 23.5, 30.0, 40.0])), max_size=8
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_BOARDS, st.lists(st.sampled_from(["", "a", "b lim", "overdue", "nobody"]), max_size=8))
def test_every_change_is_told_as_qt_wants_it(boards: list[dict[str, float]], searches: list[str]) -> None:
    table = BoardTable(Zones(MANILA, MANILA))
    tester = QAbstractItemModelTester(table, QAbstractItemModelTester.FailureReportingMode.Warning)
    for step, ages in enumerate(boards):
        board = Board(holdings=tuple(held(f"{item} - 1", ago) for item, ago in ages.items()))
        table.show(board, NOW)
        if step < len(searches):
            table.search(searches[step])
        table.tell_time(NOW + hours(step))
        wanted = [each.item for each in board.ordered(NOW + hours(step))]
        shown = items(table)
        assert shown == [item for item in wanted if item in shown]
        if not table.words:
            assert shown == wanted
    tester.deleteLater()
