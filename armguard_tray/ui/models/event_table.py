"""The table of events: a window of bounded size onto the journal, newest first.

::

      journal, newest
          ┆  held: arrived, not in the window      ── catch_up() / load_newest() ──▸ brought in
    ┌ row 0
    │     rows in memory, at most CAPACITY
    └ last row
          ┆  older rows                            ── fetchMore() ──▸ brought in
      journal, oldest

The order is that of `StoredEvent.place`, not of the rows' numbers: what came later stands where it belongs.

While the reader is at the top the newest rows are put in as they arrive. While the reader is elsewhere
nothing is put in above, so nothing that is being read moves; new rows are only counted. A row that belongs
between two others is put in there at once, and one that belongs below is left for `fetchMore()`. A window
that grows beyond its capacity loses rows at the other end, which can be fetched again.

An answer of the journal may be older than rows that were announced while it was on its way. They wait for it
and are put in behind it, each once.
"""

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import fields, replace
from datetime import tzinfo
from operator import attrgetter
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from armguard_tray.messages.attention import ALARMING
from armguard_tray.messages.event import Event, StoredEvent
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.models.clocks import Clocks
from armguard_tray.ui.models.event_columns import NUMBERS, SPECS, Column, across, cells, tooltip
from armguard_tray.ui.models.event_source import EventSource
from armguard_tray.ui.wording import NOTHING, failure_words, plain_tooltip, what

PAGE = 200
# Nobody scrolls further, and the garbage collector looks at each row: 15 ms for 20,000 of them.
CAPACITY = 10_000
# A raw frame may have 1 MiB and is only read in the details, which ask the journal for a long one.
LONG_RAW = 4096
LONG_TEXT = 200
_TEXTS = tuple(field.name for field in fields(Event) if field.name != "raw")

EVENT_ROLE: Final = Qt.ItemDataRole.UserRole
"""The row's `StoredEvent`; if its frame is long, without that (`raw == ""`) and with its long texts cut."""

_PLACE = attrgetter("place")
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_CELL_CACHE = 4096

# Read once: data() runs 1,600 times a repaint, and looking up an enum's member costs more than comparing.
_DISPLAY = Qt.ItemDataRole.DisplayRole
_ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class EventTable(QAbstractTableModel):
    """Rows of the journal that match a filter, newest first.

    A view must hide its vertical header: with it, trimming rows takes seconds.

    Attributes:
        log_filter: which rows are shown.
        following: whether the reader is at the top, where new rows go in as they arrive.
        more_above: whether there are newer matching rows than row 0.
        held: how many matching rows arrived that were not put in.
        newest_row: the greatest number of a matching row that was listed or announced, wherever it stands:
            what was caught up has a great number and stands far down.
        failure: why the last query had no answer, in words; None if it had one.

    Signals:
        loaded(): a new query's answer is in the table.
        caughtUp(int): that many newer rows were put in above the one that the reader is at.
        aboveChanged(): `more_above` or `held` changed.
        failed(str): the journal could not be read; why, in words.

    """

    loaded = Signal()
    caughtUp = Signal(int)
    aboveChanged = Signal()
    failed = Signal(str)

    def __init__(
        self,
        journal: EventSource,
        keeper: TaskKeeper,
        zone: tzinfo,
        parent: QObject | None = None,
        *,
        capacity: int = CAPACITY,
    ) -> None:
        """Show rows of `journal`, read in tasks of `keeper`, with times in `zone`."""
        super().__init__(parent)
        self.log_filter = LogFilter()
        self.following = True
        self.more_above = False
        self.held = 0
        self.newest_row = 0
        self.failure: str | None = None
        self._journal = journal
        self._keeper = keeper
        self._zone = zone
        self._clocks = Clocks(zone, zone)
        self._capacity = capacity
        self._rows: list[StoredEvent] = []
        self._cells: dict[int, tuple[str, ...]] = {}
        self._complete = True
        self._new: list[StoredEvent] = []  # what waits for an answer of the journal
        self._changed: list[StoredEvent] = []
        self._query: asyncio.Task[Any] | None = None
        self._extension: asyncio.Task[Any] | None = None

    # What is asked for

    @property
    def loading(self) -> bool:
        """Whether the answer to a new query is awaited."""
        return self._query is not None

    def tell_clocks_apart(self, clocks: Clocks) -> None:
        """Say from now on, where `clocks` differ, which of them is meant; rows keep the server's."""
        if clocks != self._clocks:
            self._clocks = clocks
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, Column.TIME, Column.TIME)

    def show_filter(self, log_filter: LogFilter) -> None:
        """Show the newest rows that match `log_filter`; the answer to an older question is dropped."""
        self.log_filter = log_filter
        self.newest_row = 0
        self.load_newest()

    def load_newest(self) -> None:
        """Show the newest rows."""
        self._ask(self._load_newest(), "newest rows")

    def load_around(self, place: int) -> asyncio.Task[Any]:
        """Show the rows around the one whose place is `place`; the task ends when they are there."""
        return self._ask(self._load_around(place), "rows around one")

    def catch_up(self) -> None:
        """Put in the next rows above row 0, if there are any."""
        if self.more_above:
            self._extend(self._load_newer, "newer rows")

    def canFetchMore(self, parent: _Index = _ROOT) -> bool:
        """Tell whether there are older rows that nobody has asked for yet."""
        return not (parent.isValid() or self._complete or self._query or self._extension)

    def fetchMore(self, parent: _Index = _ROOT) -> None:
        """Put in the next page of older rows; it comes later."""
        if self.canFetchMore(parent):
            self._extend(self._load_older, "older rows")

    def add(self, events: Sequence[StoredEvent]) -> None:
        """Take rows that were just stored, in order of their numbers."""
        matching = [stored for stored in events if self.log_filter.matches(stored.event)]
        if not matching:
            return
        self.newest_row = max(self.newest_row, matching[-1].row)
        if self._query or self._extension:
            self._new += matching
        else:
            self._put_new(matching)

    def change(self, events: Sequence[StoredEvent]) -> None:
        """Take rows that were stored before and read differently now."""
        if self._query or self._extension:
            self._changed += events
            return
        for stored in events:
            self._change(stored)

    # What is there

    def stored_at(self, index: int) -> StoredEvent:
        """Return what stands at an index of the table, 0 being the top."""
        return self._rows[index]

    def texts_at(self, index: int) -> tuple[str, ...]:
        """Return the texts of the row at an index of the table, one a column."""
        stored = self._rows[index]
        texts = self._cells.get(stored.row)
        if texts is None:
            if len(self._cells) >= _CELL_CACHE:
                self._cells.clear()
            texts = self._cells[stored.row] = cells(stored.event, self._zone)
        return texts

    def across_at(self, index: int) -> tuple[Column, str] | None:
        """Return where in the row at an index a text goes across columns, and the text, if any does."""
        return across(self._rows[index].event, self._zone)

    def index_of(self, row: int) -> int | None:
        """Return the index of row `row` of the journal; None where it is not in the window."""
        return next((index for index, stored in enumerate(self._rows) if stored.row == row), None)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return how many rows are in the window."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Return plain text to show, an escaped tooltip, spoken text, the alignment, or the event itself."""
        if role == _DISPLAY:
            return self.texts_at(index.row())[index.column()]
        if role == _ALIGNMENT:
            return _RIGHT if index.column() in NUMBERS else None
        if role == EVENT_ROLE:
            return self._rows[index.row()]
        if role == _TOOLTIP:
            event = self._rows[index.row()].event
            return plain_tooltip(tooltip(event, Column(index.column()), self._clocks))
        if role == _ACCESSIBLE:
            return self._spoken(index.row(), index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        """Return a column's heading, what it means, or its alignment."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == _DISPLAY:
            return self._heading(Column(section))
        if role == _TOOLTIP:
            return self._explanation(Column(section))
        if role == _ALIGNMENT:
            return Qt.AlignmentFlag.AlignCenter if section in NUMBERS else _LEFT
        return None

    def _heading(self, column: Column) -> str:
        title, place = SPECS[column].title, self._clocks.place
        return f"{title} ({place})" if column is Column.TIME and place else title

    def _explanation(self, column: Column) -> str:
        explanation, more = SPECS[column].explanation, self._clocks.explanation
        return plain_tooltip(f"{explanation}\n{more}") if column is Column.TIME and more else explanation

    def _spoken(self, index: int, column: int) -> str:
        if column == Column.WHAT:
            event = self._rows[index].event
            return f"{what(event)}, {event.level}" if event.level in ALARMING else what(event)
        text = self.texts_at(index)[column]
        return "none" if text in {"", NOTHING} else text.replace("→", "to")

    # Questions to the journal

    def _ask(self, question: Coroutine[Any, Any, object], name: str) -> asyncio.Task[Any]:
        for task in (self._query, self._extension):
            if task is not None:
                task.cancel()
        self._extension = None
        # Whatever was announced up to now is stored, so the answer has it.
        self._new.clear()
        self._changed.clear()
        task = self._query = self._keeper.start(question, name=name)
        task.add_done_callback(self._answered)
        return task

    def _extend(self, question: Callable[[], Coroutine[Any, Any, object]], name: str) -> None:
        if self._query or self._extension:
            return
        self._extension = self._keeper.start(question(), name=name)
        self._extension.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[Any]) -> None:
        was_query = task is self._query
        if was_query:
            self._query = None
        elif task is self._extension:
            self._extension = None
        if task.cancelled() or self._query or self._extension:
            return  # the next question goes on with what waits
        error = task.exception()
        if error is not None:
            self._fail(error, clear=was_query)
        self._put_what_waited()
        if error is None and self.following and self.more_above:
            # Rows were stored while the journal answered.
            self._extend(self._load_newer_at_top, "newest rows since")

    def _put_what_waited(self) -> None:
        new, self._new = self._new, []
        changed, self._changed = self._changed, []
        # A row changes after it is new, so all that is new comes first.
        self._put_new(new)
        for stored in changed:
            self._change(stored)

    def _fail(self, error: BaseException, *, clear: bool) -> None:
        # The keeper has logged it. Rows of an older question must not pass for the answer to this one.
        self.failure = failure_words(error)
        if clear:
            self._replace([], complete=True, more_above=False)
            self.loaded.emit()
        self.failed.emit(self.failure)

    async def _load_newest(self) -> None:
        page = await self._journal.page(self.log_filter, limit=PAGE)
        self._succeed(page, complete=len(page) < PAGE, more_above=False)

    async def _load_around(self, place: int) -> None:
        newer = await self._journal.newer(self.log_filter, after=place, limit=PAGE)
        older = await self._journal.page(self.log_filter, before=place + 1, limit=PAGE)
        self._succeed([*reversed(newer), *older], complete=len(older) < PAGE, more_above=len(newer) == PAGE)

    async def _load_older(self) -> None:
        page = await self._journal.page(self.log_filter, before=self._rows[-1].place, limit=PAGE)
        self._complete = len(page) < PAGE
        self._put_below(page)

    async def _load_newer(self) -> None:
        self.caughtUp.emit(await self._load_newer_at_top())

    async def _load_newer_at_top(self) -> int:
        newer = await self._journal.newer(self.log_filter, after=self._top, limit=PAGE)
        self._put_above(newer)
        self._set_above(len(newer) == PAGE, max(0, self.held - len(newer)))
        return len(newer)

    # Changes of the window

    @property
    def _top(self) -> int:
        return self._rows[0].place if self._rows else 0

    def _succeed(self, rows: Sequence[StoredEvent], *, complete: bool, more_above: bool) -> None:
        self._query = None
        self.failure = None
        self._replace(rows, complete=complete, more_above=more_above)
        self._put_what_waited()
        self.loaded.emit()

    def _replace(self, rows: Sequence[StoredEvent], *, complete: bool, more_above: bool) -> None:
        self.beginResetModel()
        self._rows = [_light(stored) for stored in rows]
        self._complete = complete
        self._listed(rows)
        self._cells.clear()
        self.endResetModel()
        self._set_above(more_above, 0)

    def _set_above(self, more_above: bool, held: int) -> None:  # noqa: FBT001  internal; the fact that is set
        self.more_above = more_above
        self.held = held if self.more_above else 0
        self.aboveChanged.emit()

    def _listed(self, rows: Sequence[StoredEvent]) -> None:
        self.newest_row = max(self.newest_row, max((stored.row for stored in rows), default=0))

    def _put_new(self, matching: Sequence[StoredEvent]) -> None:
        # Nearly always they are in this order already, and all above.
        ascending = sorted(matching, key=_PLACE)
        above = bisect_right(ascending, self._top, key=_PLACE)
        self._put_among(ascending[:above])
        self._put_or_hold(ascending[above:])

    def _put_or_hold(self, ascending: Sequence[StoredEvent]) -> None:
        if self.following and not self.more_above:
            self._put_above(ascending)
        elif ascending:
            self.held += len(ascending)
            self.more_above = True
            self.aboveChanged.emit()

    def _put_above(self, ascending: Sequence[StoredEvent]) -> None:
        self._listed(ascending)
        self._insert(0, [_light(stored) for stored in reversed(ascending[-self._capacity :])])
        self._trim_below()

    def _put_among(self, ascending: Sequence[StoredEvent]) -> None:
        """Put in rows that belong below the first one, neighbours together."""
        while ascending:
            index, there = self._find(ascending[-1].place)
            if there:
                ascending = ascending[:-1]
                continue
            if index == len(self._rows) and not self._complete:
                break  # this one and all before it are below
            lower = self._rows[index].place if index < len(self._rows) else 0
            first = bisect_right(ascending, lower, key=_PLACE)
            self._insert(index, [_light(stored) for stored in reversed(ascending[first:])])
            ascending = ascending[:first]
        self._trim_below()

    def _put_below(self, descending: Sequence[StoredEvent]) -> None:
        self._listed(descending)
        self._insert(len(self._rows), [_light(stored) for stored in descending])
        if (surplus := len(self._rows) - self._capacity) > 0:
            self._remove(0, surplus)
            self._set_above(True, self.held)

    def _change(self, stored: StoredEvent) -> None:
        index, there = self._find(stored.place)
        matches = self.log_filter.matches(stored.event)
        self._cells.pop(stored.row, None)
        if there and matches:
            self._rows[index] = _light(stored)
            self.dataChanged.emit(self.index(index, 0), self.index(index, len(Column) - 1))
        elif there:
            self._remove(index, 1)
            if not self._rows:
                self.load_newest()  # there may be others that are not in the window
        elif matches and stored.place < self._top:
            self._put_among([stored])
        elif matches and self.following and not self.more_above:
            self._put_above([stored])
        elif matches:
            self._set_above(True, self.held)  # there is one more above, but no new one

    def _find(self, place: int) -> tuple[int, bool]:
        """Return the index of the first row whose place is not above `place`, and whether it is that one."""
        index = bisect_left(self._rows, -place, key=_descending)
        return index, index < len(self._rows) and self._rows[index].place == place

    def _insert(self, index: int, rows: Sequence[StoredEvent]) -> None:
        if not rows:
            return
        self.beginInsertRows(_ROOT, index, index + len(rows) - 1)
        self._rows[index:index] = rows
        self.endInsertRows()

    def _remove(self, index: int, count: int) -> None:
        self.beginRemoveRows(_ROOT, index, index + count - 1)
        del self._rows[index : index + count]
        self.endRemoveRows()

    def _trim_below(self) -> None:
        if (surplus := len(self._rows) - self._capacity) > 0:
            self._complete = False
            self._remove(self._capacity, surplus)


def _descending(stored: StoredEvent) -> int:
    return -stored.place


def _light(stored: StoredEvent) -> StoredEvent:
    """Return the event without what ten thousand rows of hostile length would fill the memory with."""
    event = stored.event
    if len(event.raw) <= LONG_RAW:
        return stored
    long: dict[str, Any] = {
        name: text[:LONG_TEXT]
        for name in _TEXTS
        if isinstance(text := getattr(event, name), str) and len(text) > LONG_TEXT
    }
    return replace(stored, event=replace(event, raw="", **long))
