"""*Test*: tries what stands in the fields, ticks the rungs off as they come, and says what came of it."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from armguard_tray.diagnosis.ladder import Rung, RungId, Status
from armguard_tray.messages.plain_text import plain
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.health_panel.cause_box import Snippet
from armguard_tray.ui.health_panel.copy_button import CopyButton
from armguard_tray.ui.health_panel.ladder_rows import breakable
from armguard_tray.ui.settings_dialog.rung_list import RungList
from armguard_tray.ui.settings_dialog.test_result import Progress, TestResult
from armguard_tray.ui.tone_label import Tone, ToneLabel

STOPPED = "Stopped."
STOPPED_AT_LOGIN = "Stopped. The password may have been sent already: a wrong one then counts as one of five."
_OUTCOME_LINES = 3
Work = Coroutine[Any, Any, TestResult]


class Attempt(QWidget):
    """Runs one test at a time, lets the user stop it, and shows how far it came.

    While it runs its button is dead, so a double click starts it once; *Stop* is a button of its own.

    Attributes:
        button, stop_button: *Test* and *Stop*.
        rungs: what is ticked off.
        outcome: the answer.
        snippet, copy_button: what there is to copy; hidden if nothing is.

    Signals:
        started(): a test has begun.
        finished(): there is an outcome.

    """

    started = Signal()
    finished = Signal()

    def __init__(self, work: Callable[[Progress], Work | None]) -> None:
        """Run what `work(progress)` makes, or nothing if it returns None."""
        super().__init__()
        self._work = work
        self._keeper = TaskKeeper("settings", on_failure=self._failed)
        self._cancel: Callable[[], object] | None = None
        self._run_number = 0
        self.button = QPushButton("T&est")
        self.stop_button = QPushButton("Sto&p")
        self.stop_button.setVisible(False)
        self.rungs = RungList()
        self.outcome = ToneLabel(room=_OUTCOME_LINES)
        self.outcome.setAccessibleName("Outcome")
        self.snippet = Snippet(self)
        self.copy_button = CopyButton(self.snippet.toPlainText, self)
        self._lay_out()
        self._show_snippet("")
        self.button.clicked.connect(self.start)
        self.stop_button.clicked.connect(self.stop)

    @property
    def is_running(self) -> bool:
        """Whether it is under way."""
        return self._cancel is not None

    def keep_visible_in(self, area: QScrollArea) -> None:
        """Scroll `area` to what is ticked off, and then to the outcome, where the window is small."""

        def scroll() -> None:
            for widget in (self.button, self.snippet, self.outcome):
                if widget.isVisible():
                    area.ensureWidgetVisible(widget)

        for moment in (self.started, self.finished):
            # What has come must have its place first.
            moment.connect(lambda: QTimer.singleShot(0, area, scroll))

    def start(self) -> None:
        """Begin, unless it is under way."""
        if self.is_running:
            return
        self._run_number += 1
        number = self._run_number

        def progress(rungs: Sequence[Rung]) -> None:
            # One that was stopped may have a last word.
            if self.is_running and number == self._run_number:
                self.rungs.show_rungs(rungs, pending=True)

        work = self._work(progress)
        if work is None:
            return
        self.rungs.reset()
        self._show_snippet("")
        self.outcome.say("Testing…", Tone.HELP)
        self._cancel = self._keeper.start(self._run(work), name="test").cancel
        self._show_buttons()
        self.stop_button.setFocus()
        self.started.emit()

    def stop(self) -> None:
        """End what is under way, without an outcome; what was seen stays to be seen."""
        if self._cancel is not None:
            self._cancel()
            was_sent = (
                self.rungs.status_of(RungId.HTTP) is Status.OK
                and self.rungs.status_of(RungId.LOGIN) is Status.UNKNOWN
            )
            self.rungs.end()
            self._end(TestResult(ok=False, message=STOPPED_AT_LOGIN if was_sent else STOPPED), Tone.HELP)

    def forget(self) -> None:
        """Take back an outcome that is true no more; end what would bring one."""
        self.stop()
        self.rungs.reset()
        self._show_snippet("")
        self.outcome.say("")

    async def _run(self, work: Work) -> None:
        result = await work
        if result.rungs:
            self.rungs.show_rungs(result.rungs, pending=False)
        else:
            self.rungs.end()
        self._end(result, Tone.GOOD if result.ok else Tone.PROBLEM)
        self.finished.emit()

    def _failed(self, _task: str, _error: BaseException) -> None:
        self.rungs.end()
        words = "This failed in an unforeseen way; the log says more."
        self._end(TestResult(ok=False, message=words), Tone.PROBLEM)

    def _end(self, result: TestResult, tone: Tone) -> None:
        self._cancel = None
        had_focus = self.stop_button.hasFocus()
        self._show_buttons()
        if had_focus:
            self.button.setFocus()
        self.outcome.say(breakable(plain(f"{result.message} {result.remedy}".strip())), tone)
        self._show_snippet(result.copy)

    def _show_snippet(self, text: str) -> None:
        self.snippet.show_text(text)
        self.copy_button.reset()
        for widget in (self.snippet, self.copy_button):
            widget.setVisible(bool(text))

    def _show_buttons(self) -> None:
        self.button.setEnabled(not self.is_running)
        self.stop_button.setVisible(self.is_running)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.button)
        buttons.addWidget(self.stop_button)
        buttons.addStretch()
        copy = QHBoxLayout()
        copy.addWidget(self.snippet)
        copy.addWidget(self.copy_button, alignment=Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(buttons)
        layout.addWidget(self.rungs)
        layout.addWidget(self.outcome)
        layout.addLayout(copy)
