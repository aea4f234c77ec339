"""The window "Pictures". Whoever opens it imports the plotting library as well, in a thread."""

from armguard_tray.ui.pictures.window import PicturesWindow

__all__ = ["PicturesWindow"]
