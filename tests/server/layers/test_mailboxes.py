"""What a process delivers to its own consumers."""

import asyncio
import threading

from armguard_tray.server.layers.mailboxes import Mailboxes
from armguard_tray.tasks import TaskKeeper
from tests.server.layers.layer import PATIENCE

CHANNEL = "specific.x!1"


def put(mailboxes: Mailboxes, n: int) -> bool:
    return mailboxes.put(CHANNEL, {"n": n}, capacity=10, expiry=30)


async def test_first_to_wait_gets_the_first_to_come(keeper: TaskKeeper) -> None:
    mailboxes = Mailboxes()
    first = keeper.start(mailboxes.get(CHANNEL), name="first")
    second = keeper.start(mailboxes.get(CHANNEL), name="second")
    await asyncio.sleep(0)
    put(mailboxes, 1)
    put(mailboxes, 2)
    assert [(await first)["n"], (await second)["n"]] == [1, 2]


async def test_receiver_that_is_cancelled_loses_no_message(keeper: TaskKeeper) -> None:
    mailboxes = Mailboxes()
    cancelled = keeper.start(mailboxes.get(CHANNEL), name="cancelled")
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait({cancelled})
    put(mailboxes, 1)
    assert await mailboxes.get(CHANNEL) == {"n": 1}


async def test_receiver_that_is_cancelled_when_woken_wakes_the_next(keeper: TaskKeeper) -> None:
    mailboxes = Mailboxes()
    cancelled = keeper.start(mailboxes.get(CHANNEL), name="cancelled")
    following = keeper.start(mailboxes.get(CHANNEL), name="following")
    await asyncio.sleep(0)
    put(mailboxes, 1)
    cancelled.cancel()
    async with asyncio.timeout(PATIENCE):
        assert await following == {"n": 1}


async def test_any_thread_may_deliver() -> None:
    mailboxes = Mailboxes()

    def deliver() -> None:
        for n in range(500):
            while not put(mailboxes, n):
                read.wait(PATIENCE)
                read.clear()

    read = threading.Event()
    thread = threading.Thread(target=deliver)
    thread.start()
    numbers = []
    async with asyncio.timeout(PATIENCE):
        for _ in range(500):
            numbers.append((await mailboxes.get(CHANNEL))["n"])
            read.set()
    thread.join(PATIENCE)
    assert numbers == list(range(500))


def test_receiver_whose_loop_is_gone_is_passed_over() -> None:
    mailboxes = Mailboxes()
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(mailboxes.get(CHANNEL))
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    assert put(mailboxes, 1)
    waiting._log_destroy_pending = False  # type: ignore[attr-defined]  # that it never ends is the case here
    assert asyncio.run(mailboxes.get(CHANNEL)) == {"n": 1}


def test_membership_keeps_nothing_when_it_ends() -> None:
    mailboxes = Mailboxes()
    mailboxes.join("group", CHANNEL)
    assert mailboxes.members("group") == (CHANNEL,)
    assert mailboxes.leave("group", CHANNEL) is not None
    assert mailboxes.leave("group", CHANNEL) is None
    assert mailboxes.members("group") == ()
    assert mailboxes._groups == {}
