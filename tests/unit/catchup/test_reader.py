"""Pages of the history: as they are read, and why one cannot be had."""

from datetime import UTC, datetime, timedelta

import pytest

from armguard_tray.catchup.budget import BURST, EACH, LIMITED_FOR
from armguard_tray.catchup.reader import NotRead, Read, Reader
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import Page
from armguard_tray.connection.pages import GONE
from tests.unit.catchup.history_server import HistoryServer, answer
from tests.unit.catchup.pages import MANILA, table
from tests.unit.catchup.patient_clock import PatientClock

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
REMARK = table('<tr><td colspan="7">Error: history unavailable</td></tr>')


class Desk:
    """A reader and the server that it reads."""

    def __init__(self) -> None:
        self.clock = PatientClock(NOW)
        self.server = HistoryServer(self.clock)
        self.reader = Reader(self.server, MANILA, self.clock, self.clock.sleep)

    async def read(self, number: int = 1) -> Read:
        read = await self.reader.page(number)
        assert isinstance(read, Read)
        return read

    async def why_not(self, instead: Page | Failure | None = None, number: int = 1) -> str:
        self.server.instead.append(instead)
        not_read = await self.reader.page(number)
        assert isinstance(not_read, NotRead)
        return str(not_read)


async def test_a_page_is_read_newest_first_up_to_the_last_one() -> None:
    desk = Desk()
    desk.server.make(1, 25)
    first, second, third = await desk.read(1), await desk.read(2), await desk.read(3)
    assert [row.id for row in first.rows] == list(range(25, 5, -1))
    assert [row.id for row in second.rows] == [5, 4, 3, 2, 1]
    assert third.rows == ()
    assert [each.is_short for each in (first, second)] == [False, True]
    assert [each.is_past_end for each in (first, second, third)] == [False, False, True]


async def test_it_says_when_it_was_asked_by_both_clocks() -> None:
    desk = Desk()
    desk.server.ahead = timedelta(minutes=10)
    read = await desk.read()
    assert read.at == NOW
    assert read.at_server - read.at == timedelta(minutes=10, seconds=0.5)


async def test_a_page_without_a_date_leaves_the_clocks_as_they_were_known() -> None:
    desk = Desk()
    desk.server.ahead = timedelta(minutes=10)
    await desk.read()
    desk.server.instead.append(answer())
    assert (await desk.read()).ahead == timedelta(minutes=10, seconds=0.5)


async def test_the_longer_a_page_takes_the_less_is_known_of_the_servers_clock() -> None:
    desk = Desk()

    async def slowly() -> None:
        desk.clock.advance(20)

    desk.server.on_the_way = slowly
    assert (await desk.read()).unsure == timedelta(seconds=10)
    desk.server.on_the_way = None
    assert (await desk.read()).unsure == timedelta()


async def test_a_server_that_never_tells_the_time_has_a_clock_that_nobody_knows() -> None:
    desk = Desk()
    desk.server.tells_the_time = False
    assert (await desk.read()).unsure is None


async def test_many_pages_come_slowly() -> None:
    desk = Desk()
    for _ in range(BURST + 2):
        await desk.read()
    assert desk.clock.now() - NOW == timedelta(seconds=2 * EACH)


@pytest.mark.parametrize(
    ("instead", "why"),
    [
        (GONE, "the history page needs a new login: the session is gone"),
        (Failure(FailureKind.REFUSED), "the history page could not be had: server refused the connection"),
        (answer(status=500), "the history page was answered with 500"),
        (answer(status=404), "the history page was answered with 404"),
        (answer(text="<h1>Welcome</h1>"), "the history page has no table of transactions"),
        (answer(text=REMARK), "the history page says something else in place of its transactions"),
    ],
)
async def test_why_there_is_none_in_plain_words(instead: Page | Failure, why: str) -> None:
    assert await Desk().why_not(instead) == why


@pytest.mark.parametrize("status", [403, 429])
async def test_a_server_that_refuses_is_not_asked_again_for_some_minutes(status: int) -> None:
    desk = Desk()
    limited = "the server does not show its history now: too many requests, or not allowed"
    assert await desk.why_not(answer(status=status)) == limited
    assert desk.reader.refused_for() == LIMITED_FOR
    assert await desk.why_not() == limited
    assert desk.server.asked == [1]
    desk.clock.advance(LIMITED_FOR)
    desk.server.instead.clear()
    assert (await desk.read()).is_past_end


async def test_it_says_how_long_it_wants_to_be_left_alone() -> None:
    desk = Desk()
    await desk.why_not(answer(status=429, headers={"Retry-After": "42"}))
    assert desk.reader.refused_for() == 42
