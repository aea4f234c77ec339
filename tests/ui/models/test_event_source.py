"""The journal in memory answers like the one on the disk; the models cannot tell them apart."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest

from armguard_tray.messages.event import PLACES_A_ROW, Category, Source, StoredEvent
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Plan
from armguard_tray.storage.log_filter import LogFilter, happened
from armguard_tray.ui.models.event_source import EventSource
from tests.fakes.events import MORNING, issued, traffic
from tests.fakes.journal import FakeJournal

SERVER = "http://127.0.0.1:8000"
EVENTS = list(islice(traffic(), 60))
LATE = [issued(26, MORNING + timedelta(minutes=20), Source.CATCHUP)]
"""Comes last and belongs in the middle: that day has a notice instead of it."""
FILTERS = (
    LogFilter(),
    LogFilter(frozenset({Category.ISSUED, Category.STATUS})),
    LogFilter(text="MARIA m16"),
    LogFilter(since=MORNING + timedelta(minutes=20)),
)


@pytest.fixture(params=["in memory", "on disk"])
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EventSource]:
    on_disk = await Journal.open(tmp_path / "journal.db")
    stored = [*(await on_disk.append(SERVER, EVENTS)).new]
    stored += (await on_disk.carry_out(SERVER, lambda _: Plan(found=LATE), MORNING)).new
    in_memory = FakeJournal()
    in_memory.rows = stored
    yield in_memory if request.param == "in memory" else on_disk
    await on_disk.close()


def in_the_log(log_filter: LogFilter) -> list[StoredEvent]:
    """Return what matches, lowest first."""
    rows = [StoredEvent(row, event) for row, event in enumerate(EVENTS, 1)]
    # Behind the transaction before it, and behind what happened between that and itself.
    before = next(
        row
        for row in reversed(rows)
        if (row.event.transaction_id or 99) < 26
        or (row.event.transaction_id is None and happened(row.event) <= happened(LATE[0]))
    )
    late = StoredEvent(61, LATE[0], before.place + 2 * 26 + 2)
    log = [*rows[: before.row], late, *rows[before.row :]]
    return [stored for stored in log if log_filter.matches(stored.event)]


@pytest.mark.parametrize("log_filter", FILTERS)
async def test_pages_and_counts(journal: EventSource, log_filter: LogFilter) -> None:
    matching = in_the_log(log_filter)
    assert 5 < len(matching) <= 61
    before = 50 * PLACES_A_ROW
    page = await journal.page(log_filter, before=before, limit=5)
    assert list(page) == [stored for stored in reversed(matching) if stored.place < before][:5]
    below = [stored.place for stored in reversed(matching) if stored.place < before]
    assert list(await journal.places(log_filter, before=before, limit=15)) == below[:15]
    assert list(await journal.places(log_filter, limit=100)) == [
        stored.place for stored in reversed(matching)
    ]
    assert await journal.count(log_filter) == len(matching)


async def test_single_rows(journal: EventSource) -> None:
    found = await journal.get(7)
    assert found is not None
    assert found.event == EVENTS[6]
    assert await journal.get(62) is None
    assert await journal.last_row() == 61


async def test_rows_by_their_places(journal: EventSource) -> None:
    late, first = in_the_log(LogFilter(text="26"))[0].place, PLACES_A_ROW
    found = await journal.at([late, first, 5])
    assert {stored.place for stored in found} == {late, first}


async def test_the_place_of_a_time(journal: EventSource) -> None:
    log = in_the_log(LogFilter())
    time = happened(log[30].event)
    then = [each.place for each in log if happened(each.event) == time]
    assert await journal.place_before(time) == max(then)
    assert await journal.place_before(time + timedelta(microseconds=1)) == max(then)
    earliest = min(happened(each.event) for each in log)
    assert await journal.place_before(earliest - timedelta(seconds=1)) is None
