"""Further conditions of the filter, in a popup: what few readers ask for often."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.filtering.wanted import EVERYTHING, Wanted
from armguard_tray.filtering.words import CAME
from armguard_tray.messages.event import Source
from armguard_tray.messages.plain_text import plain
from armguard_tray.storage.choices import Choice
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.log_window.check_list import CheckList
from armguard_tray.ui.tone_label import Tone, ToneLabel
from armguard_tray.ui.wording import failure_words

Ask = Callable[[Choice], Awaitable[Sequence[str]]]
"""Looks up, away from the event loop, the values to choose from."""

_LISTS = (
    ("item_types", Choice.ITEM_TYPE, "Item type"),
    ("duties", Choice.DUTY, "Duty"),
    ("issuers", Choice.ISSUER, "Issued by"),
    ("statuses", Choice.STATUS, "Status"),
)
_SOURCES = "sources"
_COLUMNS = 3
_EDGE = 8  # pixels that are left free at the edge of the screen


class MoreConditions(QFrame):
    """Lets the reader choose; what is chosen counts at once.

    Attributes:
        lists: the check lists, by the fields of `Wanted` that they fill.
        person, item: the only person and the only item that are wanted.

    Signals:
        changed(Wanted): these conditions are wanted; of what is not offered here it is as it was shown.

    """

    changed = Signal(object)

    def __init__(self, ask: Ask, keeper: TaskKeeper, parent: QWidget) -> None:
        """Ask for the values to choose from each time it opens, in a task of `keeper`."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("More conditions")
        self._above = parent
        self._ask = ask
        self._keeper = keeper
        self._task: Any = None
        self._shown = EVERYTHING
        self.finder = _line("Find a value in these lists…", "Find a value in these lists")
        self.finder.textChanged.connect(self._find)
        self.lists = {name: CheckList(title) for name, _, title in _LISTS}
        self.lists[_SOURCES] = CheckList("How it came")
        for each in self.lists.values():
            each.changed.connect(self._tell)
        self.person = _line("such as Ana Reyes", "Only this person, by the whole name")
        self.item = _line("such as M4 - 00077", "Only this item, by its whole name")
        for line in (self.person, self.item):
            line.editingFinished.connect(self._tell)
        self.note = ToneLabel()
        self.clear_button = QPushButton("Clear &these")
        self.clear_button.clicked.connect(self._clear)
        self.close_button = QPushButton("&Done")
        self.close_button.clicked.connect(self.close)
        self._arrange()

    def show_below(self, corner: QPoint, wanted: Wanted) -> None:
        """Open with its upper right corner at this point of the screen, as far as there is room."""
        self.finder.clear()
        self.show_conditions(wanted)
        self.note.say("Reading what there is to choose from…", Tone.HELP)
        self.adjustSize()
        screen = self._above.screen().availableGeometry().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        left = max(screen.left(), min(corner.x() - self.width(), screen.right() - self.width()))
        top = max(screen.top(), min(corner.y(), screen.bottom() - self.height()))
        self.move(left, top)
        self.show()
        self.finder.setFocus(Qt.FocusReason.PopupFocusReason)
        self._task = self._keeper.start(self._read(), name="values to choose from")

    def show_conditions(self, wanted: Wanted) -> None:
        """Show what is in force."""
        self._shown = wanted
        for name, _, _ in _LISTS:
            self.lists[name].choose(getattr(wanted, name))
        self.lists[_SOURCES].show_values(
            {source.value: word for source, word in CAME.items()},
            frozenset(source.value for source in wanted.sources),
        )
        self.person.setText(wanted.person or "")
        self.item.setText(wanted.item or "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Take what was typed; wait for nothing any more."""
        super().hideEvent(event)
        self._tell()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @property
    def _conditions(self) -> Wanted:
        chosen: dict[str, Any] = {name: self.lists[name].chosen for name, _, _ in _LISTS}
        return replace(
            self._shown,
            **chosen,
            sources=frozenset(Source(value) for value in self.lists[_SOURCES].chosen),
            person=_exactly(self.person.text(), self._shown.person),
            item=_exactly(self.item.text(), self._shown.item),
        )

    def _tell(self) -> None:
        wanted = self._conditions
        if wanted != self._shown:
            self._shown = wanted
            self.changed.emit(wanted)

    def _clear(self) -> None:
        cleared = self._shown
        for name in (*self.lists, "person", "item"):
            cleared = cleared.without(name)
        self.show_conditions(cleared)
        self.changed.emit(cleared)

    async def _read(self) -> None:
        try:
            for name, choice, _ in _LISTS:
                values = await self._ask(choice)
                each = self.lists[name]
                each.show_values({value: plain(value) for value in values}, each.chosen)
                each.narrow(self.finder.text())
        except Exception as error:
            self.note.say(failure_words(error), Tone.PROBLEM)
            raise
        self.note.say("")

    def _find(self, text: str) -> None:
        for each in self.lists.values():
            each.narrow(text)

    def _arrange(self) -> None:
        grid = QGridLayout()
        for index, each in enumerate(self.lists.values()):
            grid.addWidget(each, index // _COLUMNS, index % _COLUMNS)
        exactly = QFormLayout()
        exactly.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        exactly.addRow("Only this &person", self.person)
        exactly.addRow("Only this &item", self.item)
        grid.addLayout(exactly, (len(self.lists)) // _COLUMNS, len(self.lists) % _COLUMNS)
        buttons = QHBoxLayout()
        buttons.addWidget(self.note)
        buttons.addStretch(1)
        buttons.addWidget(self.clear_button)
        buttons.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.addWidget(self.finder)
        column.addLayout(grid)
        column.addLayout(buttons)


def _exactly(text: str, before: str | None) -> str | None:
    """Return which one is wanted; as it was where nothing was typed, for a line cannot show each name."""
    if text == (before or ""):
        return before
    return text.strip() or None


def _line(placeholder: str, name: str) -> QLineEdit:
    line = QLineEdit()
    line.setPlaceholderText(placeholder)
    line.setAccessibleName(name)
    line.setClearButtonEnabled(True)
    return line
