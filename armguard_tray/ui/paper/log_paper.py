"""The log on paper: what the file says of itself, the rows as the log shows them, and their digest."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from armguard_tray.export.closing import closing_lines
from armguard_tray.export.contents import Rows
from armguard_tray.export.row import Row, moment_of
from armguard_tray.export.statement import TITLE, Statement, lines, moment_words
from armguard_tray.export.target import Target
from armguard_tray.ui.paper.document import Column, Document, Facts, Heading, Late, Table, TableRow
from armguard_tray.ui.paper.pdf import write_pdf

_COLUMNS: Final = (
    Column("Time", 10.5),
    Column("What", 7),
    Column("No.", 6.5, right=True),
    Column("Item", 12),
    Column("Person", 15),
    Column("Duty", 13),
    Column("Mags", 4.5, right=True),
    Column("Rounds", 5.5, right=True),
    Column("By", 10),
    Column("Came", 8.5),
)
_NUMBERED: Final = {"Issued", "Returned"}
_SENTENCE: Final = (1, 1, 1, 6, 1)
_CHANGE: Final = (1, 1, 1, 1, 5, 1)


class PdfWriter:
    """Writes PDF: see `export.contents.Writer`. A QGuiApplication must be there.

    Attributes:
        rounds: it counts the pages before it paints them.

    """

    rounds = 2

    def write(self, statement: Statement, rows: Rows, zone: tzinfo, target: Target) -> None:
        """Write the pages."""
        write_pdf(log_document(statement, rows, zone), target.stream, creator=statement.program)


def log_document(statement: Statement, rows: Rows, zone: tzinfo) -> Document:
    """Return the log as a document, with times in `zone`."""
    said = [(label, text) for label, text in lines(statement, zone) if label != "Title"]
    return Document(
        title=TITLE,
        note=f"{statement.wanted} · made {moment_words(statement.made, zone)}",
        blocks=(
            Heading(TITLE, 1),
            Facts(said),
            Table(_COLUMNS, lambda: _table_rows(rows), empty="There is no such row."),
            Late(lambda: [*closing_lines(rows.digest)]),
        ),
    )


def _table_rows(rows: Rows) -> Iterator[TableRow]:
    for piece in rows:
        for row in piece.rows:
            yield _table_row(row)


def _table_row(row: Row) -> TableRow:
    told = moment_of(row)
    time = "—" if told is None else f"{told[8:10]}/{told[5:7]}/{told[2:4]} {told[11:19]}"
    begins = (time, row.what, "" if row.number is None else str(row.number))
    if row.what in _NUMBERED:
        facts = (row.item, row.person, row.duty, row.mags, row.rounds, row.issued_by)
        return TableRow((*begins, *("" if each is None else str(each) for each in facts), row.came))
    if row.what == "Status":
        return TableRow((*begins, row.item or "", row.detail, row.came), _CHANGE)
    sentence = f"{row.text} · {row.detail}" if row.detail else row.text
    return TableRow((*begins, sentence, row.came), _SENTENCE, stands_out=row.what == "Gap")
