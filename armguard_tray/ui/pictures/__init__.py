"""The window "Pictures"."""

from armguard_tray.ui.pictures.window import PicturesWindow

__all__ = ["PicturesWindow"]
