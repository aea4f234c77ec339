"""What keeps the log right where nobody has a socket, so that no process looks after it by itself.

So it is where real time is switched off, and where clients only fetch what they missed.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.db import Error, connections
from django.utils import timezone

from armguard_tray.server import event_log
from armguard_tray.server.conf import live_settings
from armguard_tray.server.reconcile import reconcile

log = logging.getLogger(__name__)


class Upkeep:
    """The upkeep of one process, by whichever of its threads asks for events."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Find it due at once; `clock` gives seconds that only go forward."""
        self._clock = clock
        self._lock = threading.Lock()
        self._due = float("-inf")

    def attend(self) -> None:
        """Deliver what waits; now and then find what nobody announced, and trim the log.

        Not to be called within a transaction. What fails is logged, and left to the next time.
        """
        try:
            event_log.deliver_outbox()
            if self._is_due():
                reconcile()
                event_log.trim(timezone.now())
        except Error as failure:
            log.warning("The event log could not be looked after: %s", failure)

    def _is_due(self) -> bool:
        """Tell one of the threads that ask at the same time that it is due."""
        with self._lock:
            now = self._clock()
            due = now >= self._due
            if due:
                self._due = now + live_settings().head_check
            return due


_upkeep = Upkeep()


def attend() -> None:
    """Look after the log as `Upkeep.attend` does; in a transaction, which is somebody else's, do nothing."""
    if not connections[live_settings().database].in_atomic_block:
        _upkeep.attend()
