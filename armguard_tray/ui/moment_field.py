"""A field for a time by the server's clock, with a calendar."""

import re
from datetime import datetime, tzinfo
from typing import Final

from PySide6.QtCore import QDate, QDateTime, QTime, QTimeZone
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QDateTimeEdit, QWidget

from armguard_tray.filtering.when import FIRST_YEAR, LAST_YEAR

_FORMAT: Final = "dd/MM/yyyy HH:mm"
_SEPARATORS: Final = frozenset("/.-: ")
_DAY: Final = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})|(\d\d)(\d\d)(\d{4})", re.ASCII)


class MomentField(QDateTimeEdit):
    """Shows and takes a time, to the minute.

    A day that is typed from its beginning, with what stands between the numbers or without, is taken as it
    was typed. Qt alone goes on to the next number by itself once one is full, and once more at the `/` behind
    it, so that 12/11/2025 would become another day; and it takes each number by the other two as they still
    stand, so that there would be no 31/01 while a February is shown.
    """

    def __init__(self, name: str, zone: tzinfo, parent: QWidget | None = None) -> None:
        """Take times of `zone`; `name` is what those hear who do not see the label."""
        super().__init__(parent)
        self._zone = zone
        self._typed = ""
        self._went_on = False
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take what is typed; all other keys mean what they mean to Qt."""
        text = event.text()
        if text and text in _SEPARATORS:
            self._take_separator()
        elif text.isascii() and text.isdigit():
            self._take_digit(event)
        else:
            self._begin_anew()
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin anew: what is typed now continues nothing."""
        self._begin_anew()
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin anew: what is typed now may go to another number."""
        self._begin_anew()
        super().mousePressEvent(event)

    def _begin_anew(self) -> None:
        self._typed, self._went_on = "", False

    def _take_separator(self) -> None:
        if not self._went_on:
            self._go_on()
        self._went_on = False
        if self._typed:
            self._typed += "/"

    def _take_digit(self, event: QKeyEvent) -> None:
        line = self.lineEdit()
        if line.hasSelectedText() and line.selectedText() == line.text():
            self.setSelectedSection(QDateTimeEdit.Section.DaySection)
        if self._typed or self.currentSection() == QDateTimeEdit.Section.DaySection:
            self._typed += event.text()
        before = self.currentSectionIndex()
        super().keyPressEvent(event)
        self._went_on = self.currentSectionIndex() != before
        if typed := _DAY.fullmatch(self._typed):
            self._take_day(typed)

    def _take_day(self, typed: re.Match[str]) -> None:
        day, month, year = (int(part) for part in typed.groups() if part)
        if QDate.isValid(year, month, day):
            self.setDate(QDate(year, month, day))
        self.setSelectedSection(QDateTimeEdit.Section.HourSection)
        self._went_on = True

    def _go_on(self) -> None:
        following = self.currentSectionIndex() + 1
        if following < self.sectionCount():
            self.setSelectedSection(self.sectionAt(following))
