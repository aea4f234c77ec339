"""PURE: a document as a page of HTML for the screen, and as plain text for the clipboard."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from armguard_tray.export.formula import harmless
from armguard_tray.ui.paper.document import (
    Block,
    Column,
    Document,
    Facts,
    Heading,
    Late,
    Paragraph,
    Signatures,
    Table,
    TableRow,
)

_EMPTY_LINE: Final = '<p style="-qt-paragraph-type:empty"><br/></p>'
"""Begins a piece: the first paragraph of what is put behind something loses the room above it."""
MOST_ROWS: Final = 100
"""Rows of a table on the screen: with more of them Qt would let the window stand still."""


def as_html(document: Document) -> list[str]:
    """Return a page in pieces, each of which Qt takes in a moment. Long tables are cut, and say so.

    All text in it is shown as it stands.
    """
    pieces = [""]
    for block in document.blocks:
        pieces[-1] += "".join(_html(block))
        if isinstance(block, Table):
            pieces.append(_EMPTY_LINE)
    return pieces


def as_text(document: Document) -> str:
    """Return all of it as text; the cells of tables have tabs between them, so that sheets take them.

    No sheet takes one of them for a formula: what they say comes from the server.
    """
    return "\n".join(_text(document)) + "\n"


def _html(block: Block) -> Iterator[str]:
    match block:
        case Heading(text, level):
            yield f"<h{level + 1}>{escape(text)}</h{level + 1}>"
        case Paragraph(text):
            yield f"<p>{escape(text)}</p>"
        case Facts(lines):
            yield _facts(lines)
        case Late(lines_of):
            yield _facts(lines_of())
        case Table():
            yield from _table(block)
        case Signatures():
            pass  # nobody signs a screen


def _facts(lines: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><td width="150">{escape(label)}</td><td><b>{escape(text)}</b></td></tr>'
        for label, text in lines
    )
    return f'<table cellpadding="2">{rows}</table>'


def _table(table: Table) -> Iterator[str]:
    whole = sum(column.share for column in table.columns)
    heads = "".join(_head(column, column.share / whole) for column in table.columns)
    yield f'<table width="100%" cellpadding="3" cellspacing="0"><tr>{heads}</tr>'
    rows = list(table.rows())
    right = [column.right for column in table.columns]
    for row in rows[:MOST_ROWS]:
        yield f"<tr>{''.join(_cells(row, right))}</tr>"
    yield "</table>"
    if len(rows) > MOST_ROWS:
        left = len(rows) - MOST_ROWS
        yield f"<p><b>… and {left:,} more. On paper, in the PDF and in what is copied, all are there.</b></p>"
    if not rows:
        yield f"<p>{escape(table.empty)}</p>"


def _head(column: Column, share: float) -> str:
    return f'<th align="{_side(column.right)}" width="{share:.0%}">{escape(column.title)}</th>'


def _cells(row: TableRow, right: Sequence[bool]) -> Iterator[str]:
    across = row.across or [1] * len(row.cells)
    at_right = right if len(row.cells) == len(right) else [False] * len(row.cells)
    for text, span, is_right in zip(row.cells, across, at_right, strict=True):
        said = f"<b>{escape(text)}</b>" if row.stands_out else escape(text)
        yield f'<td align="{_side(is_right)}" colspan="{span}">{said}</td>'


def _side(is_right: bool) -> str:  # noqa: FBT001 - the column's own answer
    return "right" if is_right else "left"


def _cells_in_a_line(cells: Iterable[str]) -> str:
    return "\t".join(map(harmless, cells))


def _text(document: Document) -> Iterator[str]:
    for block in document.blocks:
        match block:
            case Heading(text, level):
                yield from ([] if level == 1 else [""])
                yield text
            case Paragraph(text):
                yield text
            case Facts(lines):
                yield from map(_cells_in_a_line, lines)
            case Late(lines_of):
                yield from map(_cells_in_a_line, lines_of())
            case Table():
                yield "\t".join(column.title for column in block.columns)
                yield from (_cells_in_a_line(row.cells) for row in block.rows())
            case Signatures():
                pass
