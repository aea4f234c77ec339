"""Threads for database work: none can hold up the event loop, a handshake or the process's end."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

from django.db import connections

log = logging.getLogger(__name__)

T = TypeVar("T")

_IDLE: Final = 60.0  # seconds after which a thread closes its database connections
_LIFE_CHECK: Final = 5.0  # seconds of rest after which a connection is looked at before it is used

_Job = tuple[Future[Any], Callable[[], Any]]


class DatabaseThreads:
    """A few threads with database connections of their own, which live as long as there is work.

    They are daemon threads: a query that never returns must not keep the process from ending, as threads of
    concurrent.futures do (https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor).
    """

    def __init__(self, name: str, count: int) -> None:
        self._name = name
        self._count = count
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    async def run(self, work: Callable[[], T], seconds: float) -> T:
        """Do `work` in a thread and return its result.

        Raises:
            TimeoutError: it was not done within `seconds`; if it had not begun, it never will.

        Whatever `work` raises is raised.
        """
        self._start()
        future: Future[T] = Future()
        self._jobs.put((future, work))
        async with asyncio.timeout(seconds):
            return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let the threads end, each with its connections, once they are done with what they do."""
        for _ in self._threads:
            self._jobs.put(None)
        self._threads.clear()

    def _start(self) -> None:
        while len(self._threads) < self._count:
            name = f"{self._name}-{len(self._threads)}"
            thread = threading.Thread(target=_serve, args=(self._jobs,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()


def _serve(jobs: "SimpleQueue[_Job | None]") -> None:
    rested = False
    while True:
        try:
            job = jobs.get(timeout=_LIFE_CHECK if not rested else _IDLE)
        except Empty:
            if rested:
                connections.close_all()
            rested = True
            continue
        if job is None:
            connections.close_all()
            return
        if rested:
            _close_broken()
        rested = False
        _do(*job)
        del job  # it holds the result


def _do(future: "Future[Any]", work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - whatever it is belongs to whoever waits for the result
        connections.close_all()  # it may be what was broken; a new one is opened when needed
        future.set_exception(error)
    else:
        future.set_result(result)


def _close_broken() -> None:
    """Close connections that the database server has dropped while they were not used."""
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None and not connection.is_usable():
            connection.close()
