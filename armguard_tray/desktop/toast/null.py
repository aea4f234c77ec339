"""The last resort: no toast at all, and the log says so."""

import logging

from armguard_tray.desktop.toast.adapter import ToastListener
from armguard_tray.desktop.toast.model import HelpKey, Toast

log = logging.getLogger(__name__)


class NullAdapter:
    """Shows nothing, because this desktop offers no notifications; never fails.

    Attributes:
        reason: why no toast is shown, for the log.

    """

    name = "none"

    def __init__(self, reason: str = "this desktop offers no notifications") -> None:
        """Remember why there is nothing better."""
        self.reason = reason

    async def open(self, listener: ToastListener) -> None:  # noqa: ARG002 - it has nothing to report
        """Log that toasts are not shown from here on."""
        log.warning("toasts are not shown: %s", self.reason)

    async def show(self, toast: Toast) -> None:
        """Log the toast by its key; its text stands in the journal."""
        log.info("toast %r not shown: %s", toast.key, self.reason)

    async def withdraw(self, key: HelpKey) -> None:
        """Do nothing: it has shown none."""
        log.debug("no toast %r to withdraw: %s", key, self.reason)

    async def close(self) -> None:
        """Nothing was opened."""
