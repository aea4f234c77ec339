"""The conditions that are on, each as a chip that takes it back."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from armguard_tray.ui.log_window.flow_layout import FlowLayout
from armguard_tray.ui.wording import plain_tooltip

_GAP = 4
_WIDEST = 32
"""Characters of a chip; its tooltip has the rest."""
_SHORT = 25
"""The same of one that stands out: room for an item's whole name."""


class FilterChips(QWidget):
    """Shows conditions; without any it takes no room.

    Attributes:
        chips: the name of each condition -> its chip.

    Signals:
        removed(str): the reader takes back the condition of that name.
        emptied(): the last chip that had the keyboard's focus is gone.

    """

    removed = Signal(str)
    emptied = Signal()

    def __init__(self, parent: QWidget | None = None, *, stands_out: bool = False) -> None:
        """Show nothing yet; with `stands_out` in bold, and in one row."""
        super().__init__(parent)
        self.setAccessibleName("Conditions of the filter")
        self.chips: dict[str, QToolButton] = {}
        self._words: dict[str, str] = {}
        self._stands_out = stands_out
        if stands_out:
            self._row: QHBoxLayout | FlowLayout = QHBoxLayout(self)
            self._row.setContentsMargins(0, 0, 0, 0)
            self._row.setSpacing(_GAP)
        else:
            self._row = FlowLayout(self, _GAP)
        self.hide()

    def show_conditions(self, words: Mapping[str, str]) -> None:
        """Show a chip for each condition: its name -> how it is said."""
        if words == self._words:
            return
        had_focus = next((name for name, chip in self.chips.items() if chip.hasFocus()), None)
        at = list(self.chips).index(had_focus) if had_focus is not None else 0
        self._words = dict(words)
        for chip in self.chips.values():
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = {name: self._chip(name, text) for name, text in words.items()}
        for chip in self.chips.values():
            self._row.addWidget(chip)
            chip.show()
        self.setVisible(bool(words))
        self.updateGeometry()
        if had_focus is not None:
            self._focus_after(at)

    def _focus_after(self, index: int) -> None:
        """Leave the keyboard where it was, though the chip there is another one now."""
        chips = list(self.chips.values())
        if chips:
            chips[min(index, len(chips) - 1)].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.emptied.emit()

    def _chip(self, name: str, text: str) -> QToolButton:
        chip = _Chip(text, _SHORT if self._stands_out else _WIDEST)
        font = chip.font()
        font.setBold(self._stands_out)
        chip.setFont(font)
        chip.clicked.connect(partial(self.removed.emit, name))
        return chip


class _Chip(QToolButton):
    def __init__(self, text: str, widest: int) -> None:
        super().__init__()
        shown = text if len(text) <= widest else f"{text[: widest - 1]}…"
        shown = shown[0].upper() + shown[1:]
        self.setText(f"{shown.replace('&', '&&')}  ✕")
        self.setToolTip(plain_tooltip(f"{text}\nClick to take this condition back"))
        self.setAccessibleName(f"Take back: {text}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the condition back with Delete, too."""
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.click()
        else:
            super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Return any width: there is a tooltip."""
        return QSize(0, super().minimumSizeHint().height())
