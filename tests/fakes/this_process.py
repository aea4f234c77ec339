"""What all tests of a process share, and none may leave changed: else those after it would run otherwise."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.machine_zone import kept_zone

# The program itself takes these over, and the files that it writes are for its user alone.
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def kept_process() -> Iterator[None]:
    """Take back what becomes of signals, rights of new files, the log's handlers and the machine's zone."""
    handlers = list(logging.root.handlers)
    signals = {number: signal.getsignal(number) for number in _SIGNALS}
    umask = os.umask(0)
    os.umask(umask)
    try:
        with kept_zone():
            yield
    finally:
        os.umask(umask)
        for number, handler in signals.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        logging.root.handlers[:] = handlers
