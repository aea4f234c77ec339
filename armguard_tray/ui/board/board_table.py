"""The board as a table: what is out, in order, of which only what changed is told."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from armguard_tray.export.formula import harmless
from armguard_tray.holdings.board import EMPTY, Board
from armguard_tray.holdings.words import Zones
from armguard_tray.messages.plain_text import plain
from armguard_tray.messages.spelling import folded
from armguard_tray.ui.board.columns import SPECS, Column, Row, explanation, row_of, tooltip
from armguard_tray.ui.wording import plain_tooltip

ROW_ROLE: Final = Qt.ItemDataRole.UserRole
# As gaps in the log are tinted: seen on white and on black alike.
_TINT: Final = QColor(0xE0, 0x9B, 0x1A, 26)
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE: Final = QModelIndex()


class BoardTable(QAbstractTableModel):
    """Shows a board. A few thousand rows at most, so they are held, and searched, as they are.

    Attributes:
        board: what is shown.
        words: what each row on show must have in it, folded.

    """

    def __init__(self, zones: Zones, parent: QObject | None = None) -> None:
        """Be empty; times are told in `zones`."""
        super().__init__(parent)
        self.board = EMPTY
        self.words: tuple[str, ...] = ()
        self._zones = zones
        self._all: list[Row] = []
        self._rows: list[Row] = []

    def show(self, board: Board, now: datetime) -> None:
        """Show this from now on; it is `now` by this desk's clock."""
        self.board = board
        self.tell_time(now)

    def tell_time(self, now: datetime) -> None:
        """Say anew what depends on the time; it is `now` by this desk's clock."""
        by_server = self.board.by_server(now)
        self._all = [row_of(each, by_server, self._zones) for each in self.board.ordered(by_server)]
        self._refresh()

    def search(self, text: str) -> None:
        """Show only rows that have all words of `text` in them."""
        self.words = tuple(dict.fromkeys(folded(plain(word)) for word in text.split()))
        self._refresh()

    def row_at(self, place: int) -> Row:
        """Return the row at a place of the table."""
        return self._rows[place]

    def texts(self, places: Iterable[int]) -> str:
        """Return rows as lines of text, their cells apart by tabs, for the clipboard.

        No spreadsheet into which they are pasted takes a name for a formula.
        """
        return "\n".join("\t".join(map(harmless, self._rows[place].texts)) for place in places)

    # What changes

    def _refresh(self) -> None:
        wanted = [row for row in self._all if row.matches(self.words)]
        self._remove({row.key for row in wanted})
        self._reorder([row.key for row in wanted])
        self._insert(wanted)
        self._update(wanted)

    def _remove(self, stay: set[str]) -> None:
        leaving = [place for place, row in enumerate(self._rows) if row.key not in stay]
        for first, last in reversed(list(_runs(leaving))):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self.endRemoveRows()

    def _reorder(self, keys: Sequence[str]) -> None:
        """Put the rows that stay into the order of `keys`; what is selected goes with its row."""
        rank = {key: place for place, key in enumerate(keys)}
        ordered = sorted(self._rows, key=lambda row: rank[row.key])
        if ordered == self._rows:
            return
        self.layoutAboutToBeChanged.emit()
        before = [row.key for row in self._rows]
        place_of = {row.key: place for place, row in enumerate(ordered)}
        self._rows = ordered
        held = self.persistentIndexList()
        moved = [self.index(place_of[before[each.row()]], each.column()) for each in held]
        self.changePersistentIndexList(held, moved)
        self.layoutChanged.emit()

    def _insert(self, wanted: Sequence[Row]) -> None:
        there = {row.key for row in self._rows}
        for first, last in _runs([place for place, row in enumerate(wanted) if row.key not in there]):
            self.beginInsertRows(QModelIndex(), first, last)
            self._rows[first:first] = wanted[first : last + 1]
            self.endInsertRows()

    def _update(self, wanted: Sequence[Row]) -> None:
        changed = [place for place, row in enumerate(wanted) if row != self._rows[place]]
        self._rows = list(wanted)
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))

    # What Qt asks

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what is to be shown or said of a cell."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.texts[column]
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tooltip(tooltip(row, column, self._zones))
            case Qt.ItemDataRole.AccessibleTextRole if column == Column.STATE:
                return f"{row.texts[column]}. {explanation(row, self._zones)}".replace("\n", " ")
            case _:
                return row if role == ROW_ROLE else _look(row, column, role)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's heading, or what it means."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        spec = SPECS[Column(section)]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return spec.title
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tooltip(spec.explanation)
            case _:
                return None


def _look(row: Row, column: int, role: int) -> QColor | QFont | None:
    """Return what makes a cell stand out, beside its words."""
    if role == Qt.ItemDataRole.BackgroundRole and not row.holding.is_certain:
        return _TINT
    if role == Qt.ItemDataRole.FontRole and column == Column.STATE and row.is_overdue:
        bold = QFont()
        bold.setBold(True)
        return bold
    return None


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield ascending places as runs without a hole: first and last of each."""
    first = last = None
    for place in places:
        if first is None or last is None:
            first = last = place
        elif place == last + 1:
            last = place
        else:
            yield first, last
            first = last = place
    if first is not None and last is not None:
        yield first, last
