"""An audit: what it asks the server, how often, and what it says of it."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from armguard_tray.catchup.audit import GRACE, Announced
from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.checkup.audit import EVERY, LIMITED_FOR, Auditor
from armguard_tray.checkup.hearing import Hearing
from armguard_tray.checkup.limits import Limits
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import Page, Session
from armguard_tray.diagnosis.facts import AuditFound
from armguard_tray.errors import JournalError
from tests.fakes.clock import FakeClock
from tests.unit.catchup.pages import MANILA, made, page_of, table

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
SINCE = NOW - timedelta(hours=1)


def answer(*rows: HistoryRow, status: int = 200, headers: dict[str, str] | None = None) -> Page:
    return Page(status, httpx.Headers(headers or {}), {}, page_of(rows))


UNAVAILABLE = Page(
    200, httpx.Headers(), {}, table('<tr><td colspan="7">Error: history unavailable</td></tr>')
)


class FakeServer:
    """Answers with what it is given, one answer a request."""

    def __init__(self, *answers: Page | Failure) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def get(self, session: Session, path: str, *, accept: str, most: int) -> Page | Failure:  # noqa: ARG002
        self.asked.append(path)
        return self.answers.pop(0)


class Desk:
    """Audits a server with what it was told."""

    def __init__(self, *told: int) -> None:
        self.clock = FakeClock(NOW)
        self.told = set(told)
        self.asked_since: list[datetime] = []
        self.auditor = Auditor(MANILA, self.clock, self.what_was_told)

    async def what_was_told(self, since: datetime, subscribed: datetime) -> Announced:
        assert subscribed >= SINCE
        self.asked_since.append(since)
        return Announced(known=self.told, heard=self.told)

    async def audit(self, server: FakeServer) -> AuditFound:
        found = await self.auditor.audit(server, Session("secret"), SINCE, within=5)
        assert found is not None
        return found


def ago(number: int, minutes: float) -> HistoryRow:
    return made(number, NOW - timedelta(minutes=minutes))


async def test_what_the_history_has_and_nobody_announced_is_found() -> None:
    server = FakeServer(answer(ago(9, 1), ago(8, 2), ago(7, 3)))
    found = await Desk(7, 9).audit(server)
    assert (found.unannounced, found.compared, found.complete_to, found.since) == ((8,), 3, 7, SINCE)
    assert found.failure == ""
    assert server.asked == ["/transactions/?history=week&page=1"]


async def test_the_journal_is_asked_for_all_that_the_page_shows() -> None:
    desk = Desk(8)
    await desk.audit(FakeServer(answer(ago(8, 2), ago(7, 90))))
    assert desk.asked_since == [NOW - timedelta(minutes=90, seconds=2)]


async def test_a_second_page_where_the_first_does_not_reach_back() -> None:
    first = [ago(number, (60 - number) / 2) for number in range(40, 20, -1)]
    second = [ago(number, (60 - number) / 2) for number in range(21, 1, -1)]
    server = FakeServer(answer(*first), answer(*second))
    found = await Desk(*range(1, 41)).audit(server)
    assert server.asked[1:] == ["/transactions/?history=week&page=2"]
    # Transaction 21 is on both: one more was made between the requests.
    assert found.compared == 39
    assert found.since == second[-1].time


async def test_what_was_on_the_page_at_a_new_subscription_was_perhaps_made_before_it() -> None:
    desk, again = Desk(), NOW + timedelta(minutes=2)
    server = FakeServer(answer(ago(6, 50)), answer(ago(7, -5), ago(6, 50)))
    await desk.audit(server)
    desk.clock.advance(600)
    found = await desk.auditor.audit(server, Session("secret"), again, within=5)
    assert found is not None
    assert (found.unannounced, found.failure[:16]) == ((), "#7 not announced")


async def test_a_page_past_the_end_is_no_failure() -> None:
    first = [ago(number, 60 - number) for number in range(40, 20, -1)]
    server = FakeServer(answer(*first), answer(status=404))
    found = await Desk(*range(1, 41)).audit(server)
    assert (found.failure, found.compared, found.since) == ("", 20, SINCE)


async def test_the_servers_clock_is_its_own() -> None:
    later = made(9, NOW + timedelta(minutes=9))
    at_the_server = {"Date": "Tue, 24 Nov 2026 04:10:00 GMT"}
    known = made(8, NOW + timedelta(minutes=8))
    found = await Desk(8).audit(FakeServer(answer(later, known, headers=at_the_server)))
    assert found.unannounced == (9,)
    assert found.since == SINCE


async def test_a_wrong_time_zone_is_no_lost_announcement() -> None:
    found = await Desk().audit(FakeServer(answer(made(9, NOW + timedelta(hours=1)))))
    assert found.failure == (
        "transaction #9 of 24/11/26 13:00:00 is still to come: is the server's time zone right?"
    )
    assert (found.unannounced, found.complete_to) == ((), None)


async def test_it_is_asked_every_few_minutes_at_most() -> None:
    desk, server = Desk(1), FakeServer(answer(ago(1, 1)), answer(ago(1, 1)), answer(ago(2, 0), ago(1, 1)))
    first = await desk.audit(server)
    desk.clock.advance(GRACE.total_seconds() - 1)
    assert await desk.audit(server) is first
    desk.clock.advance(1)  # what the first one showed is known now: it is worth another
    second = await desk.audit(server)
    assert second is not first
    desk.clock.advance(EVERY.total_seconds() - 1)
    assert await desk.audit(server) is second
    desk.clock.advance(1)
    assert (await desk.audit(server)).unannounced == (2,)


async def test_where_nothing_at_all_is_announced_the_second_look_shows_it() -> None:
    desk = Desk()
    server = FakeServer(answer(ago(7, 50)), answer(ago(8, -0.1), ago(7, 50)))
    first = await desk.audit(server)
    assert (first.unannounced, first.complete_to) == ((), None)
    assert first.failure.startswith("#7 not announced, perhaps made before this desk subscribed")
    desk.clock.advance(60)
    assert (await desk.audit(server)).unannounced == (8,)


async def test_an_error_in_place_of_transactions_is_not_believed_to_be_none() -> None:
    desk = Desk()
    server = FakeServer(UNAVAILABLE, answer(ago(7, 1)))
    await desk.audit(server)
    desk.clock.advance(60)
    assert (await desk.audit(server)).unannounced == ()


async def test_several_who_ask_at_once_make_one_request() -> None:
    desk, server = Desk(1), FakeServer(answer(ago(1, 1)))
    found = await asyncio.gather(desk.audit(server), desk.audit(server))
    assert found[0] is found[1]
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (403, {}, LIMITED_FOR.total_seconds()),
        (429, {"Retry-After": "60"}, LIMITED_FOR.total_seconds()),
        (429, {"Retry-After": "900"}, 900.0),
    ],
)
async def test_where_requests_are_limited_it_waits_longer(
    status: int, headers: dict[str, str], wait: float
) -> None:
    desk = Desk(1)
    server = FakeServer(answer(status=status, headers=headers), answer(ago(1, 1)))
    found = await desk.audit(server)
    assert found.failure == "the server does not show its history now: too many requests, or not allowed"
    desk.clock.advance(wait - 1)
    assert await desk.audit(server) is found
    desk.clock.advance(1)
    assert (await desk.audit(server)).failure == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (answer(status=500), "the history page was answered with 500"),
        (Failure(FailureKind.STATUS, 302), "the history page needs a new login: the session is gone"),
        (Failure(FailureKind.TIMED_OUT), "the history page could not be had: server does not answer"),
        (Page(200, httpx.Headers(), {}, "<h1>Hi"), "the history page has no table of transactions"),
    ],
)
async def test_what_cannot_be_had_or_understood_is_said(given: Page | Failure, said: str) -> None:
    found = await Desk(1).audit(FakeServer(given))
    assert (found.failure, found.complete_to, found.compared) == (said, None, 0)


async def test_a_server_that_does_not_answer_is_not_waited_for() -> None:
    class Silent(FakeServer):
        async def get(self, session: Session, path: str, *, accept: str, most: int) -> Page | Failure:  # noqa: ARG002
            await asyncio.Event().wait()
            raise AssertionError

    found = await Desk(1).auditor.audit(Silent(), Session("secret"), SINCE, within=0)
    assert found is not None
    assert found.failure == "the history page did not come in time"


async def test_a_journal_that_cannot_be_read_is_said() -> None:
    async def damaged(_since: datetime, _subscribed: datetime) -> Announced:
        raise JournalError("The journal cannot be read.")

    auditor = Auditor(MANILA, FakeClock(NOW), damaged)
    found = await auditor.audit(FakeServer(answer(ago(1, 1))), Session("secret"), SINCE, within=5)
    assert found is not None
    assert found.failure == "The journal cannot be read."


async def test_without_a_journal_there_is_nothing_to_compare_with() -> None:
    auditor = Auditor(MANILA, FakeClock(NOW))
    assert await auditor.audit(FakeServer(), Session("secret"), SINCE, within=5) is None


# While a checkup's own socket listens.

LISTENING = Limits(stays=0.04, announced=0.01)


async def meanwhile(server: FakeServer, hearing: Hearing, limits: Limits = LISTENING) -> AuditFound | None:
    hearing.begun.set()
    auditor = Auditor(MANILA, FakeClock(NOW))
    return await auditor.audit_meanwhile(server, Session("secret"), hearing, limits)


async def test_what_was_made_between_two_readings_is_compared_whatever_the_clocks_say() -> None:
    long_ago = made(7, NOW - timedelta(days=900))
    server = FakeServer(answer(long_ago), answer(ago(10, -99), ago(9, 0), ago(8, 50), long_ago))
    hearing = Hearing()
    hearing.heard |= {8, 10}
    found = await meanwhile(server, hearing)
    assert found is not None
    assert (found.compared, found.unannounced, found.complete_to) == (3, (9,), 8)


async def test_where_nothing_happened_meanwhile_nothing_is_claimed() -> None:
    found = await meanwhile(FakeServer(answer(ago(7, 1)), answer(ago(7, 1))), Hearing())
    assert found is not None
    assert (found.compared, found.complete_to, found.failure) == (0, None, "")


async def test_an_error_at_first_makes_nothing_new() -> None:
    found = await meanwhile(FakeServer(UNAVAILABLE, answer(ago(8, 0), ago(7, 1))), Hearing())
    assert found is not None
    assert found.failure == "the history page showed no transactions at first: what is new is not known"
    assert found.unannounced == ()


@pytest.mark.parametrize("empty", [Page(200, httpx.Headers(), {}, table()), answer()])
async def test_a_page_that_says_that_there_are_none_was_empty(empty: Page) -> None:
    found = await meanwhile(FakeServer(empty, answer(ago(1, 0))), Hearing())
    assert found is not None
    assert (found.failure, found.unannounced) == ("", (1,))


async def test_a_socket_that_was_closed_meanwhile_has_heard_nothing() -> None:
    hearing = Hearing()
    hearing.ended.set()
    found = await meanwhile(FakeServer(answer(), answer(ago(7, 1))), hearing)
    assert found is not None
    assert found.failure == "the socket was not open long enough to compare"
    assert found.unannounced == ()


async def test_a_socket_that_is_watched_for_a_moment_is_not_enough() -> None:
    server = FakeServer()
    assert await meanwhile(server, Hearing(), Limits(stays=1.0)) is None
    assert server.asked == []
