"""What holds for all tests."""

import signal
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fakes.this_process import kept_process

# No example fails for the time that it takes on a busy machine.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# Each of these waits for seconds, and none shares more than the demo server with the others.
_ONE_BY_ONE = Path(__file__).parent / "causes"


def pytest_configure() -> None:
    """Let Ctrl+C end what tests start, though a shell that runs them in the background has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process: what they share, as a frozen program, is made only once."""
    for item in items:
        if not item.path.is_relative_to(_ONE_BY_ONE):
            item.add_marker(pytest.mark.xdist_group(item.path.as_posix()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Let each test find the process as the first one found it, whatever ran before it here."""
    with kept_process():
        return (yield)
