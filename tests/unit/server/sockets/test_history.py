"""Older events, which connections read together."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from armguard_tray.server.sockets.history import KEPT, LONGEST_KEPT, PAGE, History
from tests.unit.server.sockets.events import event, seqs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from armguard_tray.server.event_log import Logged


class Log:
    """A log of the events `first` to `last`, which notes what is read of it."""

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.last = last
        self.body = "{}"
        self.reads: list[int] = []
        self.open = asyncio.Event()
        self.open.set()

    async def read(self, after: int, limit: int) -> "Sequence[Logged]":
        """Return the events after a number, as soon as the log is open."""
        self.reads.append(after)
        await self.open.wait()
        start = max(after + 1, self.first)
        return [event(seq, self.body) for seq in range(start, min(start + limit, self.last + 1))]


async def test_it_goes_from_page_to_page() -> None:
    log = Log(1, 3 * PAGE)
    history, position = History(log.read), 10
    while found := await history.after(position):
        assert seqs(found) == list(range(position + 1, found[-1].seq + 1))
        position = found[-1].seq
        if position == 3 * PAGE:
            break
    assert log.reads == [0, PAGE, 2 * PAGE]


async def test_many_who_come_at_once_read_once() -> None:
    log = Log(1, PAGE)
    log.open.clear()
    history = History(log.read)
    reading = asyncio.gather(*(history.after(position) for position in range(PAGE)))
    await asyncio.sleep(0)
    log.open.set()
    found = await reading
    assert [each[0].seq for each in found] == list(range(1, PAGE + 1))
    assert log.reads == [0]


async def test_who_comes_later_reads_only_what_may_have_grown() -> None:
    log = Log(1, PAGE + 5)
    history = History(log.read)
    await history.after(0)
    assert len(await history.after(PAGE)) == 5
    log.last += 1
    await history.after(0)
    assert len(await history.after(PAGE)) == 6
    assert log.reads == [0, PAGE, PAGE]


async def test_what_is_gone_is_not_there() -> None:
    log = Log(PAGE + 3, 2 * PAGE)
    history = History(log.read)
    assert await history.after(0) == []
    found = await history.after(PAGE)
    assert (found[0].seq, found[-1].seq) == (PAGE + 3, 2 * PAGE)


async def test_a_page_that_could_not_be_read_is_read_again() -> None:
    log, failures = Log(1, PAGE), [OSError("the disk")]

    async def read(after: int, limit: int) -> "Sequence[Logged]":
        if failures:
            raise failures.pop()
        return await log.read(after, limit)

    history = History(read)
    with pytest.raises(OSError, match="disk"):
        await history.after(0)
    assert len(await history.after(0)) == PAGE


async def test_one_who_leaves_does_not_take_the_page_away_from_others() -> None:
    log = Log(1, PAGE)
    log.open.clear()
    history = History(log.read)
    async with asyncio.TaskGroup() as group:
        leaving = group.create_task(history.after(0))
        staying = group.create_task(history.after(1))
        await asyncio.sleep(0)
        leaving.cancel()
        log.open.set()
    assert len(staying.result()) == PAGE - 1
    assert log.reads == [0]


async def test_only_so_many_pages_are_kept() -> None:
    log = Log(1, 100 * PAGE)
    history = History(log.read)
    for number in range(KEPT + 1):
        await history.after(number * PAGE)
    await history.after(PAGE)
    await history.after(0)
    assert log.reads.count(PAGE) == 1
    assert log.reads.count(0) == 2


async def test_pages_that_are_too_long_are_not_kept() -> None:
    log = Log(1, PAGE)
    log.body = "x" * (LONGEST_KEPT // PAGE + 1)
    history = History(log.read)
    for _ in range(2):
        await history.after(0)
    assert log.reads == [0, 0]
