"""From when to when: two times with a calendar."""

from datetime import datetime, time, timedelta, tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.errors import FilterError
from armguard_tray.filtering.when import Dates, When
from armguard_tray.ui.moment_field import MomentField
from armguard_tray.ui.tone_label import Tone, ToneLabel

_WIDTH = 60  # characters
_NOTE = (
    "By the server's clock. The first time itself belongs to it, the second no more: for a whole month, from "
    "the first day at 00:00 to the first day of the next at 00:00. An end without a check mark is open."
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
        dates = Dates(self.since.value, self.until.value)
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
        self.moment = MomentField(label.replace("&", ""), zone)
        self.moment.show_moment(moment or otherwise)
        self.moment.dateTimeChanged.connect(lambda: self.wanted.setChecked(True))

    @property
    def value(self) -> datetime | None:
        """The time, aware, or None where this end is open."""
        return self.moment.moment if self.wanted.isChecked() else None
