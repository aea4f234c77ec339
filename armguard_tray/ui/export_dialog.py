"""Exports what the log shows: into which file, in which format, how far it is, and what came of it."""

import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.counting import counted
from armguard_tray.errors import UserError
from armguard_tray.export.contents import Progress
from armguard_tray.export.exporting import Exported
from armguard_tray.export.formats import Format
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.health_panel.copy_button import CopyButton
from armguard_tray.ui.icons import app_icon
from armguard_tray.ui.tone_label import Tone, ToneLabel, bold

_WIDTH = 680
_STEPS = 1000
_OUTCOME_LINES = 3
_READING = "Reading the journal…"
_FIRST = (
    "The file says what was asked for, how complete the log is and which gaps are open. A second file, with "
    "its digest, by which a change of it would show, is put beside it."
)

Run = Callable[[Format, Path, Callable[[Progress], None], threading.Event], Awaitable[Exported | None]]
"""Exports in a format into a file, tells how far it is, until the event is set; None: it was cancelled then.

It raises UserError where that cannot be done, and calls back in the thread of the windows.
"""


@dataclass(frozen=True, slots=True)
class ToExport:
    """What is to be exported, in words.

    Attributes:
        count: how much it is, such as "1,204 rows".
        wanted: the filter.
        suggested: where, without the ending that tells the format.

    """

    count: str
    wanted: str
    suggested: Path


class ExportDialog(QDialog):
    """Exports, and says how far it is. Show it with `open()`; who closes it cancels.

    Attributes:
        format: the formats.
        file: the name of the file.
        bar: how far it is.
        outcome: what came of it.
        digest: the digest of the file, to be copied.

    Signals:
        ended(): an export has ended; `outcome` says how.
        folderWanted(Path): the user wants to see the folder of what was exported.

    """

    ended = Signal()
    folderWanted = Signal(object)

    def __init__(self, what: ToExport, run: Run, parent: QWidget | None = None) -> None:
        """Offer to export `what` by `run`."""
        super().__init__(parent)
        self.setWindowTitle("Export")
        self.setWindowIcon(app_icon())
        self._run = run
        self._keeper = TaskKeeper("export", on_failure=self._failed)
        self._unwanted: threading.Event | None = None
        self._forget: Callable[[], object] | None = None
        self._written: Path | None = None
        self.format = QComboBox()
        for each in Format:
            self.format.addItem(each.label, each)
        self.file = QLineEdit(str(what.suggested.with_name(f"{what.suggested.name}.{Format.CSV}")))
        self.choose_button = QPushButton("&Browse…")
        self.note = ToneLabel(room=1)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress")
        self.outcome = ToneLabel(room=_OUTCOME_LINES)
        self.outcome.setAccessibleName("Outcome")
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.digest = QLineEdit()
        self.digest.setReadOnly(True)
        self.digest.setAccessibleName("SHA-256 of the file")
        self.copy = CopyButton(self.digest.text)
        self.copy.name("the digest")
        self._digest_label = QLabel("SHA-256")
        self._note_or_bar = QStackedLayout()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.export_button = self.buttons.addButton("&Export", QDialogButtonBox.ButtonRole.ActionRole)
        self.stop_button = self.buttons.addButton("Stop", QDialogButtonBox.ButtonRole.ActionRole)
        self.folder_button = self.buttons.addButton("&Open folder", QDialogButtonBox.ButtonRole.ActionRole)
        self._arrange(what)
        self._connect()
        self._show_state()
        self._look_at_file()
        self.outcome.say(_FIRST, Tone.HELP)

    def _arrange(self, what: ToExport) -> None:
        count = ToneLabel(what.count)
        bold(count)
        place = QHBoxLayout()
        place.addWidget(self.file)
        place.addWidget(self.choose_button)
        digest = QHBoxLayout()
        digest.addWidget(self.digest)
        digest.addWidget(self.copy)
        file_label = QLabel("F&ile")
        file_label.setBuddy(self.file)
        # Before there is a digest there is nothing to see of it, and when it comes nothing moves.
        for each in (self._digest_label, self.digest, self.copy):
            policy = each.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            each.setSizePolicy(policy)
        self._note_or_bar.addWidget(self.note)
        self._note_or_bar.addWidget(self.bar)
        form = QFormLayout()
        form.addRow("&Format", self.format)
        form.addRow(file_label, place)
        form.addRow("", self._note_or_bar)
        form.addRow("", self.outcome)
        form.addRow(self._digest_label, digest)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(count)
        layout.addWidget(ToneLabel(what.wanted, Tone.HELP))
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self.export_button.setDefault(True)
        self.resize(_WIDTH, self.sizeHint().height())

    def _connect(self) -> None:
        self.format.currentIndexChanged.connect(self._follow_format)
        self.file.textChanged.connect(self._look_at_file)
        self.choose_button.clicked.connect(self._choose)
        self.export_button.clicked.connect(self.export)
        self.stop_button.clicked.connect(self.stop)
        self.folder_button.clicked.connect(self._open_folder)
        self.buttons.rejected.connect(self.reject)

    # What the user does

    @property
    def is_working(self) -> bool:
        """Whether an export is under way."""
        return self._unwanted is not None

    def export(self) -> None:
        """Export into the file that is named."""
        if self.is_working or not self.file.text().strip():
            return
        path = Path(self.file.text().strip()).expanduser()
        self._unwanted = threading.Event()
        self._written = None
        self.digest.clear()
        self.copy.reset()
        self.bar.setRange(0, 0)
        self.outcome.say(_READING, Tone.HELP)
        self._show_state()
        self._forget = self._keeper.start(self._exported(path, self._unwanted), name="export").cancel

    def stop(self) -> None:
        """Cancel what is under way; nothing is left of it."""
        if self._unwanted is not None:
            self._unwanted.set()
            self.stop_button.setEnabled(False)

    def done(self, result: int) -> None:
        """Cancel and close, without a word more."""
        self.stop()
        if self._forget is not None:
            self._forget()
        super().done(result)

    def _choose(self) -> None:
        path = Path(self.file.text().strip() or ".")
        dialog = QFileDialog(self, "Export to", str(path.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([f"{self._format.label} (*.{self._format})"])
        dialog.setDefaultSuffix(self._format.value)
        dialog.selectFile(path.name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.file.setText)
        dialog.open()

    def _open_folder(self) -> None:
        if self._written is not None:
            self.folderWanted.emit(self._written.absolute().parent)

    # What is shown

    @property
    def _format(self) -> Format:
        return Format(self.format.currentData())

    def _follow_format(self) -> None:
        """Let the file's ending be that of the format, unless it has one of its own."""
        path = Path(self.file.text())
        if path.suffix[1:] in set(Format):
            self.file.setText(str(path.with_suffix(f".{self._format}")))

    def _look_at_file(self) -> None:
        name = self.file.text().strip()
        there = bool(name) and Path(name).expanduser().is_file()
        self.note.say("There is a file of that name. It will be replaced." if there else "", Tone.HELP)
        self._show_state()

    def _show_state(self) -> None:
        working = self.is_working
        for field in (self.format, self.file, self.choose_button):
            field.setEnabled(not working)
        self.export_button.setEnabled(not working and bool(self.file.text().strip()))
        self.stop_button.setEnabled(working)
        self.stop_button.setVisible(working)
        self._note_or_bar.setCurrentWidget(self.bar if working else self.note)
        for each in (self._digest_label, self.digest, self.copy):
            each.setVisible(bool(self.digest.text()))
        self.folder_button.setEnabled(self._written is not None)
        if not working:
            self.bar.setRange(0, _STEPS)

    def _show_progress(self, progress: Progress) -> None:
        if self._unwanted is None or self._unwanted.is_set() or not progress.total:
            return
        self.bar.setRange(0, _STEPS)
        self.bar.setValue(progress.done * _STEPS // progress.total)
        self.outcome.say("Writing…" if progress.done < progress.total else "Finishing the file…", Tone.HELP)

    async def _exported(self, path: Path, unwanted: threading.Event) -> None:
        try:
            exported = await self._run(self._format, path, self._show_progress, unwanted)
        except UserError as error:
            self._end(str(error), Tone.PROBLEM, 0)
        else:
            self._say_outcome(exported, path)
        finally:
            unwanted.set()  # whoever ends the program waits for nobody's file

    def _say_outcome(self, exported: Exported | None, path: Path) -> None:
        if exported is None:
            self._end("Cancelled. Nothing was left there.", Tone.HELP, 0)
            return
        self._written = path
        self.digest.setText(exported.file_digest)
        self.digest.setCursorPosition(0)
        rows = counted(exported.rows, "row")
        self._end(
            f"{rows} in {path}. The digest is also in {path.name}.sha256, beside it.", Tone.GOOD, _STEPS
        )

    def _failed(self, _task: str, _error: BaseException) -> None:
        self._end("This failed in an unforeseen way; the log says more.", Tone.PROBLEM, 0)

    def _end(self, text: str, tone: Tone, value: int) -> None:
        self._unwanted = None
        self.outcome.say(text, tone)
        self._look_at_file()
        self.note.say("")  # what is there now is what was written
        self.bar.setValue(value)
        self.ended.emit()
