"""Journal: how long the log is kept, its backups, and whether anybody has changed it."""

from collections.abc import Awaitable, Callable
from datetime import tzinfo
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QPushButton

from armguard_tray.clock import Clock
from armguard_tray.errors import UserError
from armguard_tray.settings.model import JournalSettings
from armguard_tray.storage.backup import SUFFIX, Backup, folder_of, name_of
from armguard_tray.storage.upkeep import MUCH_FREE, Checked, Facts, Progress
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.health_panel.copy_button import CopyButton
from armguard_tray.ui.health_panel.ladder_rows import breakable
from armguard_tray.ui.settings_dialog import journal_words as words
from armguard_tray.ui.settings_dialog.form import SectionForm
from armguard_tray.ui.settings_dialog.page import Page, facts_grid
from armguard_tray.ui.tone_label import Tone, ToneLabel

_OUTCOME_LINES = 2
_PROGRESS_EVERY = 200  # milliseconds
_FAILED = "This failed in an unforeseen way; the log says more."
_NOT_HERE = "Nothing can be told of the log here."
_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard


class Care(Protocol):
    """What takes care of the journal, as `storage.upkeep.Upkeep`. Each raises JournalError."""

    checked: Checked | None

    async def facts(self) -> Facts:
        """Return what there is to say of it now."""
        ...

    async def back_up(self, target: Path | None, progress: Progress) -> Backup:
        """Copy it into a file, by default one in the folder of backups."""
        ...

    async def check(self, progress: Progress) -> Checked:
        """Look whether file and chain are sound."""
        ...

    async def compact(self) -> None:
        """Give back what is free in the file."""
        ...


class JournalPage(Page):
    """The page of the journal. What its buttons do takes effect at once; the fields wait for *Save*.

    Attributes:
        form: its fields.
        labels: what is said, by name.
        outcome: what came of a button.
        copy_button: copies the chain's head; hidden until it is known.
        back_up_button, check_button, compact_button, stop_button: the buttons.
        choose: asks the user for the file of a backup: called with the one to suggest, and with what takes
            the answer.

    """

    def __init__(
        self, settings: JournalSettings, care: Care | None, clock: Clock, zone: tzinfo | None
    ) -> None:
        """Show `settings`; without a `care` there is nothing but these."""
        super().__init__(
            "Journal", "How long this desk keeps its log, and whether anybody has changed what stands in it."
        )
        self._care = care
        self._clock = clock
        self._zone = zone
        self._facts: Facts | None = None
        self._keeper = TaskKeeper("journal-page", on_failure=self._failed)
        self._cancel: Callable[[], object] | None = None
        self._doing = ""
        self._progress: tuple[int, int] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_PROGRESS_EVERY)
        self._timer.timeout.connect(self._show_progress)
        self.choose: Callable[[Path, Callable[[Path], None]], None] = self._ask_for_file
        self.labels = {
            name: ToneLabel() for name in ("Size", "Events", "Last backup", "Last check", "Chain", "Head")
        }
        self.form: SectionForm[JournalSettings] = SectionForm(settings)
        self.form.edited.connect(self.edited)
        self.back_up_button = QPushButton("&Back up now…")
        self.check_button = QPushButton("C&heck now")
        self.compact_button = QPushButton("C&ompact now")
        self.stop_button = QPushButton("Sto&p")
        # What stands in the label has places to break, which are no part of it.
        self.copy_button = CopyButton(self._head, self)
        self.copy_button.name("the chain's head")
        self.outcome = ToneLabel(room=_OUTCOME_LINES)
        self._lay_out()
        self._show()
        self._show_buttons()

    @property
    def is_busy(self) -> bool:
        """Whether something is under way."""
        return self._cancel is not None

    @property
    def value(self) -> JournalSettings:
        """The section as the user wants it."""
        return self.form.value

    @property
    def changed(self) -> bool:
        """Whether something waits for *Save*."""
        return self.form.changed

    def show_problems(self) -> bool:
        """Say what is wrong beside each field, go to the first, and tell whether there is any."""
        return self.form.show_problems()

    def leave(self) -> None:
        """End what is under way, for the dialog closes."""
        self.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the journal anew: it grows."""
        super().showEvent(event)
        if self._care is not None:
            self._keeper.start(self._refresh(self._care), name="facts")

    # What the buttons do

    def back_up(self) -> None:
        """Ask where to, and copy the journal there."""
        if self._facts is None or self._care is None:
            return
        newest, file = self._facts.backup, self._facts.file
        set_up = self.form.value.backup_folder
        folder = Path(set_up) if set_up else newest.file.parent if newest else folder_of(file)
        self.choose(folder / name_of(file, self._clock.now()), self._back_up_to)

    def check(self) -> None:
        """Look whether file and chain are sound."""
        if self._care is not None:
            self._begin("Checking", self._check(self._care))

    def compact(self) -> None:
        """Give back what is free in the file."""
        if self._care is not None:
            self._begin("Compacting; what arrives waits", self._compact(self._care))

    def stop(self) -> None:
        """End what is under way."""
        if self._cancel is not None:
            self._cancel()
            self._end("Stopped.", Tone.HELP)

    def _back_up_to(self, file: Path) -> None:
        if self._care is not None:
            self._begin("Backing up", self._copy(self._care, file))

    async def _copy(self, care: Care, file: Path) -> str:
        made = await care.back_up(file, self._take_progress)
        return f"Backed up and checked: {made.file}"

    async def _check(self, care: Care) -> str:
        checked = await care.check(self._take_progress)
        if checked.verified.holds:
            return "The file is sound, and its chain holds."
        raise UserError("The file is sound, but its chain is broken: the log was changed.")

    async def _compact(self, care: Care) -> str:
        await care.compact()
        return "Compacted."

    def _begin(self, doing: str, work: Awaitable[str]) -> None:
        self._doing, self._progress = doing, None
        self._cancel = self._keeper.start(self._run(work), name="work").cancel
        self._timer.start()
        self._show_progress()
        self._show_buttons()
        self.stop_button.setFocus()

    async def _run(self, work: Awaitable[str]) -> None:
        try:
            said, tone = await work, Tone.GOOD
        except UserError as error:
            said, tone = str(error), Tone.PROBLEM
        self._end(said, tone)
        if self._care is not None:
            await self._refresh(self._care)

    def _failed(self, task: str, _error: BaseException) -> None:
        if task.endswith(":work"):
            self._end(_FAILED, Tone.PROBLEM)

    def _end(self, said: str, tone: Tone) -> None:
        had_focus = self.stop_button.hasFocus()
        self._cancel = None
        self._timer.stop()
        self.outcome.say(breakable(said), tone)
        self._show_buttons()
        if had_focus:
            self.check_button.setFocus()

    def _take_progress(self, done: int, of: int) -> None:
        # Called in the thread that works; what it says is shown by the timer.
        self._progress = done, of

    def _show_progress(self) -> None:
        share = "" if self._progress is None else f" {self._progress[0] / max(1, self._progress[1]):.0%}"
        self.outcome.say(f"{self._doing}…{share}", Tone.HELP)

    def _ask_for_file(self, suggested: Path, then: Callable[[Path], None]) -> None:
        folder = next((each for each in suggested.parents if each.is_dir()), suggested.parent)
        dialog = QFileDialog(self, "Back up the journal", str(folder), f"Journal (*{SUFFIX})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX)
        dialog.selectFile(str(suggested))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: then(Path(name)))
        dialog.open()

    # What it says

    async def _refresh(self, care: Care) -> None:
        try:
            self._facts = await care.facts()
        except UserError as error:
            self.labels["Size"].say(str(error), Tone.PROBLEM)
            return
        self._show()
        self._show_buttons()

    def _show(self) -> None:
        checked = self._care.checked if self._care is not None else None
        now, facts = self._clock.now(), self._facts
        if facts is None:
            self.labels["Size"].say(_NOT_HERE if self._care is None else "…", Tone.HELP)
        else:
            self.labels["Size"].say(words.file_words(facts))
            self.labels["Events"].say(words.event_words(facts, self._zone))
            self.labels["Last backup"].say(breakable(words.backup_words(facts, self._zone)))
        self.labels["Last check"].say(*words.check_words(checked, now, self._zone))
        self.labels["Chain"].say(*words.chain_state(checked, now, self._zone))
        self.labels["Head"].say(breakable(words.head_words(checked)))

    def _head(self) -> str:
        return words.head_words(self._care.checked if self._care is not None else None)

    def _show_buttons(self) -> None:
        ready = self._care is not None and not self.is_busy
        self.back_up_button.setEnabled(ready and self._facts is not None)
        self.check_button.setEnabled(ready)
        self.compact_button.setEnabled(ready)
        self.compact_button.setVisible(self._facts is not None and self._facts.free >= MUCH_FREE)
        self.stop_button.setVisible(self.is_busy)
        self.copy_button.setVisible(self._care is not None and self._care.checked is not None)

    def _lay_out(self) -> None:
        for label in self.labels.values():
            label.setTextInteractionFlags(_SELECTABLE)
        self.labels["Chain"].setToolTip(
            "Each row is chained to the one before it: where a row was changed, removed or put in between, "
            "the chain breaks."
        )
        self.labels["Head"].setToolTip(
            "Whoever keeps this elsewhere can tell later whether the log up to here is the same."
        )
        self.outcome.setAccessibleName("Outcome")
        facts = facts_grid(dict[str, Any](self.labels))
        facts.addWidget(self.copy_button, facts.rowCount() - 1, 2, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(facts)
        buttons = QHBoxLayout()
        for button, do in (
            (self.back_up_button, self.back_up),
            (self.check_button, self.check),
            (self.compact_button, self.compact),
            (self.stop_button, self.stop),
        ):
            button.clicked.connect(do)
            buttons.addWidget(button)
        buttons.addStretch()
        self.body.addLayout(buttons)
        self.body.addWidget(self.outcome)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFrameShadow(QFrame.Shadow.Sunken)
        self.body.addWidget(line)
        self.body.addWidget(self.form)
        self.body.addStretch()
