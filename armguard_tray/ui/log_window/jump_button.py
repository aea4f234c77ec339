"""The button that floats over the table while there are newer rows than the reader sees."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractItemView, QPushButton

_MARGIN = 8


class JumpButton(QPushButton):
    """Says how many rows are new, at the top right of a view, where it covers least; hidden if none are."""

    def __init__(self, view: QAbstractItemView) -> None:
        """Float over `view`."""
        super().__init__(view)
        self._view = view
        self.setToolTip("Go to the newest row (Ctrl+Home)")
        self.hide()
        view.viewport().installEventFilter(self)

    def say(self, unseen: int, *, more_above: bool) -> None:
        """Offer to jump over `unseen` new rows; with `more_above` there are newer rows, new or not."""
        self.setText(f"▲ {unseen:,} ne&w" if unseen else "▲ Ne&west")
        self.setAccessibleName(f"{unseen:,} new rows above, go there" if unseen else "Go to the newest row")
        self.adjustSize()
        self._place()
        self.setVisible(bool(unseen) or more_above)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner when the view changes its size."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        viewport = self._view.viewport().geometry()
        self.move(viewport.right() - self.width() - _MARGIN, viewport.top() + _MARGIN)
