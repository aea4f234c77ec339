"""Waiting for Qt signals inside a coroutine, where pytest-qt's own waits, with a loop of their own, hang."""

import asyncio
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer, SignalInstance

_PATIENCE = 60.0  # seconds: a machine that is busy with much else may need some of them
PATIENCE_MS = int(_PATIENCE * 1000)
"""The same for pytest-qt's waits, in tests that are no coroutines."""


async def emitted(signal: SignalInstance, when: Callable[..., bool] = lambda *_: True) -> tuple[Any, ...]:
    """Wait until `signal` is emitted with arguments that satisfy `when`, and return them."""
    future: asyncio.Future[tuple[Any, ...]] = asyncio.get_running_loop().create_future()

    def take(*arguments: Any) -> None:
        if not future.done() and when(*arguments):
            future.set_result(arguments)

    signal.connect(take)
    try:
        return await asyncio.wait_for(future, _PATIENCE)
    finally:
        signal.disconnect(take)


async def settled() -> None:
    """Wait until Qt has nothing left to do: layouts, paint events, answers that are due.

    `QApplication.processEvents()` would run other tasks inside this one, which asyncio forbids.
    """
    for _ in range(3):
        timer = QTimer()
        timer.setSingleShot(True)
        timer.start(0)  # fires when the queue of events is empty
        await emitted(timer.timeout)


class Recorder:
    """Keeps what a signal said.

    Attributes:
        calls: the arguments of each emission.

    """

    def __init__(self, signal: SignalInstance) -> None:
        """Begin to listen."""
        self.calls: list[tuple[Any, ...]] = []
        signal.connect(self._take)

    def _take(self, *arguments: Any) -> None:
        self.calls.append(arguments)

    @property
    def last(self) -> Any:
        """The only argument of the last emission."""
        return self.calls[-1][0]
