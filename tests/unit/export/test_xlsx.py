"""The rows of a workbook are what XlsxWriter would write, and no text is markup."""

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.export.columns import COLUMNS, TIME, Value
from armguard_tray.export.formula import harmless
from armguard_tray.export.xlsx_cells import Cells, Styles, line_of
from armguard_tray.export.xlsx_file import XlsxWriter
from tests.unit.export.exports import exported, xlsx_rows
from tests.unit.export.test_exporting import make
from tests.unit.messages import frames
from tests.unit.storage.events import event

TEXTS = st.text(max_size=20) | st.text(st.sampled_from("=+<>&'\"_x0041\t\r\n \x01\uffff"), max_size=12)
NOTHING: list[Value] = [None] * len(COLUMNS)


def row_of(values: dict[int, Value]) -> str:
    """Return a row with these values in their places."""
    columns = [[values.get(place)] for place in range(len(COLUMNS))]
    (cells,) = Cells(Styles(time="1", text="2")).of(columns)
    return line_of(2, cells)


def by_xlsxwriter(text: str) -> str:
    """Return the row with a text in its first cell that XlsxWriter writes."""
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"constant_memory": True}) as making:
        making.add_format({"num_format": "0"})
        marked = making.add_format({"quote_prefix": True})
        style = marked if harmless(text) != text else None
        making.add_worksheet().write_string(1, 4, text, style)
    with zipfile.ZipFile(book) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    found = re.search("<row.*</row>", sheet, re.DOTALL)
    return "" if found is None else found[0]


@given(TEXTS.filter(lambda text: text and not text.startswith("<r>")))
def test_a_text_is_written_as_by_xlsxwriter(text: str) -> None:
    # The number of the style is another one where another one was used before it.
    assert re.sub(' s="[0-9]"', " s", row_of({4: text})) == re.sub(' s="[0-9]"', " s", by_xlsxwriter(text))


def test_a_time_is_a_number_of_days_of_which_1900_is_the_first_year() -> None:
    assert "<v>46350.47599537037</v>" in row_of({TIME: "2026-11-24 11:25:26"})
    assert "<t>1900-02-28 11:25:26</t>" in row_of({TIME: "1900-02-28 11:25:26"})


@pytest.mark.parametrize("text", ["<r><t>no markup</t></r>", "<r>&</r>", "</t></is></c><c>", "<!--"])
def test_no_text_is_taken_for_markup(tmp_path: Path, text: str) -> None:
    make(tmp_path / "journal.sqlite3", [replace(event(frames.take(1)), person=text)])
    exported(tmp_path / "journal.sqlite3", tmp_path / "log.xlsx")
    (row,), _ = xlsx_rows(tmp_path / "log.xlsx")
    assert row["Person"] == text


@pytest.mark.parametrize("count", [1, 4, 5, 12])
def test_each_sheet_tells_how_far_it_reaches(tmp_path: Path, count: int) -> None:
    make(tmp_path / "journal.sqlite3", [event(frames.take(each)) for each in range(1, count + 1)])
    exported(tmp_path / "journal.sqlite3", tmp_path / "log.xlsx", writer=XlsxWriter(max_rows=5))
    with zipfile.ZipFile(tmp_path / "log.xlsx") as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name][:-1]
    lines = [len(re.findall("<row ", sheet)) for sheet in sheets]
    assert sum(lines) == count + len(sheets)
    assert [re.findall('<dimension ref="A1:V([0-9]+)"', sheet) for sheet in sheets] == [
        [str(each)] for each in lines
    ]
    assert [re.findall('<autoFilter ref="A1:V([0-9]+)"', sheet) for sheet in sheets] == [
        [str(each)] for each in lines
    ]


def test_that_the_rows_are_in_several_sheets_is_said(tmp_path: Path) -> None:
    make(tmp_path / "journal.sqlite3", [event(frames.take(each)) for each in range(1, 10)])
    for most, said in ((10, None), (5, "Log to Log 3: a sheet has at most 5 rows")):
        exported(tmp_path / "journal.sqlite3", tmp_path / "log.xlsx", writer=XlsxWriter(max_rows=most))
        _, statement = xlsx_rows(tmp_path / "log.xlsx")
        assert ("Sheets" in statement) == (said is not None)
        assert (said or "") in statement.get("Sheets", "")
