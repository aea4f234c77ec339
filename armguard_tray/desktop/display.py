"""Whether there is a display to show windows on. Qt does not ask: without one it aborts the process."""

import os
import re
import socket
import sys
from pathlib import Path

# A display of this machine: ":0", ":0.1", "unix:0". All others are reached over a network
# (https://www.x.org/releases/current/doc/man/man7/X.7.xhtml, DISPLAY NAMES).
_LOCAL_X = re.compile(r"(?:unix)?:(\d+)(?:\.\d+)?")
_NO_DISPLAY_NEEDED = {"offscreen", "minimal", "vnc"}
_PATIENCE = 5.0  # seconds


def has_display() -> bool:
    """Tell whether windows can be shown. A display over a network is taken to be there."""
    if not sys.platform.startswith(("linux", "freebsd")):
        return True
    if os.environ.get("QT_QPA_PLATFORM") in _NO_DISPLAY_NEEDED:
        return True
    return _has_x() or _has_wayland()


def named_displays() -> str:
    """Return the displays that the environment names: "DISPLAY=:0"; empty where it names none."""
    named = {name: os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")}
    return " ".join(f"{name}={value}" for name, value in named.items() if value)


def _has_x() -> bool:
    name = os.environ.get("DISPLAY", "")
    local = _LOCAL_X.fullmatch(name)
    if local is None:
        return bool(name)
    path = f"/tmp/.X11-unix/X{int(local[1])}"  # noqa: S108 - where X servers listen
    return _listens(path) or _listens(f"\0{path}")


def _has_wayland() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY", "")
    return name != "" and _listens(str(Path(os.environ.get("XDG_RUNTIME_DIR", ""), name)))


def _listens(address: str) -> bool:
    """Tell whether somebody listens at a Unix socket; a leading NUL stands for Linux's abstract ones."""
    family: int | None = getattr(socket, "AF_UNIX", None)  # not on every platform
    if family is None:
        return False
    with socket.socket(family) as caller:
        caller.settimeout(_PATIENCE)
        try:
            caller.connect(address)
        except (OSError, ValueError):  # nobody there, or a name that no socket can have
            return False
    return True
