"""A button that tries something, and says what came of it."""

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.tone_label import Tone, ToneLabel

_OUTCOME_LINES = 3
Work = Coroutine[Any, Any, tuple[str, Tone]]


class Attempt(QWidget):
    """Runs one coroutine at a time, lets the user stop it, and shows its outcome in words.

    While it runs its button is dead, so a double click starts it once; *Stop* is a button of its own.

    Signals:
        finished(): there is an outcome.

    """

    finished = Signal()

    def __init__(self, label: str, running: str, work: Callable[[], Work | None]) -> None:
        """Offer `label`; say `running` meanwhile; `work()` makes what is to run, or None if it cannot now."""
        super().__init__()
        self._running = running
        self._work = work
        self._keeper = TaskKeeper("settings", on_failure=self._failed)
        self._cancel: Callable[[], object] | None = None
        self.button = QPushButton(label)
        self.stop_button = QPushButton("Sto&p")
        self.stop_button.setVisible(False)
        self.outcome = ToneLabel(room=_OUTCOME_LINES)
        self.outcome.setAccessibleName("Outcome")
        buttons = QHBoxLayout()
        buttons.addWidget(self.button)
        buttons.addWidget(self.stop_button)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(buttons)
        layout.addWidget(self.outcome)
        self.button.clicked.connect(self.start)
        self.stop_button.clicked.connect(self.stop)

    @property
    def is_running(self) -> bool:
        """Whether it is under way."""
        return self._cancel is not None

    def start(self) -> None:
        """Begin, unless it is under way."""
        work = None if self.is_running else self._work()
        if work is None:
            return
        self.outcome.say(self._running, Tone.HELP)
        self._cancel = self._keeper.start(self._run(work), name=self.button.text().replace("&", "")).cancel
        self._show_buttons()
        self.stop_button.setFocus()

    def stop(self) -> None:
        """End what is under way, without an outcome."""
        if self._cancel is not None:
            self._cancel()
            self._end("Stopped.", Tone.HELP)

    def forget(self) -> None:
        """Take back an outcome that is true no more; end what would bring one."""
        self.stop()
        self.outcome.say("")

    async def _run(self, work: Work) -> None:
        text, tone = await work
        self._end(text, tone)
        self.finished.emit()

    def _failed(self, _task: str, _error: BaseException) -> None:
        self._end("This failed in an unforeseen way; the log says more.", Tone.PROBLEM)

    def _end(self, text: str, tone: Tone) -> None:
        self._cancel = None
        had_focus = self.stop_button.hasFocus()
        self._show_buttons()
        if had_focus:
            self.button.setFocus()
        self.outcome.say(text, tone)

    def _show_buttons(self) -> None:
        self.button.setEnabled(not self.is_running)
        self.stop_button.setVisible(self.is_running)
