"""Asks for the name of a filter."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from armguard_tray.errors import FilterError
from armguard_tray.filtering.saved import MAX_NAME
from armguard_tray.ui.tone_label import Tone, ToneLabel

_WIDTH = 55  # characters


class NameDialog(QDialog):
    """A line for a name; show it with `open()`.

    Signals:
        named(str): the reader chose this name.

    """

    named = Signal(str)

    def __init__(self, title: str, name: str, remark: Callable[[str], str], parent: QWidget) -> None:
        """Begin with `name`. `remark` says what a name would bring, or raises FilterError if it is none."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self._remark = remark
        self.line = QLineEdit(name)
        self.line.setMaxLength(MAX_NAME)
        self.line.setAccessibleName("Name of the filter")
        self.line.setMinimumWidth(_WIDTH * self.fontMetrics().averageCharWidth())
        # From the end to the beginning, which is what there is to see of a long one.
        self.line.setSelection(len(self.line.text()), -len(self.line.text()))
        label = QLabel("&Name")
        label.setBuddy(self.line)
        self.note = ToneLabel(room=2)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for part in (label, self.line, self.note, self.buttons):
            column.addWidget(part)
        self.line.textChanged.connect(self._check)
        self.line.setFocus()

    def accept(self) -> None:
        """Choose the name, if it is one."""
        if self._check():
            self.named.emit(self.line.text())
            super().accept()

    def _check(self) -> bool:
        try:
            self.note.say(self._remark(self.line.text()), Tone.HELP)
        except FilterError as error:
            self.note.say(str(error), Tone.PROBLEM)
            return False
        return True
