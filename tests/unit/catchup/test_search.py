"""Numbers that were missing are looked for further down the history, when asked for and once a day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.catchup.keeper import FRESH
from armguard_tray.catchup.schedule import EVERY
from armguard_tray.catchup.search import Searched
from armguard_tray.catchup.searches import A_DAY
from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Source
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Backlog
from armguard_tray.tasks import TaskKeeper
from tests.unit.catchup.history_server import answer
from tests.unit.catchup.test_keeper import NOW, Desk

IN_ALL = 100
LONG = timedelta(hours=1).total_seconds()


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Desk]:
    """Follow a server for the first time."""
    desk = Desk(await Journal.open(tmp_path / "journal.sqlite3"))
    yield desk
    await desk.close()


@pytest.fixture
async def desk(fresh: Desk) -> Desk:
    """Follow a server with a hundred transactions."""
    await fresh.settled(IN_ALL)
    return fresh


async def gap_far_down(desk: Desk, first: int, last: int) -> dict[int, HistoryRow]:
    """Let numbers be missing that lie below a hundred others; return what the server has lost of them."""
    desk.leave()
    await desk.rest(3600)
    end = desk.clock.now() - timedelta(seconds=20)
    desk.server.make(IN_ALL + 1, 2 * IN_ALL, at=end, apart=20)
    lost = {number: desk.server.rows.pop(number) for number in range(first, last + 1)}
    await desk.go_live()
    await desk.rest(900)
    assert await desk.gaps() == [(first, last, True)]
    desk.server.asked.clear()
    return lost


async def a_day_goes_by(desk: Desk) -> None:
    """Let the desk sleep for a day, and come back."""
    desk.leave()
    await desk.rest(A_DAY)
    await desk.go_live()
    await desk.rest(60)


async def fetch_again(desk: Desk, first: int, last: int) -> Searched:
    """Ask for a gap as who presses *Fetch again*, long after the last look."""
    await desk.rest(FRESH)
    asks = TaskKeeper("asks").start(desk.keeper.search(first, last, 60), name="fetch")
    done = asyncio.Event()
    asks.add_done_callback(lambda _: done.set())
    while not done.is_set():
        await asyncio.sleep(0)
        await desk.rest(1)
    searched: Searched = await asks
    return searched


async def test_what_turns_up_further_down_is_put_in_its_place(desk: Desk) -> None:
    lost = await gap_far_down(desk, 111, 113)
    desk.server.rows |= lost
    walked = desk.walked
    searched = await fetch_again(desk, 111, 113)
    assert (searched.found, searched.failure, searched.is_too_old) == (3, "", False)
    assert await desk.gaps() == [(111, 113, False)]
    sources = await desk.sources()
    assert {sources[number] for number in lost} == {Source.CATCHUP}
    assert [number for number in sources if 109 < number < 116] == [115, 114, 113, 112, 111, 110]
    assert desk.server.asked == [1, 5], "a look, and the page that has the numbers"
    assert desk.walked == walked + 2, "the look, and what came after it is summed up as well"
    assert (desk.completeness.complete_to, desk.completeness.is_current) == (2 * IN_ALL, True)


async def test_what_is_still_not_there_is_said_with_how_far_down_it_was_looked(desk: Desk) -> None:
    await gap_far_down(desk, 111, 113)
    searched = await fetch_again(desk, 111, 113)
    assert (searched.found, searched.failure, searched.is_too_old) == (0, "", False)
    assert searched.back_to is not None
    assert searched.back_to <= desk.server.rows[110].time
    assert await desk.gaps() == [(111, 113, True)]


async def test_of_some_that_turn_up_the_others_are_still_missing(desk: Desk) -> None:
    lost = await gap_far_down(desk, 111, 113)
    desk.server.rows[112] = lost[112]
    assert (await fetch_again(desk, 111, 113)).found == 1
    gap = next(each.gap for each in await desk.events() if each.gap is not None)
    assert (gap.missing, gap.is_open) == (2, True)


async def test_a_gap_over_several_pages_is_read_through(desk: Desk) -> None:
    lost = await gap_far_down(desk, 111, 160)
    desk.server.rows |= lost
    assert (await fetch_again(desk, 111, 160)).found == 50
    assert desk.server.asked == [1, 3, 4, 5]
    assert await desk.gaps() == [(111, 160, False)]


async def test_numbers_that_were_never_used_lead_too_far_down_and_it_comes_back(desk: Desk) -> None:
    lost = await gap_far_down(desk, 111, 113)
    for number in range(120, 171):  # deleted since
        del desk.server.rows[number]
    desk.server.rows |= lost
    assert (await fetch_again(desk, 111, 113)).found == 3
    assert desk.server.asked == [1, 5, 3, 2]


async def test_a_history_that_does_not_go_back_that_far_is_said(desk: Desk) -> None:
    await gap_far_down(desk, 111, 113)
    for number in range(1, 130):  # a month has gone by
        desk.server.rows.pop(number, None)
    searched = await fetch_again(desk, 111, 113)
    assert (searched.is_too_old, searched.failure) == (True, "")


async def test_a_server_that_shows_its_last_page_again_ends_there(desk: Desk) -> None:
    await gap_far_down(desk, 111, 113)
    desk.server.shows_last_again = True
    for number in range(1, 130):
        desk.server.rows.pop(number, None)
    assert (await fetch_again(desk, 111, 113)).is_too_old


async def test_it_reads_as_fast_as_the_budget_allows(desk: Desk) -> None:
    lost = await gap_far_down(desk, 111, 113)
    desk.server.rows |= lost
    for _ in range(9):
        await desk.rest(FRESH)
        await desk.keeper.look_now(60)
    began = desk.clock.now()
    assert (await fetch_again(desk, 111, 113)).found == 3
    assert desk.clock.now() - began < timedelta(minutes=1)


@pytest.mark.parametrize("page", [1, 2], ids=["the look", "the page further down"])
async def test_why_it_could_not_look_is_said(desk: Desk, page: int) -> None:
    await gap_far_down(desk, 111, 113)
    desk.server.instead += [*([None] * (page - 1)), answer(status=500)]
    assert (await fetch_again(desk, 111, 113)).failure == "the history page was answered with 500"
    assert len(desk.server.asked) == page


async def test_a_server_that_refuses_is_not_waited_for(desk: Desk) -> None:
    await gap_far_down(desk, 111, 113)
    desk.server.instead = [None, answer(status=429)]
    assert "too many requests" in (await fetch_again(desk, 111, 113)).failure


async def test_a_journal_that_cannot_be_written_is_said_and_a_fault_ends_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    lost = await gap_far_down(desk, 111, 113)
    desk.server.rows |= lost
    written = 0

    async def fail(error: Exception) -> None:
        nonlocal written
        written += 1
        if written == 2:  # after the look
            raise error

    desk.before_writing = lambda: fail(JournalError("The disk is full.", ""))
    assert (await fetch_again(desk, 111, 113)).failure == "The disk is full."
    written = 0
    desk.before_writing = lambda: fail(RuntimeError("a bug"))
    assert (await fetch_again(desk, 111, 113)).failure == "this program failed at it; its log says how"
    assert "a bug" in caplog.text
    desk.before_writing = None
    assert (await fetch_again(desk, 111, 113)).found == 3


async def test_what_differs_from_the_journal_below_is_not_mixed_in(desk: Desk) -> None:
    lost = await gap_far_down(desk, 111, 113)
    desk.server.rows |= lost
    desk.server.change(108, time=lost[111].time)
    searched = await fetch_again(desk, 111, 113)
    assert (searched.found, searched.failure) == (0, "")
    assert await desk.gaps() == [(111, 113, True)]


async def test_who_turns_away_is_not_fetched_for(desk: Desk) -> None:
    lost = await gap_far_down(desk, 111, 113)
    desk.server.rows |= lost
    await desk.rest(FRESH)
    asks = TaskKeeper("asks").start(desk.keeper.search(111, 113, 60), name="fetch")

    async def turn_away() -> None:
        asks.cancel()

    desk.before_writing = turn_away  # the look has its page, and goes on
    await asyncio.wait([asks])
    await desk.clock.rest()
    assert desk.server.asked == [1]
    assert await desk.gaps() == [(111, 113, True)]


async def test_when_it_stops_who_asks_is_told(desk: Desk) -> None:
    await gap_far_down(desk, 111, 113)
    hangs = asyncio.Event()
    written = 0

    async def hang() -> None:
        nonlocal written
        written += 1
        if written == 2:
            hangs.set()
            await asyncio.Event().wait()

    desk.before_writing = hang
    await desk.rest(FRESH)
    asks = TaskKeeper("asks").start(desk.keeper.search(111, 113, 60), name="fetch")
    await hangs.wait()
    await desk.stop()
    assert (await asks).failure == "the server is not followed any more"


async def test_of_a_gap_in_time_it_is_only_looked(desk: Desk) -> None:
    await desk.rest(FRESH)
    desk.server.asked.clear()
    assert (await desk.keeper.search(None, None, 60)).failure == ""
    assert desk.server.asked == [1]


# By itself


async def test_once_after_a_start_it_goes_down_to_the_oldest_that_is_missing(desk: Desk) -> None:
    lost = await gap_far_down(desk, 111, 113)
    desk.server.rows |= lost
    await desk.rest(EVERY)
    assert await desk.gaps() == [(111, 113, True)], "it has been done since the start"
    await desk.start_again()
    desk.server.asked.clear()
    await desk.go_live()
    await desk.rest(60)
    assert await desk.gaps() == [(111, 113, False)]
    assert desk.server.asked == [1, 5]


async def test_and_once_a_day(desk: Desk) -> None:
    lost = await gap_far_down(desk, 111, 113)
    await a_day_goes_by(desk)
    deep = [page for page in desk.server.asked if page > 1]
    assert deep == [5]
    desk.server.rows |= lost
    await a_day_goes_by(desk)
    assert [page for page in desk.server.asked if page > 1] == [5, 5]
    assert await desk.gaps() == [(111, 113, False)]
    await a_day_goes_by(desk)
    assert [page for page in desk.server.asked if page > 1] == [5, 5], "nothing is missing any more"


async def test_what_has_been_missing_for_more_than_a_month_is_left(desk: Desk) -> None:
    await gap_far_down(desk, 111, 113)
    await desk.stop()
    desk.clock.advance(timedelta(days=31).total_seconds())
    await desk.start_again()
    desk.server.asked.clear()
    await desk.go_live()
    assert desk.server.asked == [1]


async def test_it_goes_on_where_the_budget_lets_it_and_leaves_requests_for_looks(desk: Desk) -> None:
    lost = await gap_far_down(desk, 101, 199)
    desk.server.rows |= lost
    await desk.start_again()
    desk.server.asked.clear()
    await desk.go_live()
    await desk.rest(60)
    assert desk.server.asked == [1, 1, 2, 3, 4, 5]
    assert await desk.gaps() == [(101, 199, False)]


async def test_a_day_on_which_the_journal_cannot_be_asked_is_left_out(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gap_far_down(desk, 111, 113)

    async def fail(_server: str, _since: datetime) -> None:
        raise JournalError("The file is locked.", "")

    monkeypatch.setattr(desk.journal, "missing_numbers", fail)
    await a_day_goes_by(desk)
    assert "The file is locked." in caplog.text
    assert desk.completeness.is_current


# The time before, after all


async def test_what_was_cancelled_can_be_fetched_after_all(fresh: Desk) -> None:
    desk = fresh
    desk.server.make(1, 400, at=NOW - timedelta(minutes=10), apart=60)
    await desk.go_live()
    await desk.keeper.cancel()
    cancelled = desk.completeness
    assert (cancelled.begins, cancelled.backlog, cancelled.brought) == (281, Backlog.CANCELLED, None)
    assert cancelled.lacks_the_time_before
    await desk.rest(LONG)
    assert desk.completeness.begins == 281

    await desk.keeper.fetch_backlog()
    assert not desk.completeness.lacks_the_time_before
    await desk.rest(LONG)
    said = desk.completeness
    assert (said.begins, said.backlog, said.is_current) == (1, Backlog.DONE, True)
    assert said.brought is not None
    assert (said.brought.fetched, said.brought.back_to) == (400, desk.server.rows[1].time)
    assert not said.lacks_the_time_before
    assert sorted(await desk.sources()) == list(range(1, 401))
    await desk.keeper.fetch_backlog()
    assert desk.completeness.backlog is Backlog.DONE, "there is nothing more to fetch"


async def test_numbers_that_are_missing_are_known_by_when_they_were_made(desk: Desk) -> None:
    await gap_far_down(desk, 111, 113)
    url = "http://127.0.0.1:8000"
    assert await desk.journal.missing_numbers(url, NOW) == (111, 113)
    assert await desk.journal.missing_numbers(url, NOW + timedelta(days=1)) is None
    assert await desk.journal.missing_numbers("http://other", datetime(2026, 1, 1, tzinfo=UTC)) is None
