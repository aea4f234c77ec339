"""PURE: rows as text to paste: lines to read, or a table for a spreadsheet.

What a cell says comes from the server. A spreadsheet takes what begins with one of a few signs for a formula
and would carry it out (https://owasp.org/www-community/attacks/CSV_Injection); an apostrophe goes before it.
Ten thousand rows take half a second, so they are added in portions, with other things between.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from armguard_tray.export.formula import harmless
from armguard_tray.ui.models.event_columns import SPECS, Column
from armguard_tray.ui.models.shown_row import ShownRow
from armguard_tray.ui.wording import NOTHING

# To Excel it says that a cell is text, to all others nothing.
_AS_TEXT: Final = " style=\"mso-number-format:'\\@'\""


class Lines:
    """Rows as lines to read; what is not said is left out.

    Attributes:
        html: None: they have no other form.

    """

    html: str | None = None

    def __init__(self, columns: Sequence[Column]) -> None:
        """Have no row yet, of which `columns` will be told."""
        self._columns = columns
        self._lines: list[str] = []

    def add(self, rows: Iterable[ShownRow]) -> None:
        """Put some rows below those before."""
        self._lines += (harmless(self._line(row)) for row in rows)

    def _line(self, row: ShownRow) -> str:
        texts = (row.texts[column] for column in self._columns)
        return " · ".join(text for text in texts if text not in {"", NOTHING})

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self._lines)


class Table:
    """Rows as a table with headings, for a spreadsheet."""

    def __init__(self, columns: Sequence[Column]) -> None:
        """Have no row yet, of which `columns` will be told."""
        self._columns = columns
        headings = [SPECS[column].title for column in columns]
        self._lines = ["\t".join(headings)]
        self._head = "".join(f"<th>{escape(title)}</th>" for title in headings)
        self._body: list[str] = []

    def add(self, rows: Iterable[ShownRow]) -> None:
        """Put some rows below those before."""
        for row in rows:
            cells = [harmless(row.texts[column]) for column in self._columns]
            self._lines.append("\t".join(cells))
            self._body.append(f"<tr>{''.join(f'<td{_AS_TEXT}>{escape(cell)}</td>' for cell in cells)}</tr>")

    @property
    def text(self) -> str:
        """All of it, its cells apart by tabs."""
        return "\n".join(self._lines)

    @property
    def html(self) -> str:
        """All of it as a table in HTML."""
        body = "".join(self._body)
        return (
            f'<meta charset="utf-8"><table><thead><tr>{self._head}</tr></thead><tbody>{body}</tbody></table>'
        )
