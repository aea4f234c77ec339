"""`python -m tests.faults.odd_server`: the demo server's command with settings changed by a fault.

`odd_python` makes a script that stands in the interpreter's place: the demo's own command takes no settings.
"""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.utils import timezone

from armguard_tray.server.demo import __main__ as demo

SETTINGS: Final = "ARMGUARD_ODD_SETTINGS"
AHEAD: Final = "ARMGUARD_ODD_SECONDS_AHEAD"
UNDER: Final = "ARMGUARD_ODD_SETTINGS_UNDER"
_OVER = "tests.faults.odd_settings"
_ROOT = Path(__file__).resolve().parents[2]


def odd_python(folder: Path, settings: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """Return a program that, called as Python with the demo server, runs that with these changes."""
    file = folder / "odd-python"
    given = {SETTINGS: json.dumps(dict(settings)), **environment}
    lines = [
        "#!/bin/sh",
        f"cd {shlex.quote(str(_ROOT))}",
        *(f"export {name}={shlex.quote(value)}" for name, value in given.items()),
        "shift 2  # -m and the demo's own module",
        f'exec {shlex.quote(sys.executable)} -m tests.faults.odd_server "$@"',
    ]
    file.write_text("\n".join([*lines, ""]))
    file.chmod(0o700)
    return str(file)


def main() -> int:
    """Run the demo server; return its exit code."""
    os.environ[UNDER] = demo.STOCK if "--stock" in sys.argv else demo.WITH_THE_APP
    demo.STOCK = demo.WITH_THE_APP = _OVER
    _set_clock(timedelta(seconds=float(os.environ.get(AHEAD, "0"))))
    return demo.main()


def _set_clock(ahead: timedelta) -> None:
    """Let Django's clock go wrong, by which the server dates everything.

    libfaketime, which would set all clocks of the process, lets Twisted's threads wait for seconds.
    """
    right = timezone.now
    timezone.now = lambda: right() + ahead


if __name__ == "__main__":
    sys.exit(main())
