"""The board on screen: rows to walk along, to copy, and to ask for their history."""

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from armguard_tray.ui.board.board_table import ROW_ROLE, BoardTable
from armguard_tray.ui.board.column_widths import share
from armguard_tray.ui.board.columns import SPECS, Column, Row
from armguard_tray.ui.row_table import RowTable

_PADDING: Final = 7
_HEADER_LOOKS: Final = f"QHeaderView::section {{ padding: 4px {_PADDING}px; }}"
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class BoardView(RowTable):
    """Shows a `BoardTable`.

    Attributes:
        hidden: the columns that there is no room for.

    Signals:
        itemWanted(str): the reader wants the whole history of this item.
        personWanted(str): the reader wants the whole history of this person.
        moved(): the reader is in another row, or other columns of it are hidden.

    """

    itemWanted = Signal(str)
    personWanted = Signal(str)
    moved = Signal()

    def __init__(self, table: BoardTable, parent: QWidget | None = None) -> None:
        """Show `table`."""
        super().__init__(parent)
        self._table = table
        self.hidden: tuple[Column, ...] = ()
        self._set_font()
        self.setItemDelegate(_CellDelegate(self))
        self._set_looks("What is out, overdue first")
        self.setModel(table)
        self._set_columns()
        self.doubleClicked.connect(self._open)
        self.selectionModel().currentRowChanged.connect(self.moved)

    @property
    def current(self) -> Row | None:
        """The row that the reader is in; None: in none."""
        index = self.currentIndex()
        return self._table.row_at(index.row()) if index.isValid() else None

    def copy(self) -> None:
        """Put the selected rows on the clipboard, as a table."""
        places = sorted({index.row() for index in self.selectionModel().selectedRows()})
        if places:
            QGuiApplication.clipboard().setText(self._table.texts(places))

    def enter(self) -> None:
        """Take the keyboard; the first row is chosen if none is."""
        if not self.selectionModel().hasSelection() and self._table.rowCount():
            self.selectRow(0)
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def menu_for(self, row: Row) -> QMenu:
        """Return what can be done with a row; the caller shows it."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        item, holder = row.holding.item, row.holding.holder
        menu.addAction(f"History of &item {_as_it_stands(item)}", lambda: self.itemWanted.emit(item))
        if holder is not None:
            menu.addAction(
                f"History of &person {_as_it_stands(holder)}", lambda: self.personWanted.emit(holder)
            )
        menu.addSeparator()
        menu.addAction("&Copy", QKeySequence.StandardKey.Copy, self.copy)
        return menu

    def _open(self, index: QModelIndex) -> None:
        """Ask for the history of what stands in a cell: a person, else the item of its row."""
        if not index.isValid():
            return
        holding = self._table.row_at(index.row()).holding
        if index.column() == Column.HOLDER and holding.holder is not None:
            self.personWanted.emit(holding.holder)
        else:
            self.itemWanted.emit(holding.item)

    # Looks

    def _set_columns(self) -> None:
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setSectionsMovable(False)
        columns.setDefaultAlignment(_LEFT)
        columns.setStyleSheet(_HEADER_LOOKS)
        self._share_width()

    def _share_width(self) -> None:
        """Show the columns that there is room for, in the widths that it allows."""
        wanted = {column: self._width_of(spec.sample) for column, spec in SPECS.items()}
        least = {column: self._width_of(spec.least) for column, spec in SPECS.items()}
        widths = share(wanted, least, self.viewport().width())
        hidden = tuple(column for column in Column if column not in widths)
        for column in Column:
            self.setColumnHidden(column, column in hidden)
        for column, width in widths.items():
            self.horizontalHeader().resizeSection(column, width)
        if hidden != self.hidden:
            self.hidden = hidden
            self.moved.emit()

    def _width_of(self, text: str) -> int:
        bold = QFont(self.font())
        bold.setBold(True)
        # Signs come from other fonts, some of them wider than they say.
        return QFontMetrics(bold).horizontalAdvance(text) + 2 * _PADDING + 4

    # What Qt tells

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter ask for the history, and copy take whole rows."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._open(self.currentIndex())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the row under the mouse, or with the current one."""
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        if not index.isValid():
            return
        place: QPoint = event.globalPos()
        if not by_mouse:
            place = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
        self.menu_for(self._table.row_at(index.row())).popup(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._share_width()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's colours."""
        if event.type() is QEvent.Type.PaletteChange:
            # What has a style sheet keeps the colours that it had when it got it.
            self.horizontalHeader().setStyleSheet(_HEADER_LOOKS)
        super().changeEvent(event)


class _CellDelegate(QStyledItemDelegate):
    """Draws a cell with room at both sides of its text."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        cell = QStyleOptionViewItem(option)
        self.initStyleOption(cell, index)
        text, cell.text = cell.text, ""
        style = cell.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, cell, painter, cell.widget)
        is_selected = bool(cell.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if is_selected else QPalette.ColorRole.Text
        room = cell.rect.adjusted(_PADDING, 0, -_PADDING, 0)
        painter.save()
        painter.setFont(cell.font)
        painter.setPen(cell.palette.color(_group_of(cell), role))
        metrics = QFontMetrics(cell.font)
        if metrics.horizontalAdvance(text) > room.width():
            text = index.data(ROW_ROLE).brief[index.column()]
        elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _LEFT, elided)
        painter.restore()


def _group_of(cell: QStyleOptionViewItem) -> QPalette.ColorGroup:
    is_active = bool(cell.state & QStyle.StateFlag.State_Active)
    return QPalette.ColorGroup.Active if is_active else QPalette.ColorGroup.Inactive


def _as_it_stands(text: str) -> str:
    """Return a menu's text in which no ampersand is an access key."""
    return text.replace("&", "&&")
