"""Starting with the user's session: one small class a platform, behind one interface."""

from armguard_tray.desktop.autostart.autostart import Autostart, launch_command

__all__ = ["Autostart", "launch_command"]
