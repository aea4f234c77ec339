"""The report for the admin: everything in it is shown before it is saved."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase, QFontMetrics, QTextOption
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QListWidget,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.errors import UserError
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.icons import app_icon
from armguard_tray.ui.tone_label import Tone, ToneLabel

_EXPLANATION = (
    "This is all that the report holds. Names and serial numbers are masked, secrets are left out. It is "
    "saved where you choose and sent to nobody."
)
_HEIGHT = 560
_CHARACTERS = 100
"""Of a line of the report: it is to be seen whole to begin with; in a narrower window it is wrapped."""
_LIST_WIDTH = 150
_OUTCOME_LINES = 2


class ReportDialog(QDialog):
    """Shows the parts of a report, and saves them. Show it with `open()`.

    Attributes:
        names: the list of the parts.
        text: the part that is selected.
        outcome: what came of saving.

    Signals:
        saved(): a report was saved, or could not be; `outcome` says which.

    """

    saved = Signal()

    def __init__(
        self,
        parts: Sequence[tuple[str, str]],
        save: Callable[[Path], Awaitable[None]],
        suggested: Path,
        parent: QWidget | None = None,
    ) -> None:
        """Show `parts`, each a name and a text.

        Args:
            parts: of the report.
            save: saves them in a file; raises UserError.
            suggested: where, unless the user chooses another place.
            parent: the window that it belongs to.

        """
        super().__init__(parent)
        self.setWindowTitle("Report for the admin")
        self.setWindowIcon(app_icon())
        self._parts = list(parts)
        self._save = save
        self._suggested = suggested
        self._keeper = TaskKeeper("report", on_failure=self._failed)
        self._stop: Callable[[], object] | None = None
        self.names = QListWidget()
        self.names.setAccessibleName("Parts of the report")
        self.names.addItems([name for name, _ in self._parts])
        self.text = _text_view()
        self.outcome = ToneLabel(room=_OUTCOME_LINES)
        self.outcome.setAccessibleName("Outcome")
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.save_button = buttons.addButton("&Save…", QDialogButtonBox.ButtonRole.ActionRole)
        self.save_button.clicked.connect(self._choose)
        buttons.rejected.connect(self.reject)
        self._arrange(buttons)
        self.save_button.setDefault(True)
        self.names.currentRowChanged.connect(self._show_part)
        self.names.setCurrentRow(0)

    def _arrange(self, buttons: QDialogButtonBox) -> None:
        body = QSplitter(Qt.Orientation.Horizontal)
        body.setChildrenCollapsible(False)
        body.addWidget(self.names)
        body.addWidget(self.text)
        body.setStretchFactor(1, 1)
        body.setSizes([_LIST_WIDTH, _room_for_a_line(self.text)])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(ToneLabel(_EXPLANATION))
        layout.addWidget(body, stretch=1)
        layout.addWidget(self.outcome)
        layout.addWidget(buttons)
        margins = layout.contentsMargins()
        sides = margins.left() + margins.right() + body.handleWidth()
        wanted = _LIST_WIDTH + _room_for_a_line(self.text) + sides
        self.resize(min(wanted, self.screen().availableGeometry().width()), _HEIGHT)

    def save_as(self, path: Path) -> None:
        """Save the report at `path`, and say what came of it."""
        self.save_button.setEnabled(False)
        self.outcome.say("Saving…", Tone.HELP)
        self._stop = self._keeper.start(self._saved(path), name="save").cancel

    def done(self, result: int) -> None:
        """Close, without a word more on what is being saved; it is saved all the same."""
        if self._stop is not None:
            self._stop()
        super().done(result)

    def _show_part(self, row: int) -> None:
        # plainText, whatever it holds.
        self.text.setPlainText(self._parts[row][1] if 0 <= row < len(self._parts) else "")

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Save the report", str(self._suggested.parent))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["Zip files (*.zip)"])
        dialog.setDefaultSuffix("zip")
        dialog.selectFile(self._suggested.name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.save_as(Path(name)))
        dialog.open()

    async def _saved(self, path: Path) -> None:
        try:
            await self._save(path)
        except UserError as error:
            self._end(f"{error.message} {error.remedy}".strip(), Tone.PROBLEM)
        else:
            self._end(f"Saved as {path}.", Tone.GOOD)

    def _failed(self, _task: str, _error: BaseException) -> None:
        self._end("This failed in an unforeseen way; the log says more.", Tone.PROBLEM)

    def _end(self, text: str, tone: Tone) -> None:
        self.outcome.say(text, tone)
        self.save_button.setEnabled(True)
        self.saved.emit()


def _room_for_a_line(view: QPlainTextEdit) -> int:
    """Return how wide the view must be, in pixels, so that nothing that fits a page is wrapped once more."""
    line = QFontMetrics(view.font()).horizontalAdvance("0" * _CHARACTERS)
    around = 2 * (view.frameWidth() + int(view.document().documentMargin()))
    return line + around + view.verticalScrollBar().sizeHint().width() + 2


def _text_view() -> QPlainTextEdit:
    view = QPlainTextEdit()
    view.setAccessibleName("The selected part")
    view.setReadOnly(True)
    # With a caret a reader without a mouse can move and select in it.
    view.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    view.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    view.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    view.setTabChangesFocus(True)
    return view
