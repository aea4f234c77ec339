# ruff: noqa: INP001 - PyInstaller reads it as a script
"""What goes into the frozen program with QtGui: no plugin that the tray never loads.

It stands in for PyInstaller's own hook, which takes every plugin, with all the libraries that each needs
(https://pyinstaller.org/en/stable/hooks.html).
"""

from pathlib import Path

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

NO_DESKTOP = {"qeglfs", "qlinuxfb", "qminimalegl", "qvkkhrdisplay", "qvnc"}
NO_DESKTOP_FOLDERS = {"egldeviceintegrations", "generic"}  # what those draw on, and bare input devices
# It would bring 25 MB of GTK, the building machine's; the portal's theme asks the desktop for the same.
THEMES = {"qgtk3"}
# The icons are SVG, and the toasts' pictures PNG, which Qt knows without a plugin.
PICTURES = {"qgif", "qicns", "qjpeg", "qtga", "qtiff", "qwbmp", "qwebp"}


def wanted(plugin: str) -> bool:
    """Tell whether the tray may load this plugin."""
    name = Path(plugin).stem.removeprefix("lib")
    return Path(plugin).parent.name not in NO_DESKTOP_FOLDERS and name not in NO_DESKTOP | THEMES | PICTURES


hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
binaries = [(source, target) for source, target in binaries if wanted(source)]
