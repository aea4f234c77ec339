"""What the reader wants to see: words, kinds, period, and further conditions."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import time, tzinfo

from PySide6.QtCore import QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QToolButton, QWidget

from armguard_tray.clock import Clock
from armguard_tray.errors import FilterError, UserError
from armguard_tray.filtering.narrower import narrower
from armguard_tray.filtering.wanted import EVERYTHING, Wanted
from armguard_tray.filtering.when import Dates, When
from armguard_tray.filtering.words import condition_words, in_words
from armguard_tray.messages.event import Category, Event
from armguard_tray.storage.log_filter import MAX_TERMS, LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.log_window.banner import Banner, Tone
from armguard_tray.ui.log_window.dates_dialog import DatesDialog
from armguard_tray.ui.log_window.filter_chips import FilterChips
from armguard_tray.ui.log_window.filter_store import FilterStore
from armguard_tray.ui.log_window.labels import ElidedLabel
from armguard_tray.ui.log_window.more_conditions import Ask, MoreConditions
from armguard_tray.ui.log_window.period_choice import PeriodChoice
from armguard_tray.ui.log_window.role_choice import RoleChoice
from armguard_tray.ui.log_window.saved_menu import SavedMenu

# Nobody types as fast: it only joins what comes at once, from a paste or an input method. A question that the
# next key overtakes is broken off, so that rows can follow each key.
DEBOUNCE_MS = 20
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
_MORE_HELP = "Further conditions: item type, duty, by whom, status, how it came, one person, one item"
_ON_SHOW_ELSEWHERE = {"text", "needs_look"}
"""Conditions that can be seen, and taken back, where they were asked for."""
_SUBJECTS = ("person", "item")
"""Conditions that make a history of the log: a search within one is easily taken for one of everything."""
_SEARCH = "Search people, items, duty, number…"
_SEARCH_HISTORY = "Search in this history…"
_COLUMNS = 6
_STILL_ON = "Filtered as last time: this is not the whole log."
_SHOW_ALL = "S&how everything"


class FilterBar(QWidget):
    """Builds the filter of the log. Where there is no room beside the search, the kinds stand below it.

    Attributes:
        words: the filter in words, while there is one.
        subject: a chip, beside the search, for the person or item whose history is on show.
        conditions: a chip for each further condition that no other control shows.
        roles: searches in which a name that was found has one role only.
        limit: says that not all words are looked for.
        banner: what the reader must know of the filter: it is one of last time, or cannot be.
        popup: the further conditions, once they were asked for.

    Signals:
        changed(LogFilter): the reader asked for something else; words are told once the typing pauses.
        leftDownwards(): the reader wants to go on from the search field to the rows.
        menuWanted(QPoint): the reader asked for the program's menu; it belongs at this point of the screen.

    """

    changed = Signal(object)
    leftDownwards = Signal()
    menuWanted = Signal(object)

    def __init__(  # noqa: PLR0913  all it needs is handed in, most of it by name
        self,
        clock: Clock,
        zone: tzinfo,
        *,
        ask: Ask,
        keeper: TaskKeeper,
        store: QSettings,
        shifts: Callable[[], Sequence[time]] = tuple,
        parent: QWidget | None = None,
    ) -> None:
        """Let days begin at midnight in `zone` by `clock`, and shifts at the times that `shifts` returns.

        `ask` looks up the values to choose from, in tasks of `keeper`. Filters are remembered in `store`.
        """
        super().__init__(parent)
        self._clock = clock
        self._zone = zone
        self._shifts = shifts
        self._ask = ask
        self._keeper = keeper
        self._store = FilterStore(store)
        self._when: When | Dates = When.EVERYTHING
        self._further = EVERYTHING
        self._came_back = False
        self.search = _SearchField()
        self.search.leftDownwards.connect(self.leftDownwards)
        self.everything = _chip("&All", "Events of every kind")
        self.chips = {category: _chip(label, help_text) for category, label, help_text in _CHIPS}
        self.look = _chip("⚠ Needs a loo&k", _LOOK_HELP)
        self.more = _button("&More…", "More conditions", _MORE_HELP)
        self.period = PeriodChoice()
        self.saved = SavedMenu(self._store, lambda: self.wanted)
        self.menu_button = _menu_button()
        self.menu_button.clicked.connect(self.ask_for_menu)
        self.subject = FilterChips(stands_out=True)
        self.conditions = FilterChips()
        self.roles = RoleChoice()
        self.limit = Banner(Tone.WARNING)
        self.words = ElidedLabel()
        self.words.setAccessibleName("The filter in words")
        self.clear_button = QPushButton(_SHOW_ALL)
        self.clear_button.setToolTip("Take the whole filter back")
        self.banner = Banner(Tone.NOTE, closable=True)
        self.popup: MoreConditions | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DEBOUNCE_MS)
        self._arrange()
        self._connect()
        self.everything.setChecked(True)
        self._told = self.log_filter
        self._say()

    def _connect(self) -> None:
        self.search.textChanged.connect(self._pause.start)
        self._pause.timeout.connect(self._tell)
        self.everything.clicked.connect(self._everything_clicked)
        for chip in (*self.chips.values(), self.look):
            chip.clicked.connect(self._kind_clicked)
        self.period.chosen.connect(self._choose_time)
        self.period.datesWanted.connect(self.ask_for_dates)
        self.more.clicked.connect(self.ask_for_more)
        self.subject.removed.connect(self._take_back)
        self.subject.emptied.connect(self.focus_search)
        self.roles.picked.connect(self._take_narrower)
        self.conditions.removed.connect(self._take_back)
        self.conditions.emptied.connect(self.more.setFocus)
        self.clear_button.clicked.connect(self._clear_by_hand)
        self.banner.acted.connect(self._clear_by_hand)
        self.banner.dismissed.connect(self._forget_that_it_came_back)
        self.saved.picked.connect(self.show_wanted)
        self.saved.troubled.connect(self._say_trouble)

    # What is asked for

    @property
    def wanted(self) -> Wanted:
        """What the reader asks for."""
        pressed = frozenset(category for category, chip in self.chips.items() if chip.isChecked())
        return replace(
            self._further,
            categories=self._further.categories | pressed,
            text=self.search.text().strip(),
            needs_look=self.look.isChecked(),
            when=self._when,
        )

    @property
    def log_filter(self) -> LogFilter:
        """What that means now."""
        return self.wanted.at(self._clock.now(), self._zone, self._shifts())

    def show_wanted(self, wanted: Wanted) -> None:
        """Ask for this, at once."""
        self._set(wanted)
        self._tell()

    def clear(self) -> None:
        """Ask for everything, at once."""
        self.show_wanted(EVERYTHING)

    @property
    def searches_a_part(self) -> bool:
        """Whether words are looked for in a part of the log only."""
        wanted = self.wanted
        return bool(wanted.text) and wanted != Wanted(text=wanted.text)

    @property
    def part_words(self) -> str:
        """Which part that is, in words."""
        return in_words(replace(self.wanted, text=""), self._zone, self._told.since)

    def search_everything(self) -> None:
        """Look for the words, and ask for nothing else, at once."""
        self.show_wanted(Wanted(text=self.wanted.text))
        self.focus_search()

    def offer_narrower(self, found: Iterable[Event]) -> None:
        """Offer to tell apart what the name that is looked for was `found` as."""
        self.roles.offer(narrower(self.wanted, found))

    def ask_for_what_needs_a_look(self) -> None:
        """Ask for all that needs a look and nothing else, at once."""
        self.show_wanted(Wanted(needs_look=True))

    def _set(self, wanted: Wanted) -> None:
        # The field's own button to clear it follows the text by the same signal: so it is let through.
        self.search.setText(wanted.text)
        self._pause.stop()
        for category, chip in self.chips.items():
            chip.setChecked(category in wanted.categories)
        self.look.setChecked(wanted.needs_look)
        # A kind that has no chip here must not be dropped: the filter would show more than was asked for.
        others = wanted.categories - self.chips.keys()
        self._further = replace(wanted, categories=others, text="", needs_look=False, when=When.EVERYTHING)
        self._when = wanted.when
        self.period.show_choice(wanted.when)
        self._press_everything()

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

    def ask_for_more(self) -> None:
        """Open the further conditions below their button."""
        if self.popup is None:
            # Not before: few open it, and the log is to open fast.
            self.popup = MoreConditions(self._ask, self._keeper, self)
            self.popup.changed.connect(self._take_further)
        self.popup.show_below(self.more.mapToGlobal(self.more.rect().bottomRight()), self._further)

    def ask_for_dates(self) -> None:
        """Ask from when to when."""
        self.period.show_choice(self._when)
        dates = self._when if isinstance(self._when, Dates) else None
        dialog = DatesDialog(dates, self._clock.now(), self._zone, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._choose_time)
        dialog.open()

    # What is remembered

    def save_state(self) -> None:
        """Remember the filter for the next start."""
        self._store.keep_last(self.wanted)

    def restore_state(self) -> None:
        """Ask for what was asked for when the program ended, and say so; nothing is told yet."""
        self.saved.load()
        try:
            wanted = self._store.last
        except FilterError as error:
            self._say_trouble(
                UserError("The filter of last time is not on: this is the whole log.", str(error))
            )
            return
        self._set(wanted)
        self._told = self.log_filter
        self._came_back = self._told != LogFilter()
        self._say()

    # What the reader does

    def _tell(self) -> None:
        self._pause.stop()
        log_filter = self.log_filter
        if log_filter != self._told:
            self._told = log_filter
            self.banner.hide()
            self._forget_that_it_came_back()
            self.changed.emit(log_filter)

    def _say(self) -> None:
        """Show what is in force: in words, and as chips where nothing else shows it."""
        wanted = self.wanted
        words = in_words(wanted, self._zone, self._told.since)
        self.words.setText(f"Filter: {words}")
        if self._came_back:
            self.banner.say(_STILL_ON, words, action=_SHOW_ALL)
        is_on = self._told != LogFilter() and not self._came_back
        self.words.setVisible(is_on)
        self.clear_button.setVisible(is_on)
        further = replace(
            self._further, when=wanted.when if isinstance(wanted.when, Dates) else When.EVERYTHING
        )
        words_of = condition_words(further, self._zone)
        self.subject.show_conditions({name: words_of.pop(name) for name in _SUBJECTS if name in words_of})
        self.conditions.show_conditions(words_of)
        self.search.say_within(history=bool(self.subject.chips))
        if not wanted.text:
            self.roles.offer([])
        if self._told.leaves_words_out:
            self.limit.say(f"Only the first {MAX_TERMS} words are searched for.")
        else:
            self.limit.hide()
        self._use_rows()

    def _say_trouble(self, error: UserError) -> None:
        self._forget_that_it_came_back()
        self.banner.say(error.message, error.remedy)

    def _forget_that_it_came_back(self) -> None:
        self._came_back = False
        self._say()

    def _choose_time(self, when: When | Dates) -> None:
        self._when = when
        self.period.show_choice(when)
        self._tell()

    def _take_further(self, further: Wanted) -> None:
        self._further = further
        self._tell()

    def _take_narrower(self, wanted: Wanted) -> None:
        self.show_wanted(wanted)
        self.focus_search()  # the button that was pressed is gone

    def _take_back(self, name: str) -> None:
        # A chip of kinds stands for those that have no control of their own.
        if name == "when":
            self._choose_time(When.EVERYTHING)
            return
        self._further = self._further.without(name)
        self._press_everything()
        self._tell()

    def _clear_by_hand(self) -> None:
        self.clear()
        # The button is gone; the keyboard goes on where the next filter begins.
        self.focus_search()

    def _everything_clicked(self) -> None:
        for chip in (*self.chips.values(), self.look):
            chip.setChecked(False)
        self._further = self._further.without("categories")
        self._press_everything()
        self._tell()

    def _kind_clicked(self) -> None:
        self._press_everything()
        self._tell()

    def _press_everything(self) -> None:
        pressed = any(chip.isChecked() for chip in (*self.chips.values(), self.look))
        self.everything.setChecked(not pressed and not self._further.categories)

    # How it is laid out

    def _arrange(self) -> None:
        self._at_the_right = (self.period, self.more, self.saved, self.menu_button)
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
        search = QHBoxLayout()
        search.setSpacing(_GAP)
        search.addWidget(self.subject)
        search.addWidget(self.search, stretch=1)
        self._grid.addLayout(search, 0, 0)
        self._grid.addWidget(self._kinds, 0, 1)
        for column, control in enumerate(self._at_the_right, 2):
            self._grid.addWidget(control, 0, column)
        foot = QHBoxLayout()
        foot.addWidget(self.words, stretch=1)
        foot.addWidget(self.clear_button)
        self._grid.addWidget(self.roles, 2, 0, 1, _COLUMNS)
        self._grid.addWidget(self.conditions, 3, 0, 1, _COLUMNS)
        self._grid.addLayout(foot, 4, 0, 1, _COLUMNS)
        self._grid.addWidget(self.limit, 5, 0, 1, _COLUMNS)
        self._grid.addWidget(self.banner, 6, 0, 1, _COLUMNS)

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
        self._use_rows()

    def _use_rows(self) -> None:
        needed = self._width_of_first_row() + _WIDE_GAP + self._kinds.sizeHint().width()
        wrapped = self.contentsRect().width() - 2 * self._grid.contentsMargins().left() < needed
        if wrapped == self._wrapped:
            return
        self._wrapped = wrapped
        self._grid.removeWidget(self._kinds)
        if wrapped:
            self._grid.addWidget(self._kinds, 1, 0, 1, _COLUMNS, Qt.AlignmentFlag.AlignLeft)
        else:
            self._grid.addWidget(self._kinds, 0, 1)

    def _width_of_first_row(self) -> int:
        others = sum(each.sizeHint().width() + _WIDE_GAP for each in self._at_the_right)
        subject = self.subject.sizeHint().width() + _GAP if self.subject.chips else 0
        return subject + self.search.minimumWidth() + others


class _SearchField(QLineEdit):
    leftDownwards = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Search people, items, duty and numbers")
        self.setToolTip("Ctrl+F comes here, Esc clears it, Down goes to the rows")
        self.setClearButtonEnabled(True)
        self.say_within(history=False)

    def say_within(self, *, history: bool) -> None:
        """Say what may be searched for: everything, or one history, whose name needs room beside it."""
        self.setPlaceholderText(_SEARCH_HISTORY if history else _SEARCH)
        # What may be searched for is to be read whole, beside the frame and the button that clears.
        least = "Search in…" if history else _SEARCH
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance(least) + 32)

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
    button = _button("☰", "Menu", "Menu (F10): pause, reconnect, settings, quit")
    button.setAutoRaise(True)
    return button


def _button(text: str, name: str, help_text: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAccessibleName(name)
    button.setToolTip(help_text)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
