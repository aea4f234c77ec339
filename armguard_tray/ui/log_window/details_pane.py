"""Everything that is known of the selected row."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication, QHideEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.messages.event import StoredEvent
from armguard_tray.ui.fetch_words import LOOKING
from armguard_tray.ui.gap_words import text_now
from armguard_tray.ui.log_window.details_text import as_text, can_be_fetched, fields, shown_frame
from armguard_tray.ui.log_window.labels import ElidedLabel, bold
from armguard_tray.ui.models.clocks import Clocks
from armguard_tray.ui.wording import plain_tooltip

# Longer labels are rare; the values need not move from row to row for all others.
_WIDE_LABEL = "Status before"
_HISTORY = 2
"""The column of links to all about a person or an item."""
_FIELD_LOOKS = (
    "QTableWidget { padding-top: 6px; background: palette(base); }"
    "QTableWidget::item { padding: 2px 0 3px 7px; }"
)


class DetailsPane(QWidget):
    """Shows an event's fields beside its frame.

    Signals:
        openOnServer(StoredEvent): the reader wants to see it in the browser.
        fetchWanted(StoredEvent): the reader wants what is missing of this gap to be looked for once more.
        fetchLeft(): the reader has turned to something else before there was an answer.
        closeWanted(): the reader has seen enough.
        historyWanted(str, str): all about one thing is wanted: "person" or "item", and its name.

    """

    openOnServer = Signal(object)
    fetchWanted = Signal(object)
    fetchLeft = Signal()
    closeWanted = Signal()
    historyWanted = Signal(str, str)

    def __init__(self, clocks: Clocks, parent: QWidget | None = None) -> None:
        """Tell times by `clocks`."""
        super().__init__(parent)
        self._clocks = clocks
        self._stored: StoredEvent | None = None
        self._title = bold(ElidedLabel())
        self._title.setAccessibleName("Selected event")
        self.copy_button = _button("&Copy", "Copy every field and the whole frame", self.copy)
        self.fetch_button = _button("&Fetch again", "Look for it on the server's history now", self._fetch)
        self.fetch_button.hide()
        self._answer = ElidedLabel()
        self._answer.setAccessibleName("What fetching again has brought")
        # Where there is little room, it goes before the title, which stands in the row as well.
        self._answer.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._answer.hide()
        self._fetching = False
        self.open_button = _button("&Open on the server", "Show it in the browser", self._open)
        self.fields = _field_table()
        self.frame = _frame_view()
        self._note = QLabel()
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self.body = QSplitter(Qt.Orientation.Horizontal)
        self._arrange()
        self.setAccessibleName("Details of the selected row")

    @property
    def stored(self) -> StoredEvent | None:
        """The event on show."""
        return self._stored

    @property
    def title(self) -> str:
        """What the heading says."""
        return self._title.text()

    @property
    def note(self) -> str:
        """What is said about the frame."""
        return self._note.text()

    def tell_clocks_apart(self, clocks: Clocks) -> None:
        """Tell times by `clocks` from now on."""
        if clocks != self._clocks:
            self._clocks = clocks
            if self._stored is not None:
                self._show_fields(fields(self._stored, clocks))

    def show_event(self, stored: StoredEvent) -> None:
        """Show this event; where its frame was left out, `complete` brings it later."""
        if self._stored is None or self._stored.row != stored.row:
            self._leave_answer()
        self._stored = stored
        self._title.setText(text_now(stored.event))
        self.fetch_button.setVisible(can_be_fetched(stored.event))
        self._show_fields(fields(stored, self._clocks))
        self._show_frame(stored)

    def complete(self, stored: StoredEvent) -> None:
        """Show all of `stored`, if that is the event on show."""
        if self._stored is not None and self._stored.row == stored.row:
            self.show_event(stored)

    @property
    def answer(self) -> str:
        """What is said of fetching again; empty while nothing is."""
        return "" if self._answer.isHidden() else self._answer.text()

    def _fetch(self) -> None:
        # The button stays as it is: a disabled one would lose the focus of who works by keyboard.
        if self._stored is not None and not self._fetching:
            self._fetching = True
            self._say(LOOKING)
            self.fetchWanted.emit(self._stored)

    def show_answer(self, row: int, words: str) -> None:
        """Say what has come of fetching the gap in `row` again, if that is on show."""
        if self._stored is not None and self._stored.row == row:
            self._fetching = False
            self._say(words)

    def _say(self, words: str) -> None:
        self._answer.setText(words)
        self._answer.setVisible(bool(words))

    def _leave_answer(self) -> None:
        self._say("")
        if self._fetching:
            self._fetching = False
            self.fetchLeft.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Want nothing more to be looked for."""
        super().hideEvent(event)
        if not event.spontaneous():
            self._leave_answer()

    def _show_frame(self, stored: StoredEvent) -> None:
        shown = shown_frame(stored.event.raw)
        self.frame.setPlainText(shown.text)
        self._note.setText(shown.note)

    def copy(self) -> None:
        """Put every field and the whole frame on the clipboard."""
        if self._stored is not None:
            QGuiApplication.clipboard().setText(as_text(self._stored, self._clocks))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's colours."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            # What has a style sheet keeps the colours that it had when it got it; labels have been given one.
            self.fields.setStyleSheet(_FIELD_LOOKS)
            if self._stored is not None:
                self._show_fields(fields(self._stored, self._clocks))

    def _open(self) -> None:
        if self._stored is not None:
            self.openOnServer.emit(self._stored)

    def _show_fields(self, rows: list[tuple[str, str]]) -> None:
        self.fields.setRowCount(len(rows))
        widest = max(self.fontMetrics().horizontalAdvance(label) for label in (_WIDE_LABEL, *dict(rows)))
        self.fields.horizontalHeader().resizeSection(0, widest + 24)
        for place, (label, value) in enumerate(rows):
            name, text = QTableWidgetItem(label), QTableWidgetItem(value)
            name.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            text.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            name.setForeground(self.palette().placeholderText())
            text.setToolTip(plain_tooltip(value))
            text.setData(Qt.ItemDataRole.AccessibleTextRole, f"{label}: {value}")
            self.fields.setItem(place, 0, name)
            self.fields.setItem(place, 1, text)
            self._offer_history(place, label)
        self.fields.scrollToTop()

    def _offer_history(self, place: int, label: str) -> None:
        # The label is the whole field's, the name may have been cut to be shown.
        event = None if self._stored is None else self._stored.event
        name = {"Person": event.person, "Item": event.item}.get(label) if event is not None else None
        if not name:
            self.fields.removeCellWidget(place, _HISTORY)
            return
        button = _history_button(name)
        button.clicked.connect(lambda: self.historyWanted.emit(label.lower(), name))
        self.fields.setCellWidget(place, _HISTORY, button)

    def _arrange(self) -> None:
        heading = QHBoxLayout()
        heading.setContentsMargins(10, 6, 6, 6)
        heading.setSpacing(8)
        heading.addWidget(self._title, stretch=1)
        heading.addWidget(self._answer)
        heading.addWidget(self.fetch_button)
        heading.addWidget(self.copy_button)
        heading.addWidget(self.open_button)
        heading.addWidget(_close_button(self.closeWanted.emit))
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.frame, stretch=1)
        column.addWidget(self._note)
        self._note.setContentsMargins(8, 2, 8, 4)
        self.body.addWidget(self.fields)
        self.body.addWidget(right)
        self.body.setStretchFactor(0, 1)
        self.body.setStretchFactor(1, 1)
        self.body.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(heading)
        whole.addWidget(self.body, stretch=1)


def _button(label: str, help_text: str, pressed: Callable[[], None]) -> QPushButton:
    button = QPushButton(label)
    button.setToolTip(help_text)
    button.setAccessibleDescription(help_text)
    button.clicked.connect(pressed)
    return button


def _close_button(pressed: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setText("✕")
    button.setAutoRaise(True)
    button.setToolTip("Close the details (Esc)")
    button.setAccessibleName("Close the details")
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.clicked.connect(pressed)
    return button


def _history_button(name: str) -> QToolButton:
    button = QToolButton()
    button.setText("History")
    font = button.font()
    font.setUnderline(True)
    button.setFont(font)
    button.setAutoRaise(True)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setToolTip(plain_tooltip(f"Show all about {name}"))
    button.setAccessibleName(f"History of {name}")
    return button


def _field_table() -> QTableWidget:
    table = QTableWidget(0, 3)
    table.setAccessibleName("Fields of the selected event")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setFrameShape(QTableWidget.Shape.NoFrame)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    # What is told in a sentence is told in full; its table has few rows, so they may be measured.
    table.verticalHeader().setMinimumSectionSize(table.fontMetrics().height() + 6)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().hide()
    table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    table.horizontalHeader().setSectionResizeMode(_HISTORY, QHeaderView.ResizeMode.Fixed)
    table.horizontalHeader().resizeSection(_HISTORY, _history_button("").sizeHint().width() + 8)
    table.horizontalHeader().resizeSection(
        0, table.fontMetrics().horizontalAdvance("Received (this desk)") + 24
    )
    table.setWordWrap(True)
    table.setMinimumSize(120, 0)
    table.setStyleSheet(_FIELD_LOOKS)
    return table


def _frame_view() -> QPlainTextEdit:
    view = QPlainTextEdit()
    view.setReadOnly(True)
    # Read-only text has no cursor by default; with one it can be selected by keyboard.
    view.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    view.setTabChangesFocus(True)
    view.setUndoRedoEnabled(False)
    view.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    view.setFrameShape(QPlainTextEdit.Shape.NoFrame)
    view.setAccessibleName("The frame")
    view.document().setDocumentMargin(8)
    view.setMinimumSize(120, 0)
    return view
