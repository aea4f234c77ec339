"""PURE: a document as a page of HTML for the screen, and as plain text for the clipboard."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
"""Rows of a table on the screen: what is more is for paper."""
_AT_ONCE: Final = 25
"""Rows that Qt sets in a moment, some 15 ms; it sets the whole of a table again for each of its pieces."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a page, which Qt takes in a moment.

    Attributes:
        html: what it is.
        goes_on: whether it is a table that goes on with the one before it, without room between them.

    """

    html: str
    goes_on: bool = False


def as_html(document: Document) -> list[Piece]:
    """Return a page in pieces. Long tables are cut, and say so.

    All text in it is shown as it stands.
    """
    pieces: list[Piece] = []
    begun = ""
    for block in document.blocks:
        if not isinstance(block, Table):
            begun += "".join(_html(block))
            continue
        for place, html in enumerate(_tables(block)):
            pieces.append(Piece(begun + html, goes_on=place > 0))
            begun = ""
        begun += _after(block)
    return [*pieces, Piece(begun)]


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
        case _:
            pass  # nobody signs a screen, and tables are pieces


def _facts(lines: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><td width="150">{escape(label)}</td><td><b>{escape(text)}</b></td></tr>'
        for label, text in lines
    )
    return f'<table cellpadding="2">{rows}</table>'


def _tables(table: Table) -> Iterator[str]:
    """Yield the table in portions of its rows; they stand below each other as one."""
    whole = sum(column.share for column in table.columns)
    shares = [column.share / whole for column in table.columns]
    heads = "".join(map(_head, table.columns, shares))
    right = [column.right for column in table.columns]
    rows = list(table.rows())[:MOST_ROWS]
    for portion in _portions(rows):
        lines = [f"<tr>{''.join(_cells(row, right, shares))}</tr>" for row in portion]
        head = f"<tr>{heads}</tr>" if portion[0] is rows[0] else ""
        yield f'<table width="100%" cellpadding="3" cellspacing="0">{head}{"".join(lines)}</table>'


def _portions(rows: Sequence[TableRow]) -> Iterator[list[TableRow]]:
    """Yield the rows; each portion begins with one that has all its cells, which tell how wide they are."""
    portion: list[TableRow] = []
    for row in rows:
        if len(portion) >= _AT_ONCE and not row.across:
            yield portion
            portion = []
        portion.append(row)
    if portion:
        yield portion


def _after(table: Table) -> str:
    count = sum(1 for _ in table.rows())
    if not count:
        return f"<p>{escape(table.empty)}</p>"
    left = count - MOST_ROWS
    if left <= 0:
        return _EMPTY_LINE
    where = "On paper, in the PDF and in what is copied, all are there."
    return f"{_EMPTY_LINE}<p><b>… and {left:,} more. {where}</b></p>"


def _head(column: Column, share: float) -> str:
    return f'<th align="{_side(column.right)}" width="{share:.0%}">{escape(column.title)}</th>'


def _cells(row: TableRow, right: Sequence[bool], shares: Sequence[float]) -> Iterator[str]:
    across = row.across or [1] * len(row.cells)
    at_right = right if len(row.cells) == len(right) else [False] * len(row.cells)
    widths = [f' width="{share:.0%}"' for share in shares] if not row.across else [""] * len(row.cells)
    for text, span, is_right, width in zip(row.cells, across, at_right, widths, strict=True):
        said = f"<b>{escape(text)}</b>" if row.stands_out else escape(text)
        yield f'<td align="{_side(is_right)}" colspan="{span}"{width}>{said}</td>'


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
