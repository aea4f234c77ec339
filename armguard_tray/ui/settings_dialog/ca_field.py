"""The line with the CA file: what comes into it is read and asked about before it is used."""

from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QPushButton

from armguard_tray.errors import UserError
from armguard_tray.messages.plain_text import plain
from armguard_tray.settings.model import Setting
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.settings_dialog.ca_question import AT_SAVE, NOW
from armguard_tray.ui.settings_dialog.ca_trust import CaTrust
from armguard_tray.ui.settings_dialog.fields import Field, TextField

_BROWSE, _SAVE = "browse", "save"


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
        add_browse(self, "Browse for the CA file", self.choose)
        trust.declined.connect(self._declined)

    def choose(self, file: str) -> None:
        """Enter `file` once the user has seen what it holds and trusts it."""
        self._begin(_BROWSE, self._chosen(file))

    def when_trusted(self, then: Callable[[], None]) -> None:
        """Go on with `then`, which saves, once the user trusts the file that stands here, if one does."""
        if self.value:
            self._begin(_SAVE, self._vouched(self.value, then))
        else:
            then()

    def leave(self) -> None:
        """End what is under way, for the dialog closes, or something else was changed."""
        for name in (_BROWSE, _SAVE):
            self._end(name)

    def end_save(self) -> None:
        """Save no longer what was to be saved: something else stands there now."""
        self._end(_SAVE)

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

    async def _vouched(self, file: str, then: Callable[[], None]) -> None:
        words = await self._why_not(file, NOW)
        self._done(_SAVE)
        if words:
            self.refused.emit(words)
        else:
            self._trust.remember(file)
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


def add_browse(field: Field, name: str, take: Callable[[str], None] | None = None) -> None:
    """Add a button beside a field that chooses the file of a certificate.

    Args:
        field: beside which.
        name: for screen readers.
        take: is told the file; None: it is entered into the field.

    """
    browse = QPushButton("&Browse…")
    browse.setAccessibleName(name)
    browse.setAutoDefault(False)
    browse.clicked.connect(partial(_browse, field, take or partial(setattr, field, "value")))
    field.add_beside(browse)


def _browse(field: Field, take: Callable[[str], None]) -> None:
    dialog = QFileDialog(field, "Certificate of a private CA")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(["Certificates (*.pem *.crt *.cer)", "All files (*)"])
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(take)
    dialog.open()
