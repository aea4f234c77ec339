"""`python -m tests.faults.odd_tray`: the tray, with its wall clock ahead by the seconds that a file says.

As after a sleep: the clock on the wall has gone on, and the program has not.
"""

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from armguard_tray.__main__ import main
from armguard_tray.clock import SystemClock

AHEAD: Final = "ARMGUARD_ODD_SECONDS_AHEAD_FILE"


def _set_clock(ahead: Path) -> None:
    right = SystemClock.now

    def now(self: SystemClock) -> datetime:
        return right(self) + timedelta(seconds=float(ahead.read_text()))

    SystemClock.now = now  # type: ignore[method-assign]  # the clock is wrong, the rest of the program is real


if __name__ == "__main__":
    _set_clock(Path(os.environ[AHEAD]))
    sys.exit(main())
