"""A small dialog that asks for a time."""

from datetime import UTC, datetime, tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from armguard_tray.ui.moment_field import MomentField

_WIDTH = 55  # characters


class GoToDate(QDialog):
    """Asks for a day and a minute, as the server's clock tells them.

    Signals:
        chosen(datetime): go there: the end of that minute, aware.

    """

    chosen = Signal(object)

    def __init__(self, at: datetime, zone: tzinfo, place: str, parent: QWidget) -> None:
        """Begin with the time `at`, aware, told in `zone`; `place` names it where that must be said."""
        super().__init__(parent)
        self.setWindowTitle("Go to date")
        self.edit = MomentField("Day and time", zone)
        self.edit.show_moment(at)
        label = QLabel(f"&Day and time, by the server's clock{f' ({place})' if place else ''}:")
        label.setBuddy(self.edit)
        note = QLabel("The newest row of that minute, or the next older one, is brought into view.")
        note.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go_button = buttons.addButton("&Go there", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for part in (label, self.edit, note, buttons):
            column.addWidget(part)
        self.go_button.setDefault(True)
        self.accepted.connect(lambda: self.chosen.emit(self.time))
        self.finished.connect(self.deleteLater)
        self.setMinimumWidth(_WIDTH * self.fontMetrics().averageCharWidth())
        self.edit.setFocus()

    @property
    def time(self) -> datetime:
        """The end of the minute that is chosen, aware."""
        return self.edit.moment.replace(second=59, microsecond=999_999).astimezone(UTC)
