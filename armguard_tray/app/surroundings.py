"""What the desktop around the program lends and tells: toasts, a place in the tray, the network's return."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from armguard_tray.app.toasts import toast_of
from armguard_tray.connection.phase import Trouble
from armguard_tray.desktop.autostart import launch_command
from armguard_tray.desktop.network import NetworkWatcher
from armguard_tray.desktop.platform_choice import (
    make_autostart,
    make_quiet,
    make_session_bus,
    toast_adapters,
)
from armguard_tray.desktop.toast import HelpKey, Picture, Toast, ToastKey, ToastPresenter, Urgency
from armguard_tray.desktop.tray_host import TrayHostWatcher
from armguard_tray.diagnosis.facts import ToastsFound
from armguard_tray.paths import resource
from armguard_tray.rules.storm import Single, Summary

log = logging.getLogger(__name__)

TROUBLE = "trouble"
"""The key of the toast that says that only the user can help."""

_ADAPTERS_IN_WORDS = {
    "none": "Nothing on this desktop shows notifications: look into the live log.",
    "notification service": "Notifications are shown by the desktop's notification service.",
    "tray icon": "Notifications are shown by the tray icon; a click opens the last one.",
}
_NAMES = {"notification service": "the desktop's notification service", "tray icon": "the tray icon"}


def _pictures() -> dict[Picture, Path]:
    """Return the pictures of toasts.

    Windows shows no SVG; the program's .ico is drawn when it is frozen, and there are none of the others.
    """
    ending = "ico" if sys.platform == "win32" else "svg"
    files = {each: resource("icons", f"{each}.{ending}") for each in Picture}
    return {each: file for each, file in files.items() if file.is_file()}


class Surroundings(QObject):
    """The desktop, as far as the program leans on it.

    Signals:
        tray_available(bool): a tray has come, or has gone.
        network_came_back(): the machine is on a network again.

    """

    tray_available = Signal(bool)
    network_came_back = Signal()

    def __init__(
        self, tray_icon: Callable[[], QSystemTrayIcon | None], clicked: Callable[[ToastKey], None]
    ) -> None:
        """Show toasts by `tray_icon` where there is nothing better; `clicked(key)` hears of clicks."""
        super().__init__()
        self._bus = make_session_bus()
        self._presenter = ToastPresenter(
            toast_adapters(tray_icon, self._bus, _pictures()), on_activated=clicked
        )
        self._quiet = make_quiet(self._bus)
        self._host = TrayHostWatcher(self._bus)
        self._host.available_changed.connect(self.tray_available)
        self._autostart = make_autostart()
        self._network: NetworkWatcher | None = None

    @property
    def has_tray(self) -> bool:
        """Whether there is a tray that can show the icon."""
        return self._host.available

    @property
    def toasts_in_words(self) -> str:
        """What shows the toasts here, for the settings dialog."""
        name = self._presenter.adapter_name
        return _ADAPTERS_IN_WORDS.get(name, f"Notifications are shown by {name}.")

    @property
    def autostart(self) -> bool | None:
        """Whether the program starts with the user's session; None if that cannot be found out."""
        try:
            return self._autostart.is_enabled()
        except OSError:
            log.exception("whether the program starts at login cannot be read")
            return None

    def set_autostart(self, *, wanted: bool) -> None:
        """Let the program start with the user's session, or no longer. Raises OSError."""
        if wanted:
            self._autostart.enable(launch_command())
        else:
            self._autostart.disable()

    async def toasts_found(self) -> ToastsFound:
        """Return what shows the toasts here, and why it shows none at present; looked up anew each time."""
        off = await self._quiet.why_quiet() if self._quiet is not None else ""
        name = self._presenter.adapter_name
        if name == "none":
            return ToastsFound(by="", off=off or "nothing on this desktop shows notifications")
        return ToastsFound(by=_NAMES.get(name, name), off=off)

    async def start(self) -> None:
        """Find out what there is; `has_tray` is right on return."""
        self._presenter.start()
        await self._host.start()

    def watch_network(self) -> None:
        """Begin to watch for the network's return. It costs memory and a thread, so only once it matters."""
        if self._network is None:
            self._network = NetworkWatcher(self)
            self._network.came_back.connect(self.network_came_back)

    def present(self, what: Single | Summary) -> None:
        """Show a toast; never blocks and never raises."""
        self._presenter.present(toast_of(what))

    def present_trouble(self, trouble: Trouble, key: str = TROUBLE) -> None:
        """Show a toast that stays until it is seen: only the user can help."""
        title = "ArmGuard needs you"
        body = f"{trouble.summary[:1].upper()}{trouble.summary[1:]}. {trouble.remedy}".strip()
        self.show(Toast(key, title, body, Urgency.CRITICAL, picture=Picture.NEEDS_YOU))

    def show(self, toast: Toast) -> None:
        """Show a toast as it is; never blocks and never raises."""
        self._presenter.present(toast)

    def withdraw(self, key: HelpKey) -> None:
        """Take the toast with `key` away, since what it asked for is done; never blocks and never raises."""
        self._presenter.withdraw(key)

    def present_test(self) -> None:
        """Show a toast that says that toasts work."""
        self._presenter.present(
            Toast("test", "ArmGuard Tray", "This is how you will be told what happens in the armory.")
        )

    async def close(self) -> None:
        """Let go of the desktop."""
        await self._presenter.close()
        await self._host.close()
        if self._bus is not None:
            await self._bus.close()
