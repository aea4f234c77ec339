"""`python -m tests.faults.odd_tray`: the tray, with its clocks ahead by the seconds that a file says.

As after a sleep: the clock on the wall has gone on, and the program has not. Whether the monotonic clock goes
on too is the platform's matter: that of Linux stands still, that of Windows does not
(https://peps.python.org/pep-0418/#monotonic-clocks).
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from armguard_tray.__main__ import main
from armguard_tray.clock import SystemClock

AHEAD: Final = "ARMGUARD_ODD_SECONDS_AHEAD_FILE"
COUNTS_SLEEP: Final = "ARMGUARD_ODD_MONOTONIC_COUNTS_SLEEP"


def _set_wall_clock(ahead: Callable[[], float]) -> None:
    right = SystemClock.now

    def now(self: SystemClock) -> datetime:
        return right(self) + timedelta(seconds=ahead())

    SystemClock.now = now  # type: ignore[method-assign]  # the clock is wrong, the rest of the program is real


def _set_monotonic_clock(ahead: Callable[[], float]) -> None:
    """Set it for the event loop too, whose timers then are late."""
    right = time.monotonic
    time.monotonic = lambda: right() + ahead()


def _set_clocks() -> None:
    file = Path(os.environ[AHEAD])

    def ahead() -> float:
        return float(file.read_text())

    _set_wall_clock(ahead)
    if COUNTS_SLEEP in os.environ:
        _set_monotonic_clock(ahead)


if __name__ == "__main__":
    _set_clocks()
    sys.exit(main())
