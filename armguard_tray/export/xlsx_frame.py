"""A workbook without its rows, by XlsxWriter: the sheets, their headings and styles, and the statement."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from armguard_tray.export.columns import COLUMNS
from armguard_tray.export.statement import TITLE, Statement
from armguard_tray.export.xlsx_cells import Styles

_SAMPLE: Final = re.compile(rb'<row r="2"[^>]*><c r="A2" s="([0-9]+)".*?</c><c r="B2" s="([0-9]+)".*?</row>')
_EXTENT: Final = re.compile(rb'(<dimension ref="A1:[A-Z]+)2"')
_SHEET: Final = "xl/worksheets/sheet{}.xml"


@dataclass(frozen=True, slots=True)
class SheetFrame:
    """A sheet for rows.

    Attributes:
        name: of its part of the file.
        rows: how many rows are to come into it.
        before, after: its XML before and after them.

    """

    name: str
    rows: int
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """All that is not rows.

    Attributes:
        sheets: the sheets for the rows; there is at least one.
        styles: of their cells.
        others: the name of each other part of the file -> what is in it.

    """

    sheets: Sequence[SheetFrame]
    styles: Styles
    others: Mapping[str, bytes]


def frame(statement: Statement, said: Sequence[tuple[str, str]], sizes: Sequence[int]) -> Frame:
    """Return the frame for sheets with so many rows, and one with what is `said` of them.

    What is `said` changes nothing but `others`.
    """
    parts = _parts(_book(statement, said, sizes))
    sheets = []
    for number, size in enumerate(sizes, 1):
        name = _SHEET.format(number)
        content = parts.pop(name)
        sample = _SAMPLE.search(content)
        if sample is None:
            raise RuntimeError("a sheet is not as it was ever written")
        styles = Styles(*(each.decode() for each in sample.groups()))
        before = _EXTENT.sub(rb'\g<1>%d"' % (_last(size) + 1), content[: sample.start()])
        sheets.append(SheetFrame(name, size, before, content[sample.end() :]))
    return Frame(sheets, styles, parts)


def _book(statement: Statement, said: Sequence[tuple[str, str]], sizes: Sequence[int]) -> io.BytesIO:
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        book.set_properties(
            {"title": TITLE, "comments": statement.wanted, "created": statement.made.replace(tzinfo=None)}
        )
        bold = book.add_format({"bold": True, "bottom": 1})
        time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        text = book.add_format({"quote_prefix": True})
        for number, size in enumerate(sizes, 1):
            sheet = book.add_worksheet("Log" if number == 1 else f"Log {number}")
            _add_headings(sheet, bold)
            sheet.autofilter(0, 0, _last(size), len(COLUMNS) - 1)
            # In place of all rows the first one, with a cell of each style.
            sheet.write_datetime(1, 0, datetime(2000, 1, 1), time)  # noqa: DTZ001 - cells have no zone
            sheet.write_string(1, 1, "=", text)
        _add_statement(book, said)
    return output


def _last(size: int) -> int:
    """Return the number of the last line, the headings being line 0; one is there even without rows."""
    return max(1, size)


def _add_headings(sheet: Any, bold: Any) -> None:
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.title, bold)


def _add_statement(book: Any, said: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet("Statement")
    bold, text = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "quote_prefix": True})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    for line, (label, words) in enumerate(said):
        sheet.write_string(line, 0, label, bold)
        sheet.write_string(line, 1, words, text)


def _parts(book: io.BytesIO) -> dict[str, bytes]:
    with zipfile.ZipFile(book) as parts:
        return {name: parts.read(name) for name in parts.namelist()}
