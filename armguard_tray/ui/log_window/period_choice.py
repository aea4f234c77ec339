"""Of which time the log is wanted."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from armguard_tray.filtering.when import Dates, When
from armguard_tray.filtering.words import WHEN

DATES = "Dates…"
_TIMES = list(When)
_DATES_AT = len(_TIMES)


class PeriodChoice(QComboBox):
    """Offers the times that move along with the present, and dates.

    Signals:
        chosen(When): the reader wants this time.
        datesWanted(): the reader wants to say from when to when; `show_choice` puts back what is in force.

    """

    chosen = Signal(object)
    datesWanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin with everything: nothing is hidden from a reader who has not asked for less."""
        super().__init__(parent)
        self.setAccessibleName("Period")
        self.view().setAccessibleName("Periods")
        self.setToolTip("How far back to look, by the server's calendar; “Dates…” has a calendar")
        self.addItems([_capital(WHEN[when]) for when in _TIMES])
        self.insertSeparator(_DATES_AT)
        self.addItem(DATES)
        self.setCurrentIndex(_TIMES.index(When.EVERYTHING))
        self.setMaxVisibleItems(self.count())
        self.currentIndexChanged.connect(self._changed)
        self.activated.connect(self._activated)

    def show_choice(self, when: When | Dates) -> None:
        """Show what is in force."""
        with QSignalBlocker(self):
            self.setCurrentIndex(_TIMES.index(when) if isinstance(when, When) else self.count() - 1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave it: who scrolls over it by accident would see another log than before."""
        event.ignore()

    def _changed(self, index: int) -> None:
        if 0 <= index < _DATES_AT:
            self.chosen.emit(_TIMES[index])

    def _activated(self, index: int) -> None:
        if index > _DATES_AT:
            self.datesWanted.emit()


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
