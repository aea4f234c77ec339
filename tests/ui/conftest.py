"""Tests of windows and desktop: no screen is needed, and coroutines run in Qt's own event loop."""

import os

# Before anything of Qt is imported.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

import asyncio
import inspect
from collections.abc import Callable, Generator

import pytest
import qasync
import shiboken6
from PySide6.QtWidgets import QApplication


class _Loop(qasync.QEventLoop):  # type: ignore[misc]  # qasync carries no types
    """A loop that takes its timers along when it is closed.

    qasync keeps the timer of a cancelled `asyncio.timeout` until it expires. In a test run there are many
    loops, and the garbage collector may meet a dead one in another thread, where Qt cannot stop its timers.
    """

    def close(self) -> None:
        timer = self._timer
        super().close()
        if shiboken6.isValid(timer):
            shiboken6.delete(timer)


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run every coroutine test in qasync's loop, as the program runs."""
    return {"qt": lambda: _Loop(_application())}


def _application() -> QApplication:
    there = QApplication.instance()
    application = there if isinstance(there, QApplication) else QApplication([])
    # As the program has it; else Qt ends a test's event loop with the last window, whatever ran before.
    application.setQuitOnLastWindowClosed(False)
    return application


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let Qt do nothing between a coroutine test and its fixtures.

    There pytest-qt processes Qt's events while no event loop runs. A timer that is over just then, as any may
    be on a busy machine, would start its task in vain, and the next test would be blamed.
    """
    with pytest.MonkeyPatch.context() as patch:
        if inspect.iscoroutinefunction(getattr(item, "obj", None)):
            patch.setattr("pytestqt.plugin._process_events", lambda: None)
        return (yield)
