"""The window "Shift report": which shift, the report as a page, and its ways onto paper."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from pathlib import Path
from typing import Any, Final, Protocol

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent, QTextBlockFormat, QTextCursor
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from armguard_tray.catchup.issued_page import IssuedNow
from armguard_tray.clock import Clock, in_zone
from armguard_tray.errors import UserError
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.shift_report.report import Present, report_of
from armguard_tray.shift_report.shift import Shift
from armguard_tray.storage.shift import ShiftRecords
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.health_panel.copy_button import CopyButton
from armguard_tray.ui.icons import app_icon
from armguard_tray.ui.paper.document import Document
from armguard_tray.ui.shift_report.output import new_printer, print_document, save_pdf
from armguard_tray.ui.shift_report.renderings import Piece, as_html, as_text
from armguard_tray.ui.shift_report.report_document import Origin, report_document
from armguard_tray.ui.shift_report.shift_choice import ShiftChoice
from armguard_tray.ui.tone_label import Tone, ToneLabel

_SIZE: Final = QSize(900, 680)
_SMALLEST: Final = QSize(520, 360)
_FRAME: Final = QSize(16, 48)  # room for what the desktop puts around a window
_NO_HEIGHT: Final = 0.1  # pixels; nought would mean as high as its letters
_KEY_GEOMETRY: Final = "shift_report/geometry"
_READING: Final = "Reading the log…"
_UNFORESEEN: Final = "This failed in an unforeseen way; the program's log says more."


class ShiftSource(Protocol):
    """What the journal answers, as `storage.journal.Journal`. Raises JournalError and FilterError.

    Attributes:
        file: the database.

    """

    file: Path

    async def shift(self, server: str, since: datetime, until: datetime) -> ShiftRecords:
        """Return what happened at a server from one time to another."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMeans:
    """What the window works with.

    Attributes:
        journal: what happened.
        origin: where the report is from.
        zone: the server's.
        clock: the time.
        shifts: returns when shifts begin, by the server's clock.
        hours: returns after how long a weapon is overdue.
        is_current: tells whether nothing newer than what the journal answers for is known to be missing.
        issued: returns what the server listed last as issued; None: nothing was read of it.
        folder: where a PDF may go.
        print_on: prints a document, and returns on how many pages.

    """

    journal: ShiftSource
    origin: Origin
    zone: tzinfo
    clock: Clock
    shifts: Callable[[], Sequence[time]]
    hours: Callable[[], DutyHours]
    is_current: Callable[[], bool]
    issued: Callable[[], IssuedNow | None]
    folder: Path
    print_on: Callable[[Document, QPrinter], Awaitable[int]] = print_document


@dataclass(frozen=True, slots=True)
class _Shown:
    """The report that is shown, in each of its forms."""

    shift: Shift
    document: Document
    html: Sequence[Piece]
    text: str


class ShiftReportWindow(QWidget):
    """Shows the report on a shift.

    Attributes:
        choice: which shift.
        page: the report.
        said: what is being done, and what came of it.

    Signals:
        told(): the report on the shift that is chosen is shown, or why there is none.
        done(): it was saved or printed, or `said` says why not.

    """

    told = Signal()
    done = Signal()

    def __init__(
        self, means: ReportMeans, keeper: TaskKeeper, store: QSettings, parent: QWidget | None = None
    ) -> None:
        """Show nothing before it is shown itself; `keeper` keeps its tasks, `store` remembers its place."""
        super().__init__(parent)
        self._means, self._keeper, self._store = means, keeper, store
        self._reading: asyncio.Task[None] | None = None
        self._shown: _Shown | None = None
        self._build()
        self._connect()
        self._restore()

    @property
    def document(self) -> Document | None:
        """The report that is shown; None: there is none."""
        return None if self._shown is None else self._shown.document

    # How it is built

    def _build(self) -> None:
        self.setWindowTitle("Shift report")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(_SMALLEST)
        self.resize(_SIZE)
        means = self._means
        self.choice = ShiftChoice(means.zone, means.shifts, means.clock.now)
        self.page = QTextBrowser()
        self.page.setAccessibleName("The report")
        self.page.setOpenLinks(False)
        self.page.setUndoRedoEnabled(False)
        self.said = ToneLabel(room=1)
        self.said.setAccessibleName("What was done")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.update_button = self._button("&Update")
        self.print_button = self._button("&Print…")
        self.pdf_button = self._button("Save as P&DF…")
        self.copy_button = CopyButton(lambda: self._shown.text if self._shown is not None else "")
        self.copy_button.name("the report")
        self.buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.choice)
        column.addWidget(self.page, stretch=1)
        column.addWidget(self.said)
        column.addWidget(self.buttons)
        self._show_buttons()

    def _button(self, text: str) -> QPushButton:
        button = self.buttons.addButton(text, QDialogButtonBox.ButtonRole.ActionRole)
        button.setAutoDefault(False)
        return button

    def _connect(self) -> None:
        self.choice.changed.connect(self.read)
        self.update_button.clicked.connect(self.read)
        self.print_button.clicked.connect(self.ask_printer)
        self.pdf_button.clicked.connect(self.ask_file)
        self.buttons.rejected.connect(self.close)
        for keys, action in (
            (QKeySequence.StandardKey.Refresh, self.read),
            (QKeySequence.StandardKey.Print, self.ask_printer),
            (QKeySequence.StandardKey.Save, self.ask_file),
            (QKeySequence.StandardKey.Close, self.close),
            (QKeySequence(Qt.Key.Key_Escape), self.close),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(action)

    # What it shows

    def read(self) -> None:
        """Make the report anew."""
        if self._reading is not None:
            self._reading.cancel()
        self.choice.tell_time()
        try:
            shift = self.choice.shift
        except UserError as error:
            self._reading = None
            self._say_no(error)
            return
        self.said.say(_READING, Tone.HELP)
        self._reading = self._run(self._read(shift))

    async def _read(self, shift: Shift) -> None:
        means = self._means
        try:
            records = await means.journal.shift(means.origin.server, shift.since, shift.until)
        except UserError as error:
            self._say_no(error)
            return
        present = Present(now=means.clock.now(), is_current=means.is_current(), issued=means.issued())
        # Of some thousand rows this takes longer than a window may stand still.
        await self._show(await asyncio.to_thread(_shown, records, shift, present, means))

    async def _show(self, shown: _Shown) -> None:
        where = self.page.verticalScrollBar().value() if self._is_on(shown.shift) else 0
        self._forget()
        self.page.setUpdatesEnabled(False)
        try:
            for piece in shown.html:
                self._append(piece)
                await asyncio.sleep(0)  # let the other windows do what is due
        finally:
            self.page.setUpdatesEnabled(True)
        self._shown = shown
        self.page.verticalScrollBar().setValue(where)
        self.copy_button.reset()
        self.said.say("")
        self._show_buttons()
        self.told.emit()

    def _append(self, piece: Piece) -> None:
        end = QTextCursor(self.page.document())
        end.movePosition(QTextCursor.MoveOperation.End)
        if piece.goes_on:
            # Qt leaves an empty line behind each table.
            no_room = QTextBlockFormat()
            no_room.setLineHeight(_NO_HEIGHT, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
            end.setBlockFormat(no_room)
        end.insertHtml(piece.html)

    def _is_on(self, shift: Shift) -> bool:
        return self._shown is not None and self._shown.shift == shift

    def _say_no(self, error: UserError) -> None:
        """Say why there is no report; none of another shift is to be taken for it."""
        self._forget()
        self.said.say(str(error), Tone.PROBLEM)
        self.told.emit()

    def _forget(self) -> None:
        self._shown = None
        self.page.clear()
        self._show_buttons()

    def _show_buttons(self) -> None:
        for button in (self.print_button, self.pdf_button, self.copy_button):
            button.setEnabled(self._shown is not None)

    # On paper

    def ask_file(self) -> None:
        """Ask into which file, and save the report there."""
        if self._shown is None:
            return
        document = self._shown.document
        dialog = QFileDialog(self, "Save as PDF", str(self._means.folder))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["PDF (*.pdf)"])
        dialog.setDefaultSuffix("pdf")
        since = in_zone(self._shown.shift.since, self._means.zone)
        dialog.selectFile(f"shift-report-{since:%Y-%m-%d-%H%M}.pdf")
        dialog.fileSelected.connect(lambda name: self.save(document, Path(name)))
        self._open(dialog)

    def save(self, document: Document, path: Path) -> None:
        """Save a report into a file."""
        means = self._means

        async def work() -> str:
            await save_pdf(document, path, journal=means.journal.file, creator=means.origin.program)
            return f"Saved in {path}."

        self._start(work(), "Writing the PDF…")

    def ask_printer(self) -> None:
        """Ask on which printer, and print the report there."""
        if self._shown is None:
            return
        document = self._shown.document
        printer = new_printer(document)
        dialog = QPrintDialog(printer, self)
        dialog.accepted.connect(lambda: self.print(document, printer))
        self._open(dialog)

    def print(self, document: Document, printer: QPrinter) -> None:
        """Print a report."""

        async def work() -> str:
            pages = await self._means.print_on(document, printer)
            return f"Sent to the printer: {pages:,} {'page' if pages == 1 else 'pages'}."

        self._start(work(), "Printing…")

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        QDialog.open(dialog)  # PySide hides that of a QPrintDialog behind one of another meaning

    def _start(self, work: Coroutine[Any, Any, str], meanwhile: str) -> None:
        async def do() -> None:
            try:
                self.said.say(await work, Tone.GOOD)
            except UserError as error:
                self.said.say(str(error), Tone.PROBLEM)
            self.done.emit()

        self.said.say(meanwhile, Tone.HELP)
        self._run(do())

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._keeper.start(work, name="shift report")
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.said.say(_UNFORESEEN, Tone.PROBLEM)
            self.told.emit()
            self.done.emit()

    # Window events

    def showEvent(self, event: QShowEvent) -> None:
        """Make the report."""
        super().showEvent(event)
        if not event.spontaneous():
            self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest, and remember the looks."""
        super().hideEvent(event)
        if not event.spontaneous():
            if self._reading is not None:
                self._reading.cancel()
            self._store.setValue(_KEY_GEOMETRY, self.saveGeometry())

    def _restore(self) -> None:
        state = self._store.value(_KEY_GEOMETRY)
        if isinstance(state, QByteArray):
            self.restoreGeometry(state)
        if not self.isMaximized() and not self.isFullScreen():
            room = self.screen().availableGeometry().size() - _FRAME
            self.resize(self.size().boundedTo(room))


def _shown(records: ShiftRecords, shift: Shift, present: Present, means: ReportMeans) -> _Shown:
    report = report_of(records, shift, means.hours(), present)
    document = report_document(report, means.zone, means.origin)
    return _Shown(shift, document, as_html(document), as_text(document))
