"""The line on the time before this desk followed the server: being fetched, not wanted, or there at last."""

from collections.abc import Callable
from datetime import tzinfo

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from armguard_tray.catchup.completeness import UNKNOWN, Completeness, Progress
from armguard_tray.storage.ledger import Backlog
from armguard_tray.ui.completeness_words import brought_words, progress_words
from armguard_tray.ui.log_window.labels import ElidedLabel

NOT_FETCHED = "Earlier transactions were not fetched."
SAID_FOR_MS = 60_000
"""How long it is said that all is there."""


class ProgressLine(QWidget):
    """Shows how far it has come; hidden while there is nothing to say of it.

    Signals:
        cancelWanted(): the reader does not want the rest.
        backlogWanted(): the reader wants it after all.

    """

    cancelWanted = Signal()
    backlogWanted = Signal()

    def __init__(self, zone: tzinfo | None, parent: QWidget | None = None) -> None:
        """Tell days in `zone`, this machine's if None."""
        super().__init__(parent)
        self._zone = zone
        self._completeness = UNKNOWN
        # Whether the reader has just asked for it, and nothing has come yet.
        self._asked = False
        # What has been brought and is still to be said.
        self._news: Progress | None = None
        self._text = ElidedLabel()
        self._text.setAccessibleName("The time before")
        self.cancel_button = _button(
            "Cancel",
            "Fetch no more of the time before; what has come stays in the log",
            self.cancelWanted.emit,
        )
        self.fetch_button = _button(
            "Fetch them", "Fetch what the server's history still has of the time before", self._ask
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 10, 0)
        row.setSpacing(16)
        row.addWidget(self._text, stretch=1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.fetch_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAID_FOR_MS)
        self._timer.timeout.connect(self._forget)
        self.hide()

    @property
    def words(self) -> str:
        """What it says now; empty while there is nothing to say."""
        return "" if self.isHidden() else self._text.text()

    def show_completeness(self, completeness: Completeness) -> None:
        """Say from now on what belongs to this."""
        brought, before = completeness.brought, self._completeness.brought
        if brought != before:
            self._news = brought if brought is not None and brought.fetched else None
        self._completeness = completeness
        if completeness.backlog is not Backlog.WANTED or _of_backlog(completeness) is not None:
            self._asked = False
        self._refresh()

    def _ask(self) -> None:
        self._asked = True
        self.backlogWanted.emit()

    def _forget(self) -> None:
        self._news = None
        self._refresh()

    def _refresh(self) -> None:
        progress = _of_backlog(self._completeness)
        if progress is None and self._asked:
            progress = Progress(backlog=True)
        can_be_fetched = progress is None and self._completeness.lacks_the_time_before
        if progress is not None:
            words = progress_words(progress, self._zone)
            self._text.setText(f"\N{DOWNWARDS ARROW} {words[:1].upper()}{words[1:]}")
        elif can_be_fetched:
            self._text.setText(NOT_FETCHED)
        elif self._news is not None:
            self._text.setText(brought_words(self._news, self._zone))
        self.cancel_button.setVisible(progress is not None)
        self.fetch_button.setVisible(can_be_fetched)
        self.setVisible(progress is not None or can_be_fetched or self._news is not None)
        self._time_news()

    def _time_news(self) -> None:
        """Let the minute begin when it can be read."""
        if self._news is None:
            self._timer.stop()
        elif self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Let the minute begin in which it is said that all is there."""
        super().showEvent(event)
        self._time_news()

    def hideEvent(self, event: QHideEvent) -> None:
        """Take it as read."""
        super().hideEvent(event)
        if not event.spontaneous() and self._timer.isActive():
            self._forget()


def _of_backlog(completeness: Completeness) -> Progress | None:
    progress = completeness.progress
    return progress if progress is not None and progress.backlog else None


def _button(label: str, help_text: str, pressed: Callable[[], None]) -> QPushButton:
    button = QPushButton(label)
    button.setToolTip(help_text)
    button.setAccessibleDescription(help_text)
    button.clicked.connect(pressed)
    return button
