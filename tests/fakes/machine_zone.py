"""The zone of this machine, which all that runs in a process shares.

A test may choose it, and leaves it as it was: else those after it would run in another one than alone.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_zone() -> Iterator[None]:
    """Take back what becomes of the machine's zone: Django moves its whole process to the project's."""
    before = os.environ.get("TZ")
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("TZ", None)
        else:
            os.environ["TZ"] = before
        time.tzset()


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    """Let the machine be in `zone`, an IANA name."""
    with kept_zone():
        os.environ["TZ"] = zone
        time.tzset()
        yield
