"""What the reader wants to see: words, kinds, period."""

from datetime import datetime, time, timedelta, tzinfo
from enum import Enum

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QToolButton, QWidget

from armguard_tray.clock import Clock
from armguard_tray.messages.event import Category
from armguard_tray.storage.log_filter import LogFilter

DEBOUNCE_MS = 150
_GAP = 4
_WIDE_GAP = 8
_CHIPS = (
    (Category.ISSUED, "→ &Issued", "Weapons that left the armory"),
    (Category.RETURNED, "← &Returned", "Weapons that came back"),
    (Category.STATUS, "◇ &Status", "Changes of an item's status"),
    (Category.NOTICE, "✉ &Notices", "Notices to this account"),
    (Category.GAP, "░ Ga&ps", "Times and numbers of which this desk has nothing"),
)
_LOOK_HELP = "Warnings, errors, open gaps, what was not announced, and changes of the server's record"


class Period(Enum):
    """How far back to look, in whole days of the server's calendar, today included."""

    TODAY = ("Today", 1)
    WEEK = ("Last 7 days", 7)
    MONTH = ("Last 30 days", 30)
    EVERYTHING = ("Everything", None)

    def __init__(self, label: str, days: int | None) -> None:
        self.label = label
        self.days = days

    def start(self, now: datetime, zone: tzinfo) -> datetime | None:
        """Return the midnight at which it begins, None for everything."""
        if self.days is None:
            return None
        first = now.astimezone(zone).date() - timedelta(days=self.days - 1)
        return datetime.combine(first, time.min, zone)


_PERIODS = list(Period)


class FilterBar(QWidget):
    """Builds the filter of the log. Where there is no room beside the search, the kinds stand below it.

    Signals:
        changed(LogFilter): the reader asked for something else; words are told once the typing pauses.
        leftDownwards(): the reader wants to go on from the search field to the rows.
        menuWanted(QPoint): the reader asked for the program's menu; it belongs at this point of the screen.

    """

    changed = Signal(object)
    leftDownwards = Signal()
    menuWanted = Signal(object)

    def __init__(self, clock: Clock, zone: tzinfo, parent: QWidget | None = None) -> None:
        """Let days begin at midnight in `zone` by `clock`."""
        super().__init__(parent)
        self._clock = clock
        self._zone = zone
        self.search = _SearchField()
        self.search.leftDownwards.connect(self.leftDownwards)
        self.everything = _chip("&All", "Events of every kind")
        self.chips = {category: _chip(label, help_text) for category, label, help_text in _CHIPS}
        self.look = _chip("⚠ Needs a loo&k", _LOOK_HELP)
        self.period = _period_choice()
        self.menu_button = _menu_button()
        self.menu_button.clicked.connect(self.ask_for_menu)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DEBOUNCE_MS)
        self._arrange()
        self.everything.setChecked(True)
        self.search.textChanged.connect(self._pause.start)
        self._pause.timeout.connect(self._tell)
        self.period.currentIndexChanged.connect(self._tell)
        self.everything.clicked.connect(self._everything_clicked)
        for chip in (*self.chips.values(), self.look):
            chip.clicked.connect(self._kind_clicked)
        self._told = self.log_filter

    @property
    def log_filter(self) -> LogFilter:
        """What is asked for now."""
        period = _PERIODS[self.period.currentIndex()]
        return LogFilter(
            categories=frozenset(category for category, chip in self.chips.items() if chip.isChecked()),
            text=self.search.text().strip(),
            since=period.start(self._clock.now(), self._zone),
            needs_look=self.look.isChecked(),
        )

    def clear(self) -> None:
        """Ask for everything, at once."""
        self._set(needs_look=False)

    def ask_for_what_needs_a_look(self) -> None:
        """Ask for all that needs a look and nothing else, at once."""
        self._set(needs_look=True)

    def _set(self, *, needs_look: bool) -> None:
        with QSignalBlocker(self.search), QSignalBlocker(self.period):
            self.search.clear()
            self.period.setCurrentIndex(_PERIODS.index(Period.EVERYTHING))
        for chip in self.chips.values():
            chip.setChecked(False)
        self.look.setChecked(needs_look)
        self.everything.setChecked(not needs_look)
        self._tell()

    def refresh(self) -> None:
        """Tell the filter anew if the calendar has turned a page since."""
        self._tell()

    def focus_search(self) -> None:
        """Put the cursor into the search field, what is there selected."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def ask_for_menu(self) -> None:
        """Ask for the program's menu below its button."""
        self.menuWanted.emit(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def _tell(self) -> None:
        self._pause.stop()
        wanted = self.log_filter
        if wanted != self._told:
            self._told = wanted
            self.changed.emit(wanted)

    def _everything_clicked(self) -> None:
        self.everything.setChecked(True)
        for chip in (*self.chips.values(), self.look):
            chip.setChecked(False)
        self._tell()

    def _kind_clicked(self) -> None:
        chips = (*self.chips.values(), self.look)
        self.everything.setChecked(not any(chip.isChecked() for chip in chips))
        self._tell()

    # How it is laid out

    def _arrange(self) -> None:
        self._kinds = QWidget()
        kinds = QHBoxLayout(self._kinds)
        kinds.setContentsMargins(0, 0, 0, 0)
        kinds.setSpacing(_GAP)
        for chip in (self.everything, *self.chips.values(), self.look):
            kinds.addWidget(chip)
        self._wrapped = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(10, 8, 10, 8)
        self._grid.setSpacing(_WIDE_GAP)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self.search, 0, 0)
        self._grid.addWidget(self._kinds, 0, 1)
        self._grid.addWidget(self.period, 0, 2)
        self._grid.addWidget(self.menu_button, 0, 3)

    @property
    def wrapped(self) -> bool:
        """Whether the kinds stand below the search."""
        return self._wrapped

    def minimumSizeHint(self) -> QSize:
        """Return the room for two rows one below the other: with less, the controls would overlap."""
        margins, first = self._grid.contentsMargins(), self._width_of_first_row()
        width = max(first, self._kinds.sizeHint().width()) + margins.left() + margins.right()
        return QSize(width, self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use one row or two."""
        super().resizeEvent(event)
        needed = self._width_of_first_row() + _WIDE_GAP + self._kinds.sizeHint().width()
        wrapped = self.contentsRect().width() - 2 * self._grid.contentsMargins().left() < needed
        if wrapped == self._wrapped:
            return
        self._wrapped = wrapped
        self._grid.removeWidget(self._kinds)
        if wrapped:
            self._grid.addWidget(self._kinds, 1, 0, 1, 4, Qt.AlignmentFlag.AlignLeft)
        else:
            self._grid.addWidget(self._kinds, 0, 1)

    def _width_of_first_row(self) -> int:
        others = self.period.sizeHint().width() + self.menu_button.sizeHint().width()
        return self.search.minimumWidth() + others + 2 * _WIDE_GAP


class _SearchField(QLineEdit):
    leftDownwards = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Search people, items, duty, number…")
        self.setAccessibleName("Search people, items, duty and numbers")
        self.setToolTip("Ctrl+F comes here, Esc clears it, Down goes to the rows")
        self.setClearButtonEnabled(True)
        # What may be searched for is to be read whole, beside the frame and the button that clears.
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance(self.placeholderText()) + 32)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears, Down goes on to the rows."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Escape}:
            self.leftDownwards.emit()
        else:
            super().keyPressEvent(event)


def _chip(label: str, help_text: str) -> QToolButton:
    chip = QToolButton()
    chip.setText(label)
    chip.setCheckable(True)
    chip.setToolTip(help_text)
    chip.setAccessibleName(label.replace("&", "").lstrip("→←◇✉░⚠ "))
    chip.setAccessibleDescription(help_text)
    chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    # Bold as well as pressed: in some palettes the shade alone is hard to see. There is room for it from the
    # start, so that nothing moves.
    _set_bold(chip, True)
    chip.setMinimumWidth(chip.sizeHint().width())
    _set_bold(chip, False)
    chip.toggled.connect(lambda checked: _set_bold(chip, checked))
    return chip


def _set_bold(chip: QToolButton, bold: bool) -> None:  # noqa: FBT001  the state of the chip
    font = chip.font()
    font.setBold(bold)
    chip.setFont(font)


def _menu_button() -> QToolButton:
    button = QToolButton()
    button.setText("☰")
    button.setAutoRaise(True)
    button.setToolTip("Menu (F10): pause, reconnect, settings, quit")
    button.setAccessibleName("Menu")
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def _period_choice() -> QComboBox:
    choice = QComboBox()
    choice.setAccessibleName("Period")
    choice.view().setAccessibleName("Periods")
    choice.setToolTip("How far back to look, by the server's calendar")
    choice.addItems([period.label for period in _PERIODS])
    # Nothing is hidden from a reader who has not asked for less.
    choice.setCurrentIndex(_PERIODS.index(Period.EVERYTHING))
    return choice
