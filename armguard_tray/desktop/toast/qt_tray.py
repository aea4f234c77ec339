"""Toasts as balloons of the tray icon: a spare, and for a tray without a notification service."""

import logging
import sys
from collections.abc import Callable

from PySide6.QtWidgets import QSystemTrayIcon

from armguard_tray.desktop.toast.adapter import ToastAdapterFailed, ToastListener
from armguard_tray.desktop.toast.model import HelpKey, Toast, ToastKey, Urgency
from armguard_tray.desktop.toast.text import body_text, title_text

log = logging.getLogger(__name__)

_ICONS = {
    Urgency.LOW: QSystemTrayIcon.MessageIcon.NoIcon,
    Urgency.NORMAL: QSystemTrayIcon.MessageIcon.Information,
    Urgency.CRITICAL: QSystemTrayIcon.MessageIcon.Warning,
}


class QtTrayAdapter:
    """Shows toasts with QSystemTrayIcon.showMessage; a click counts for the last one, all that Qt knows."""

    name = "tray icon"

    def __init__(self, tray_icon: Callable[[], QSystemTrayIcon | None]) -> None:
        """Ask `tray_icon` for the icon of the moment, since a new one is made when a tray appears."""
        self._tray_icon = tray_icon
        self._connected_to: QSystemTrayIcon | None = None
        self._listener: ToastListener | None = None
        self._last_key: ToastKey | None = None

    async def open(self, listener: ToastListener) -> None:
        """Check that there is an icon to show balloons.

        Raises:
            ToastAdapterFailed: no icon, or none that can show a balloon without blocking the UI thread.

        """
        self._listener = listener
        self._usable_icon()

    async def show(self, toast: Toast) -> None:
        """Show `toast` as a balloon.

        Raises:
            ToastAdapterFailed: the icon is gone.

        """
        icon = self._usable_icon()
        if icon is not self._connected_to:
            self._disconnect()
            icon.messageClicked.connect(self._clicked)
            self._connected_to = icon
        self._last_key = toast.key
        icon.showMessage(title_text(toast.title), body_text(toast.body), _ICONS[toast.urgency])

    async def withdraw(self, key: HelpKey) -> None:
        """Leave the balloon where it is: Qt can only show one, and its platform takes it away in time."""
        if key == self._last_key:
            log.debug("the balloon %r stays until it goes by itself: Qt cannot take it back", key)

    async def close(self) -> None:
        """Stop listening to the icon."""
        self._disconnect()
        self._listener = None

    def _usable_icon(self) -> QSystemTrayIcon:
        icon = self._tray_icon()
        if icon is None or not icon.isVisible() or not icon.supportsMessages():
            raise ToastAdapterFailed("there is no tray icon that can show messages")
        if sys.platform == "linux" and icon.geometry().isEmpty():
            # A StatusNotifierItem has no geometry, and Qt hands its messages to the notification service,
            # waiting in the UI thread for an answer: the very service that has just failed us.
            raise ToastAdapterFailed("this tray leaves messages to the notification service")
        return icon

    def _disconnect(self) -> None:
        icon, self._connected_to = self._connected_to, None
        if icon is None:
            return
        try:
            icon.messageClicked.disconnect(self._clicked)
        except RuntimeError:
            # Qt has deleted the icon, and the connection with it.
            return

    def _clicked(self) -> None:
        if self._last_key is not None and self._listener:
            self._listener.toast_activated(self._last_key)
