"""Every background task has a name and a keeper.

The event loop holds only weak references to tasks, so a task that nobody keeps can vanish in the middle
(https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task), and an exception in it is
reported only when it is collected. A keeper holds its tasks, logs a failure at once, and ends them all.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


class TaskKeeper:
    """Owns a group of background tasks.

    Attributes:
        owner: whose tasks they are, the first part of each task's name.

    """

    def __init__(self, owner: str, on_failure: Callable[[str, BaseException], None] | None = None) -> None:
        """Keep tasks for `owner`; `on_failure(task name, exception)` is told of each unexpected end."""
        self.owner = owner
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, coroutine: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        """Run `coroutine` in the background as `owner:name` and return its task."""
        task = asyncio.get_running_loop().create_task(coroutine, name=f"{self.owner}:{name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            return
        log.error("task %s failed", task.get_name(), exc_info=error)
        if self._on_failure is not None:
            self._on_failure(task.get_name(), error)

    async def close(self, patience: float = 0.0) -> None:
        """Let tasks end by themselves for `patience` seconds, then cancel and await what still runs."""
        if patience > 0 and self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        # Failures have been logged by _ended; here only the end matters.
        await asyncio.gather(*tasks, return_exceptions=True)
