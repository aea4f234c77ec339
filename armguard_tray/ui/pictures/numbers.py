"""The numbers of a picture as a table, for whoever cannot see it, or wants them to the digit."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from armguard_tray.export.formula import harmless
from armguard_tray.ui.wording import plain_tooltip

AnyIndex = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Numbers(QAbstractTableModel):
    """The rows of a picture, in words and figures."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Have no row yet."""
        super().__init__(parent)
        self._heads: Sequence[str] = ()
        self._rows: Sequence[Sequence[str]] = ()

    def show_rows(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Have these."""
        self.beginResetModel()
        self._heads, self._rows = heads, rows
        self.endResetModel()

    @property
    def as_text(self) -> str:
        """All of it, with tabs, as a spreadsheet takes it; no name in the first column is a formula."""
        rows = (row for row in (self._heads, *self._rows) if row)
        return "\n".join("\t".join((harmless(name), *figures)) for name, *figures in rows)

    def rowCount(self, parent: AnyIndex = _ROOT) -> int:
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = _ROOT) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what stands in a cell: figures at the right."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.ToolTipRole and not index.column():
            return plain_tooltip(self._rows[index.row()][0])
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the head of a column."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self._heads):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class NumbersView(QTableView):
    """Shows the numbers; Ctrl+C copies them all."""

    def __init__(self, numbers: Numbers) -> None:
        """Show `numbers`."""
        super().__init__()
        self.setModel(numbers)
        self._numbers = numbers
        self.setAccessibleName("The numbers of the picture")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        font = self.font()
        font.setFeature(QFont.Tag("tnum"), 1)
        self.setFont(font)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(self.fontMetrics().averageCharWidth() * 8)
        numbers.modelReset.connect(self._share_width)

    def _share_width(self) -> None:
        """Let all figures be seen, and as much of the words as there is room for."""
        header = self.horizontalHeader()
        for column in range(header.count()):
            mode = QHeaderView.ResizeMode.ResizeToContents if column else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(column, mode)

    def copy(self) -> None:
        """Put all of them on the clipboard."""
        QGuiApplication.clipboard().setText(self._numbers.as_text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy on Ctrl+C."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)
