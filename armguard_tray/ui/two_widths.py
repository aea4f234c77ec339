"""What is laid out in one of two ways, by the room that it gets."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget


class TwoWidths(QFrame):
    """A frame, without a border unless it is given one, that is `narrow` or not.

    Attributes:
        narrow: whether there is less room than so many characters take.

    """

    def __init__(self, characters: int, parent: QWidget | None = None) -> None:
        """Be narrow with less room than `characters`; to begin with it is not."""
        super().__init__(parent)
        self.narrow = False
        self._characters = characters

    def arrange(self) -> None:
        """Lay everything out anew: `narrow` has changed."""
        raise NotImplementedError

    def minimumSizeHint(self) -> QSize:
        """Return any width: it is laid out for the one it gets."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room that there is."""
        super().resizeEvent(event)
        narrow = event.size().width() < self.fontMetrics().horizontalAdvance("0") * self._characters
        if narrow is not self.narrow:
            self.narrow = narrow
            self.arrange()
