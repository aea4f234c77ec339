"""The live log window: joins the parts, and reads the journal for them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, tzinfo
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QModelIndex, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from armguard_tray.catchup.completeness import Completeness
from armguard_tray.catchup.search import Searched
from armguard_tray.clock import Clock
from armguard_tray.connection.health import Health
from armguard_tray.errors import JournalError
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.messages.event import StoredEvent
from armguard_tray.storage.log_filter import LogFilter, happened
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui import clipboard
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.fetch_words import fetched_words
from armguard_tray.ui.log_window import empty_state
from armguard_tray.ui.log_window.banner import Banner, Tone
from armguard_tray.ui.log_window.columns import columns_of
from armguard_tray.ui.log_window.columns_dialog import ColumnsDialog
from armguard_tray.ui.log_window.details_pane import DetailsPane
from armguard_tray.ui.log_window.empty_state import EmptyState
from armguard_tray.ui.log_window.event_view import EventView
from armguard_tray.ui.log_window.filter_bar import FilterBar
from armguard_tray.ui.log_window.go_to_date import GoToDate
from armguard_tray.ui.log_window.jump_button import JumpButton
from armguard_tray.ui.log_window.not_live import NotLive, Remedy, not_live
from armguard_tray.ui.log_window.progress_line import ProgressLine
from armguard_tray.ui.log_window.row_copy import Lines, Table
from armguard_tray.ui.log_window.row_menu import RowMenu
from armguard_tray.ui.log_window.status_line import Counts, StatusLine
from armguard_tray.ui.models.clocks import clocks_at
from armguard_tray.ui.models.event_source import EventSource
from armguard_tray.ui.models.event_table import PAGE, EventTable
from armguard_tray.ui.models.row_counts import RowCounts
from armguard_tray.ui.wording import failure_words

_SIZE = QSize(1080, 680)
_SOON_MS = 400
"""How long the rows before may stay on show while others are looked for."""
_FRAME = QSize(16, 48)  # room for what the desktop puts around a window; not known before it is shown
_KEY_GEOMETRY = "log_window/geometry"
_KEY_SPLIT = "log_window/split"
_KEY_DETAILS = "log_window/details"
_KEY_ORDER = "log_window/column_order"
_KEY_WIDTHS = "log_window/column_widths"
MANY_COPIED = 1000
"""More rows than these take so long to copy that it is said when they are there."""
MOST_COPIED = 10_000
"""Rows that are copied at most; more than that is a thing for a file."""


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
        export_wanted(): the reader wants what is shown in a file.
        pictures_wanted(): the reader wants what is shown in pictures.

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
    export_wanted = Signal()
    pictures_wanted = Signal()

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
        shifts: Callable[[], Sequence[time]] = tuple,
        at_once: bool = True,
    ) -> None:
        """Show rows of `journal` and what `feed` brings; looks are remembered in `store`.

        Times of events are told in `zone`, the server's, as people write them; what this desk saw itself,
        such as the connection's state, in `desk_zone`, as in the tray: this machine's unless given. `shifts`
        returns when shifts begin there, by the server's clock. Unless it is made `at_once`, nothing may be
        done with it before `build_in_turns`.
        """
        super().__init__()
        self._journal = journal
        self._keeper = keeper
        self._clock = clock
        self._shifts = shifts
        self._zone = zone
        self._desk_zone = desk_zone
        self._clocks = clocks_at(clock.now(), zone, desk_zone)
        self._store = store
        self._health = feed.health
        self.is_last_resort = False
        self._asked = False
        self._row_asked = False
        self._marked = 0
        self._copying: asyncio.Task[None] | None = None
        self._warning: NotLive | None = None
        self._building = self._build(feed)
        if at_once:
            for _ in self._building:
                pass

    async def build_in_turns(self) -> None:
        """Make its parts, each in a turn of the event loop: at once would hold up icon and other windows."""
        for _ in self._building:
            await asyncio.sleep(0)

    def show_row(self, row: int) -> None:
        """Bring row `row` of the journal into view and select it; a filter that hides it is cleared."""
        self._row_asked = not self.isVisible()
        self._start(self._bring(row), "show row")

    def show_what_needs_a_look(self) -> None:
        """Show all that needs a look, and nothing else, newest first."""
        self._close_details()
        self.filters.ask_for_what_needs_a_look()
        self.jump_to_newest()

    def show_history(self, *, person: str | None = None, item: str | None = None) -> None:
        """Show all that is about this person or item, to the letter, and nothing else, newest first."""
        self._close_details()
        self.filters.show_wanted(Wanted(person=person, item=item))
        self.jump_to_newest()

    def ask_for_date(self) -> None:
        """Ask for a time, and go to what happened then; what is shown stays."""
        current = self.view.current
        at = self._clock.now() if current is None else happened(current.event)
        dialog = GoToDate(at, self._zone, self._clocks.place, self)
        dialog.chosen.connect(self.go_to)
        dialog.open()

    def go_to(self, time: datetime) -> None:
        """Go to the newest row on show that happened at `time`, aware, or before."""
        self._start(self._go_to(time), "go to a time")

    def choose_columns(self) -> None:
        """Let the reader choose, order and size the columns."""
        dialog = ColumnsDialog(self.view.header, self)
        dialog.open()

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

    def _build(self, feed: Feed) -> Iterator[None]:
        self.setWindowTitle("Live log")
        self.resize(_SIZE)
        self.table = EventTable(self._journal, self._keeper, self._zone, self, clock=self._clock)
        self.counts = RowCounts(self._journal, self._keeper, self)
        yield
        self.view = EventView(self.table)
        yield
        self.filters = FilterBar(
            self._clock,
            self._zone,
            ask=self._journal.choices,
            keeper=self._keeper,
            store=self._store,
            shifts=self._shifts,
        )
        yield
        self.trouble = Banner(Tone.TROUBLE)
        self.offline = Banner(Tone.WARNING)
        self.notice = Banner(Tone.NOTE, closable=True)
        self.jump = JumpButton(self.view)
        self.empty = EmptyState()
        self.rows = QStackedWidget()
        self.rows.addWidget(self.view)
        self.rows.addWidget(self.empty)
        yield
        self.details = DetailsPane(self._clocks)
        self.details.hide()
        yield
        self.progress = ProgressLine(self._desk_zone)
        self.status = StatusLine(self._clock, self._desk_zone)
        self._arrange()
        yield
        # From here on it hears what happens, and shows what has happened until now.
        self._connect(feed)
        self._restore()
        self._show_health(feed.health)
        self._show_trouble(feed.trouble)
        self._show_completeness(feed.completeness)

    def _arrange(self) -> None:
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
        feed.trimmed.connect(self.table.leave)
        feed.trimmed.connect(self._rows_have_left)
        feed.changed.connect(self._complete_details)
        feed.completenessChanged.connect(self._show_completeness)
        feed.healthChanged.connect(self._show_health)
        feed.storageTrouble.connect(self._show_trouble)
        self.filters.changed.connect(self._show_filter)
        self.filters.leftDownwards.connect(self._enter_rows)
        self.filters.menuWanted.connect(self.menu_wanted)
        self.empty.clearWanted.connect(self.filters.clear)
        self.empty.everythingWanted.connect(self.filters.search_everything)
        self.counts.changed.connect(self._show_counts)
        self.table.loaded.connect(self._show_rows_or_reason)
        self.table.loaded.connect(self._offer_narrower)
        self.table.rowsInserted.connect(self._show_rows_or_reason)
        self.table.rowsRemoved.connect(self._show_rows_or_reason)
        self.table.vanished.connect(self._rows_have_left)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._say_that_it_takes_long)
        table = self.table
        for change in (table.loaded, table.extended, table.rowsInserted, table.rowsRemoved):
            change.connect(self._show_counts)
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
        self.details.historyWanted.connect(self._show_history_of)
        self.view.copyWanted.connect(self._copy)
        self.view.typed.connect(self._search_for)
        self.view.menuWanted.connect(lambda at: self.row_menu().popup(at))
        self.view.header.dialogWanted.connect(self.choose_columns)
        self.progress.cancelWanted.connect(self.backlog_cancel_wanted)
        self.progress.backlogWanted.connect(self.backlog_wanted)
        self.status.ticked.connect(self._tick)
        for keys, action in (
            (QKeySequence.StandardKey.Find, self.filters.focus_search),
            (QKeySequence("Ctrl+Home"), self.jump_to_newest),
            (QKeySequence("Ctrl+G"), self.ask_for_date),
            (QKeySequence("Ctrl+E"), self.export_wanted.emit),
            (QKeySequence("Ctrl+Shift+P"), self.pictures_wanted.emit),
            (QKeySequence("F10"), self.filters.ask_for_menu),
            (QKeySequence.StandardKey.Close, self.close),
        ):
            QShortcut(keys, self).activated.connect(action)

    # What it shows

    def _show_filter(self, log_filter: LogFilter) -> None:
        self.notice.hide()
        self.counts.make_way()
        self._asked = True
        self.table.show_filter(log_filter)
        self.status.show_searching()
        self._patience.start(_SOON_MS)

    def _show_counts(self) -> None:
        table = self.table
        if table.loading:
            return
        if table.answered_in is None:
            self.status.show_counts(None)
            return
        everything = table.log_filter == LogFilter()
        total = table.rowCount() if everything else self.counts.total
        self.status.show_counts(Counts(table.rowCount(), table.complete, total, table.answered_in))
        if table.complete and not everything:
            self.counts.count()

    def _say_that_it_takes_long(self) -> None:
        """Let rows of an older question not pass for the answer to this one."""
        if self.table.loading:
            self.empty.say(empty_state.SEARCHING, empty_state.TAKES_LONG, offer_clear=True)
            self.rows.setCurrentWidget(self.empty)

    def _rows_have_left(self) -> None:
        self.counts.forget()
        self._show_counts()

    def _show_rows_or_reason(self) -> None:
        if self.table.rowCount():
            self.rows.setCurrentWidget(self.view)
            return
        if self.table.failure is not None:
            self.empty.say(empty_state.UNREADABLE, self.table.failure, offer_clear=False)
        elif self.table.log_filter == LogFilter():
            self.empty.say(empty_state.NOTHING_YET, empty_state.WILL_APPEAR, offer_clear=False)
        elif self.filters.searches_a_part:
            where = f"{empty_state.SEARCHED_A_PART} {self.filters.part_words}."
            self.empty.say(empty_state.NO_MATCH, where, offer_clear=True, offer_everything=True)
        else:
            self.empty.say(empty_state.NO_MATCH, empty_state.TRY_LESS, offer_clear=True)
        self.rows.setCurrentWidget(self.empty)

    def _offer_narrower(self) -> None:
        newest = map(self.table.stored_at, range(min(PAGE, self.table.rowCount())))
        self.filters.offer_narrower(stored.event for stored in newest if stored is not None)

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
        self.jump.say(self.view.unseen, more_above=self.view.far_down)

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
        if not self._asked:
            self._show_filter(self.filters.log_filter)
        stored = await self._journal.get(row)
        if stored is None:
            self.notice.say("That event is not in the log.")
            return
        self._relax_filter(stored)
        if await self.table.reach(stored.place) is not None:
            self._reveal(stored.place)

    def _reveal(self, place: int) -> None:
        index = self.table.index_of(place)
        if index is not None:
            self.view.reveal(index)
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _relax_filter(self, stored: StoredEvent) -> None:
        if self.table.log_filter.matches(stored.event):
            return
        self.filters.clear()
        if self.table.log_filter != self.filters.log_filter:
            self._show_filter(self.filters.log_filter)
        self.notice.say("The filter was cleared: it hid the event that was asked for.")

    async def _go_to(self, time: datetime) -> None:
        place = await self._journal.place_before(time)
        index = await self.table.reach(place or 0)
        if index is None:
            return
        self.view.reveal(index)
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        if place is None or self.table.place_at(index) > place:
            self.notice.say("Nothing on show is as old as that. This is the oldest row.")

    # What is done with rows

    def _search_for(self, text: str) -> None:
        self.filters.focus_search()
        self.filters.search.insert(text)

    def _copy(self, as_table: bool) -> None:  # noqa: FBT001 - a Qt slot
        places = self.view.selected(MOST_COPIED)
        if places is None:
            self.notice.say(
                f"{self.view.selected_count:,} rows are too many to copy.",
                f"At most {MOST_COPIED:,} are copied at once. Export takes as many as you like.",
            )
        elif places:
            if self._copying is not None and self._copying.cancel():
                self.notice.hide()  # it may have told of those
            self._copying = self._start(self._copy_rows(places, as_table=as_table), "copy rows")

    async def _copy_rows(self, places: Sequence[int], *, as_table: bool) -> None:
        takes_long = len(places) > MANY_COPIED
        if takes_long:
            self.notice.say(f"{len(places):,} rows are being copied…")
        columns, count = self.view.columns.shown, 0
        copied = Table(columns) if as_table else Lines(columns)
        for first in range(0, len(places), PAGE):
            rows = await self.table.rows_in(places[first : first + PAGE])
            copied.add(rows)
            count += len(rows)
            await asyncio.sleep(0)  # let the other windows do what is due
        clipboard.copy(copied.text, copied.html)
        if takes_long:
            self.notice.say(f"{count:,} rows are copied.")

    def row_menu(self) -> RowMenu:
        """Return the menu of what can be done with the selected rows, as they are now."""
        menu = RowMenu(self.view.current, self)
        menu.copyWanted.connect(self._copy)
        menu.historyWanted.connect(self._show_history_of)
        menu.openWanted.connect(self.open_on_server)
        menu.dateWanted.connect(self.ask_for_date)
        menu.exportWanted.connect(self.export_wanted)
        menu.picturesWanted.connect(self.pictures_wanted)
        menu.addMenu(self.view.header.menu(menu))
        return menu

    def _show_history_of(self, kind: str, name: str) -> None:
        self.show_history(**{kind: name})

    def _enter_rows(self) -> None:
        self.view.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.view.currentIndex().isValid() and self.table.rowCount():
            self.view.selectRow(0)

    def _mark_read(self) -> None:
        # What a filter hides was not before anybody's eyes; from when on is shown hides nothing that is new.
        hides = replace(self.table.log_filter, since=None) != LogFilter()
        is_seen = self.isActiveWindow() and self.isVisible() and not hides
        newest = self.view.newest_shown if is_seen else None
        if newest is not None and newest > self._marked:
            self._marked = newest
            self.read_up_to.emit(newest)

    def _start(self, coroutine: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = self._keeper.start(coroutine, name=name)
        task.add_done_callback(self._said_if_failed)
        return task

    def _said_if_failed(self, task: Any) -> None:
        if not task.cancelled() and task.exception() is not None:  # the keeper has logged it
            self.notice.say(failure_words(task.exception()))

    # Window events

    def showEvent(self, event: QShowEvent) -> None:
        """Show the newest rows, unless a certain one was asked for."""
        super().showEvent(event)
        if event.spontaneous():
            return  # no longer minimised: it goes on where it was
        if not self._asked:
            self._show_filter(self.filters.log_filter)
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
        self._store.setValue(_KEY_ORDER, self.view.columns.order_as_text())
        self._store.setValue(_KEY_WIDTHS, self.view.columns.widths_as_text())
        self.filters.save_state()

    def _restore(self) -> None:
        for key, restore in (
            (_KEY_GEOMETRY, self.restoreGeometry),
            (_KEY_SPLIT, self.split.restoreState),
            (_KEY_DETAILS, self.details.body.restoreState),
        ):
            state = self._store.value(key)
            if isinstance(state, QByteArray):
                restore(state)
        remembered = columns_of(self._store.value(_KEY_ORDER), self._store.value(_KEY_WIDTHS))
        self.view.header.arrange(remembered)
        self.filters.restore_state()
        self._fit_screen()

    def _fit_screen(self) -> None:
        """Leave no part of the window outside the screen, which may be smaller than the last one."""
        if not self.isMaximized() and not self.isFullScreen():
            room = self.screen().availableGeometry().size() - _FRAME
            self.resize(self.size().boundedTo(room))


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
