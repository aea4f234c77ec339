"""Connection: "does it work?", and if not, why and what to do."""

from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox

from armguard_tray.clock import Clock
from armguard_tray.errors import UserError
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.health_panel import HealthPanel, Sources
from armguard_tray.ui.settings_dialog.ca_field import ask_for_file
from armguard_tray.ui.settings_dialog.ca_question import AT_SAVE
from armguard_tray.ui.settings_dialog.ca_trust import CaTrust
from armguard_tray.ui.settings_dialog.page import Page


class ConnectionPage(Page):
    """The page of the connection's health.

    Attributes:
        panel: what it shows.

    Signals:
        ca_file_trusted(str): the user has seen what is in the file of this name, and trusts it.

    """

    ca_file_trusted = Signal(str)

    def __init__(self, clock: Clock, zone: tzinfo | None, sources: Sources, trust: CaTrust) -> None:
        """Show an unknown health; `trust` asks about a CA file."""
        super().__init__("Connection", "Whether events reach this desk, and if not, why.")
        self._trust = trust
        self._keeper = TaskKeeper("ca-file")
        self.panel = HealthPanel(clock, zone, sources)
        self.panel.trust_wanted.connect(self._choose_ca_file)
        self.body.addWidget(self.panel)
        self.body.addStretch()

    def leave(self) -> None:
        """End a check that is under way."""
        self.panel.checker.sleep()

    def _choose_ca_file(self) -> None:
        ask_for_file(self, self.take_ca_file)

    def take_ca_file(self, file: str) -> None:
        """Show what is in a file, and ask whether it is to be trusted."""
        self._keeper.start(self._ask(file), name="read")

    async def _ask(self, file: str) -> None:
        try:
            await self._trust.vouched(file, AT_SAVE)
        except UserError as error:
            self._say(error)
        else:
            self.ca_file_trusted.emit(file)

    def _say(self, error: UserError) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, "CA file", error.message, parent=self)
        box.setInformativeText(error.remedy)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
