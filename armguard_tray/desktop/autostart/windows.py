"""Autostart on Windows: a value below the user's Run key.

https://learn.microsoft.com/windows/win32/setupapi/run-and-runonce-registry-keys
"""

import subprocess
from collections.abc import Sequence

from armguard_tray.desktop.user_registry import UserRegistry

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
# Where Task Manager keeps what the user switched off there: twelve bytes, the first of them odd.
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
VALUE = "ArmGuardTray"


class WindowsAutostart:
    """The value `ArmGuardTray` in the Run key of the current user."""

    def __init__(self, registry: UserRegistry) -> None:
        """Use `registry`."""
        self._registry = registry

    def is_enabled(self) -> bool:
        """Say whether the value is there and not switched off in Task Manager. Raises OSError."""
        if self._registry.read(RUN, VALUE) is None:
            return False
        approved = self._registry.read(APPROVED, VALUE)
        return not (isinstance(approved, bytes) and approved[:1] and approved[0] % 2 == 1)

    def enable(self, command: Sequence[str]) -> None:
        """Write the value, and take back what Task Manager noted. Raises OSError."""
        self._registry.write(RUN, VALUE, subprocess.list2cmdline(command))
        self._registry.remove(APPROVED, VALUE)

    def disable(self) -> None:
        """Remove the value. Raises OSError."""
        self._registry.remove(RUN, VALUE)
