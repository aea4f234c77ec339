"""A program ends though a look-up hangs."""

import asyncio
import threading

import pytest

from armguard_tray.checkup.daemon_threads import DaemonThreads, wait_for_no_thread


def test_an_end_waits_for_no_thread() -> None:
    goes_on, began = threading.Event(), threading.Event()

    def hangs() -> None:
        began.set()
        goes_on.wait()

    async def program() -> None:
        wait_for_no_thread()
        loop = asyncio.get_running_loop()
        loop.run_in_executor(None, hangs).add_done_callback(lambda _: None)
        while not began.is_set():  # noqa: ASYNC110 - it is set by a thread
            await asyncio.sleep(0)

    try:
        asyncio.run(program())  # were it waited for, this would never end
        assert not goes_on.is_set()
    finally:
        goes_on.set()


async def test_results_and_errors_come_back() -> None:
    threads = DaemonThreads()
    loop = asyncio.get_running_loop()

    assert await loop.run_in_executor(threads, int, "7") == 7
    with pytest.raises(ValueError, match="seven"):
        await loop.run_in_executor(threads, int, "seven")
