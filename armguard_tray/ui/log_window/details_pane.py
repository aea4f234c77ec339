"""Everything that is known of the selected row."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.messages.event import StoredEvent
from armguard_tray.ui.log_window.details_text import as_text, fields, shown_frame
from armguard_tray.ui.log_window.labels import ElidedLabel, bold
from armguard_tray.ui.models.clocks import Clocks
from armguard_tray.ui.wording import plain_tooltip

# Longer labels are rare; the values need not move from row to row for all others.
_WIDE_LABEL = "Status before"
_FIELD_LOOKS = (
    "QTableWidget { padding-top: 6px; background: palette(base); }QTableWidget::item { padding-left: 7px; }"
)


class DetailsPane(QWidget):
    """Shows an event's fields beside its frame.

    Signals:
        openOnServer(StoredEvent): the reader wants to see it in the browser.
        closeWanted(): the reader has seen enough.

    """

    openOnServer = Signal(object)
    closeWanted = Signal()

    def __init__(self, clocks: Clocks, parent: QWidget | None = None) -> None:
        """Tell times by `clocks`."""
        super().__init__(parent)
        self._clocks = clocks
        self._stored: StoredEvent | None = None
        self._title = bold(ElidedLabel())
        self._title.setAccessibleName("Selected event")
        self.copy_button = _button("&Copy", "Copy every field and the whole frame", self.copy)
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
        self._stored = stored
        self._title.setText(stored.event.text)
        self._show_fields(fields(stored, self._clocks))
        self._show_frame(stored)

    def complete(self, stored: StoredEvent) -> None:
        """Show all of `stored`, if that is the event on show."""
        if self._stored is not None and self._stored.row == stored.row:
            self.show_event(stored)

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
            name.setForeground(self.palette().placeholderText())
            text.setToolTip(plain_tooltip(value))
            text.setData(Qt.ItemDataRole.AccessibleTextRole, f"{label}: {value}")
            self.fields.setItem(place, 0, name)
            self.fields.setItem(place, 1, text)
        self.fields.scrollToTop()

    def _arrange(self) -> None:
        heading = QHBoxLayout()
        heading.setContentsMargins(10, 6, 6, 6)
        heading.setSpacing(8)
        heading.addWidget(self._title, stretch=1)
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


def _field_table() -> QTableWidget:
    table = QTableWidget(0, 2)
    table.setAccessibleName("Fields of the selected event")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setFrameShape(QTableWidget.Shape.NoFrame)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 6)
    table.horizontalHeader().hide()
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().resizeSection(
        0, table.fontMetrics().horizontalAdvance("Received (this desk)") + 24
    )
    table.setWordWrap(False)
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
