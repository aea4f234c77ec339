"""The window "Who holds what"."""

from armguard_tray.ui.board.window import BoardWindow

__all__ = ["BoardWindow"]
