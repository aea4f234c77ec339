"""Connection: "does it work?", and if not, why and what to do."""

import asyncio
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox

from armguard_tray.clock import Clock
from armguard_tray.errors import UserError
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.health_panel import HealthPanel, Sources
from armguard_tray.ui.settings_dialog.page import Page


class ConnectionPage(Page):
    """The page of the connection's health.

    Attributes:
        panel: what it shows.

    Signals:
        ca_file_trusted(str): the user has seen what is in the file of this name, and trusts it.

    """

    ca_file_trusted = Signal(str)

    def __init__(self, clock: Clock, zone: tzinfo | None, sources: Sources) -> None:
        """Show an unknown health."""
        super().__init__("Connection", "Whether events reach this desk, and if not, why.")
        self._clock = clock
        self._zone = zone
        self._keeper = TaskKeeper("ca-file")
        self.panel = HealthPanel(clock, zone, sources)
        self.panel.trust_wanted.connect(self._choose_ca_file)
        self.body.addWidget(self.panel)
        self.body.addStretch()

    def leave(self) -> None:
        """End a check that is under way."""
        self.panel.checker.sleep()

    def _choose_ca_file(self) -> None:
        dialog = QFileDialog(self, "Certificate of a private CA")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(["Certificates (*.pem *.crt *.cer)", "All files (*)"])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.take_ca_file)
        dialog.open()

    def take_ca_file(self, file: str) -> None:
        """Show what is in a file, and ask whether it is to be trusted."""
        self._keeper.start(self._ask(file), name="read")

    async def _ask(self, file: str) -> None:
        # Reading certificates costs 10 MiB, which few desks ever need.
        from armguard_tray.connection.ca_file import read_ca_file  # noqa: PLC0415 - as the comment says
        from armguard_tray.ui.settings_dialog.ca_question import CaQuestion  # noqa: PLC0415 - as above

        try:
            # It may lie on a share that does not answer.
            found = await asyncio.to_thread(read_ca_file, file)
        except UserError as error:
            self._say(error)
            return
        question = CaQuestion(file, found, self._clock.now(), self._zone, self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.trusted.connect(self.ca_file_trusted)
        question.open()

    def _say(self, error: UserError) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, "CA file", error.message, parent=self)
        box.setInformativeText(error.remedy)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
