"""Connection: "does it work?", and if not, why and what to do."""

from armguard_tray.ui.health_panel.panel import HealthPanel
from armguard_tray.ui.health_panel.sources import Check, CountEvents, Sources

__all__ = ["Check", "CountEvents", "HealthPanel", "Sources"]
