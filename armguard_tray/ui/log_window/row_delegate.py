"""How a row of the log is drawn.

It draws the texts itself instead of asking the model for each of seven roles a cell: with room at both sides,
numbers apart from the next column, and what is only to be read across the columns it would else be cut to.
A gap is hatched as long as something of it is missing. What a warning or an error is, is bold.
"""

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from armguard_tray.messages.attention import ALARMING
from armguard_tray.messages.event import Category
from armguard_tray.ui.gap_words import is_closed_gap
from armguard_tray.ui.models.event_columns import NUMBERS, Column
from armguard_tray.ui.models.event_table import EventTable
from armguard_tray.ui.wording import AS_IT_SHOULD_BE, NOTHING

PADDING: Final = 7
_NUMBER_GAP = 14
# Eliding lays out the whole text, and text can be made dear to lay out.
_MAX_CELL = 120
_MAX_WIDE = 240

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ELIDE = Qt.TextElideMode.ElideRight
_PANEL = QStyle.PrimitiveElement.PE_PanelItemViewItem
# Plain numbers: an operation on Python's flags costs as much as drawing a word.
_SELECTED = QStyle.StateFlag.State_Selected.value
_ACTIVE = QStyle.StateFlag.State_Active.value
_TOLD_APART = _SELECTED | QStyle.StateFlag.State_MouseOver.value
_QUIET = AS_IT_SHOULD_BE | {NOTHING}
# Seen on white and on black alike, and pale enough to read what stands on it.
_TINT = QColor(0xE0, 0x9B, 0x1A, 26)
_HATCHING = QBrush(QColor(0xE0, 0x9B, 0x1A, 64), Qt.BrushStyle.BDiagPattern)


class RowDelegate(QStyledItemDelegate):
    """Draws cells of an `EventTable`; what says nothing out of the ordinary is drawn quietly."""

    def __init__(self, view: QTableView, table: EventTable) -> None:
        """Draw rows of `table` in `view`."""
        super().__init__(view)
        self._view = view
        self._table = table
        self._pens: dict[tuple[int, bool], QPen] = {}

    def forget_colours(self) -> None:
        """Take the palette's colours anew, as it has changed."""
        self._pens.clear()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one cell; of a text that goes across several, the part that falls into this one."""
        state = option.state.value
        if state & _TOLD_APART:  # the view itself draws the ground of all others
            self._view.style().drawPrimitive(_PANEL, option, painter, self._view)
        row, column = index.row(), index.column()
        wide = self._table.across_at(row)
        event = self._table.stored_at(row).event
        closed = event.category is Category.GAP and is_closed_gap(event)
        if event.category is Category.GAP and not (closed or state & _SELECTED):
            painter.fillRect(option.rect, _TINT)
            painter.fillRect(option.rect, _HATCHING)
        if wide is not None and wide[0] <= column <= Column.BY:
            painter.setPen(self._pen(option, state, quiet=closed))
            self._draw_part(painter, option, column, *wide)
            return
        text = self._table.texts_at(row)[column]
        if not text:
            return
        painter.setPen(self._pen(option, state, quiet=closed or text in _QUIET))
        if column == Column.WHAT and event.level in ALARMING:
            self._draw_bold(painter, option, text)
            return
        if column in NUMBERS:
            room = option.rect.adjusted(0, 0, -_NUMBER_GAP, 0)
            painter.drawText(room, _RIGHT, _elided(option, text, _MAX_CELL, room.width()))
            return
        room = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        painter.drawText(room, _LEFT, _elided(option, text, _MAX_CELL, room.width()))

    def _draw_bold(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        bold = bold_of(option.font)
        room = option.rect.adjusted(PADDING, 0, -PADDING, 0)
        painter.save()
        painter.setFont(bold)
        painter.drawText(room, _LEFT, QFontMetrics(bold).elidedText(text, _ELIDE, room.width()))
        painter.restore()

    def _draw_part(
        self, painter: QPainter, option: QStyleOptionViewItem, column: int, first: int, text: str
    ) -> None:
        width = self._view.columnWidth
        cell = option.rect
        left = cell.left() - sum(map(width, range(first, column)))
        room = QRect(left, cell.top(), sum(map(width, range(first, Column.BY + 1))), cell.height())
        room.adjust(PADDING, 0, -PADDING, 0)
        painter.save()
        painter.setClipRect(cell)
        painter.drawText(room, _LEFT, _elided(option, text, _MAX_WIDE, room.width()))
        painter.restore()

    def _pen(self, option: QStyleOptionViewItem, state: int, *, quiet: bool) -> QPen:
        key = state & (_ACTIVE | _SELECTED), quiet
        pen = self._pens.get(key)
        if pen is None:
            group = QPalette.ColorGroup.Active if state & _ACTIVE else QPalette.ColorGroup.Inactive
            if state & _SELECTED:
                role = QPalette.ColorRole.HighlightedText
            else:
                role = QPalette.ColorRole.PlaceholderText if quiet else QPalette.ColorRole.Text
            pen = self._pens[key] = QPen(option.palette.color(group, role))
        return pen


def bold_of(font: QFont) -> QFont:
    """Return the same font in bold."""
    bold = QFont(font)
    bold.setBold(True)
    return bold


def _elided(option: QStyleOptionViewItem, text: str, most: int, width: int) -> str:
    if len(text) > most:
        text = text[: most - 1] + "…"
    return option.fontMetrics.elidedText(text, _ELIDE, width)
