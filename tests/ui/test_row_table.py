"""A table of rows to read draws as fast with a million selected rows as with one."""

from typing import Any

import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from armguard_tray.ui.row_table import RowTable

ROWS = 5_000
AnyIndex = QModelIndex | QPersistentModelIndex


class Counted(QAbstractTableModel):
    """Rows without a text, which count how often somebody asks how many they are."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008, N802 - as Qt has it
        self.asked += 1
        return 0 if parent.isValid() else ROWS

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008, N802 - as above
        return 0 if parent.isValid() else 3

    def data(self, _index: AnyIndex, _role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return None


@pytest.mark.usefixtures("qapp")
def test_to_draw_the_headings_nobody_looks_through_the_selected_rows() -> None:
    rows, table = Counted(), RowTable()
    table.setModel(rows)
    table.selectAll()
    rows.asked = 0

    table.horizontalHeader().grab()

    assert rows.asked < ROWS
    assert len(table.selectionModel().selectedRows()) == ROWS
    table.deleteLater()
