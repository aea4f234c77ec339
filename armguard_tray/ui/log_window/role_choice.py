"""The line that offers to tell apart what a name was found as."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from armguard_tray.filtering.narrower import Narrower
from armguard_tray.ui.log_window.flow_layout import FlowLayout
from armguard_tray.ui.wording import plain_tooltip

_GAP = 4
_WIDEST = 36
"""Characters of a button; its tooltip has the rest."""


class RoleChoice(QWidget):
    """Shows a button for each search that is narrower; without any it takes no room.

    Attributes:
        buttons: one for each.

    Signals:
        picked(Wanted): the reader wants this one.

    """

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Offer nothing yet."""
        super().__init__(parent)
        self.setAccessibleName("Narrower searches")
        self.buttons: list[QToolButton] = []
        self._offered: list[Narrower] = []
        self._row = FlowLayout(self, _GAP)
        self._label = QLabel("Show only what was")
        self._row.addWidget(self._label)
        self.hide()

    def offer(self, offered: Sequence[Narrower]) -> None:
        """Offer these from now on."""
        if list(offered) == self._offered:
            return
        self._offered = list(offered)
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = [self._button(each) for each in offered]
        for button in self.buttons:
            self._row.addWidget(button)
            button.show()
            # A flow aligns tops; the label's text is to stand as high as the buttons'.
            self._label.setMinimumHeight(button.sizeHint().height())
        self.setVisible(bool(offered))
        self.updateGeometry()

    def _button(self, each: Narrower) -> QToolButton:
        button = QToolButton()
        short = each.words if len(each.words) <= _WIDEST else f"{each.words[: _WIDEST - 1]}…"
        button.setText(short.replace("&", "&&"))
        button.setToolTip(plain_tooltip(f"Show only what was {each.words}"))
        button.setAccessibleName(f"Show only what was {each.words}")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(partial(self.picked.emit, each.wanted))
        return button
