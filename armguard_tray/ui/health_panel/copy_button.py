"""A button that copies a text, and says for a moment that it did."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget

# Without an Alt key: several of them may stand on one page.
COPY, COPIED = "Copy", "Copied"
SAID_FOR_MS = 3000


class CopyButton(QPushButton):
    """Copies what `text` returns when it is pressed.

    Attributes:
        timer: ends the word that it was copied.

    """

    def __init__(
        self, text: Callable[[], str], parent: QWidget | None = None, timer: QTimer | None = None
    ) -> None:
        """Copy nothing yet; `timer` is its own unless a test gives another."""
        super().__init__(COPY, parent)
        self._text_to_copy = text
        self._what = ""
        self.timer = timer or QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(SAID_FOR_MS)
        self.timer.timeout.connect(self.reset)
        self.setAutoDefault(False)
        self.clicked.connect(self._copy)

    def name(self, what: str) -> None:
        """Let those who do not see what stands above it hear what it copies."""
        self._what = what
        self._say(self.text())

    def reset(self) -> None:
        """Offer to copy: nothing was, or it is some time ago, or there is something else now."""
        self.timer.stop()
        self._say(COPY)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text_to_copy())
        self._say(COPIED)
        self.timer.start()

    def _say(self, word: str) -> None:
        self.setText(word)
        self.setAccessibleName(f"{word}: {self._what}" if self._what else word)
