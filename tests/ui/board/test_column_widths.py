"""Which columns of the board there is room for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.ui.board.column_widths import share
from armguard_tray.ui.board.columns import Column

WANTED = dict.fromkeys(Column, 100)
LEAST = dict.fromkeys(Column, 80)
STAYS = {Column.ITEM, Column.HOLDER, Column.SINCE, Column.STATE}


@pytest.mark.parametrize(
    ("room", "leaves"),
    [
        (560, set()),
        (559, {Column.BY}),
        (479, {Column.BY, Column.DUTY}),
        (399, {Column.BY, Column.DUTY, Column.OUT_FOR}),
        (100, {Column.BY, Column.DUTY, Column.OUT_FOR}),
    ],
)
def test_what_is_asked_for_least_leaves_first(room: int, leaves: set[Column]) -> None:
    assert share(WANTED, LEAST, room).keys() == set(Column) - leaves


def test_what_is_longest_grows_where_there_is_room() -> None:
    assert share(WANTED, LEAST, 1400) == {**WANTED, Column.HOLDER: 400, Column.DUTY: 300, Column.STATE: 300}


@given(st.integers(0, 2000))
def test_what_is_shown_is_never_cut_and_has_a_scroll_bar_only_where_it_must(room: int) -> None:
    widths = share(WANTED, LEAST, room)

    assert widths.keys() >= STAYS
    assert all(width >= LEAST[column] for column, width in widths.items())
    assert sum(widths.values()) <= max(room, sum(LEAST[column] for column in STAYS))
