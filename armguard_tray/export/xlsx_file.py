"""XLSX, for spreadsheets: the rows in sheets of at most so many as a sheet can have, and a sheet Statement.

Numbers are numbers, and the column Time has times as spreadsheets know them, which have no zone: they are
    those of the server's. No text is a formula: it is stored as text, and one that could begin a formula is
    marked as text for good (quotePrefix), so that it stays one when somebody edits it.
"""

import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, BinaryIO, Final

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from armguard_tray.export.closing import closing_lines
from armguard_tray.export.columns import COLUMNS, TIME, Value, values
from armguard_tray.export.contents import Rows
from armguard_tray.export.formula import harmless
from armguard_tray.export.statement import TITLE, Statement, lines
from armguard_tray.export.target import Target

MAX_ROWS: Final = 1_048_576
"""Of a sheet, the headings among them
(https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3)."""
_FIRST: Final = "1900"
"""Spreadsheets know no times before this year."""


class XlsxWriter:
    """Writes XLSX.

    Attributes:
        rounds: as `contents.Writer`.

    """

    rounds = 1

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        """Let no sheet have more than `max_rows` rows, the headings among them."""
        self._max_rows = max_rows

    def write(self, statement: Statement, rows: Rows, zone: tzinfo, target: Target) -> None:
        """Write the sheets."""
        with _workbook(target) as book:
            said = {
                "title": TITLE,
                "comments": statement.wanted,
                "created": statement.made.replace(tzinfo=None),
            }
            book.set_properties(said)
            sheets = _Sheets(book, self._max_rows)
            for piece in rows:
                for row in piece.rows:
                    sheets.add(values(row))
            _add_statement(book, [*lines(statement, zone), *closing_lines(rows.digest)])


class _Sheets:
    """The sheets with rows, of which there is at least one."""

    def __init__(self, book: Any, max_rows: int) -> None:
        self._book = book
        self._max_rows = max_rows
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._text = book.add_format({"quote_prefix": True})
        self._count = 0
        self._begin()

    def _begin(self) -> None:
        self._count += 1
        self._line = 0
        self._sheet = self._book.add_worksheet("Log" if self._count == 1 else f"Log {self._count}")
        self._sheet.freeze_panes(1, 0)
        self._sheet.autofilter(0, 0, self._max_rows - 1, len(COLUMNS) - 1)
        for place, column in enumerate(COLUMNS):
            self._sheet.set_column(place, place, column.width)
            self._sheet.write_string(0, place, column.title, self._bold)

    def add(self, line: Sequence[Value]) -> None:
        if self._line + 1 == self._max_rows:
            self._begin()
        self._line += 1
        for place, value in enumerate(line):
            self._write(place, value)

    def _write(self, place: int, value: Value) -> None:
        sheet, line = self._sheet, self._line
        if isinstance(value, int):
            sheet.write_number(line, place, value)
        elif place == TIME and value and value >= _FIRST:
            sheet.write_datetime(line, place, datetime.fromisoformat(value), self._time)
        elif value:
            sheet.write_string(line, place, value, self._text if harmless(value) != value else None)


def _add_statement(book: Any, said: list[tuple[str, str]]) -> None:
    sheet = book.add_worksheet("Statement")
    bold, text = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "quote_prefix": True})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    for line, (label, words) in enumerate(said):
        sheet.write_string(line, 0, label, bold)
        sheet.write_string(line, 1, words, text)


@contextmanager
def _workbook(target: Target) -> Iterator[Any]:
    """Open a workbook with its rows on the disk; when the block ends well, it is written to `target`."""
    # Beside the target: there must be room anyway, and the folder for temporary files may be in memory.
    with tempfile.TemporaryDirectory(
        prefix=".export", dir=target.folder, ignore_cleanup_errors=True
    ) as folder:
        options = {"constant_memory": True, "tmpdir": str(Path(folder)), "use_zip64": True}
        output = _Output(target.stream)
        book: Any = xlsxwriter.Workbook(output, options)
        try:
            yield book
            book.close()
        except FileCreateError as error:
            raise _cause(error) from error
        finally:
            output.let_go()
            _close_parts(book)


class _Output:
    """Where the zip file is written, which writes its end once more when a failed one is thrown away."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def let_go(self) -> None:
        """Take what comes from now on and do nothing with it."""
        self._stream = io.BytesIO()

    def write(self, content: bytes) -> int:
        return self._stream.write(content)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return self._stream.seekable()

    def flush(self) -> None:
        self._stream.flush()


def _cause(error: FileCreateError) -> Exception:
    """Return the error of the system that XlsxWriter has wrapped."""
    wrapped = error.args[0] if error.args else None
    return wrapped if isinstance(wrapped, OSError) else error


def _close_parts(book: Any) -> None:
    """Close the files that the rows of each sheet were in: XlsxWriter leaves them open when it fails."""
    for sheet in book.worksheets():
        if sheet.row_data_fh is not None:
            sheet.row_data_fh.close()
