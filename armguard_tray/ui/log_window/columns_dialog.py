"""A dialog to choose, order and size the columns by keyboard; the table shows each change at once."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.ui.log_window.column_header import ColumnHeader
from armguard_tray.ui.log_window.columns import MAX_WIDTH, USUAL, Columns
from armguard_tray.ui.models.event_columns import SPECS, Column

_COLUMN = Qt.ItemDataRole.UserRole
_LEAST_WIDTH = 20


class ColumnsDialog(QDialog):
    """Lists the columns of a header as they stand from the left."""

    def __init__(self, header: ColumnHeader, parent: QWidget) -> None:
        """Change the columns of `header`."""
        super().__init__(parent)
        self.setWindowTitle("Columns")
        self._header = header
        self.list = QListWidget()
        self.list.setAccessibleName("Columns, from the left; Space shows or hides one")
        self.up_button = _button("Move &up", "Further left in the table (Alt+Up)")
        self.down_button = _button("Move &down", "Further right in the table (Alt+Down)")
        self.width_box = QSpinBox()
        self.width_box.setRange(_LEAST_WIDTH - 1, MAX_WIDTH)
        self.width_box.setSpecialValueText("as there is room")
        self.width_box.setSuffix(" px")
        self.width_box.setSingleStep(10)
        self.width_box.setKeyboardTracking(False)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.usual_button = self.buttons.addButton("&Usual columns", QDialogButtonBox.ButtonRole.ResetRole)
        self._arrange()
        self._fill(header.columns)
        self.list.setCurrentRow(0)
        self.list.itemChanged.connect(self._toggle)
        self.list.currentItemChanged.connect(self._show_width)
        self.up_button.clicked.connect(lambda: self._move(-1))
        self.down_button.clicked.connect(lambda: self._move(1))
        self.width_box.valueChanged.connect(self._resize)
        self.usual_button.clicked.connect(lambda: self._change(USUAL))
        self.buttons.rejected.connect(self.reject)
        QShortcut(QKeySequence("Alt+Up"), self).activated.connect(lambda: self._move(-1))
        QShortcut(QKeySequence("Alt+Down"), self).activated.connect(lambda: self._move(1))
        self.finished.connect(self.deleteLater)

    @property
    def current(self) -> Column:
        """The column that is chosen in the list."""
        return Column(self.list.currentItem().data(_COLUMN))

    def _arrange(self) -> None:
        beside = QVBoxLayout()
        beside.addWidget(self.up_button)
        beside.addWidget(self.down_button)
        beside.addStretch()
        above = QHBoxLayout()
        above.addWidget(self.list, stretch=1)
        above.addLayout(beside)
        form = QFormLayout()
        form.addRow("&Width of this column:", self.width_box)
        column = QVBoxLayout(self)
        column.addLayout(above)
        column.addLayout(form)
        column.addWidget(self.buttons)

    def _fill(self, columns: Columns) -> None:
        row = max(0, self.list.currentRow())
        with QSignalBlocker(self.list):
            self.list.clear()
            for column in columns.order:
                item = QListWidgetItem(SPECS[column].title)
                item.setToolTip(SPECS[column].explanation)
                item.setData(_COLUMN, int(column))
                shown = column not in columns.hidden
                item.setCheckState(Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked)
                self.list.addItem(item)
            self.list.setCurrentRow(row)
        self._show_width()

    def _show_width(self) -> None:
        with QSignalBlocker(self.width_box):
            self.width_box.setValue(self._header.columns.widths.get(self.current, self.width_box.minimum()))

    def _change(self, columns: Columns) -> None:
        self._header.arrange(columns)
        self._fill(columns)

    def _toggle(self, item: QListWidgetItem) -> None:
        shown = item.checkState() is Qt.CheckState.Checked
        column = Column(item.data(_COLUMN))
        if shown == (column in self._header.columns.hidden):
            self._change(self._header.columns.toggled(column))

    def _move(self, by: int) -> None:
        to = self.list.currentRow() + by
        if 0 <= to < self.list.count():
            columns = self._header.columns.moved(self.current, by)
            self.list.setCurrentRow(to)
            self._change(columns)

    def _resize(self, width: int) -> None:
        wanted = None if width == self.width_box.minimum() else width
        self._header.arrange(self._header.columns.sized(self.current, wanted))


def _button(label: str, help_text: str) -> QPushButton:
    button = QPushButton(label)
    button.setAutoDefault(False)  # Enter closes
    button.setToolTip(help_text)
    button.setAccessibleDescription(help_text)
    return button
