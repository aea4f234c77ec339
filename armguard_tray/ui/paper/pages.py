"""Puts a document on pages: counts them, and paints them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPagedPaintDevice, QPainter, QPen

from armguard_tray.ui.paper.document import (
    Document,
    Facts,
    Heading,
    Late,
    Paragraph,
    Signatures,
    Table,
    TableRow,
)
from armguard_tray.ui.paper.text_lines import Breaker, breaker

_SIZES: Final = {"title": 15.0, "part": 10.5, "text": 8.0, "table": 7.0, "foot": 7.0}  # points
_BOLD: Final = {"title", "part"}
_SHADE: Final = QColor("#e4e4e4")
_INK: Final = QColor("#000000")
_PAD: Final = 3.5  # points, on each side of a cell
_LEADING: Final = 1.12
_LABELS: Final = 120.0
"""Points for the labels of facts."""
_FOOT: Final = 16.0
"""Points at the bottom of each page for its foot."""
_TO_SIGN: Final = 44.0
"""Points above a line on which somebody signs."""
_POINTS: Final = 72.0  # an inch


def paint(document: Document, device: QPagedPaintDevice, *, go_on: Callable[[], None] = lambda: None) -> int:
    """Paint `document` on `device`, which has its page's size, margins and resolution already.

    `go_on` is called before each page, and may raise what ends it. Tables are gone through twice.

    Returns:
        how many pages there are.

    Raises:
        OSError: the device takes nothing.

    """
    layout = _Layout(device)
    counted = _Pages(document, layout, go_on=go_on)
    counted.flow()
    painter = QPainter()
    if not painter.begin(device):
        raise OSError("nothing can be painted there")
    try:
        _Pages(document, layout, go_on=go_on, onto=_Onto(painter, device.newPage, counted.number)).flow()
    finally:
        painter.end()
    return counted.number


@dataclass(frozen=True, slots=True)
class _Onto:
    """What is painted on: with what, how to begin the next page, and how many there will be."""

    painter: QPainter
    next_page: Callable[[], bool]
    pages: int


@dataclass(frozen=True, slots=True)
class _Type:
    """A font, and how high its lines are and where letters stand in them, in the device's units."""

    font: QFont
    metrics: QFontMetricsF
    lines: Breaker

    @property
    def height(self) -> float:
        return self.metrics.lineSpacing() * _LEADING

    @property
    def ascent(self) -> float:
        return self.metrics.ascent() + (self.height - self.metrics.lineSpacing()) / 2


class _Layout:
    """Sizes of one device, in its own units."""

    def __init__(self, device: QPagedPaintDevice) -> None:
        self.unit = device.logicalDpiY() / _POINTS
        self.width, self.height = float(device.width()), float(device.height())
        self.types = {name: self._type(name, device) for name in _SIZES}
        self.bold = self._type("table", device, bold=True)

    def _type(self, name: str, device: QPagedPaintDevice, *, bold: bool = False) -> _Type:
        font = QFont()
        font.setPointSizeF(_SIZES[name])
        font.setBold(bold or name in _BOLD)
        # Who searches a file for "filter" is not to miss the one whose first letters are drawn as one.
        font.setFeature(QFont.Tag("liga"), 0)
        metrics = QFontMetricsF(font, device)
        return _Type(font, metrics, breaker(metrics))

    @property
    def bottom(self) -> float:
        return self.height - _FOOT * self.unit


class _Pages:
    """Goes through a document once, from page to page.

    Attributes:
        number: that of the page that it is at.

    """

    def __init__(
        self, document: Document, layout: _Layout, *, go_on: Callable[[], None], onto: _Onto | None = None
    ) -> None:
        self.number = 0
        self._document = document
        self._layout = layout
        self._go_on = go_on
        self._onto = onto
        self._y = 0.0

    def flow(self) -> None:
        self._begin_page()
        for block in self._document.blocks:
            match block:
                case Heading():
                    self._heading(block)
                case Paragraph(text):
                    self._text(text, self._layout.types["text"])
                case Facts(lines):
                    self._facts(lines)
                case Late(lines_of):
                    self._facts(lines_of())
                case Table():
                    self._table(block)
                case Signatures(labels):
                    self._signatures(labels)

    def _begin_page(self) -> None:
        self._go_on()
        if self._onto is not None and self.number and not self._onto.next_page():
            raise OSError("no further page can be begun")
        self.number += 1
        self._y = 0.0
        self._foot()

    def _room_for(self, height: float) -> bool:
        return self._y + height <= self._layout.bottom

    # Blocks

    def _heading(self, heading: Heading) -> None:
        kind = self._layout.types["title" if heading.level == 1 else "part"]
        gap = kind.height * 0.6 if self._y else 0.0
        # Never alone at the end of a page.
        if not self._room_for(gap + 4 * kind.height):
            self._begin_page()
            gap = 0.0
        self._y += gap
        self._text(heading.text, kind)
        self._y += kind.height * 0.2

    def _text(self, text: str, kind: _Type, left: float = 0.0) -> None:
        for line in kind.lines(text, self._layout.width - left):
            if not self._room_for(kind.height):
                self._begin_page()
            self._draw(left, line, kind)
            self._y += kind.height

    def _facts(self, lines: Sequence[tuple[str, str]]) -> None:
        kind, labels = self._layout.types["text"], _LABELS * self._layout.unit
        for label, text in lines:
            if not self._room_for(kind.height):
                self._begin_page()
            self._draw(0.0, label, kind)
            self._text(text, kind, labels)
            self._y += kind.height * 0.15

    def _table(self, table: Table) -> None:
        self._y += self._layout.types["table"].height * 0.5
        edges = _edges([column.share for column in table.columns], self._layout.width)
        titles = TableRow([column.title for column in table.columns])
        right = [column.right for column in table.columns]

        def begin(kind: _Type) -> None:
            self._row(titles, edges, right, kind, begin=lambda: None)
            self._line()
            self._y += self._layout.unit

        head = self._layout.bold
        if not self._room_for(3 * head.height):
            self._begin_page()
        begin(head)
        any_row = False
        for row in table.rows():
            any_row = True
            self._row(row, edges, right, self._layout.types["table"], begin=lambda: begin(head))
        if not any_row:
            self._text(table.empty, self._layout.types["text"])
        self._y += self._layout.types["table"].height

    def _signatures(self, labels: Sequence[str]) -> None:
        kind, room = self._layout.types["text"], _TO_SIGN * self._layout.unit
        if not self._room_for(room + 2 * kind.height):
            self._begin_page()
        self._y += room
        edges = _edges([1.0] * len(labels), self._layout.width)
        between = 4 * _PAD * self._layout.unit
        for label, (start, end) in zip(labels, pairwise(edges), strict=True):
            self._line(start=start, end=end - between)
            self._draw(start, label, kind)
        self._y += 2 * kind.height

    def _row(
        self,
        row: TableRow,
        edges: Sequence[float],
        right: Sequence[bool],
        kind: _Type,
        *,
        begin: Callable[[], None],
    ) -> None:
        pad = _PAD * self._layout.unit
        places = _places(row, edges)
        cells = [
            kind.lines(text, end - start - 2 * pad)
            for text, (start, end) in zip(row.cells, places, strict=True)
        ]
        count = max(map(len, cells))
        height = count * kind.height
        if not self._room_for(height) and height < self._layout.bottom / 2:
            self._begin_page()
            begin()
        for number in range(count):
            if not self._room_for(kind.height):  # a row that is higher than half a page goes on
                self._begin_page()
                begin()
            if row.stands_out:
                self._shade(kind.height)
            for column, (lines, (start, end)) in enumerate(zip(cells, places, strict=True)):
                if number < len(lines):
                    at_right = right[column] and len(row.cells) == len(edges) - 1
                    self._cell(lines[number], start + pad, end - pad, kind, at_right=at_right)
            self._y += kind.height

    # What is painted, if it is

    def _cell(self, text: str, start: float, end: float, kind: _Type, *, at_right: bool) -> None:
        if self._onto is not None and text:
            self._draw(end - kind.metrics.horizontalAdvance(text) if at_right else start, text, kind)

    def _draw(self, x: float, text: str, kind: _Type, y: float | None = None) -> None:
        if self._onto is None:
            return
        painter = self._onto.painter
        painter.setFont(kind.font)
        painter.setPen(_INK)
        painter.drawText(QPointF(x, (self._y if y is None else y) + kind.ascent), text)

    def _line(self, y: float | None = None, *, start: float = 0.0, end: float | None = None) -> None:
        if self._onto is None:
            return
        at = self._y if y is None else y
        self._onto.painter.setPen(QPen(_INK, 0.5 * self._layout.unit))
        self._onto.painter.drawLine(
            QPointF(start, at), QPointF(self._layout.width if end is None else end, at)
        )

    def _shade(self, height: float) -> None:
        if self._onto is not None:
            self._onto.painter.fillRect(QRectF(0.0, self._y, self._layout.width, height), _SHADE)

    def _foot(self) -> None:
        if self._onto is None:
            return
        kind, y = self._layout.types["foot"], self._layout.height - self._layout.types["foot"].height
        said = " · ".join(part for part in (self._document.title, self._document.note) if part)
        page = f"page {self.number:,} of {self._onto.pages:,}"
        width = kind.metrics.horizontalAdvance(page)
        room = self._layout.width - width - 4 * _PAD * self._layout.unit
        self._line(y - _PAD * self._layout.unit)
        self._draw(0.0, kind.metrics.elidedText(said, Qt.TextElideMode.ElideRight, room), kind, y)
        self._draw(self._layout.width - width, page, kind, y)


def _edges(shares: Sequence[float], width: float) -> list[float]:
    """Return where columns of these shares begin and end."""
    whole = sum(shares)
    return [width * each / whole for each in accumulate(shares, initial=0.0)]


def _places(row: TableRow, edges: Sequence[float]) -> list[tuple[float, float]]:
    """Return from where to where each cell reaches."""
    across: Iterable[int] = row.across or [1] * len(row.cells)
    return [(edges[first], edges[last]) for first, last in pairwise(accumulate(across, initial=0))]
