"""PURE: rows as text to paste: lines to read, or a table for a spreadsheet.

What a cell says comes from the server. A spreadsheet takes what begins with one of a few signs for a formula
and would carry it out (https://owasp.org/www-community/attacks/CSV_Injection); an apostrophe goes before it.
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


def as_lines(rows: Iterable[ShownRow], columns: Sequence[Column]) -> str:
    """Return a line to read for each row; what is not said is left out."""
    lines = (
        " · ".join(text for column in columns if (text := row.texts[column]) not in {"", NOTHING})
        for row in rows
    )
    return "\n".join(map(harmless, lines))


def as_tabs(rows: Iterable[ShownRow], columns: Sequence[Column]) -> str:
    """Return headings and rows, their cells apart by tabs."""
    return "\n".join("\t".join(line) for line in _table(rows, columns))


def as_html(rows: Iterable[ShownRow], columns: Sequence[Column]) -> str:
    """Return headings and rows as a table in HTML."""
    headings, *lines = _table(rows, columns)
    head = "".join(f"<th>{escape(text)}</th>" for text in headings)
    body = "".join(
        f"<tr>{''.join(f'<td{_AS_TEXT}>{escape(text)}</td>' for text in line)}</tr>" for line in lines
    )
    return f'<meta charset="utf-8"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _table(rows: Iterable[ShownRow], columns: Sequence[Column]) -> list[list[str]]:
    headings = [SPECS[column].title for column in columns]
    return [headings, *([harmless(row.texts[column]) for column in columns] for row in rows)]
