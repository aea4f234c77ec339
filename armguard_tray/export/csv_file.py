"""CSV: UTF-8 with a byte order mark, as RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180).

The headings, the rows, and then the statement, as lines of the same number of fields with `Statement` in the
column What: every reader gets a table without ragged lines, and nothing has to be skipped before the
    headings. Texts are made harmless for spreadsheets, see `formula`.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import tzinfo

from armguard_tray.export.closing import closing_lines
from armguard_tray.export.columns import STATEMENT_AS, TEXTS, TITLES, Value, values
from armguard_tray.export.contents import Rows
from armguard_tray.export.formula import harmless
from armguard_tray.export.row import Row
from armguard_tray.export.statement import Statement, lines
from armguard_tray.export.target import Target

_WHAT, _TEXT, _DETAIL = (TITLES.index(title) for title in ("What", "Text", "Detail"))
_ABOUT_TEXTS = (
    "About texts",
    "An apostrophe stands before what a spreadsheet could take for a formula, and before an apostrophe.",
)


class CsvWriter:
    """Writes CSV.

    Attributes:
        rounds: as `contents.Writer`.

    """

    rounds = 1

    def write(self, statement: Statement, rows: Rows, zone: tzinfo, target: Target) -> None:
        """Write headings, rows and statement."""
        target.stream.write(("\ufeff" + as_csv([TITLES])).encode())
        for piece in rows:
            target.stream.write(as_csv(map(_cells, piece.rows)).encode())
        said = [*lines(statement, zone), _ABOUT_TEXTS, *closing_lines(rows.digest)]
        target.stream.write(as_csv(_statement_line(label, text) for label, text in said).encode())


def as_csv(table: Iterable[Sequence[Value]]) -> str:
    """Return lines of CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(table)
    return text.getvalue()


def _cells(row: Row) -> list[Value]:
    cells = list(values(row))
    cells[TEXTS] = [harmless(each) if isinstance(each, str) else each for each in cells[TEXTS]]
    return cells


def _statement_line(label: str, text: str) -> list[str]:
    line = [""] * len(TITLES)
    line[_WHAT], line[_TEXT], line[_DETAIL] = STATEMENT_AS, harmless(label), harmless(text)
    return line
