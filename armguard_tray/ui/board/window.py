"""The window "Who holds what": joins the board's parts, and keeps it as it is now."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Final

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from armguard_tray.catchup.completeness import Completeness
from armguard_tray.catchup.issued_page import IssuedNow
from armguard_tray.clock import Clock
from armguard_tray.holdings.board import Board
from armguard_tray.holdings.words import Zones, notes
from armguard_tray.messages.event import Category, StoredEvent
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.board.board_reader import BoardReader, HandlingsSource
from armguard_tray.ui.board.board_table import BoardTable
from armguard_tray.ui.board.board_view import BoardView
from armguard_tray.ui.board.columns import explanation, labelled
from armguard_tray.ui.board.summary import NO_MATCH, READING, empty_words, summary
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.icons import app_icon
from armguard_tray.ui.log_window.empty_state import EmptyState
from armguard_tray.ui.log_window.labels import bold

_SIZE: Final = QSize(980, 560)
_SMALLEST: Final = QSize(440, 300)
_FRAME: Final = QSize(16, 48)  # room for what the desktop puts around a window
_KEY_GEOMETRY: Final = "board/geometry"
_MINUTE_MS: Final = 60_000
_UNREADABLE: Final = "The board cannot be shown"
_TELLING: Final = frozenset({Category.ISSUED, Category.RETURNED, Category.STATUS, Category.GAP})
"""What may change the board."""


class BoardWindow(QWidget):
    """Shows who holds what, live while it is to be seen.

    Signals:
        historyWanted(str | None, str | None): the whole history of this person, or of this item.

    """

    historyWanted = Signal(object, object)

    def __init__(  # noqa: PLR0913 - what it joins
        self,
        *,
        journal: HandlingsSource,
        server: str,
        feed: Feed,
        zone: tzinfo,
        clock: Clock,
        keeper: TaskKeeper,
        store: QSettings,
        hours: DutyHours,
        issued: Callable[[], IssuedNow | None] = lambda: None,
        desk_zone: tzinfo | None = None,
    ) -> None:
        """Show what `journal` has of the server at URL `server`, and what `issued` returns of its list.

        Times of transactions are told in `zone`, the server's; what this desk saw in `desk_zone`, this
        machine's unless given. `feed` brings news, `hours` says what is overdue.
        """
        super().__init__()
        self._clock = clock
        self._zones = Zones(zone, desk_zone)
        self._store = store
        self._completeness = feed.completeness
        self._has_read = False
        self._failure = ""
        self.reader = BoardReader(
            journal=journal, server=server, issued=issued, hours=hours, keeper=keeper, parent=self
        )
        self._minute = QTimer(self)
        self._minute.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._minute.setInterval(_MINUTE_MS)
        self._build()
        self._connect(feed)
        self._restore()
        self._show_words()

    def set_hours(self, hours: DutyHours) -> None:
        """Say from now on after how long a weapon is overdue."""
        if hours != self.reader.hours:
            self.reader.hours = hours
            self._want()

    @property
    def board(self) -> Board:
        """The board that is shown."""
        return self.table.board

    # How it is built

    def _build(self) -> None:
        self.setWindowTitle("Who holds what")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(_SMALLEST)
        self.resize(_SIZE)
        self.search = _SearchField()
        self.table = BoardTable(self._zones, self)
        self.view = BoardView(self.table)
        self.empty = EmptyState()
        self.rows = QStackedWidget()
        self.rows.addWidget(self.view)
        self.rows.addWidget(self.empty)
        self.summary = bold(_text("Summary"))
        self.detail = _text("The chosen row")
        self.detail.hide()
        self.notes = _text("What the board stands on")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        for part in (self.search, self.summary):
            column.addWidget(part)
        column.addWidget(self.rows, stretch=1)
        column.addWidget(self.detail)
        column.addWidget(self.notes)

    def _connect(self, feed: Feed) -> None:
        feed.stored.connect(self._stored)
        feed.changed.connect(self._want)
        feed.trimmed.connect(self._want)
        feed.completenessChanged.connect(self._show_completeness)
        self.reader.told.connect(self._show_board)
        self.reader.failed.connect(self._show_failure)
        self.search.textChanged.connect(self._search)
        self.search.leftDownwards.connect(self.view.enter)
        self.empty.clearWanted.connect(self.search.clear)
        self.view.moved.connect(self._show_detail)
        self.view.itemWanted.connect(lambda item: self.historyWanted.emit(None, item))
        self.view.personWanted.connect(lambda person: self.historyWanted.emit(person, None))
        self._minute.timeout.connect(self._tell_time)
        for keys, action in (
            (QKeySequence.StandardKey.Find, self._focus_search),
            (QKeySequence.StandardKey.Refresh, self.reader.want),
            (QKeySequence.StandardKey.Close, self.close),
        ):
            QShortcut(keys, self).activated.connect(action)

    # What it shows

    def _want(self) -> None:
        if self.isVisible():
            self.reader.want()

    def _stored(self, events: Sequence[StoredEvent]) -> None:
        if any(each.event.category in _TELLING for each in events):
            self._want()

    def _show_completeness(self, completeness: Completeness) -> None:
        # After each look at the server's history, which has its list as well.
        self._completeness = completeness
        self._show_words()
        self._want()

    def _show_board(self, board: Board) -> None:
        self._has_read, self._failure = True, ""
        self.table.show(board, self._clock.now())
        self._show_words()

    def _show_failure(self, why: str) -> None:
        self._failure = why
        self._show_words()

    def _tell_time(self) -> None:
        self.table.tell_time(self._clock.now())
        self._show_words()

    def _search(self, text: str) -> None:
        self.table.search(text)
        self._show_words()

    def _show_words(self) -> None:
        """Say what the rows come to, and what stands in their place while there are none."""
        board = self.board
        self.summary.setText(self._summary())
        self.notes.setText("\n".join(notes(board, self._zones)) if self._has_read else "")
        self.notes.setVisible(self._has_read)
        self._show_detail()
        self.rows.setCurrentWidget(self.view if self.table.rowCount() else self.empty)
        if self._failure and not self._has_read:
            self.empty.say(_UNREADABLE, self._failure, offer_clear=False)
        elif not self._has_read:
            self.empty.say(*READING, offer_clear=False)
        elif board.holdings and self.table.words:
            self.empty.say(*NO_MATCH, offer_clear=True)
        else:
            self.empty.say(*empty_words(board), offer_clear=False)

    def _summary(self) -> str:
        if self._failure:
            return f"⚠ Not up to date: {self._failure}"
        if not self._has_read:
            return READING[0]
        found = self.table.rowCount() if self.table.words else None
        return summary(self.board, self._completeness, self._clock.now(), self._zones.desk, found)

    def _show_detail(self) -> None:
        """Say how certain the chosen row is: not everybody can rest a mouse on it."""
        row = self.view.current
        if row is not None:
            hidden = labelled(row, self.view.hidden)
            told = " · ".join((row.holding.item, *hidden, explanation(row, self._zones)))
            self.detail.setText(told.replace("\n", " "))
        self.detail.setVisible(row is not None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Esc clear the search, wherever the keyboard is, and close the window where there is none."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.search.text():
            self.search.clear()
            self._focus_search()
        else:
            self.close()

    def _focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # Window events

    def showEvent(self, event: QShowEvent) -> None:
        """Read the board, and keep it as it is now from here on."""
        super().showEvent(event)
        if not event.spontaneous():
            self._minute.start()
            self._tell_time()
            self.reader.want()
            self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest, and remember the looks."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._minute.stop()
            self.reader.stop()
            self._store.setValue(_KEY_GEOMETRY, self.saveGeometry())

    def _restore(self) -> None:
        state = self._store.value(_KEY_GEOMETRY)
        if isinstance(state, QByteArray):
            self.restoreGeometry(state)
        if not self.isMaximized() and not self.isFullScreen():
            room = self.screen().availableGeometry().size() - _FRAME
            self.resize(self.size().boundedTo(room))


class _SearchField(QLineEdit):
    """A search field; the way down leads to the rows.

    Signals:
        leftDownwards(): the reader wants to go on to the rows.

    """

    leftDownwards = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Search people, items, duty…")
        self.setAccessibleName("Search what is out")
        self.setClearButtonEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.leftDownwards.emit()
        else:
            super().keyPressEvent(event)


def _text(name: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAccessibleName(name)
    return label
