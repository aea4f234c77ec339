"""Toasts on Windows 10 and later, through the library windows-toasts.

https://windows-toasts.readthedocs.io/
Its calls go to another process and its events come in on another thread: calls are made in a worker thread,
events are brought back to the event loop.
"""

import asyncio
import importlib
import logging
from collections.abc import Callable
from typing import Any

from armguard_tray.desktop.toast.adapter import ToastAdapterFailed, ToastListener
from armguard_tray.desktop.toast.model import HelpKey, Toast, Urgency
from armguard_tray.desktop.toast.quiet_windows import why_off
from armguard_tray.desktop.toast.text import body_text, title_text
from armguard_tray.desktop.user_registry import UserRegistry

log = logging.getLogger(__name__)

# Windows shows toasts, and tells of clicks, only for an application that it knows by this id
# (https://learn.microsoft.com/windows/win32/shell/appids).
APP_ID = "ArmGuard.Tray"
APP_ID_KEY = rf"Software\Classes\AppUserModelId\{APP_ID}"


def _load_library() -> Any:
    return importlib.import_module("windows_toasts")


class WindowsAdapter:
    """Shows toasts in the Windows notification centre."""

    name = "Windows notifications"

    def __init__(
        self,
        registry: UserRegistry,
        *,
        app_name: str = "ArmGuard Tray",
        app_icon: str = "",
        load_library: Callable[[], Any] = _load_library,
    ) -> None:
        """Register as `app_name` in `registry`; `app_icon` is the path of an .ico or .png file, or empty."""
        self._registry = registry
        self._app_name = app_name
        self._app_icon = app_icon
        self._load_library = load_library
        self._library: Any = None
        self._toaster: Any = None
        # What can be withdrawn: as many as there are words for keys.
        self._calls_for_help: dict[HelpKey, Any] = {}
        self._listener: ToastListener | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self, listener: ToastListener) -> None:
        """Register the application, load the library and make its toaster.

        Raises:
            ToastAdapterFailed: Windows is too old, or the user has switched notifications off.

        """
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        await self._in_thread(self._prepare)

    async def show(self, toast: Toast) -> None:
        """Hand `toast` to Windows.

        Raises:
            ToastAdapterFailed: Windows did not take it.

        """
        await self._in_thread(lambda: self._show(toast))

    async def withdraw(self, key: HelpKey) -> None:
        """Take the toast with `key` out of the notification centre."""
        native = self._calls_for_help.pop(key, None)
        if native is None:
            return
        try:
            await asyncio.to_thread(self._toaster.remove_toast, native)
        except OSError as error:
            # “Element not found”: the user was faster.
            log.debug("toast %r was not there to be withdrawn: %s", key, error)

    async def close(self) -> None:
        """Stop listening; the toasts stay in the notification centre."""
        self._listener = None

    async def _in_thread(self, action: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(action)
        except (OSError, ImportError) as error:
            # OSError: what WinRT answers. ImportError: also how windows-toasts refuses a Windows older than
            # 10.
            raise ToastAdapterFailed(f"Windows does not show toasts: {error}") from error

    def _prepare(self) -> None:
        if self._toaster is None:
            self._registry.write(APP_ID_KEY, "DisplayName", self._app_name)
            if self._app_icon:
                self._registry.write(APP_ID_KEY, "IconUri", self._app_icon)
            self._library = self._load_library()
            self._toaster = self._library.InteractableWindowsToaster(self._app_name, APP_ID)
        off = why_off(self._toaster.toastNotifier)
        if off:
            raise ToastAdapterFailed(off)

    def _show(self, toast: Toast) -> None:
        library = self._library
        native = library.Toast(
            [title_text(toast.title), body_text(toast.body)],
            actions=[library.ToastButton(title_text(toast.action_label), str(toast.key))],
            on_activated=lambda _event: self._in_loop(toast),
            on_failed=lambda event: log.warning("Windows did not show a toast: %s", event.error_code),
        )
        if toast.urgency is Urgency.CRITICAL:
            native.scenario = library.ToastScenario.Reminder
        if isinstance(toast.key, int):
            self._toaster.show_toast(native)
        else:
            self._show_call_for_help(toast.key, native)

    def _show_call_for_help(self, key: HelpKey, native: Any) -> None:
        earlier = self._calls_for_help.get(key)
        if earlier is not None:
            # By its tag Windows knows which toast this one replaces.
            native.tag = earlier.tag
        self._toaster.show_toast(native)
        self._calls_for_help[key] = native

    def _in_loop(self, toast: Toast) -> None:
        """Bring a click from the thread of Windows to the event loop."""
        if self._loop is None:
            return
        try:
            self._loop.call_soon_threadsafe(self._activated, toast)
        except RuntimeError:
            log.info("a toast was clicked after the end")

    def _activated(self, toast: Toast) -> None:
        if self._listener:
            self._listener.toast_activated(toast.key)
