"""Autostart on Linux: a desktop entry in the user's autostart folder.

https://specifications.freedesktop.org/autostart-spec/latest/
"""

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

FILE_NAME = "armguard-tray.desktop"


def autostart_folder() -> Path:
    """Return the user's autostart folder; a relative XDG_CONFIG_HOME is ignored, as specified."""
    configured = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    return (configured if configured.is_absolute() else Path.home() / ".config") / "autostart"


class XdgAutostart:
    """The entry `armguard-tray.desktop` in an autostart folder."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`, which is made when it is needed."""
        self._file = folder / FILE_NAME

    def is_enabled(self) -> bool:
        """Say whether there is an entry that the user or the desktop has not switched off. Raises OSError."""
        try:
            text = self._file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return False
        # Desktops switch an entry off with these keys instead of removing it.
        return not re.search(r"(?m)^\s*(Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$", text)

    def enable(self, command: Sequence[str]) -> None:
        """Write the entry whole or not at all. Raises OSError; ValueError for a line break in `command`."""
        _write_atomically(self._file, entry(command))

    def disable(self) -> None:
        """Remove the entry. Raises OSError."""
        self._file.unlink(missing_ok=True)


def entry(command: Sequence[str]) -> str:
    """Return the desktop entry that starts `command`. Raises ValueError for a line break in it."""
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Version=1.0\n"
        "Name=ArmGuard Tray\n"
        "Comment=Live armory transactions on the desk\n"
        f"Exec={exec_line(command)}\n"
        "Icon=armguard-tray\n"
        "Terminal=false\n"
        "StartupNotify=false\n"
        "X-GNOME-Autostart-enabled=true\n"
    )


def exec_line(command: Sequence[str]) -> str:
    r"""Quote `command` for the key Exec: each part in quotes, then the escapes of any value.

    https://specifications.freedesktop.org/desktop-entry-spec/latest/exec-variables.html

    Raises:
        ValueError: a part holds a line break or NUL, which no entry can carry.

    """
    if any(re.search(r"[\r\n\0]", part) for part in command):
        raise ValueError("a line break cannot stand in a desktop entry")
    quoted = (re.sub(r'(["`$\\])', r"\\\1", part).replace("%", "%%") for part in command)
    return " ".join(f'"{part}"' for part in quoted).replace("\\", "\\\\")


def _write_atomically(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        draft.chmod(0o644)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
