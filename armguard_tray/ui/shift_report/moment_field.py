"""A field for a time by the server's clock, with a calendar."""

from datetime import datetime, tzinfo
from typing import Final

from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone
from PySide6.QtWidgets import QDateTimeEdit, QWidget

from armguard_tray.filtering.when import FIRST_YEAR, LAST_YEAR

_FORMAT: Final = "dd/MM/yyyy HH:mm"


class MomentField(QDateTimeEdit):
    """Shows and takes a time, to the minute."""

    def __init__(self, name: str, zone: tzinfo, parent: QWidget | None = None) -> None:
        """Take times of `zone`; `name` is what those hear who do not see the label."""
        super().__init__(parent)
        self._zone = zone
        self.setAccessibleName(name)
        self.setDisplayFormat(_FORMAT)
        self.setCalendarPopup(True)
        # It shows another zone's times: hours that this desk's own zone leaves out must be possible.
        self.setTimeZone(QTimeZone.utc())
        self.setDateRange(QDate(FIRST_YEAR, 1, 2), QDate(LAST_YEAR, 12, 30))

    def show_moment(self, moment: datetime) -> None:
        """Show a time, aware."""
        here = moment.astimezone(self._zone)
        day, hour = QDate(here.year, here.month, here.day), QTime(here.hour, here.minute)
        self.setDateTime(QDateTime(day, hour, QTimeZone.utc()))

    @property
    def moment(self) -> datetime:
        """The time that stands there, aware."""
        shown = self.dateTime()
        day, hour = shown.date(), shown.time()
        return datetime(day.year(), day.month(), day.day(), hour.hour(), hour.minute(), tzinfo=self._zone)
