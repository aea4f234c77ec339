"""The headings of the table, by which the reader orders, sizes and chooses its columns."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from armguard_tray.ui.log_window.column_widths import share
from armguard_tray.ui.log_window.columns import USUAL, Columns
from armguard_tray.ui.log_window.row_painter import PADDING, Cell, bold_of
from armguard_tray.ui.models.event_columns import SPECS, Column

_LOOKS = f"QHeaderView::section {{ padding: 4px {PADDING}px; }}"


class ColumnHeader(QHeaderView):
    """Headings that can be drawn to another place or width, with a menu of columns.

    Signals:
        laidOut(): columns have another place or width.
        dialogWanted(): the reader wants to choose columns in a dialog.

    """

    laidOut = Signal()
    dialogWanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        """Stand above the columns of `parent`."""
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._view = parent
        self._columns = USUAL
        self._room = 0
        self._is_arranging = False
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setStretchLastSection(True)
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setStyleSheet(_LOOKS)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self.sectionResized.connect(self._resized)
        self.sectionMoved.connect(self._moved)

    @property
    def columns(self) -> Columns:
        """What the reader chose."""
        return self._columns

    def arrange(self, columns: Columns) -> None:
        """Show these columns."""
        self._columns = columns
        self._is_arranging = True
        for place, column in enumerate(columns.order):
            self.moveSection(self.visualIndex(column), place)
        for column in Column:
            self.setSectionHidden(column, column in columns.hidden)
        self._is_arranging = False
        self.share(self._room)

    def share(self, room: int) -> None:
        """Let the columns share this width, px."""
        self._room = room
        usual, least = {}, {}
        for column in self._columns.shown:
            spec = SPECS[column]
            usual[column] = self._columns.widths.get(column, self._width_of(column, spec.sample) + PADDING)
            least[column] = self._width_of(column, spec.least or spec.sample) + 1
        self._is_arranging = True
        for column, width in share(usual, least, self._columns.widths, room).items():
            self.resizeSection(column, width)
        self._is_arranging = False
        self.laidOut.emit()

    def cells(self) -> list[Cell]:
        """Return where the columns on show stand, from the left."""
        return [
            Cell(column, self.sectionPosition(column), self.sectionSize(column))
            for column in self._columns.shown
        ]

    def menu(self, parent: QWidget) -> QMenu:
        """Return the menu of columns; it is the caller's."""
        menu = QMenu("Colu&mns", parent)
        for column in self._columns.order:
            action = QAction(SPECS[column].title, menu)
            action.setCheckable(True)
            action.setChecked(column not in self._columns.hidden)
            action.setEnabled(self._columns.shown != (column,))
            action.triggered.connect(lambda _=False, each=column: self.arrange(self._columns.toggled(each)))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction("&Order and widths…", self.dialogWanted.emit)
        menu.addAction("&Usual columns", lambda: self.arrange(USUAL))
        return menu

    def _show_menu(self, at: QPoint) -> None:
        menu = self.menu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(at))

    def _resized(self, section: int, _before: int, width: int) -> None:
        # The last one takes what the others leave.
        if not (self._is_arranging or section == self._columns.shown[-1]) and width:
            self._columns = self._columns.sized(Column(section), width)
            self.share(self._room)

    def _moved(self) -> None:
        if not self._is_arranging:
            order = tuple(Column(self.logicalIndex(place)) for place in range(self.count()))
            self._columns = Columns(order, self._columns.hidden, self._columns.widths)
            self.share(self._room)

    def _width_of(self, column: Column, text: str) -> int:
        font = self._view.font()
        metrics = QFontMetrics(bold_of(font) if column is Column.WHAT else font)
        return metrics.horizontalAdvance(text) + 2 * PADDING

    def take_colours(self) -> None:
        """Take the system's colours anew: what has a style sheet keeps those that it had when it got it."""
        self.setStyleSheet(_LOOKS)
