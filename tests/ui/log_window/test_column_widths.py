"""How the columns share the width."""

from collections.abc import Mapping

import pytest

from armguard_tray.ui.log_window.column_widths import share
from armguard_tray.ui.models.event_columns import Column

USUAL = dict.fromkeys(Column, 100)
LEAST = dict.fromkeys(Column, 60)


def changed(widths: Mapping[Column, int]) -> dict[Column, int]:
    return {column: width - USUAL[column] for column, width in widths.items() if width != USUAL[column]}


@pytest.mark.parametrize(
    ("room", "change"),
    [
        (1000, {}),
        (1101, {Column.PERSON: 60, Column.DUTY: 41}),
        (950, {Column.PERSON: -25, Column.DUTY: -25}),
        (900, {Column.PERSON: -40, Column.DUTY: -40, Column.ITEM: -10, Column.BY: -10}),
        (600, dict.fromkeys(Column, -40)),
        (100, dict.fromkeys(Column, -40)),
    ],
)
def test_person_and_duty_give_and_take_first(room: int, change: dict[Column, int]) -> None:
    assert changed(share(USUAL, LEAST, (), room)) == change


def test_what_the_reader_chose_stays() -> None:
    chosen = {Column.PERSON, Column.TIME}
    assert changed(share(USUAL, LEAST, chosen, 1100)) == {Column.DUTY: 100}
    assert changed(share(USUAL, LEAST, chosen, 950)) == {Column.DUTY: -40, Column.ITEM: -5, Column.BY: -5}
    everything = share(USUAL, LEAST, set(Column), 1100)
    assert changed(everything) == {}
