"""The one place where a platform is chosen: what fits this one is imported, the rest never is."""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from armguard_tray.desktop.autostart.autostart import Autostart
from armguard_tray.desktop.toast import Picture, Quiet, ToastAdapter

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QSystemTrayIcon

    from armguard_tray.desktop.session_bus import SessionBus


def make_session_bus() -> "SessionBus | None":
    """Return the D-Bus session bus, not yet connected; None on Windows, which has none."""
    if sys.platform == "win32":
        return None
    else:  # noqa: RET505 - mypy knows platforms by their blocks
        from armguard_tray.desktop.session_bus import SessionBus  # noqa: PLC0415 - not on Windows

        return SessionBus()


def toast_adapters(
    tray_icon: "Callable[[], QSystemTrayIcon | None]",
    bus: "SessionBus | None",
    pictures: Mapping[Picture, Path] = MappingProxyType({}),
) -> list[ToastAdapter]:
    """Return the adapters worth trying here, the best first.

    `tray_icon` returns the icon of the moment; `pictures` are files, on Windows of its own format.
    """
    from armguard_tray.desktop.toast.qt_tray import QtTrayAdapter  # noqa: PLC0415 - `check` has no Qt

    adapters: list[ToastAdapter] = [QtTrayAdapter(tray_icon)]
    if sys.platform == "win32":
        from armguard_tray.desktop.toast.windows import WindowsAdapter  # noqa: PLC0415 - only on Windows
        from armguard_tray.desktop.user_registry import WindowsUserRegistry  # noqa: PLC0415 - needs winreg

        icon = str(pictures.get(Picture.PROGRAM, ""))
        adapters.insert(0, WindowsAdapter(WindowsUserRegistry(), app_icon=icon))
    elif bus is not None:
        from armguard_tray.desktop.toast.linux_dbus import LinuxDBusAdapter  # noqa: PLC0415 - dbus-fast

        urls = {picture: file.resolve().as_uri() for picture, file in pictures.items()}
        icon = urls.get(Picture.PROGRAM, "armguard-tray")
        adapters.insert(0, LinuxDBusAdapter(bus, app_icon=icon, pictures=urls))
    return adapters


def make_quiet(bus: "SessionBus | None") -> Quiet | None:
    """Return who knows whether the system holds toasts back; None where nobody does."""
    if sys.platform == "win32":
        from armguard_tray.desktop.toast.quiet_windows import WindowsQuiet  # noqa: PLC0415 - only on Windows
        from armguard_tray.desktop.toast.windows import APP_ID  # noqa: PLC0415 - as above

        return WindowsQuiet(APP_ID)
    else:  # noqa: RET505 - mypy knows platforms by their blocks
        from armguard_tray.desktop.toast.quiet_linux import LinuxQuiet  # noqa: PLC0415 - dbus-fast

        return LinuxQuiet(bus) if bus is not None else None


def make_autostart() -> Autostart:
    """Return the platform's way of starting a program with the user's session."""
    if sys.platform == "win32":
        from armguard_tray.desktop.autostart.windows import WindowsAutostart  # noqa: PLC0415 - only here
        from armguard_tray.desktop.user_registry import WindowsUserRegistry  # noqa: PLC0415 - needs winreg

        return WindowsAutostart(WindowsUserRegistry())
    else:  # noqa: RET505 - mypy knows platforms by their blocks
        from armguard_tray.desktop.autostart.xdg import XdgAutostart, autostart_folder  # noqa: PLC0415 - as above

        return XdgAutostart(autostart_folder())
