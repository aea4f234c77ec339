"""Which shift the report is on: the one that is on, the last one, or from when to when."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, tzinfo
from enum import IntEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from armguard_tray.shift_report.shift import Shift, shift_at, shift_before
from armguard_tray.shift_report.words import shift_words
from armguard_tray.ui.moment_field import MomentField


class Which(IntEnum):
    """The choices, from the top."""

    THIS = 0
    LAST = 1
    DATES = 2


class ShiftChoice(QWidget):
    """Lets people choose a shift.

    Attributes:
        which: the choices.
        since, until: from when to when, where that is chosen.

    Signals:
        changed(): another one is chosen.

    """

    changed = Signal()

    def __init__(
        self,
        zone: tzinfo,
        shifts: Callable[[], Sequence[time]],
        now: Callable[[], datetime],
        parent: QWidget | None = None,
    ) -> None:
        """Choose the shift that is on; shifts begin in `zone` at what `shifts` returns."""
        super().__init__(parent)
        self._zone, self._shifts, self._now = zone, shifts, now
        self.which = QComboBox()
        self.which.setAccessibleName("Shift")
        self.which.addItems([""] * len(Which))
        self.since, self.until = MomentField("From", zone), MomentField("To", zone)
        row = QHBoxLayout()
        label = QLabel("&Shift")
        label.setBuddy(self.which)
        row.addWidget(label)
        row.addWidget(self.which)
        self._dates = QWidget()
        dates = QHBoxLayout(self._dates)
        dates.setContentsMargins(0, 0, 0, 0)
        for text, field in (("&From", self.since), ("&to", self.until)):
            name = QLabel(text)
            name.setBuddy(field)
            dates.addWidget(name)
            dates.addWidget(field)
        dates.addStretch(1)
        row.addStretch(1)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addLayout(row)
        lines.addWidget(self._dates)
        self._dates.hide()
        self.tell_time()
        self._fill_dates()
        self.which.currentIndexChanged.connect(self._chosen)
        for field in (self.since, self.until):
            field.dateTimeChanged.connect(lambda _: self.changed.emit())

    @property
    def shift(self) -> Shift:
        """The shift that is chosen.

        Raises:
            FilterError: there is no such.

        """
        match Which(self.which.currentIndex()):
            case Which.THIS:
                return self._this
            case Which.LAST:
                return shift_before(self._this, self._zone, self._shifts())
            case Which.DATES:
                return Shift(self.since.moment, self.until.moment)

    def tell_time(self) -> None:
        """Name the shifts by the present time."""
        this = self._this
        last = shift_before(this, self._zone, self._shifts())
        self.which.setItemText(Which.THIS, f"This one: {shift_words(this, self._zone)}")
        self.which.setItemText(Which.LAST, f"The last one: {shift_words(last, self._zone)}")
        self.which.setItemText(Which.DATES, "From … to …")

    @property
    def _this(self) -> Shift:
        return shift_at(self._now(), self._zone, self._shifts())

    def _fill_dates(self) -> None:
        this = self._this
        self.since.show_moment(this.since)
        self.until.show_moment(this.until)

    def _chosen(self) -> None:
        self._dates.setVisible(self.which.currentIndex() == Which.DATES)
        self.changed.emit()
