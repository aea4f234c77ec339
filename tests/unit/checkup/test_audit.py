"""An audit: what the running program finds, or what a checkup's own socket hears beside the history."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.checkup.audit import Auditor
from armguard_tray.checkup.hearing import Hearing
from armguard_tray.checkup.limits import Limits
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.login import Page, Session
from tests.fakes.clock import FakeClock
from tests.unit.catchup.pages import MANILA, made, page_of, table

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


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


def ago(number: int, minutes: float) -> HistoryRow:
    return made(number, NOW - timedelta(minutes=minutes))


# Where a program runs that keeps its log complete.


async def test_the_running_program_is_asked_and_given_the_time_there_is() -> None:
    within: list[float] = []

    async def look(seconds: float) -> AuditFound:
        within.append(seconds)
        return AuditFound(
            at=NOW,
            ms=40.0,
            complete_to=9,
            unannounced=(8,),
            since=NOW - timedelta(hours=1),
            compared=3,
            unannounced_today=4,
            gaps=2,
            warning="it was set back",
            failure="nor is this known",
        )

    assert await Auditor(MANILA, FakeClock(NOW), look).audit(3.0) == AuditFound(
        at=NOW,
        ms=40.0,
        complete_to=9,
        unannounced=(8,),
        since=NOW - timedelta(hours=1),
        compared=3,
        unannounced_today=4,
        gaps=2,
        warning="it was set back",
        failure="nor is this known",
    )
    assert within == [3.0]


async def test_a_program_that_follows_no_server_has_found_nothing() -> None:
    async def look(_within: float) -> None:
        return None

    assert await Auditor(MANILA, FakeClock(NOW), look).audit(3.0) is None


async def test_where_no_program_runs_there_is_nobody_to_ask() -> None:
    assert await Auditor(MANILA, FakeClock(NOW)).audit(3.0) is None


# While a checkup's own socket listens.

LISTENING = Limits(stays=0.04, announced=0.01)


async def meanwhile(server: FakeServer, hearing: Hearing, limits: Limits = LISTENING) -> AuditFound | None:
    hearing.begun.set()
    auditor = Auditor(MANILA, FakeClock(NOW))
    return await auditor.audit_meanwhile(server, Session("secret"), hearing, limits)


async def test_what_was_made_between_two_readings_is_compared_whatever_the_clocks_say() -> None:
    long_ago = made(7, NOW - timedelta(days=900))
    server = FakeServer(answer(long_ago), answer(ago(10, 99), ago(9, 0), ago(8, 500), long_ago))
    hearing = Hearing()
    hearing.heard |= {8, 10}
    found = await meanwhile(server, hearing)
    assert found is not None
    assert (found.compared, found.unannounced) == (3, (9,))
    assert found.complete_to is None, "there is no log that could be complete"


async def test_where_nothing_happened_meanwhile_nothing_is_claimed() -> None:
    found = await meanwhile(FakeServer(answer(ago(7, 1)), answer(ago(7, 1))), Hearing())
    assert found is not None
    assert (found.compared, found.failure) == (0, "")


async def test_an_error_at_first_makes_nothing_new() -> None:
    found = await meanwhile(FakeServer(UNAVAILABLE, answer(ago(8, 0), ago(7, 1))), Hearing())
    assert found is not None
    assert found.failure == "the history page says something else in place of its transactions"
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
    for server in (FakeServer(given), FakeServer(answer(), given)):
        found = await meanwhile(server, Hearing())
        assert found is not None
        assert (found.failure, found.compared) == (said, 0)


async def test_a_server_that_does_not_answer_is_not_waited_for() -> None:
    class Silent(FakeServer):
        async def get(self, session: Session, path: str, *, accept: str, most: int) -> Page | Failure:  # noqa: ARG002
            await asyncio.Event().wait()
            raise AssertionError

    found = await meanwhile(Silent(), Hearing(), Limits(stays=0.04, announced=0.01, audit=0.0))
    assert found is not None
    assert found.failure == "the history page did not come in time"
