"""Threads that a program need not wait for at its end.

A name server that is silent holds a look-up for half a minute, and nothing can end that. The look-ups of all
libraries run in the loop's own executor, whose threads `asyncio.run` waits for, and Python at its exit too.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class DaemonThreads(ThreadPoolExecutor):
    """Runs each piece of work in a thread of its own, and ends without waiting for any."""

    def submit(self, work: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Run `work` now."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = work(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - whatever it is, who waits for it is told
                future.set_exception(error)
            else:
                future.set_result(result)

        threading.Thread(target=run, name="daemon", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - as the base class has it
        """End, and wait for nothing."""
        super().shutdown(wait=False, cancel_futures=cancel_futures)


def wait_for_no_thread() -> None:
    """Let the running loop's own work in threads be such that the program can end without it."""
    asyncio.get_running_loop().set_default_executor(DaemonThreads())
