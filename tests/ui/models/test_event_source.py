"""The journal in memory answers like the one on the disk; the models cannot tell them apart."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest

from armguard_tray.messages.event import Category
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.ui.models.event_source import EventSource
from tests.fakes.events import MORNING, traffic
from tests.fakes.journal import FakeJournal

EVENTS = list(islice(traffic(), 60))
FILTERS = (
    LogFilter(),
    LogFilter(frozenset({Category.ISSUED, Category.STATUS})),
    LogFilter(text="MARIA m16"),
    LogFilter(since=MORNING + timedelta(minutes=20)),
)


@pytest.fixture(params=["in memory", "on disk"])
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EventSource]:
    if request.param == "in memory":
        yield FakeJournal(EVENTS)
        return
    on_disk = await Journal.open(tmp_path / "journal.db")
    await on_disk.append("http://127.0.0.1:8000", EVENTS)
    yield on_disk
    await on_disk.close()


@pytest.mark.parametrize("log_filter", FILTERS)
async def test_pages_and_counts(journal: EventSource, log_filter: LogFilter) -> None:
    matching = [row for row, event in enumerate(EVENTS, 1) if log_filter.matches(event)]
    assert 5 < len(matching) <= 60
    page = await journal.page(log_filter, before=50, limit=5)
    assert [stored.row for stored in page] == [row for row in reversed(matching) if row < 50][:5]
    newer = await journal.newer(log_filter, after=30, limit=5)
    assert [stored.row for stored in newer] == [row for row in matching if row > 30][:5]
    assert await journal.count(log_filter) == len(matching)


async def test_single_rows(journal: EventSource) -> None:
    found = await journal.get(7)
    assert found is not None
    assert found.event == EVENTS[6]
    assert await journal.get(61) is None
    assert await journal.last_row() == 60
