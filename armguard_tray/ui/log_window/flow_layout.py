"""A layout that fills row after row, as words fill a page. Qt has none (see its example "Flow Layout")."""

from PySide6.QtCore import QMargins, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Places widgets from the left, each in its own size; what does not fit goes into the next row."""

    def __init__(self, parent: QWidget, gap: int) -> None:
        """Leave `gap` pixels between widgets and rows, and none around."""
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(QMargins())
        self.setSpacing(gap)

    def addItem(self, item: QLayoutItem) -> None:
        """Put it last."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return one, or None where there is none."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Take one out."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Ask for no more room than is needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Say that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return how high the rows are."""
        return self._fill(QRect(0, 0, width, 0), place=False)

    def sizeHint(self) -> QSize:
        """Return the room for one widget: there is a row for each if need be."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Return the room for the largest widget."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def setGeometry(self, room: QRect) -> None:
        """Place everything."""
        super().setGeometry(room)
        self._fill(room, place=True)

    def _fill(self, room: QRect, *, place: bool) -> int:
        """Go through the rows, put each widget where it belongs if it is to be placed; return the height."""
        corner, height = room.topLeft(), 0
        for item in self._items:
            size = item.sizeHint().boundedTo(QSize(room.width(), item.sizeHint().height()))
            if corner.x() > room.x() and corner.x() + size.width() > room.right() + 1:
                corner = QPoint(room.x(), corner.y() + height + self.spacing())
                height = 0
            if place:
                item.setGeometry(QRect(corner, size))
            corner += QPoint(size.width() + self.spacing(), 0)
            height = max(height, size.height())
        return corner.y() + height - room.y()
