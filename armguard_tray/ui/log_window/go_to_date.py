"""A small dialog that asks for a time."""

from datetime import UTC, datetime, tzinfo

from PySide6.QtCore import QDate, QDateTime, QTime, Signal
from PySide6.QtWidgets import QDateTimeEdit, QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from armguard_tray.clock import in_zone

_FORMAT = "dd/MM/yyyy HH:mm"
_FIRST, _LAST = QDate(1970, 1, 1), QDate(9998, 12, 31)  # what has a place in every zone
_WHOLE_MINUTE = {"second": 59, "microsecond": 999_999}


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
        self._zone = zone
        there = in_zone(at, zone)
        self.edit = QDateTimeEdit()
        self.edit.setDisplayFormat(_FORMAT)
        self.edit.setCalendarPopup(True)
        self.edit.setDateRange(_FIRST, _LAST)
        self.edit.setDateTime(
            QDateTime(QDate(there.year, there.month, there.day), QTime(there.hour, there.minute))
        )
        self.edit.setAccessibleName("Day and time")
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
        self.edit.setFocus()

    @property
    def time(self) -> datetime:
        """The end of the minute that is chosen, aware."""
        day, time = self.edit.date(), self.edit.time()
        there = datetime(
            day.year(), day.month(), day.day(), time.hour(), time.minute(), tzinfo=self._zone, **_WHOLE_MINUTE
        )
        return there.astimezone(UTC)
