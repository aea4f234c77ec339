"""Connection: "does it work?", and if not, why and what to do."""

from datetime import tzinfo

from armguard_tray.clock import Clock
from armguard_tray.ui.health_panel import HealthPanel
from armguard_tray.ui.settings_dialog.page import Page


class ConnectionPage(Page):
    """The page of the connection's health.

    Attributes:
        panel: what it shows.

    """

    def __init__(self, clock: Clock, zone: tzinfo | None) -> None:
        """Show an unknown health."""
        super().__init__("Connection", "Whether events reach this desk, stream by stream.")
        self.panel = HealthPanel(clock, zone)
        self.body.addWidget(self.panel)
        self.body.addStretch()
