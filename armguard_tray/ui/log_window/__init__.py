"""The live log: one table of everything, newest first, with the details of the selected row."""

from armguard_tray.ui.log_window.window import LogWindow

__all__ = ["LogWindow"]
