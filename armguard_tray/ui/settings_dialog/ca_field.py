"""The line with the CA file: what comes into it is read and asked about before it is used."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from armguard_tray.errors import UserError
from armguard_tray.messages.plain_text import plain
from armguard_tray.settings.model import Setting
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.settings_dialog.ca_question import AT_SAVE, IN_LOOK, NOW, WITH_THE_REST
from armguard_tray.ui.settings_dialog.ca_trust import CaTrust
from armguard_tray.ui.settings_dialog.fields import TextField

_BROWSE, _LOOK, _SAVE = "browse", "look", "save"


class CaField(TextField):
    """A line for the CA file. A chosen one is asked about at once, a typed one when it is to be used.

    Signals:
        refused(str): its file is not to be used, and why.

    """

    refused = Signal(str)

    def __init__(self, setting: Setting, trust: CaTrust) -> None:
        """Hold the file that `trust` begins with."""
        super().__init__(setting)
        self._trust = trust
        self._keeper = TaskKeeper("ca-file")
        self._cancels: dict[str, Callable[[], object]] = {}
        self.value = trust.file
        self._add_browse()
        trust.declined.connect(self._declined)

    def choose(self, file: str) -> None:
        """Enter `file` once the user has seen what it holds and trusts it."""
        self._begin(_BROWSE, self._chosen(file))

    def when_trusted(self, then: Callable[[], None]) -> None:
        """Go on with `then`, which saves, once the user trusts the file that stands here, if one does."""

        def save() -> None:
            self.remember()
            then()

        self._when_vouched(_SAVE, NOW, save)

    def before_save(self, then: Callable[[], None]) -> None:
        """Go on with `then` as `when_trusted` does, but leave it to whoever saves to `remember` the file."""
        self._when_vouched(_SAVE, WITH_THE_REST, then)

    def before_look(self, then: Callable[[], None]) -> None:
        """Go on with `then`, which looks, once the user trusts the file that stands here, if one does."""
        self._when_vouched(_LOOK, IN_LOOK, then)

    def remember(self) -> None:
        """Remember what the file that stands here holds, if one does: it was trusted, and is saved."""
        if self.value:
            self._trust.remember(self.value)

    def leave(self) -> None:
        """End what is under way, for the dialog closes, or something else was changed."""
        for name in tuple(self._cancels):
            self._end(name)

    def end_save(self) -> None:
        """Save no longer what was to be saved: something else stands there now."""
        self._end(_SAVE)

    def end_look(self) -> None:
        """Look no longer where was to be looked: something else stands there now, or nobody would see it."""
        self._end(_LOOK)

    def _when_vouched(self, name: str, words: str, then: Callable[[], None]) -> None:
        if self.value:
            self._begin(name, self._vouched(name, self.value, words, then))
        else:
            then()

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._end(name)
        self.show_note("Reading the file…")
        self._cancels[name] = self._keeper.start(work, name=name).cancel

    def _end(self, name: str) -> None:
        cancel = self._cancels.pop(name, None)
        if cancel is not None:
            cancel()
            self.show_problem(self.problem)

    async def _chosen(self, file: str) -> None:
        words = await self._why_not(file, AT_SAVE)
        self._done(_BROWSE)
        if words:
            self.refused.emit(f"{Path(file).name}: {words}")
        else:
            self.value = file

    async def _vouched(self, name: str, file: str, words: str, then: Callable[[], None]) -> None:
        why_not = await self._why_not(file, words)
        self._done(name)
        if why_not:
            self.refused.emit(why_not)
        else:
            then()

    def _done(self, name: str) -> None:
        del self._cancels[name]
        self.show_problem(self.problem)

    async def _why_not(self, file: str, then: str) -> str:
        try:
            await self._trust.vouched(file, then)
        except UserError as error:
            return plain(f"{error.message} {error.remedy}".strip())
        return ""

    def _declined(self, file: str) -> None:
        """End what waited for the file; put the one back that was there before."""
        self.leave()
        if self.value != file:
            return  # it was chosen, and has not come here
        if self._trust.file == file:
            self.refused.emit(
                "What this file holds now is not trusted. Choose another one, or leave it empty."
            )
            return
        self.value = self._trust.file
        self.refused.emit(f"{Path(file).name} is not trusted: what was here before is back.")

    def _add_browse(self) -> None:
        browse = QPushButton("&Browse…")
        browse.setAccessibleName(f"Browse for {self._trust.peer.ca_file}")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        self.add_beside(browse)

    def _browse(self) -> None:
        ask_for_file(self, self.choose)


def ask_for_file(parent: QWidget, take: Callable[[str], None]) -> None:
    """Let the user choose a CA file in a dialog of `parent`, and hand its name to `take`."""
    dialog = QFileDialog(parent, "Certificate of a private CA")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(["Certificates (*.pem *.crt *.cer)", "All files (*)"])
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(take)
    dialog.open()
