"""What every way of showing a toast offers to the presenter."""

from typing import Protocol

from armguard_tray.desktop.toast.model import HelpKey, Toast, ToastKey
from armguard_tray.errors import ArmGuardTrayError


class ToastAdapterFailed(ArmGuardTrayError):  # noqa: N818 - it reads as the event that it is
    """This adapter cannot show toasts here, or no longer; the text says why, for the settings dialog."""


class ToastListener(Protocol):
    """Who an adapter reports to. Called in the thread of the event loop only."""

    def toast_activated(self, key: ToastKey) -> None:
        """Take note that the toast with `key` was clicked, or its button pressed."""
        ...

    def adapter_available(self, name: str) -> None:
        """Take note that the service behind the adapter `name` has appeared, so that it may be tried."""
        ...


class ToastAdapter(Protocol):
    """One way of showing toasts.

    Attributes:
        name: short and unique, shown in the settings dialog.

    """

    @property
    def name(self) -> str:
        """Short and unique, shown in the settings dialog."""
        ...

    async def open(self, listener: ToastListener) -> None:
        """Get ready; called again before each new try, so a second call must be harmless.

        Raises:
            ToastAdapterFailed: it cannot work here (now).

        """
        ...

    async def show(self, toast: Toast) -> None:
        """Show `toast` and return when the platform has taken it.

        Raises:
            ToastAdapterFailed: it was not shown.

        """
        ...

    async def withdraw(self, key: HelpKey) -> None:
        """Take the toast with `key` from the screen and out of the desktop's list, where the platform can.

        A toast that is gone already, or was never shown, is no error: it is not there, and that was wanted.
        Not called while a `show` is under way.
        """
        ...

    async def close(self) -> None:
        """Let go of everything; toasts already on the screen may stay."""
        ...
