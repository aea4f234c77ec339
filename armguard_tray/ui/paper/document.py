"""PURE: what is put on paper: headings, paragraphs and tables of plain text, one below the other.

A table's rows are asked for as they are needed, and twice: once to count the pages, once to paint them. So a
table of a million rows is never in memory.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; what follows it is on the same page.

    Attributes:
        text: what it says.
        level: 1 is the document's title, 2 a part's.

    """

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text, wrapped at the width of the page."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and texts in two columns, without lines."""

    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading.
        share: how much of the width it has, against the others.
        right: whether it is set at the right, as numbers are.

    """

    title: str
    share: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table.

    Attributes:
        cells: the texts, from the left. Each is wrapped in its room; nothing is cut off.
        across: over how many columns each of them reaches; empty: over one each.
        stands_out: whether it is set apart, such as a gap; it is shaded, so what it is must be said in words.

    """

    cells: Sequence[str]
    across: Sequence[int] = ()
    stands_out: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table, with its headings again on each page.

    Attributes:
        columns: from the left.
        rows: returns the rows, in the same order each time.
        empty: what is said where there is no row.

    """

    columns: Sequence[Column]
    rows: Callable[[], Iterable[TableRow]]
    empty: str = "There is none."


@dataclass(frozen=True, slots=True)
class Late:
    """Facts that are known only once all before them was gone through, such as a digest.

    Attributes:
        lines: returns them.

    """

    lines: Callable[[], Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, side by side and all on one page; under each stands who is to sign there."""

    labels: Sequence[str]


Block = Heading | Paragraph | Facts | Table | Late | Signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document.

    Attributes:
        title: stands at the foot of each page, and is what the file says of itself.
        note: stands there, too: when it was made, say.
        blocks: from the top.
        landscape: whether the pages lie on their long side.

    """

    title: str
    note: str = ""
    blocks: Sequence[Block] = field(default=())
    landscape: bool = True
