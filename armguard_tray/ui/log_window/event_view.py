"""The table on screen: it stays where the reader is, and follows the newest rows while that is the top."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from armguard_tray.messages.event import StoredEvent
from armguard_tray.ui.log_window.column_header import ColumnHeader
from armguard_tray.ui.log_window.columns import Columns
from armguard_tray.ui.log_window.row_painter import Marks, RowPainter
from armguard_tray.ui.models.event_columns import Column
from armguard_tray.ui.models.event_table import PAGE, EventTable
from armguard_tray.ui.row_table import RowTable

_FAR_DOWN = PAGE
"""Rows from the top from which on a button leads back there."""
COPY_AS_TABLE = QKeySequence("Ctrl+Shift+C")
_Move = QAbstractItemView.CursorAction
_Select = QItemSelectionModel.SelectionFlag


class EventView(RowTable):
    """Shows an `EventTable`. Several rows can be selected; one of them is the current one.

    Signals:
        picked(StoredEvent): the reader made another row the current one.
        left(): the reader pressed Esc.
        activatedEvent(StoredEvent): the reader pressed Enter on a row, or double-clicked it.
        placeChanged(): the reader moved, or how many unseen rows are above changed.
        copyWanted(bool): the selected rows are to be copied; True: as a table.
        typed(str): the reader typed a letter, as if into the search.
        menuWanted(QPoint): the reader asked what can be done with the rows, at this point of the screen.

    """

    picked = Signal(object)
    left = Signal()
    activatedEvent = Signal(object)
    placeChanged = Signal()
    copyWanted = Signal(bool)
    typed = Signal(str)
    menuWanted = Signal(object)

    def __init__(self, table: EventTable, parent: QWidget | None = None) -> None:
        """Show `table`."""
        super().__init__(parent)
        self._table = table
        self._unseen_above = 0
        self._place_after: int | None = None
        self._awaited: int | None = None  # the place of the current row, while it is being fetched
        self._set_font()
        self.header = ColumnHeader(self)
        self.setHorizontalHeader(self.header)
        self._set_looks("Events, newest first")
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setModel(table)
        self._painter = RowPainter(self, table, self.header.cells)
        self.header.laidOut.connect(self._columns_changed)
        self.header.share(self.viewport().width())
        self.verticalScrollBar().valueChanged.connect(self._moved)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self.activated.connect(self._activated)
        # Connected after setModel, so that header and scroll bar have heard of the change first.
        table.rowsInserted.connect(self._rows_inserted)
        table.rowsAboutToBeRemoved.connect(self._rows_leaving)
        table.rowsRemoved.connect(self._rows_removed)
        table.modelReset.connect(self._model_reset)
        table.filled.connect(self._rows_filled)

    @property
    def at_top(self) -> bool:
        """Whether the first row of the table is on screen."""
        return self.verticalScrollBar().value() == 0

    @property
    def far_down(self) -> bool:
        """Whether the newest row is some screens away."""
        return self.verticalScrollBar().value() >= _FAR_DOWN

    @property
    def unseen(self) -> int:
        """How many rows came in above what the reader has seen."""
        return self._unseen_above

    @property
    def newest_shown(self) -> int | None:
        """The row up to which all is listed, where the reader has the top before the eyes.

        The row at the top need not be the newest: what was caught up stands further down.
        """
        if not self.at_top or self._table.loading or not self._table.rowCount():
            return None
        return self._table.newest_row

    @property
    def current(self) -> StoredEvent | None:
        """The current row; None without one, or while it is being fetched."""
        index = self.currentIndex()
        return self._table.stored_at(index.row()) if index.isValid() else None

    def jump_to_newest(self) -> None:
        """Go to the top, where the newest rows are."""
        self.scrollToTop()

    def reveal(self, index: int) -> None:
        """Bring the row at an index of the table into view, and select it alone."""
        current = self._table.index(index, self._first_column)
        # By itself Qt would look which keys are held down.
        self.selectionModel().setCurrentIndex(current, _Select.ClearAndSelect | _Select.Rows)
        self.scrollTo(current, QAbstractItemView.ScrollHint.PositionAtCenter)

    def selected(self, most: int) -> list[int] | None:
        """Return the places of the selected rows, newest first; None if there are more than `most`."""
        if self.selected_count > most:
            return None
        ranges = sorted(self._selected_ranges(), key=lambda each: each.start)
        return self._table.places_at(index for each in ranges for index in each)

    @property
    def selected_count(self) -> int:
        """How many rows are selected."""
        return sum(map(len, self._selected_ranges()))

    def _selected_ranges(self) -> list[range]:
        # By ranges: a million selected rows would be as many objects.
        ranges = self.selectionModel().selection().toList()
        return [range(each.top(), each.bottom() + 1) for each in ranges]

    # Columns

    @property
    def columns(self) -> Columns:
        """The columns as the reader chose them."""
        return self.header.columns

    @property
    def chosen_widths(self) -> Mapping[Column, int]:
        """The widths that the reader chose, px; the other columns share what is left."""
        return self.header.columns.widths

    def _columns_changed(self) -> None:
        self._painter.forget()
        self.viewport().update()

    @property
    def _first_column(self) -> Column:
        return self.header.columns.shown[0]

    # The reader's place

    def _moved(self, value: int) -> None:
        self._unseen_above = min(self._unseen_above, value)
        self.placeChanged.emit()

    def _rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        place = self.verticalScrollBar().value()
        if first <= place and place > 0:
            self._shift(place, last - first + 1)

    def _shift(self, place: int, count: int) -> None:
        self.updateGeometries()
        self._unseen_above += count
        self.verticalScrollBar().setValue(place + count)

    def _rows_leaving(self, _parent: QModelIndex, first: int, last: int) -> None:
        # Noted now: afterwards Qt may have moved the scroll bar already.
        place = self.verticalScrollBar().value()
        above = max(0, min(last + 1, place) - first)
        self._place_after = place - above if above else None

    def _rows_removed(self) -> None:
        if self._place_after is not None:
            self._shift(self._place_after, 0)
            self._place_after = None

    def _model_reset(self) -> None:
        self._unseen_above = 0
        self.scrollToTop()

    def _current_changed(self, current: QModelIndex) -> None:
        self._awaited = self._table.place_at(current.row()) if current.isValid() else None
        self._tell_what_is_current()

    def _rows_filled(self) -> None:
        if self._awaited is not None:
            self._tell_what_is_current()

    def _tell_what_is_current(self) -> None:
        if (stored := self.current) is not None and stored.place == self._awaited:
            self._awaited = None
            self.picked.emit(stored)

    def _activated(self) -> None:
        if (stored := self.current) is not None:
            self.activatedEvent.emit(stored)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell the table what is shown, so that it has the rows, and draw those that are to be drawn."""
        shown = self._rows_within(0, self.viewport().height() - 1)
        if not shown:
            return
        self._table.attend(shown[0], shown[-1])
        drawn = self._rows_within(event.rect().top(), event.rect().bottom())
        if drawn:
            at = QRect(
                -self.header.offset(),
                self.rowViewportPosition(drawn[0]),
                self.header.length(),
                self.rowHeight(drawn[0]),
            )
            painter = QPainter(self.viewport())
            self._painter.paint(painter, drawn, at, self._marks(drawn))
            painter.end()

    def _rows_within(self, top: int, bottom: int) -> range:
        """Return the rows between two edges of the viewport, px."""
        first, last = self.rowAt(top), self.rowAt(bottom)
        if first < 0:
            return range(0)
        return range(first, (last if last >= 0 else self._table.rowCount() - 1) + 1)

    def _marks(self, rows: range) -> Marks:
        selected: set[int] = set()
        for each in self._selected_ranges():
            selected.update(range(max(each.start, rows.start), min(each.stop, rows.stop)))
        mouse = self.viewport().mapFromGlobal(QCursor.pos())
        hovered = self.rowAt(mouse.y()) if self.viewport().underMouse() else -1
        return Marks(selected, hovered, self.currentIndex().row() if self.hasFocus() else -1)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Let Home and End go to the first and the last row: a row is chosen as a whole."""
        rows = self._table.rowCount()
        if rows and action in {_Move.MoveHome, _Move.MoveEnd}:
            return self._table.index(0 if action is _Move.MoveHome else rows - 1, self._first_column)
        return super().moveCursor(action, modifiers)

    def keyboardSearch(self, search: str) -> None:
        """Hand on what is typed: Qt would look through a million rows for it."""
        if search.strip():
            self.typed.emit(search)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu, beside the current row if that is done by keyboard."""
        at = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard and self.currentIndex().isValid():
            row = self.visualRect(self.currentIndex())
            at = self.viewport().mapToGlobal(row.bottomLeft())
        self.menuWanted.emit(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Esc leave the row, and copy what is selected."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copyWanted.emit(False)
        elif QKeySequence(event.keyCombination()) == COPY_AS_TABLE:
            self.copyWanted.emit(True)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's colours."""
        if event.type() is QEvent.Type.PaletteChange:
            self.header.take_colours()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width; keep the selected row in sight when the details open below it."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.header.share(self.viewport().width())
        current = self.currentIndex()
        if current.isValid() and event.size().height() < event.oldSize().height():
            self.scrollTo(current)
