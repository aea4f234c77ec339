"""The current user's part of the Windows registry, behind an interface that tests replace."""

import sys
from typing import Protocol


class UserRegistry(Protocol):
    """Values below HKEY_CURRENT_USER. A path is written with backslashes, without the hive."""

    def read(self, path: str, name: str) -> str | bytes | None:
        """Return the value, or None where there is none. Raises OSError."""
        ...

    def write(self, path: str, name: str, value: str) -> None:
        """Write a text value, making the key where it is missing. Raises OSError."""
        ...

    def remove(self, path: str, name: str) -> None:
        """Remove the value if it exists. Raises OSError."""
        ...


if sys.platform == "win32":
    import winreg

    class WindowsUserRegistry:
        """The registry itself, through winreg."""

        def read(self, path: str, name: str) -> str | bytes | None:
            """Return the value if it is text or binary, or None. Raises OSError."""
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
                    value, _ = winreg.QueryValueEx(key, name)
            except FileNotFoundError:
                return None
            return value if isinstance(value, str | bytes) else None

        def write(self, path: str, name: str, value: str) -> None:
            """Write a text value. Raises OSError."""
            with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, path, 0, winreg.KEY_SET_VALUE) as key:
                winreg.SetValueEx(key, name, 0, winreg.REG_SZ, value)

        def remove(self, path: str, name: str) -> None:
            """Remove the value if it exists. Raises OSError."""
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path, 0, winreg.KEY_SET_VALUE) as key:
                    winreg.DeleteValue(key, name)
            except FileNotFoundError:
                return
