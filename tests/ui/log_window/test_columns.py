"""What the reader chose of the columns, and how it is remembered."""

import pytest

from armguard_tray.ui.log_window.columns import USUAL, Columns, columns_of
from armguard_tray.ui.models.event_columns import Column


def test_what_is_remembered_is_what_was_chosen() -> None:
    chosen = (
        USUAL.moved(Column.PERSON, -4).toggled(Column.MAGS).toggled(Column.ROUNDS).sized(Column.ITEM, 321)
    )
    assert chosen.shown[:2] == (Column.PERSON, Column.TIME)
    assert columns_of(chosen.order_as_text(), chosen.widths_as_text()) == chosen


@pytest.mark.parametrize(
    ("order", "shown"),
    [
        (None, tuple(Column)),
        (b"\x00\x01", tuple(Column)),
        ("", tuple(Column)),
        ("GONE WHAT TIME WHAT -GONE", (*tuple(Column)[1:], Column.TIME)),
        ("CAME -TIME", (Column.CAME, *tuple(Column)[1:9])),
        (" ".join(f"-{column.name}" for column in Column), tuple(Column)),
    ],
)
def test_what_another_version_remembered_is_taken_as_far_as_it_goes(
    order: object, shown: tuple[Column, ...]
) -> None:
    assert columns_of(order, None).shown == shown


def test_the_last_column_cannot_be_hidden() -> None:
    alone = Columns(hidden=frozenset(set(Column) - {Column.TIME}))
    assert alone.toggled(Column.TIME) == alone
    assert alone.toggled(Column.WHAT).shown == (Column.TIME, Column.WHAT)


def test_a_column_stays_within_the_table() -> None:
    assert USUAL.moved(Column.TIME, -1).order == USUAL.order
    assert USUAL.moved(Column.CAME, 5).order == USUAL.order


def test_a_width_is_chosen_and_given_up() -> None:
    chosen = USUAL.sized(Column.ITEM, 200)
    assert chosen.widths == {Column.ITEM: 200}
    assert chosen.sized(Column.ITEM, None).widths == {}
    assert columns_of(None, "ITEM=99999999 BY=-3 DUTY=x").widths == {Column.ITEM: 2000}
