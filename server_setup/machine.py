"""The machine, with an eye on the functional tests while they run."""

import re
import shutil
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final

from armguard_tray.server.management.checkup.findings import Verdict, plain
from setup_websockets import Finished, Machine, ticking

_FINDING: Final = re.compile(rf"({'|'.join(Verdict)}) +\S")
_INDENT: Final = " " * 6
_MARGIN: Final = 1  # a line that fills the terminal would end in the next one


class ServerMachine(Machine):
    """Shows what `check_websockets --json` says aside; what it finds is read from its report."""

    def watch(self, command: Sequence[str], doing: str) -> Finished:
        """Run the tests and keep what they say; show each finding as it is made, and the time it takes."""
        with ticking(doing) if sys.stdout.isatty() else nullcontext():
            return self._collect(command, each=_show)


def finding_in(line: str) -> str | None:
    """Return the finding that a line of the tests' output is, as plain text; None if it is something else."""
    return plain(line).strip() if _FINDING.match(line) else None


def _show(line: str) -> None:
    found = finding_in(line)
    if found is None:
        return
    text = _INDENT + found
    if sys.stdout.isatty():
        # Over the time that is shown there. The verdict says in full what is bad.
        width = shutil.get_terminal_size().columns - _MARGIN
        text = f"\r{text[:width]:{width}}"
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
