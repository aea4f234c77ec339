"""How a process of its own is started for what would make a window wait: by this very program."""

import subprocess
import sys
from pathlib import Path

NO_CONSOLE = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""How Windows starts a process so that no console appears, for `subprocess.Popen`; elsewhere nothing."""


def own_command(order: str) -> list[str]:
    """Return what starts this program for `order`: frozen, by the one that has standard streams."""
    program = Path(sys.executable)
    if getattr(sys, "frozen", False):
        return [str(program.with_name(f"armguard-tray{program.suffix}")), order]
    return [str(program), "-m", "armguard_tray", order]
