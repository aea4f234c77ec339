"""A table of rows to read, as the log and the board are."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex
from PySide6.QtGui import QFocusEvent, QFont, QPalette
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

_FOCUSED, _UNFOCUSED = QPalette.ColorRole.Highlight, QPalette.ColorRole.Base


class RowTable(QTableView):
    """Selects whole rows of one height; its frame shows whether the keyboard is here."""

    def _set_font(self) -> None:
        font = QFont(self.font())
        # One width for all digits, so that times and numbers stand in columns.
        font.setFeature(QFont.Tag("tnum"), 1)
        self.setFont(font)

    def _set_looks(self, name: str) -> None:
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        # The frame shows whether the keyboard is here; Qt draws a plain one in the foreground's colour.
        self.setFrameStyle(QTableView.Shape.Box.value | QTableView.Shadow.Plain.value)
        self.setLineWidth(2)
        self.setForegroundRole(_UNFOCUSED)
        # Hidden: trimming rows of a large table takes seconds with it. Fixed: no row is ever measured.
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 11)

    def setSelectionModel(self, selectionModel: QItemSelectionModel) -> None:  # noqa: N803 - Qt calls it so
        """Select by this; the headings do not hear of it.

        To draw a heading, Qt looks through all rows for one that is not selected: with a million, for half a
        minute each time.
        """
        super().setSelectionModel(selectionModel)
        headings = self.horizontalHeader()
        headings.setSelectionModel(QItemSelectionModel(self.model(), headings))

    def reset(self) -> None:
        """Choose nothing: else Qt chooses the first row once the keyboard comes here, and tells of it."""
        super().reset()
        self.setCurrentIndex(QModelIndex())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard is here."""
        super().focusInEvent(event)
        self.setForegroundRole(_FOCUSED)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keyboard has left."""
        super().focusOutEvent(event)
        self.setForegroundRole(_UNFOCUSED)
