"""The live log window: joins the parts, and reads the journal for them."""

from collections.abc import Coroutine, Sequence
from datetime import tzinfo
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QModelIndex, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from armguard_tray.catchup.completeness import Completeness
from armguard_tray.catchup.search import Searched
from armguard_tray.clock import Clock
from armguard_tray.connection.health import Health
from armguard_tray.errors import JournalError
from armguard_tray.messages.event import StoredEvent
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.fetch_words import fetched_words
from armguard_tray.ui.log_window import empty_state
from armguard_tray.ui.log_window.banner import Banner, Tone
from armguard_tray.ui.log_window.details_pane import DetailsPane
from armguard_tray.ui.log_window.empty_state import EmptyState
from armguard_tray.ui.log_window.event_view import EventView
from armguard_tray.ui.log_window.filter_bar import FilterBar
from armguard_tray.ui.log_window.jump_button import JumpButton
from armguard_tray.ui.log_window.not_live import NotLive, Remedy, not_live
from armguard_tray.ui.log_window.progress_line import ProgressLine
from armguard_tray.ui.log_window.status_line import StatusLine
from armguard_tray.ui.models.clocks import clocks_at
from armguard_tray.ui.models.event_columns import Column
from armguard_tray.ui.models.event_source import EventSource
from armguard_tray.ui.models.event_table import EventTable
from armguard_tray.ui.models.row_counts import RowCounts
from armguard_tray.ui.wording import failure_words

_SIZE = QSize(1080, 680)
_FRAME = QSize(16, 48)  # room for what the desktop puts around a window; not known before it is shown
_KEY_GEOMETRY = "log_window/geometry"
_KEY_SPLIT = "log_window/split"
_KEY_DETAILS = "log_window/details"
_KEY_WIDTHS = "log_window/column_widths"


class LogWindow(QWidget):
    """Shows the journal, live. Closing only hides it; opened again, it shows the newest rows.

    Attributes:
        is_last_resort: whether there is no tray to open it from again; it then stays when it is to be closed.

    Signals:
        open_on_server(StoredEvent): the reader wants to see this event in the browser.
        read_up_to(int): all rows up to this one of the journal were before the reader's eyes.
        last_resort_closing(): the reader wants to close the window that is the last resort.
        menu_wanted(QPoint): the reader asked for the program's menu; it belongs at this point of the screen.
        settings_wanted(): the reader wants to mend in the settings what keeps the log from being live.
        reconnect_wanted(): the reader wants all streams to be tried now.
        fetch_wanted(StoredEvent): the reader wants what is missing of this gap to be looked for now.
        fetch_left(): the reader does not wait for that any more.
        backlog_cancel_wanted(): the reader wants no more of the time before this desk followed the server.
        backlog_wanted(): the reader wants it after all.

    """

    open_on_server = Signal(object)
    read_up_to = Signal(object)  # an object: Signal(int) has only 32 bits
    last_resort_closing = Signal()
    menu_wanted = Signal(object)
    settings_wanted = Signal()
    reconnect_wanted = Signal()
    fetch_wanted = Signal(object)
    fetch_left = Signal()
    backlog_cancel_wanted = Signal()
    backlog_wanted = Signal()

    def __init__(  # noqa: PLR0913  all it needs is handed in, by name
        self,
        *,
        journal: EventSource,
        feed: Feed,
        zone: tzinfo,
        clock: Clock,
        keeper: TaskKeeper,
        store: QSettings,
        desk_zone: tzinfo | None = None,
    ) -> None:
        """Show rows of `journal` and what `feed` brings; looks are remembered in `store`.

        Times of events are told in `zone`, the server's, as people write them; what this desk saw itself,
        such as the connection's state, in `desk_zone`, as in the tray: this machine's unless given.
        """
        super().__init__()
        self._journal = journal
        self._keeper = keeper
        self._clock = clock
        self._zone = zone
        self._desk_zone = desk_zone
        self._clocks = clocks_at(clock.now(), zone, desk_zone)
        self._store = store
        self._health = feed.health
        self.is_last_resort = False
        self._opened = False
        self._row_asked = False
        self._marked = 0
        self._warning: NotLive | None = None
        self._build()
        self._connect(feed)
        self._restore()
        self._show_health(feed.health)
        self._show_trouble(feed.trouble)
        self._show_completeness(feed.completeness)

    def show_row(self, row: int) -> None:
        """Bring row `row` of the journal into view and select it; a filter that hides it is cleared."""
        self._opened = True
        self._row_asked = not self.isVisible()
        self._start(self._bring(row), "show row")

    def show_what_needs_a_look(self) -> None:
        """Show all that needs a look, and nothing else, newest first."""
        self._close_details()
        self.filters.ask_for_what_needs_a_look()
        self.jump_to_newest()

    def show_fetched(self, before: StoredEvent, after: StoredEvent, searched: Searched) -> None:
        """Say what a search has brought of the gap that `before` was and `after` is."""
        if before.event.gap is not None and after.event.gap is not None:
            now = self._clock.now()
            words = fetched_words(before.event.gap, after.event.gap, searched, now, self._clocks)
            self.details.show_answer(before.row, words)

    def jump_to_newest(self) -> None:
        """Go to the newest row."""
        self.view.jump_to_newest()

    # How it is built

    def _build(self) -> None:
        self.setWindowTitle("Live log")
        self.resize(_SIZE)
        self.table = EventTable(self._journal, self._keeper, self._zone, self)
        self.counts = RowCounts(self._journal, self._keeper, self)
        self.filters = FilterBar(self._clock, self._zone)
        self.trouble = Banner(Tone.TROUBLE)
        self.offline = Banner(Tone.WARNING)
        self.notice = Banner(Tone.NOTE, closable=True)
        self.view = EventView(self.table)
        self.jump = JumpButton(self.view)
        self.empty = EmptyState()
        self.rows = QStackedWidget()
        self.rows.addWidget(self.view)
        self.rows.addWidget(self.empty)
        self.details = DetailsPane(self._clocks)
        self.details.hide()
        self.progress = ProgressLine(self._desk_zone)
        self.status = StatusLine(self._clock, self._desk_zone)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self.rows)
        self.split.addWidget(self.details)
        self.split.setChildrenCollapsible(False)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([400, 220])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.trouble, self.offline, self.notice, self.filters):
            column.addWidget(part)
        column.addWidget(_line())
        column.addWidget(self.split, stretch=1)
        column.addWidget(_line())
        column.addWidget(self.progress)
        column.addWidget(self.status)

    def _connect(self, feed: Feed) -> None:
        feed.stored.connect(self.table.add)
        feed.stored.connect(self.counts.add)
        feed.changed.connect(self.table.change)
        feed.changed.connect(self.counts.change)
        feed.changed.connect(self._complete_details)
        feed.completenessChanged.connect(self._show_completeness)
        feed.healthChanged.connect(self._show_health)
        feed.storageTrouble.connect(self._show_trouble)
        self.filters.changed.connect(self._show_filter)
        self.filters.leftDownwards.connect(self._enter_rows)
        self.filters.menuWanted.connect(self.menu_wanted)
        self.empty.clearWanted.connect(self.filters.clear)
        self.counts.changed.connect(self._show_counts)
        self.table.loaded.connect(self._show_rows_or_reason)
        self.table.rowsInserted.connect(self._show_rows_or_reason)
        self.table.failed.connect(self.notice.say)
        for change in (feed.stored, self.table.loaded, self.table.rowsInserted, self.view.placeChanged):
            change.connect(self._mark_read)
        self.view.placeChanged.connect(self._show_jump)
        self.jump.clicked.connect(self.jump_to_newest)
        self.offline.acted.connect(self._act)
        self.view.left.connect(self._close_details)
        self.details.closeWanted.connect(self._close_details)
        self.view.picked.connect(self._show_details)
        self.view.activatedEvent.connect(self.open_on_server)
        self.details.openOnServer.connect(self.open_on_server)
        self.details.fetchWanted.connect(self.fetch_wanted)
        self.details.fetchLeft.connect(self.fetch_left)
        self.progress.cancelWanted.connect(self.backlog_cancel_wanted)
        self.progress.backlogWanted.connect(self.backlog_wanted)
        self.status.ticked.connect(self._tick)
        for keys, action in (
            (QKeySequence.StandardKey.Find, self.filters.focus_search),
            (QKeySequence("Ctrl+Home"), self.jump_to_newest),
            (QKeySequence("F10"), self.filters.ask_for_menu),
            (QKeySequence.StandardKey.Close, self.close),
        ):
            QShortcut(keys, self).activated.connect(action)

    # What it shows

    def _show_filter(self, log_filter: LogFilter) -> None:
        self.notice.hide()
        self.table.show_filter(log_filter)
        self.counts.recount(log_filter)

    def _show_counts(self) -> None:
        self.status.show_counts(self.counts.matching, self.counts.total)

    def _show_rows_or_reason(self) -> None:
        if self.table.rowCount():
            self.rows.setCurrentWidget(self.view)
            return
        if self.table.failure is not None:
            self.empty.say(empty_state.UNREADABLE, self.table.failure, offer_clear=False)
        elif self.table.log_filter == LogFilter():
            self.empty.say(empty_state.NOTHING_YET, empty_state.WILL_APPEAR, offer_clear=False)
        else:
            self.empty.say(empty_state.NO_MATCH, empty_state.TRY_LESS, offer_clear=True)
        self.rows.setCurrentWidget(self.empty)

    def _show_health(self, health: Health | None) -> None:
        self._health = health
        self.status.show_health(health)
        self._tick()

    def _tick(self) -> None:
        """Say anew what depends on the time."""
        self.empty.show_state(self.status.state)
        self.filters.refresh()
        self._tell_clocks_apart()
        self._warning = not_live(self._health, self._clock.now(), self._desk_zone)
        if self._warning is None:
            self.offline.hide()
        else:
            action = self._warning.remedy.value
            self.offline.say(self._warning.headline, self._warning.explanation, action=action)

    def _tell_clocks_apart(self) -> None:
        # Anew each time: summer time begins while the window is open.
        self._clocks = clocks_at(self._clock.now(), self._zone, self._desk_zone)
        self.table.tell_clocks_apart(self._clocks)
        self.details.tell_clocks_apart(self._clocks)

    def _act(self) -> None:
        if self._warning is not None and self._warning.remedy is Remedy.SETTINGS:
            self.settings_wanted.emit()
        else:
            self.reconnect_wanted.emit()

    def _show_trouble(self, trouble: JournalError | None) -> None:
        if trouble is None:
            self.trouble.hide()
        else:
            self.trouble.say("New events cannot be stored.", str(trouble))

    def _show_completeness(self, completeness: Completeness) -> None:
        self.status.show_completeness(completeness)
        self.progress.show_completeness(completeness)

    def _show_jump(self) -> None:
        self.jump.say(self.view.unseen, more_above=self.table.more_above)

    def _show_details(self, stored: StoredEvent) -> None:
        self.details.show_event(stored)
        self.details.show()
        if not stored.event.raw:
            self._start(self._fetch_frame(stored.row), "whole frame")

    def _complete_details(self, events: Sequence[StoredEvent]) -> None:
        for stored in events:
            self.details.complete(stored)

    def _close_details(self) -> None:
        self.details.hide()
        self.view.clearSelection()
        self.view.setCurrentIndex(QModelIndex())
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _fetch_frame(self, row: int) -> None:
        stored = await self._journal.get(row)
        if stored is not None:
            self.details.complete(stored)

    async def _bring(self, row: int) -> None:
        # Rows that are about to be replaced lead nowhere.
        place = None if self.table.loading else self.table.index_of(row)
        if place is None:
            stored = await self._journal.get(row)
            if stored is None:
                self.notice.say("That event is not in the log.")
                if not self.table.rowCount():
                    self.table.load_newest()
                return
            self._relax_filter(stored)
            await self.table.load_around(stored.place)
            place = self.table.index_of(row)
        if place is not None:
            self.view.reveal(place)
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _relax_filter(self, stored: StoredEvent) -> None:
        if self.table.log_filter.matches(stored.event):
            return
        self.filters.clear()
        self.notice.say("The filter was cleared: it hid the event that was asked for.")

    def _enter_rows(self) -> None:
        self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.view.currentIndex().isValid() and self.table.rowCount():
            self.view.selectRow(0)

    def _mark_read(self) -> None:
        newest = self.view.newest_shown if self.isActiveWindow() and self.isVisible() else None
        if newest is not None and newest > self._marked:
            self._marked = newest
            self.read_up_to.emit(newest)

    def _start(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        task = self._keeper.start(coroutine, name=name)
        task.add_done_callback(self._said_if_failed)

    def _said_if_failed(self, task: Any) -> None:
        if not task.cancelled() and task.exception() is not None:  # the keeper has logged it
            self.notice.say(failure_words(task.exception()))

    # Window events

    def showEvent(self, event: QShowEvent) -> None:
        """Show the newest rows, unless a certain one was asked for."""
        super().showEvent(event)
        if event.spontaneous():
            return  # no longer minimised: it goes on where it was
        if not self._opened:
            self._opened = True
            self._show_filter(self.filters.log_filter)
        elif self.counts.total is None:
            self.counts.recount(self.table.log_filter)
        if not self._row_asked:
            self._close_details()
            self.jump_to_newest()
        self._row_asked = False

    def changeEvent(self, event: QEvent) -> None:
        """Take what is on show as read once the window is the active one."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange:
            self._mark_read()

    def hideEvent(self, event: QHideEvent) -> None:
        """Remember the looks."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._remember()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide; but the last resort stays, and tells."""
        if self.is_last_resort:
            event.ignore()
            self.last_resort_closing.emit()
        else:
            super().closeEvent(event)

    def _remember(self) -> None:
        self._store.setValue(_KEY_GEOMETRY, self.saveGeometry())
        self._store.setValue(_KEY_SPLIT, self.split.saveState())
        self._store.setValue(_KEY_DETAILS, self.details.body.saveState())
        # By their names: in another version of the program there may be other columns.
        widths = (f"{column.name}={width}" for column, width in self.view.chosen_widths.items())
        self._store.setValue(_KEY_WIDTHS, " ".join(widths))

    def _restore(self) -> None:
        for key, restore in (
            (_KEY_GEOMETRY, self.restoreGeometry),
            (_KEY_SPLIT, self.split.restoreState),
            (_KEY_DETAILS, self.details.body.restoreState),
        ):
            state = self._store.value(key)
            if isinstance(state, QByteArray):
                restore(state)
        self.view.choose_widths(_widths(self._store.value(_KEY_WIDTHS)))
        self._fit_screen()

    def _fit_screen(self) -> None:
        """Leave no part of the window outside the screen, which may be smaller than the last one."""
        if not self.isMaximized() and not self.isFullScreen():
            room = self.screen().availableGeometry().size() - _FRAME
            self.resize(self.size().boundedTo(room))


def _widths(remembered: object) -> dict[Column, int]:
    """Return the widths that were remembered, as far as they are widths of columns that there are."""
    pairs = (each.partition("=") for each in remembered.split()) if isinstance(remembered, str) else ()
    return {
        Column[name]: int(width)
        for name, _, width in pairs
        if name in Column.__members__ and width.isdecimal() and int(width) > 0
    }


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
