"""Every task has a name and a keeper."""

import asyncio
import gc

import pytest

from armguard_tray.tasks import TaskKeeper


async def _fail() -> None:
    raise LookupError("a bug")


async def test_a_task_bears_its_owners_name_and_runs() -> None:
    keeper = TaskKeeper("streams")

    async def answer() -> int:
        return 42

    task = keeper.start(answer(), name="answer")

    assert task.get_name() == "streams:answer"
    assert await task == 42


async def test_a_failure_is_logged_at_once_and_told(caplog: pytest.LogCaptureFixture) -> None:
    told: list[tuple[str, str]] = []
    keeper = TaskKeeper("streams", lambda name, error: told.append((name, str(error))))

    await asyncio.wait([keeper.start(_fail(), name="fails")])

    assert told == [("streams:fails", "a bug")]
    assert "task streams:fails failed" in caplog.text
    assert "LookupError: a bug" in caplog.text


async def test_a_cancelled_task_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    keeper = TaskKeeper("streams", lambda name, _: told.append(name))
    task = keeper.start(asyncio.Event().wait(), name="waits")
    task.cancel()
    await asyncio.wait([task])

    assert told == []
    assert caplog.text == ""


async def test_a_task_that_nobody_else_holds_survives_the_garbage_collector() -> None:
    keeper = TaskKeeper("streams")
    done = asyncio.Event()

    async def wait_on_something_only_it_knows() -> None:
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(future.set_result, None)
        await future
        done.set()

    keeper.start(wait_on_something_only_it_knows(), name="alone")
    gc.collect()

    await done.wait()


async def test_closing_cancels_all_and_waits_for_their_end() -> None:
    keeper = TaskKeeper("streams")
    tidied: list[str] = []

    async def tidy_up_slowly(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            tidied.append(name)

    for name in ("one", "two"):
        keeper.start(tidy_up_slowly(name), name=name)
    keeper.start(_fail(), name="fails")
    await asyncio.sleep(0)
    await keeper.close()

    assert sorted(tidied) == ["one", "two"]
    await keeper.close()
