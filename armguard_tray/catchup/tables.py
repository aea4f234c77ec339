"""PURE: the tables of a web page as their cells' text, however hostile or broken the page is."""

from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser

MOST_TEXT = 2000
"""Characters kept of a cell: more than is ever shown of one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        main: its text, without that in `<small>`; blanks are single.
        small: the text in `<small>`.

    """

    main: str
    small: str = ""

    @property
    def text(self) -> str:
        """All of its text."""
        return f"{self.main} {self.small}".strip()


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its rows, headers among them, and whether its end is on the page."""

    rows: tuple[Row, ...]
    whole: bool


def tables_of(page: str) -> tuple[Table, ...]:
    """Return the tables of `page`, those inside others too. Never raises."""
    reader = _Reader()
    # The parser says so of a declaration that it does not know, such as "<![x[", and reads no further
    # (https://github.com/python/cpython/issues/77057).
    with suppress(AssertionError):
        # No close(): it only makes text of a construct without an end, at a cost that grows with the square
        # of the page (73 s for 256 KB of "<!--").
        reader.feed(page)
    return reader.tables


@dataclass
class _OpenCell:
    main: list[str] = field(default_factory=list)
    small: list[str] = field(default_factory=list)
    size: int = 0

    def take(self, text: str, *, small: bool) -> None:
        text = text[: MOST_TEXT - self.size]
        self.size += len(text)
        (self.small if small else self.main).append(text)

    @property
    def cell(self) -> Cell:
        return Cell(_single_blanks(self.main), _single_blanks(self.small))


def _single_blanks(parts: list[str]) -> str:
    return " ".join("".join(parts).split())


@dataclass
class _OpenTable:
    rows: list[list[_OpenCell]] = field(default_factory=list)
    in_cell: bool = False
    small: int = 0
    whole: bool = False

    def take_cell(self) -> None:
        if not self.rows:
            self.rows.append([])
        self.rows[-1].append(_OpenCell())
        self.in_cell, self.small = True, 0

    def take_row(self) -> None:
        self.rows.append([])
        self.in_cell = False

    @property
    def table(self) -> Table:
        return Table(tuple(tuple(each.cell for each in row) for row in self.rows if row), self.whole)


class _Reader(HTMLParser):
    """Reads the cells; as in browsers, a cell or row ends where the next begins."""

    def __init__(self) -> None:
        super().__init__()
        self._all: list[_OpenTable] = []
        self._open: list[_OpenTable] = []
        self._unread = 0

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables so far."""
        return tuple(each.table for each in self._all)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _UNREAD:
            self._unread += 1
        if tag == "table":
            self._open.append(_OpenTable())
            self._all.append(self._open[-1])
        if not self._open:
            return
        table = self._open[-1]
        match tag:
            case "tr":
                table.take_row()
            case "td" | "th":
                table.take_cell()
            case "small":
                table.small += 1
            case "br" | "p" | "div" | "li":
                self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        if not self._open:
            return
        table = self._open[-1]
        match tag:
            case "table":
                table.whole = True
                self._open.pop()
            case "tr" | "td" | "th":
                table.in_cell = False
            case "small":
                table.small = max(0, table.small - 1)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].in_cell and not self._unread:
            self._open[-1].rows[-1][-1].take(data, small=self._open[-1].small > 0)


_UNREAD = {"script", "style"}
