"""Connection: "does it work?", stream by stream."""

from armguard_tray.ui.health_panel.panel import HealthPanel

__all__ = ["HealthPanel"]
