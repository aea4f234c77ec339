"""How a process of its own is started for what would make a window wait: by this very program."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# On Windows, so that no console appears.
_NO_CONSOLE = getattr(subprocess, "CREATE_NO_WINDOW", 0)


def own_command(order: str) -> list[str]:
    """Return what starts this program for `order`: frozen, by the one that has standard streams."""
    program = Path(sys.executable)
    if getattr(sys, "frozen", False):
        return [str(program.with_name(f"armguard-tray{program.suffix}")), order]
    return [str(program), "-m", "armguard_tray", order]


def started(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start a process with pipes to its standard input and from its standard output. Raises OSError."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=_NO_CONSOLE,
    )
