"""ArmGuard Tray: live armory transactions on every desk, nothing lost in silence."""

__version__ = "0.1.0"
