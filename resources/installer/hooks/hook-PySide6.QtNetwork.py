# ruff: noqa: INP001 - PyInstaller reads it as a script
"""What goes into the frozen program with QtNetwork: local sockets, and the news that the network is back.

It stands in for PyInstaller's own hook, which also takes what Qt needs for TLS. The tray's TLS is Python's.
"""

from pathlib import Path

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

# qglib loads the machine's GIO modules into the GLib of the building machine, which need not fit together;
# NetworkManager and ConnMan are asked over D-Bus.
UNWANTED = {"qglib"}
UNWANTED_FOLDERS = {"tls"}

hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
binaries = [
    (source, target)
    for source, target in binaries
    if Path(source).parent.name not in UNWANTED_FOLDERS
    and Path(source).stem.removeprefix("lib") not in UNWANTED
]
