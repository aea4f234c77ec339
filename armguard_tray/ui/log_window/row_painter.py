"""How the rows of the log are drawn.

It draws whole rows by itself: asked cell by cell, as Qt asks a delegate, Python would take three times as
long, and scrolling would stutter. Texts have room at both sides, numbers stand apart from the next column,
and what is only to be read goes across the columns that it would else be cut to. A gap is hatched as long as
something of it is missing. What a warning or an error is, is bold. A row that is being fetched is a few quiet
bars.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyleOptionFocusRect, QStyleOptionViewItem, QTableView

from armguard_tray.ui.models.event_columns import NUMBERS, Column
from armguard_tray.ui.models.event_table import EventTable
from armguard_tray.ui.models.shown_row import ShownRow
from armguard_tray.ui.wording import AS_IT_SHOULD_BE, NOTHING

PADDING: Final = 7
_NUMBER_GAP = 14
# Eliding lays out the whole text, and text can be made dear to lay out.
_MAX_CELL = 120
_MAX_WIDE = 240
_MOST_REMEMBERED = 4000

_ELIDE = Qt.TextElideMode.ElideRight
_PANEL = QStyle.PrimitiveElement.PE_PanelItemViewItem
_FOCUS = QStyle.PrimitiveElement.PE_FrameFocusRect
_State = QStyle.StateFlag
_QUIET = AS_IT_SHOULD_BE | {NOTHING}
# Seen on white and on black alike, and pale enough to read what stands on it.
_TINT = QColor(0xE0, 0x9B, 0x1A, 26)
_HATCHING = QBrush(QColor(0xE0, 0x9B, 0x1A, 64), Qt.BrushStyle.BDiagPattern)
# What is drawn of a row that is being fetched: in which columns, and how much of their width.
_BARS = {Column.TIME: 0.8, Column.WHAT: 0.6, Column.ITEM: 0.7, Column.PERSON: 0.5, Column.DUTY: 0.5}
_BAR_HEIGHT = 6
_BAR_ALPHA = 48


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a column stands.

    Attributes:
        column: which one.
        left: where it begins, px from the beginning of the row.
        width: px.

    """

    column: Column
    left: int
    width: int


@dataclass(frozen=True, slots=True)
class Marks:
    """Which rows are told apart, by their indexes."""

    selected: Collection[int]
    hovered: int
    current: int


@dataclass(frozen=True, slots=True)
class _Colours:
    text: QColor
    quiet: QColor
    selected: QColor


class RowPainter:
    """Draws rows of an `EventTable`; what says nothing out of the ordinary is drawn quietly."""

    def __init__(self, view: QTableView, table: EventTable, cells: Callable[[], Sequence[Cell]]) -> None:
        """Draw rows of `table` in `view`, whose columns stand as `cells` says, from the left."""
        self._view = view
        self._table = table
        self._cells_now = cells
        self._cells: Sequence[Cell] = ()
        self._fitted: dict[tuple[str, int, bool], tuple[str, int]] = {}
        self.forget()

    def forget(self) -> None:
        """Take fonts, and the columns' places and widths, anew, as they have changed."""
        self._cells = self._cells_now()
        self._runs = {first: _run(self._cells, first) for first in Column}
        self._fitted.clear()
        self._plain = QFontMetrics(self._view.font())
        self._bold_font = bold_of(self._view.font())
        self._bold = QFontMetrics(self._bold_font)

    def paint(self, painter: QPainter, rows: range, at: QRect, marks: Marks) -> None:
        """Draw rows, the first of them in the rectangle `at`, and the others below it."""
        palette = self._view.palette()
        group = QPalette.ColorGroup.Active if self._view.isActiveWindow() else QPalette.ColorGroup.Inactive
        role = QPalette.ColorRole
        colours = _Colours(
            palette.color(group, role.Text),
            palette.color(group, role.PlaceholderText),
            palette.color(group, role.HighlightedText),
        )
        alternate = palette.brush(group, role.AlternateBase)
        painter.setFont(self._view.font())
        place = QRect(at)
        for index in rows:
            is_selected = index in marks.selected
            if index % 2:
                painter.fillRect(place, alternate)
            if is_selected or index == marks.hovered:
                self._draw_panel(painter, place, is_selected=is_selected, is_hovered=index == marks.hovered)
            row = self._table.row_at(index)
            if row is None:
                self._draw_bars(painter, place, colours.selected if is_selected else colours.text)
            else:
                self._draw_row(painter, place, row, colours, is_selected=is_selected)
            if index == marks.current and not is_selected:
                self._draw_focus(painter, place)
            place.translate(0, place.height())

    def _draw_panel(self, painter: QPainter, place: QRect, *, is_selected: bool, is_hovered: bool) -> None:
        option = QStyleOptionViewItem()
        option.initFrom(self._view)
        option.rect = place
        option.showDecorationSelected = True
        option.viewItemPosition = QStyleOptionViewItem.ViewItemPosition.OnlyOne
        state = _State.State_Enabled
        if self._view.isActiveWindow():
            state |= _State.State_Active
        if is_selected:
            state |= _State.State_Selected
        if is_hovered:
            state |= _State.State_MouseOver
        option.state = state
        self._view.style().drawPrimitive(_PANEL, option, painter, self._view)

    def _draw_focus(self, painter: QPainter, place: QRect) -> None:
        option = QStyleOptionFocusRect()
        option.initFrom(self._view)
        option.rect = place
        option.state |= _State.State_KeyboardFocusChange
        self._view.style().drawPrimitive(_FOCUS, option, painter, self._view)

    def _draw_bars(self, painter: QPainter, place: QRect, colour: QColor) -> None:
        faint = QColor(colour)
        faint.setAlpha(_BAR_ALPHA)
        top = place.center().y() - _BAR_HEIGHT // 2
        for cell in self._cells:
            if share := _BARS.get(cell.column):
                width = int((cell.width - 2 * PADDING) * share)
                painter.fillRect(place.left() + cell.left + PADDING, top, width, _BAR_HEIGHT, faint)

    def _draw_row(
        self, painter: QPainter, place: QRect, row: ShownRow, colours: _Colours, *, is_selected: bool
    ) -> None:
        if row.is_gap and not (row.is_closed or is_selected):
            painter.fillRect(place, _TINT)
            painter.fillRect(place, _HATCHING)
        left = place.left()
        base = place.top() + (place.height() + self._plain.ascent() - self._plain.descent() + 1) // 2
        usual = colours.selected if is_selected else colours.quiet if row.is_closed else colours.text
        quiet = colours.selected if is_selected else colours.quiet
        painter.setPen(usual)
        is_quiet = False
        first = Column.CAME if row.across is None else row.across[0]
        for cell in self._cells:
            column = cell.column
            text = row.texts[column]
            if not text or first <= column <= Column.BY:
                continue
            if (text in _QUIET) is not is_quiet:
                is_quiet = not is_quiet
                painter.setPen(quiet if is_quiet else usual)
            if column in NUMBERS:
                shown, width = self._fit(text, cell.width - _NUMBER_GAP)
                painter.drawText(left + cell.left + cell.width - _NUMBER_GAP - width, base, shown)
            elif column is Column.WHAT and row.is_alarm:
                painter.setFont(self._bold_font)
                shown, _ = self._fit(text, cell.width - 2 * PADDING, bold=True)
                painter.drawText(left + cell.left + PADDING, base, shown)
                painter.setFont(self._view.font())
            else:
                shown, _ = self._fit(text, cell.width - 2 * PADDING)
                painter.drawText(left + cell.left + PADDING, base, shown)
        if row.across is not None and (run := self._runs[first]) is not None:
            painter.setPen(usual)
            shown = self._plain.elidedText(_cut(row.across[1], _MAX_WIDE), _ELIDE, run.width - 2 * PADDING)
            painter.drawText(left + run.left + PADDING, base, shown)

    def _fit(self, text: str, room: int, *, bold: bool = False) -> tuple[str, int]:
        """Return as much of a text as there is room for, and how wide that is."""
        key = text, room, bold
        fitted = self._fitted.get(key)
        if fitted is None:
            if len(self._fitted) >= _MOST_REMEMBERED:
                self._fitted.clear()
            metrics = self._bold if bold else self._plain
            shown = metrics.elidedText(_cut(text, _MAX_CELL), _ELIDE, room)
            fitted = self._fitted[key] = shown, metrics.horizontalAdvance(shown)
        return fitted


def _run(cells: Sequence[Cell], first: Column) -> Cell | None:
    """Return the room of a text that goes over the columns from `first` up to `BY`.

    Where the reader has put others between, it is the widest room that they have side by side.
    """
    runs: list[Cell] = []
    is_open = False
    for cell in cells:
        belongs = first <= cell.column <= Column.BY
        if belongs and is_open:
            runs[-1] = Cell(runs[-1].column, runs[-1].left, runs[-1].width + cell.width)
        elif belongs:
            runs.append(cell)
        is_open = belongs
    return max(runs, key=lambda run: run.width, default=None)


def bold_of(font: QFont) -> QFont:
    """Return the same font in bold."""
    bold = QFont(font)
    bold.setBold(True)
    return bold


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
