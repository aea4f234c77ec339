"""The table on screen: it stays where the reader is, and follows the newest rows while that is the top."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from armguard_tray.ui.log_window.column_widths import share
from armguard_tray.ui.log_window.row_delegate import PADDING, RowDelegate, bold_of
from armguard_tray.ui.models.event_columns import SPECS, Column
from armguard_tray.ui.models.event_table import EVENT_ROLE, PAGE, EventTable

# Below this many rows from the end the next page is fetched, so that scrolling does not run into a wall.
_FETCH_AHEAD = PAGE // 2
_HEADER_LOOKS = f"QHeaderView::section {{ padding: 4px {PADDING}px; }}"
_FOCUSED, _UNFOCUSED = QPalette.ColorRole.Highlight, QPalette.ColorRole.Base


class EventView(QTableView):
    """Shows an `EventTable`.

    Signals:
        picked(StoredEvent): the reader selected a row.
        left(): the reader pressed Esc.
        activatedEvent(StoredEvent): the reader pressed Enter on a row, or double-clicked it.
        placeChanged(): the reader moved, or how many unseen rows are above changed.

    """

    picked = Signal(object)
    left = Signal()
    activatedEvent = Signal(object)
    placeChanged = Signal()

    def __init__(self, table: EventTable, parent: QWidget | None = None) -> None:
        """Show `table`."""
        super().__init__(parent)
        self._table = table
        self._unseen_above = 0
        self._place_after: int | None = None
        self._chosen: dict[Column, int] = {}
        self._is_sharing = False
        self._set_looks()
        self._set_columns()
        self.setModel(table)
        self._share_width()
        self.horizontalHeader().sectionResized.connect(self._section_resized)
        self.verticalScrollBar().valueChanged.connect(self._moved)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self.activated.connect(lambda index: self.activatedEvent.emit(index.data(EVENT_ROLE)))
        # Connected after setModel, so that header and scroll bar have heard of the change first.
        table.rowsInserted.connect(self._rows_inserted)
        table.rowsAboutToBeRemoved.connect(self._rows_leaving)
        table.rowsRemoved.connect(self._rows_removed)
        table.caughtUp.connect(self._caught_up)
        table.modelReset.connect(self._model_reset)
        table.aboveChanged.connect(self.placeChanged)

    @property
    def at_top(self) -> bool:
        """Whether the first row of the table is on screen."""
        return self.verticalScrollBar().value() == 0

    @property
    def unseen(self) -> int:
        """How many rows came in above what the reader has seen."""
        return self._table.held + self._unseen_above

    @property
    def newest_shown(self) -> int | None:
        """The row up to which all is listed, where the reader has the top before the eyes.

        The row at the top need not be the newest: what was caught up stands further down.
        """
        if not self.at_top or self._table.more_above or not self._table.rowCount():
            return None
        return self._table.newest_row

    def jump_to_newest(self) -> None:
        """Go to the top, where the newest rows are."""
        if self._table.more_above:
            self._table.load_newest()
        else:
            self.scrollToTop()

    def reveal(self, place: int) -> None:
        """Bring the row at `place` of the table into view and select it."""
        index = self._table.index(place, 0)
        self.selectRow(place)
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def copy(self) -> None:
        """Put the selected row on the clipboard, its cells apart by tabs."""
        if self.currentIndex().isValid():
            QGuiApplication.clipboard().setText("\t".join(self._table.texts_at(self.currentIndex().row())))

    # Looks

    def _set_looks(self) -> None:
        self._delegate = RowDelegate(self, self._table)
        self.setItemDelegate(self._delegate)
        font = QFont(self.font())
        # One width for all digits, so that times and numbers stand in columns.
        font.setFeature(QFont.Tag("tnum"), 1)
        self.setFont(font)
        self.setAccessibleName("Events, newest first")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        # The frame shows whether the keyboard is here; Qt draws a plain one in the foreground's colour.
        self.setFrameStyle(QTableView.Shape.Box.value | QTableView.Shadow.Plain.value)
        self.setLineWidth(2)
        self.setForegroundRole(_UNFOCUSED)

    def _set_columns(self) -> None:
        # Hidden: trimming rows of a large table takes seconds with it. Fixed: no row is ever measured.
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 11)
        columns = self.horizontalHeader()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        columns.setStretchLastSection(True)
        columns.setHighlightSections(False)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setStyleSheet(_HEADER_LOOKS)

    @property
    def chosen_widths(self) -> dict[Column, int]:
        """The widths that the reader chose, px; the other columns share what is left."""
        return dict(self._chosen)

    def choose_widths(self, widths: Mapping[Column, int]) -> None:
        """Take these widths as chosen by the reader."""
        self._chosen = dict(widths)
        self._share_width()

    def _section_resized(self, section: int, _before: int, width: int) -> None:
        # The last one takes what the others leave.
        if not self._is_sharing and section != Column.CAME:
            self._chosen[Column(section)] = width
            self._share_width()

    def _share_width(self) -> None:
        usual, least = {}, {}
        for column, spec in SPECS.items():
            usual[column] = self._width_of(column, spec.sample) + PADDING
            least[column] = self._width_of(column, spec.least or spec.sample) + 1
        widths = share(usual | self._chosen, least, self._chosen, self.viewport().width())
        self._is_sharing = True
        for column, width in widths.items():
            self.horizontalHeader().resizeSection(column, width)
        self._is_sharing = False

    def _width_of(self, column: Column, text: str) -> int:
        metrics = QFontMetrics(bold_of(self.font())) if column is Column.WHAT else self.fontMetrics()
        return metrics.horizontalAdvance(text) + 2 * PADDING

    # The reader's place

    def _moved(self, value: int) -> None:
        self._unseen_above = min(self._unseen_above, value)
        self._table.following = value == 0
        if value == 0:
            self._table.catch_up()
        elif value > self.verticalScrollBar().maximum() - _FETCH_AHEAD:
            self._table.fetchMore()
        self.placeChanged.emit()

    def _rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        place = self.verticalScrollBar().value()
        if first <= place and place > 0:
            self._shift(place, last - first + 1)

    def _caught_up(self, count: int) -> None:
        # The reader came to the top of what was loaded: go on from there, rather than leap to the newest.
        if self.at_top and count:
            self._shift(0, count)

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
        # Nothing is chosen: else Qt chooses the first row once the keyboard comes here, and details open.
        self.setCurrentIndex(QModelIndex())
        self._unseen_above = 0
        self.scrollToTop()
        self._table.following = True

    def _current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self.picked.emit(current.data(EVENT_ROLE))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Esc leave the row, and copy the whole of it."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is here."""
        super().focusInEvent(event)
        self.setForegroundRole(_FOCUSED)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard has left."""
        super().focusOutEvent(event)
        self.setForegroundRole(_UNFOCUSED)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's colours."""
        if event.type() is QEvent.Type.PaletteChange:
            self._delegate.forget_colours()
            # What has a style sheet keeps the colours that it had when it got it.
            self.horizontalHeader().setStyleSheet(_HEADER_LOOKS)
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width; keep the selected row in sight when the details open below it."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._share_width()
        current = self.currentIndex()
        if current.isValid() and event.size().height() < event.oldSize().height():
            self.scrollTo(current)
