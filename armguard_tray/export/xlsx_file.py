"""XLSX, for spreadsheets: the rows in sheets of at most so many as a sheet can have, and a sheet Statement.

Numbers are numbers, and the column Time has times as spreadsheets know them, which have no zone: they are
    those of the server's. No text is a formula: it is stored as text, and one that could begin a formula is
    marked as text for good (quotePrefix), so that it stays one when somebody edits it.

XlsxWriter makes the book; the rows are written into it as they come, so that none of them is ever in memory
or in a file of its own.
"""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import chain, count, islice
from typing import Final

from armguard_tray.export.closing import closing_lines
from armguard_tray.export.columns import values
from armguard_tray.export.contents import Rows
from armguard_tray.export.statement import Statement, lines
from armguard_tray.export.target import Target
from armguard_tray.export.xlsx_cells import Cells, line_of
from armguard_tray.export.xlsx_frame import SheetFrame, frame

MAX_ROWS: Final = 1_048_576
"""Of a sheet, the headings among them
(https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3)."""
_AT_ONCE: Final = 100
_LARGE: Final = 20_000
"""Rows of a sheet that may need four gigabytes: no text is longer than 1,000 signs, each some bytes."""
_UNKNOWN: Final = ""


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
        sizes = self._sizes(statement.rows)
        said = [*lines(statement, zone), *self._said_of(sizes)]
        sheets = frame(statement, [*said, *closing_lines(_UNKNOWN)], sizes)
        cells = Cells(sheets.styles)
        table = chain.from_iterable(cells.of(values(piece.columns)) for piece in rows)
        with zipfile.ZipFile(target.stream, "w", zipfile.ZIP_DEFLATED) as book:
            for sheet in sheets.sheets:
                _add_sheet(book, sheet, islice(table, sheet.rows))
            if next(table, None) is not None:  # only behind the last row the digest is known
                raise RuntimeError("there are more rows than were counted")
            known = frame(statement, [*said, *closing_lines(rows.digest)], sizes)
            for name, content in known.others.items():
                book.writestr(name, content)

    def _said_of(self, sizes: Sequence[int]) -> Iterator[tuple[str, str]]:
        """Yield what is to be said of the sheets, if there are several."""
        if len(sizes) > 1:
            yield (
                "Sheets",
                (
                    f"The rows go on from sheet to sheet, Log to Log {len(sizes)}: "
                    f"a sheet has at most {self._max_rows:,} rows, the headings among them."
                ),
            )

    def _sizes(self, rows: int) -> list[int]:
        """Return how many rows come into each sheet."""
        most = self._max_rows - 1
        whole, rest = divmod(rows, most)
        return [most] * whole + ([rest] if rest or not whole else [])


def _add_sheet(book: zipfile.ZipFile, sheet: SheetFrame, table: Iterator[tuple[str, ...]]) -> None:
    with book.open(sheet.name, "w", force_zip64=sheet.rows > _LARGE) as part:
        part.write(sheet.before)
        found = map(line_of, count(2), table)
        while some := "".join(islice(found, _AT_ONCE)):
            part.write(some.encode())
        part.write(sheet.after)
