"""How many events each stream had, for the Connection page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import connect

from armguard_tray.messages.event import Category
from armguard_tray.messages.streams import Stream
from armguard_tray.storage import queries
from armguard_tray.storage.journal import Journal
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, event, takes

MIDNIGHT = datetime(2026, 11, 23, 16, tzinfo=UTC)


async def test_only_those_of_today_of_this_server_and_no_gaps(journal: Journal) -> None:
    today = [replace(each, time=MIDNIGHT) for each in takes(1, 3)]
    yesterday = [replace(each, time=MIDNIGHT - timedelta(microseconds=1)) for each in takes(4, 9)]
    gap = replace(today[0], key="gap", category=Category.GAP)
    status = replace(event(frames.STATUS, Stream.INVENTORY), time=MIDNIGHT)
    await journal.append(SERVER, [*today, *yesterday, gap, status])
    await journal.append("https://other.local", [replace(takes(10, 10)[0], time=MIDNIGHT)])

    found = await journal.count_by_stream(SERVER, since=MIDNIGHT)

    assert found == {Stream.TRANSACTIONS: 3, Stream.INVENTORY: 1}


async def test_a_server_that_is_not_known_had_none(journal: Journal) -> None:
    assert await journal.count_by_stream("https://new.local", since=MIDNIGHT) == {}


async def test_only_the_events_since_then_are_walked_through(journal: Journal, journal_file: Path) -> None:
    await journal.append(SERVER, takes(1, 3))
    statement, values = queries.by_stream_query(SERVER, since=MIDNIGHT)
    database = connect(journal_file)
    try:
        plan = [row[-1] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    finally:
        database.close()

    assert any(step.startswith("SEARCH event USING INDEX event_happened") for step in plan), plan
