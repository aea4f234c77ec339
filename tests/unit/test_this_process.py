"""What a test does to its process ends with it."""

import logging
import os
import signal
import time

from tests.fakes.machine_zone import machine_in
from tests.fakes.this_process import kept_process


def rights_of_new_files() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def seen() -> tuple[object, ...]:
    handlers = tuple(map(id, logging.root.handlers))
    return signal.getsignal(signal.SIGTERM), rights_of_new_files(), handlers, time.localtime(0).tm_hour


def test_what_the_program_does_to_its_process_is_taken_back() -> None:
    before = seen()
    with kept_process():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.umask(0o123)
        logging.root.addHandler(logging.NullHandler())
        os.environ["TZ"] = "Pacific/Kiritimati"
        time.tzset()
        assert all(now != then for now, then in zip(seen(), before, strict=True))
    assert seen() == before


def test_the_machine_is_elsewhere_for_as_long_as_is_wanted() -> None:
    before = time.localtime(0).tm_hour
    with machine_in("Asia/Manila"):
        assert time.localtime(0).tm_hour == 8
        with machine_in("UTC"):
            assert time.localtime(0).tm_hour == 0
        assert time.localtime(0).tm_hour == 8
    assert time.localtime(0).tm_hour == before
