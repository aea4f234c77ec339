"""What autostart is, and the command that it starts."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class Autostart(Protocol):
    """Whether the program starts when the user logs in."""

    def is_enabled(self) -> bool:
        """Say whether the next login will start the program. Raises OSError."""
        ...

    def enable(self, command: Sequence[str]) -> None:
        """Start `command`, a program and its arguments, at each login. Raises OSError, ValueError."""
        ...

    def disable(self) -> None:
        """No longer start it; harmless where it was not enabled. Raises OSError."""
        ...


def launch_command() -> list[str]:
    """Return the command that starts this very program again: frozen, or from its environment."""
    program = Path(sys.executable)
    frozen = getattr(sys, "frozen", False)
    # On Windows the one with a console would open it at each login.
    windowed = program.with_name("armguard-trayw.exe" if frozen else "pythonw.exe")
    started = str(windowed if windowed.is_file() else program)
    return [started] if frozen else [started, "-m", "armguard_tray"]
