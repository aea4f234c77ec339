"""Windows are opened in several turns of the event loop: at once would hold up icon and other windows."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module

from armguard_tray.tasks import TaskKeeper


class Opening:
    """Opens windows, one after the other."""

    def __init__(self, keeper: TaskKeeper) -> None:
        """Open none yet; it is done in tasks of `keeper`."""
        self._keeper = keeper
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def start(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Open a window by `work`, once those before are open."""
        if self._is_closed:
            return
        task = self._keeper.start(self._in_turn(work), name=f"open {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Open none any more."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()

    async def _in_turn(self, work: Callable[[], Awaitable[None]]) -> None:
        async with self._turn:
            await work()


async def imported(module: str) -> None:
    """Import `module` in a thread, for an import in this one to find it there."""
    await asyncio.to_thread(import_module, module)
