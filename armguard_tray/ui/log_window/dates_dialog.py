"""From when to when: two times with a calendar."""

from datetime import datetime, time, timedelta, tzinfo

from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDateTimeEdit,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.errors import FilterError
from armguard_tray.filtering.when import FIRST_YEAR, LAST_YEAR, Dates, When
from armguard_tray.ui.tone_label import Tone, ToneLabel

_WIDTH = 60  # characters
_FORMAT = "dd/MM/yyyy HH:mm"
_NOTE = (
    "By the server's clock. What happened at the first time itself is shown, at the second no more; "
    "an end without a check mark is open."
)


class DatesDialog(QDialog):
    """Asks for two times; show it with `open()`.

    Signals:
        chosen(When | Dates): the reader wants this time.

    """

    chosen = Signal(object)

    def __init__(
        self, dates: Dates | None, now: datetime, zone: tzinfo, parent: QWidget | None = None
    ) -> None:
        """Begin with `dates`, or else with the day of `now` in `zone`, the server's."""
        super().__init__(parent)
        self.setWindowTitle("From when to when")
        self._zone = zone
        midnight = datetime.combine(now.astimezone(zone).date(), time.min, zone)
        start = dates or Dates(since=midnight)
        self.since = _End("&From", start.since, midnight, zone)
        self.until = _End("&To", start.until, midnight + timedelta(days=1), zone)
        self.problem = ToneLabel(room=2)
        self.problem.setAccessibleName("What is wrong")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for row, end in enumerate((self.since, self.until)):
            grid.addWidget(end.wanted, row, 0)
            grid.addWidget(end.moment, row, 1)
            end.wanted.toggled.connect(self._check)
            end.moment.dateTimeChanged.connect(self._check)
        column = QVBoxLayout(self)
        column.addLayout(grid)
        column.addWidget(ToneLabel(_NOTE, Tone.HELP))
        column.addWidget(self.problem)
        column.addWidget(self.buttons)
        self.setMinimumWidth(_WIDTH * self.fontMetrics().averageCharWidth())
        self.since.moment.setFocus()

    @property
    def when(self) -> When | Dates:
        """What stands in the fields.

        Raises:
            FilterError: it is the wrong way round.

        """
        dates = Dates(self.since.value(self._zone), self.until.value(self._zone))
        return dates if dates != Dates() else When.EVERYTHING

    def accept(self) -> None:
        """Choose, if there is such a time."""
        if self._check():
            self.chosen.emit(self.when)
            super().accept()

    def _check(self) -> bool:
        try:
            _ = self.when
        except FilterError as error:
            self.problem.say(str(error), Tone.PROBLEM)
            return False
        self.problem.say("")
        return True


class _End:
    """One end of the time: whether it has one, and which."""

    def __init__(self, label: str, moment: datetime | None, otherwise: datetime, zone: tzinfo) -> None:
        self.wanted = QCheckBox(label)
        self.wanted.setChecked(moment is not None)
        self.moment = QDateTimeEdit()
        self.moment.setAccessibleName(label.replace("&", ""))
        self.moment.setDisplayFormat(_FORMAT)
        self.moment.setCalendarPopup(True)
        # The fields show another zone's times: hours that this desk's zone leaves out must be possible.
        self.moment.setTimeZone(QTimeZone.utc())
        self.moment.setDateRange(QDate(FIRST_YEAR, 1, 2), QDate(LAST_YEAR, 12, 30))
        self.moment.setDateTime(_shown((moment or otherwise).astimezone(zone)))
        self.moment.dateTimeChanged.connect(lambda: self.wanted.setChecked(True))

    def value(self, zone: tzinfo) -> datetime | None:
        """Return the time, aware, or None where this end is open."""
        if not self.wanted.isChecked():
            return None
        shown = self.moment.dateTime()
        day, hour = shown.date(), shown.time()
        return datetime(day.year(), day.month(), day.day(), hour.hour(), hour.minute(), tzinfo=zone)


def _shown(moment: datetime) -> QDateTime:
    return QDateTime(
        QDate(moment.year, moment.month, moment.day), QTime(moment.hour, moment.minute), QTimeZone.utc()
    )
