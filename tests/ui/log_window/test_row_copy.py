"""Rows that are copied: to read, and into a spreadsheet, where nothing of them is carried out."""

from typing import Any, TypeVar

import pytest

from armguard_tray.messages.event import StoredEvent
from armguard_tray.ui.log_window.row_copy import Lines, Table
from armguard_tray.ui.models.event_columns import Column
from armguard_tray.ui.models.shown_row import ShownRow
from tests.fakes.events import MANILA, issued, notice, returned

COLUMNS = (Column.PERSON, Column.WHAT, Column.MAGS)


def row(number: int, **fields: Any) -> ShownRow:
    return ShownRow(StoredEvent(number, issued(number, **fields)), MANILA)


Form = TypeVar("Form", Lines, Table)


def copied(form: Form, *rows: ShownRow) -> Form:
    for each in rows:
        form.add([each])
    return form


def test_lines_leave_out_what_is_not_said() -> None:
    rows = [ShownRow(StoredEvent(2, returned(2)), MANILA), ShownRow(StoredEvent(1, notice()), MANILA)]
    first, second = copied(Lines(tuple(Column)), *rows).text.splitlines()
    assert first.endswith("← Returned · 2 · GLOCK - 00031 · José Peña · armorer1 · live")
    assert second.startswith("24/11/26 ")


def test_a_table_has_headings_and_the_columns_on_show() -> None:
    assert copied(Table(COLUMNS), row(2), row(2, mags=None)).text == (
        "Person\tWhat\tMags\nJosé Peña\t→ Issued\t3\nJosé Peña\t→ Issued\t—"
    )


def test_html_says_what_was_sent_as_it_stands() -> None:
    html = copied(Table(COLUMNS), row(2, personnel="<img src=x>")).html
    assert "<th>Person</th><th>What</th><th>Mags</th>" in html
    assert ">&lt;img src=x&gt;</td>" in html


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\N{FULLWIDTH EQUALS SIGN}1"])
def test_no_name_is_a_formula(name: str) -> None:
    rows = [row(2, personnel=name)]
    assert copied(Table(COLUMNS), *rows).text.splitlines()[1].startswith("'")
    assert copied(Lines(COLUMNS), *rows).text.startswith("'")
