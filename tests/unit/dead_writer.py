"""What a process that was killed has left of a file that it wrote."""

import subprocess
import sys
from pathlib import Path

_WRITE = """
import os, sys
from pathlib import Path
from armguard_tray.unfinished import Unfinished

file = Unfinished(Path(sys.argv[1]))
os.write(file.descriptor, b"half")
print(file.path, flush=True)
sys.stdin.read()
"""


class Writer:
    """A process that writes a file and never comes to its end."""

    def __init__(self, final: Path) -> None:
        """Begin to write what is to be `final`."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WRITE, str(final)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.path = Path(self._process.stdout.readline().strip())

    def kill(self) -> None:
        """Kill it, and wait until it is gone."""
        self._process.kill()
        self._process.communicate()


def left_by_the_dead(final: Path) -> Path:
    """Return what a killed process has left of what was to be `final`."""
    writer = Writer(final)
    writer.kill()
    assert writer.path.exists()
    return writer.path
