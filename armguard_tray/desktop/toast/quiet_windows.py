"""Notifications that are switched off, and “Do not disturb”, on Windows.

Not run on Windows yet: names and numbers are those of https://learn.microsoft.com/uwp/api/windows.ui.notifications
and of the bindings winrt-Windows.UI.Notifications 3.2.
"""

import asyncio
import importlib
import logging
from collections.abc import Callable
from typing import Any, Final

from armguard_tray.desktop.toast.quiet import WITHIN

log = logging.getLogger(__name__)

_ENABLED: Final = 0
_OFF: Final = {
    1: "notifications of ArmGuard Tray are switched off in the Windows settings",
    2: "all notifications are switched off in the Windows settings",
    3: "notifications are switched off by a group policy: only an administrator can allow them",
}
"""NotificationSetting, https://learn.microsoft.com/uwp/api/windows.ui.notifications.notificationsetting"""
_UNRESTRICTED: Final = 0
"""ToastNotificationMode: no “Do not disturb”."""


def why_off(notifier: Any) -> str:
    """Return why a WinRT ToastNotifier shows nothing, in plain words; empty: it would, or nobody can tell."""
    try:
        setting = int(notifier.setting)
    except OSError as error:
        # “Element not found” until the first toast of a newly registered application.
        log.debug("Windows does not tell whether notifications are on: %s", error)
        return ""
    if setting == _ENABLED:
        return ""
    return _OFF.get(setting, "notifications are switched off by Windows")


def _load_library() -> Any:
    return importlib.import_module("winrt.windows.ui.notifications")


class WindowsQuiet:
    """Asks Windows, in a worker thread: the calls go to another process."""

    def __init__(self, app_id: str, load_library: Callable[[], Any] = _load_library) -> None:
        """Ask for the application that Windows knows by `app_id`."""
        self._app_id = app_id
        self._load_library = load_library

    async def why_quiet(self) -> str:
        """Return why no toast is shown now, in plain words; empty: one would be, or nobody can tell."""
        try:
            async with asyncio.timeout(WITHIN):
                return await asyncio.to_thread(self._ask)
        except (OSError, ImportError, TimeoutError) as error:
            # OSError: what WinRT answers.
            log.debug("Windows does not tell whether notifications are held back: %s", error)
            return ""

    def _ask(self) -> str:
        manager = self._load_library().ToastNotificationManager
        return why_off(manager.create_toast_notifier_with_id(self._app_id)) or _why_not_disturbed(manager)


def _why_not_disturbed(manager: Any) -> str:
    try:
        mode = int(manager.get_default().notification_mode)
    except AttributeError as error:
        # So the bindings say that this Windows is older than the property, which Windows 11 brought.
        log.debug("this Windows does not tell of “Do not disturb”: %s", error)
        return ""
    return "“Do not disturb” is on in Windows" if mode != _UNRESTRICTED else ""
