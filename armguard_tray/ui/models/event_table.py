"""The table of events: the whole answer to a filter, newest first, of which few rows are in memory.

::

      index 0  ┬ the first page: asked for with its rows, on show at once
               ┼ places, in chunks behind it: the scroll bar soon spans everything
               ┆
        ┌──────┼─┐
        │ attended by a view: rows fetched by their places, and kept a while
        └──────┼─┘
      bottom   ┴─ ─ ─ what lies below is being asked for, until there is nothing below

The order is that of `StoredEvent.place`, not of the rows' numbers: what came later stands where it belongs.
Of each row that matches, the place is here (`PlaceList`); a row itself is fetched when a view shows it
(`attend`), and reads as a placeholder until then. Nothing that a view asks waits for the journal.

Rows that arrive are put in at once, above the bottom. What is told of rows below it while the journal answers
waits for the answer, which may be older, and is put in behind it, each row once. Rows that have left the
journal leave here, too (`leave`). One that it turns out not to have any more does as well; and where it has
nothing of a whole page, what is below is asked for anew.
"""

import asyncio
from array import array
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from operator import attrgetter
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from armguard_tray.clock import Clock, SystemClock
from armguard_tray.messages.event import PLACES_A_ROW, StoredEvent
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.models.clocks import Clocks
from armguard_tray.ui.models.event_columns import NUMBERS, SPECS, Column, tooltip
from armguard_tray.ui.models.event_source import EventSource
from armguard_tray.ui.models.place_list import PlaceList
from armguard_tray.ui.models.row_cache import RowCache
from armguard_tray.ui.models.shown_row import ShownRow, light
from armguard_tray.ui.wording import NOTHING, failure_words, plain_tooltip, what

PAGE = 200
CHUNK = 20_000
"""Places that are asked for at once: 20 ms of the journal's time, 5 ms of the view's."""
CACHE = 2000  # many screens; the garbage collector looks at each row, 15 ms for 20,000 of them

EVENT_ROLE: Final = Qt.ItemDataRole.UserRole
"""The row's `StoredEvent`; if its frame is long, without that (`raw == ""`) and with its long texts cut."""
PENDING: Final = "…"
"""What a cell says whose row is being fetched."""

_PLACE = attrgetter("place")
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()

# Read once: data() runs often, and looking up an enum's member costs more than comparing.
_DISPLAY = Qt.ItemDataRole.DisplayRole
_ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
_TOOLTIP = Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class EventTable(QAbstractTableModel):
    """Rows of the journal that match a filter, newest first.

    A view must hide its vertical header (with it, removing rows takes seconds) and say what it shows; see
    `attend`.

    Attributes:
        log_filter: which rows are shown.
        newest_row: the greatest number of a matching row that was read or announced, wherever it stands:
            what was caught up has a great number and stands far down.
        answered_in: seconds from the last question to its first rows; None before the first answer.
        failure: why the last query had no answer, in words; None if it had one.

    Signals:
        loaded(): the first rows of a new query's answer are in the table.
        extended(): more places were put in below, or turned out not to be there: see `complete`.
        filled(): rows were fetched that read as placeholders until now.
        vanished(): rows that were listed are not in the journal any more, and have left.
        failed(str): the journal could not be read; why, in words.

    """

    loaded = Signal()
    extended = Signal()
    filled = Signal()
    vanished = Signal()
    failed = Signal(str)

    def __init__(
        self,
        journal: EventSource,
        keeper: TaskKeeper,
        zone: tzinfo,
        parent: QObject | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        """Show rows of `journal`, read in tasks of `keeper`, with times in `zone`; `clock` times answers."""
        super().__init__(parent)
        self.log_filter = LogFilter()
        self.newest_row = 0
        self.answered_in: float | None = None
        self.failure: str | None = None
        self._journal = journal
        self._keeper = keeper
        self._zone = zone
        self._clock = clock or SystemClock()
        self._clocks = Clocks(zone, zone)
        self._places = PlaceList()
        self._bottom = 0  # all that matches from this place on is in the list; 0: all there is
        self._rows = RowCache(CACHE)
        self._attended = (0, -1)
        self._new: list[StoredEvent] = []  # what waits for an answer of the journal
        self._changed: list[StoredEvent] = []
        self._read_anew: dict[int, StoredEvent] = {}  # told while rows are fetched, which may be older
        self._gone = 0  # the rows up to this one have left the journal
        self._asked_for: frozenset[int] = frozenset()
        self._not_read: frozenset[int] = frozenset()
        self._advanced = asyncio.Event()
        self._query: asyncio.Task[Any] | None = None
        self._extension: asyncio.Task[Any] | None = None
        self._fetch: asyncio.Task[Any] | None = None

    # What is asked for

    @property
    def loading(self) -> bool:
        """Whether the first rows of a new query's answer are awaited."""
        return self._query is not None

    @property
    def complete(self) -> bool:
        """Whether all that matches is listed."""
        return not (self._query or self._bottom) and self.answered_in is not None

    def tell_clocks_apart(self, clocks: Clocks) -> None:
        """Say from now on, where `clocks` differ, which of them is meant; rows keep the server's."""
        if clocks != self._clocks:
            self._clocks = clocks
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, Column.TIME, Column.TIME)

    def show_filter(self, log_filter: LogFilter) -> None:
        """Show the rows that match `log_filter`; the answer to an older question is dropped."""
        self.log_filter = log_filter
        self.newest_row = 0
        self.load()

    def load(self) -> None:
        """Ask the journal anew."""
        for task in (self._query, self._extension, self._fetch):
            if task is not None:
                task.cancel()
        self._extension = self._fetch = None
        # Whatever was announced up to now is stored, so the answer has it.
        self._new.clear()
        self._changed.clear()
        self._query = self._keeper.start(self._load(), name="rows")
        self._query.add_done_callback(self._load_ended)

    def canFetchMore(self, parent: _Index = _ROOT) -> bool:
        """Tell whether there are older rows that nobody asks for: the journal could not be read."""
        return bool(not parent.isValid() and self._bottom and not (self._query or self._extension))

    def fetchMore(self, parent: _Index = _ROOT) -> None:
        """Ask for older rows once more."""
        if self.canFetchMore(parent):
            self._extend()

    async def reach(self, place: int) -> int | None:
        """Return the index of the row in `place`, or of the next one below, once it is listed.

        None: there is none, it could not be read, or something else is shown by now.
        """
        asked = self.log_filter
        self.fetchMore()
        while place < self._bottom or self._query:
            if not (self._query or self._extension):
                return None
            await self._advanced.wait()
        if self.log_filter is not asked or not self._places:
            return None
        return min(self._places.find(place)[0], len(self._places) - 1)

    def attend(self, first: int, last: int) -> None:
        """Fetch the rows at these indexes, which a view shows, and then those around them."""
        self._attended = first, last
        self._rows.touch(self._places.between(first, last + 1))
        if self._fetch is None and (wanted := self._wanted()):
            self._fetch = self._keeper.start(self._fetch_rows(wanted), name="rows on show")
            self._fetch.add_done_callback(self._fetch_ended)

    def add(self, events: Sequence[StoredEvent]) -> None:
        """Take rows that were just stored, in order of their numbers."""
        matching = [stored for stored in events if self.log_filter.matches(stored.event)]
        if not matching:
            return
        self.newest_row = max(self.newest_row, matching[-1].row)
        if self._query:
            self._new += matching
        else:
            self._put(matching)

    def change(self, events: Sequence[StoredEvent]) -> None:
        """Take rows that were stored before and read differently now."""
        if self._query:
            self._changed += events
            return
        for stored in events:
            self._change(stored)

    def leave(self, up_to_row: int) -> None:
        """Let the rows up to this one leave, which have just left the journal."""
        self._gone = up_to_row
        if not self._query and self._take_out_gone():
            self.vanished.emit()

    # What is there

    def stored_at(self, index: int) -> StoredEvent | None:
        """Return what stands at an index of the table, 0 being the top; None while it is being fetched."""
        row = self.row_at(index)
        return None if row is None else row.stored

    def row_at(self, index: int) -> ShownRow | None:
        """Return the row at an index of the table, made to be shown; None while it is being fetched."""
        return self._rows.get(self._places[index])

    def place_at(self, index: int) -> int:
        """Return the place in the log of the row at an index of the table."""
        return self._places[index]

    def places_at(self, indexes: Iterable[int]) -> list[int]:
        """Return the places in the log of the rows at these indexes."""
        return [self._places[index] for index in indexes]

    def index_of(self, place: int) -> int | None:
        """Return the index of the row in a place of the log; None where it is not listed."""
        index, there = self._places.find(place)
        return index if there else None

    async def rows_in(self, places: Sequence[int]) -> list[ShownRow]:
        """Return the rows in these places, newest first, from memory or the journal; raises JournalError."""
        missing = [place for place in places if place not in self._rows]
        found = [row for place in places if (row := self._rows.get(place)) is not None]
        for first in range(0, len(missing), PAGE):
            page = await self._journal.at(missing[first : first + PAGE])
            found += [ShownRow(light(stored), self._zone) for stored in page]
        return sorted(found, key=lambda row: row.stored.place, reverse=True)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return how many rows are listed."""
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        """Return plain text to show, an escaped tooltip, spoken text, the alignment, or the event itself."""
        if role == _ALIGNMENT:
            return _RIGHT if index.column() in NUMBERS else None
        row = self.row_at(index.row())
        if row is None:
            return PENDING if role in {_DISPLAY, _ACCESSIBLE} else None
        return self._said(row, index.column(), role)

    def _said(self, row: ShownRow, column: int, role: int) -> Any:
        if role == _DISPLAY:
            return row.texts[column]
        if role == EVENT_ROLE:
            return row.stored
        if role == _TOOLTIP:
            return plain_tooltip(tooltip(row.stored.event, Column(column), self._clocks))
        if role == _ACCESSIBLE:
            return _spoken(row, column)
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

    # Questions to the journal

    async def _load(self) -> None:
        asked_at, gone = self._clock.monotonic(), self._gone
        page = await self._journal.page(self.log_filter, limit=PAGE)
        self.answered_in, self.failure = self._clock.monotonic() - asked_at, None
        self._query, self._extension = None, asyncio.current_task()
        self._replace(page)
        self._put_what_waited()
        if self._gone != gone:
            self._take_out_gone()
        self._advance()
        self.loaded.emit()
        await self._list_the_rest()

    def _load_ended(self, task: asyncio.Task[Any]) -> None:
        if task is not self._query or task.cancelled():
            self._listing_ended(task)
            return
        self._query = None
        # Rows of an older question must not pass for the answer to this one.
        self.failure, self.answered_in = failure_words(task.exception()), None
        self._replace([])
        self._put_what_waited()
        self._advance()
        self.loaded.emit()
        self.failed.emit(self.failure)

    def _extend(self) -> None:
        self._extension = self._keeper.start(self._list_the_rest(), name="older rows")
        self._extension.add_done_callback(self._listing_ended)

    async def _list_the_rest(self) -> None:
        # Whoever is told of rows may ask for something else, which ends this.
        while self._bottom and self._extension is asyncio.current_task():
            gone = self._gone
            places = await self._journal.places(self.log_filter, before=self._bottom, limit=CHUNK)
            self._bottom = places[-1] if len(places) == CHUNK else 0
            self._insert(len(self._places), places)
            self._put_what_waited()
            if self._gone != gone:
                self._take_out_gone()
            self._advance()
            self.extended.emit()
        if self._extension is asyncio.current_task():
            self._extension = None

    def _listing_ended(self, task: asyncio.Task[Any]) -> None:
        if task is not self._extension:
            return
        self._extension = None
        self._advance()
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed.emit(failure_words(error))  # the keeper has logged it
            self.extended.emit()

    def _advance(self) -> None:
        """Wake who waits for a row to be listed."""
        before, self._advanced = self._advanced, asyncio.Event()
        before.set()

    def _put_what_waited(self) -> None:
        new, self._new = self._new, []
        changed, self._changed = self._changed, []
        # A row changes after it is new, so all that is new comes first.
        self._put(new)
        for stored in changed:
            self._change(stored)

    # Rows that a view shows

    async def _fetch_rows(self, wanted: Sequence[int]) -> None:
        while wanted and self._fetch is asyncio.current_task():
            self._asked_for = frozenset(wanted)
            self._read_anew.clear()
            self._take_in(await self._journal.at(wanted), wanted)
            wanted = self._wanted()
        if self._fetch is asyncio.current_task():
            self._fetch = None  # now: what is attended next must be fetched by somebody

    def _fetch_ended(self, task: asyncio.Task[Any]) -> None:
        if task is not self._fetch:
            return
        self._fetch = None
        if not task.cancelled() and (error := task.exception()) is not None:
            # Asked again once something else is shown; else each repaint would ask.
            self._not_read = self._asked_for
            self.failed.emit(failure_words(error))

    def _wanted(self) -> list[int]:
        """Return the places of rows that are to be fetched: those on show, else those a screen away."""
        first, last = self._attended
        shown = [place for place in self._places.between(first, last + 1) if place not in self._rows]
        if shown:
            return [] if self._not_read.issuperset(shown) else shown[:PAGE]
        screen = last - first + 1
        around = self._places.between(first - screen, last + 1 + screen)
        near = [place for place in around if place not in self._rows]
        wanted = len(near) > screen // 2 and not self._not_read.issuperset(near)
        return near[:PAGE] if wanted else []

    def _take_in(self, rows: Sequence[StoredEvent], asked: Sequence[int]) -> None:
        self._not_read = frozenset()
        found = {stored.place: self._read_anew.get(stored.place, stored) for stored in rows}
        self._keep(found.values())
        self._tell_changed(asked)
        if not self._query:  # else all of this is about to be replaced
            self._take_out([place for place in asked if place not in found], asked)
        self.filled.emit()

    def _keep(self, stored: Iterable[StoredEvent]) -> None:
        rows = [ShownRow(light(each), self._zone) for each in stored]
        self.newest_row = max(self.newest_row, max((row.stored.row for row in rows), default=0))
        self._rows.keep(rows)

    def _tell_changed(self, descending: Sequence[int]) -> None:
        first, last = (self._places.find(place)[0] for place in (descending[0], descending[-1]))
        last = min(last, len(self._places) - 1)
        if first <= last:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))

    def _take_out(self, gone: Sequence[int], asked: Sequence[int]) -> None:
        """Let rows leave that the journal has no more, of those that it was asked for."""
        if not gone:
            return
        runs = self._runs_at(gone)
        if runs and len(gone) > 1 and gone[-1] == asked[-1]:
            # Somebody has cleared up; page by page it would take long to find out how much.
            self._ask_anew_from(runs.pop()[0])
        for first, count in reversed(runs):
            self._remove(first, count)
        self.vanished.emit()

    def _take_out_gone(self) -> bool:
        """Let rows leave that have left the journal, and tell whether any were listed."""
        first, _ = self._places.find((self._gone + 1) * PLACES_A_ROW - 1)
        below = self._places.between(first, len(self._places))
        if not below:
            return False
        if any(place % PLACES_A_ROW for place in below):
            # Rows that came later than their place says: some may still be there.
            self._ask_anew_from(first)
        else:
            self._remove(first, len(below))
        return True

    def _runs_at(self, descending: Sequence[int]) -> list[tuple[int, int]]:
        """Return where these rows stand, neighbours together: first index and how many, the newest first."""
        runs: list[tuple[int, int]] = []
        for place in descending:
            index, there = self._places.find(place)
            if there and runs and sum(runs[-1]) == index:
                runs[-1] = runs[-1][0], runs[-1][1] + 1
            elif there:
                runs.append((index, 1))
        return runs

    def _ask_anew_from(self, index: int) -> None:
        if index == 0:
            self.load()
            return
        if self._extension is not None:
            self._extension.cancel()
            self._extension = None
        self._bottom = self._places[index - 1]
        self._remove(index, len(self._places) - index)
        self.fetchMore()

    # Changes of the table

    def _replace(self, page: Sequence[StoredEvent]) -> None:
        if self._fetch is not None:
            self._fetch.cancel()
            self._fetch = None
        self.beginResetModel()
        self._places.replace(array("q", map(_PLACE, page)))
        self._bottom = self._places[-1] if len(page) == PAGE else 0
        self._attended = (0, -1)
        self._not_read = frozenset()
        self._rows.clear()
        self._keep(page)
        self.endResetModel()

    def _put(self, matching: Iterable[StoredEvent]) -> None:
        """Put in rows, neighbours together; those below the bottom wait for the journal's answer."""
        ascending = sorted(matching, key=_PLACE)
        if self._extension:
            self._new += [stored for stored in ascending if stored.place < self._bottom]
        here = [stored for stored in ascending if stored.place >= self._bottom]
        self._keep(here)
        for index, run in self._places.runs_of([stored.place for stored in here]):
            self._insert(index, run)

    def _change(self, stored: StoredEvent) -> None:
        if stored.place < self._bottom:
            if self._extension:
                self._changed.append(stored)
            return
        matches = self.log_filter.matches(stored.event)
        index = self.index_of(stored.place)
        if self._fetch:
            self._read_anew[stored.place] = stored
        if index is not None and matches:
            if stored.place in self._rows:
                self._keep([stored])
            self._tell_changed([stored.place])
        elif index is not None:
            self._remove_place(stored.place)
        elif matches:
            self._put([stored])

    def _insert(self, index: int, places: "array[int]") -> None:
        if places:
            self.beginInsertRows(_ROOT, index, index + len(places) - 1)
            self._places.insert(index, places)
            self.endInsertRows()

    def _remove_place(self, place: int) -> None:
        index = self.index_of(place)
        self._rows.forget(place)
        if index is not None:
            self._remove(index, 1)

    def _remove(self, index: int, count: int) -> None:
        self.beginRemoveRows(_ROOT, index, index + count - 1)
        self._places.remove(index, count)
        self.endRemoveRows()


def _spoken(row: ShownRow, column: int) -> str:
    if column == Column.WHAT:
        event = row.stored.event
        return f"{what(event)}, {event.level}" if row.is_alarm else what(event)
    text = row.texts[column]
    return "none" if text in {"", NOTHING} else text.replace("→", "to")
