"""What was announced in the running subscription: heard in it, or only fetched from the history."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from armguard_tray.catchup.announcements import Announcements
from armguard_tray.catchup.audit import Comparison, Doubtful
from armguard_tray.errors import JournalError
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Plan, View
from armguard_tray.storage.queries import Subscription
from armguard_tray.tasks import TaskKeeper
from tests.fakes.events import issued
from tests.unit.catchup.pages import made

SINCE = datetime(2026, 11, 24, 4, tzinfo=UTC)
UNTIL = SINCE + timedelta(minutes=10)
URL = "http://127.0.0.1:8000"


class Desk:
    """Announcements of a server, and the journal that they are in."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.tasks = TaskKeeper("test")
        self.announcements = Announcements(journal, URL, self.tasks)

    async def subscribe(self, since: datetime = SINCE) -> None:
        self.announcements.begin(since)
        await self.tasks.close(patience=5)

    async def announce(self, *numbers: int) -> None:
        await self.journal.append(URL, [issued(number, at(number)) for number in numbers])

    async def compare(self, numbers: Iterable[int]) -> Comparison | Doubtful | None:
        rows = [made(number, at(number)) for number in sorted(numbers, reverse=True)]
        return await self.announcements.compare(rows, UNTIL, timedelta(), reaches_back=True)

    async def compared(self, numbers: Iterable[int]) -> tuple[int, tuple[int, ...]]:
        found = await self.compare(numbers)
        assert isinstance(found, Comparison)
        return found.compared, found.unannounced


def at(number: int) -> datetime:
    """Return when transaction `number` was made: one every minute since the subscription."""
    return SINCE + timedelta(minutes=number)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(await Journal.open(tmp_path / "journal.sqlite3"))
    yield desk
    await desk.journal.close()


async def test_without_a_subscription_nothing_is_compared(desk: Desk) -> None:
    assert await desk.compare([1]) is None
    await desk.subscribe()
    desk.announcements.end(UNTIL)
    assert await desk.compare([1]) is None


async def test_what_was_not_announced_between_two_that_were_heard_is_found(desk: Desk) -> None:
    await desk.subscribe()
    await desk.announce(1, 3)
    assert await desk.compared([1, 2, 3]) == (3, (2,))


async def test_what_was_heard_before_this_subscription_makes_nothing_certain(desk: Desk) -> None:
    await desk.announce(1, 3)
    await desk.subscribe()
    assert isinstance(await desk.compare([1, 2, 3]), Doubtful)


async def test_what_is_newer_than_the_first_reading_is_certain(desk: Desk) -> None:
    await desk.subscribe()
    desk.announcements.first_seen(1, at(1) + timedelta(seconds=20))
    desk.announcements.first_seen(2, at(3))  # it is not the first
    await desk.announce(1)
    assert await desk.compared([1, 2]) == (2, (2,))


async def test_it_knows_what_this_subscription_has_told(desk: Desk) -> None:
    told: list[int] = []

    def look(view: View) -> Plan:
        told[:] = [number for number, each in view.known(1, 9).items() if desk.announcements.was_told(each)]
        return Plan()

    await desk.subscribe()
    await desk.announce(1)
    desk.announcements.end(at(3))
    await desk.subscribe(at(5))
    await desk.announce(2, 4, 6, 7)
    desk.announcements.fetched([6])
    await desk.journal.carry_out(URL, look, UNTIL)
    assert told == [4, 7], "2 was told by the one before, and was only stored now"

    desk.announcements.end(UNTIL)
    await desk.journal.carry_out(URL, look, UNTIL)
    assert told == []


async def test_what_was_fetched_is_known_and_yet_not_announced(desk: Desk) -> None:
    await desk.subscribe()
    await desk.announce(1, 2, 3)
    desk.announcements.fetched([2])
    assert await desk.compared([1, 2, 3]) == (3, ()), "it was heard after all"
    heard_before = Desk(desk.journal)
    await heard_before.subscribe()
    heard_before.announcements.fetched([1, 2, 3])
    assert isinstance(await heard_before.compare([1, 2, 3]), Doubtful)


class BrokenJournal:
    """A journal that does not say where it stands."""

    async def last_row(self) -> int:
        raise JournalError("The journal cannot be read.")

    async def transaction_ids(
        self,
        server: str,  # noqa: ARG002 - a journal's
        *,
        since: datetime,  # noqa: ARG002 - as above
        heard_in: Subscription | None = None,
    ) -> frozenset[int]:
        assert heard_in is None
        return frozenset({1, 3})


async def test_where_the_journal_stood_is_not_known_nothing_is_certain() -> None:
    tasks = TaskKeeper("test")
    announcements = Announcements(BrokenJournal(), URL, tasks)
    announcements.begin(SINCE)
    await tasks.close(patience=5)
    rows = [made(number, at(number)) for number in (3, 2, 1)]
    found = await announcements.compare(rows, UNTIL, timedelta(), reaches_back=True)
    assert isinstance(found, Doubtful)
