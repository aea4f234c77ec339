"""Which transactions the journal knows, for the audit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import connect

from armguard_tray.messages.streams import Stream
from armguard_tray.storage import queries
from armguard_tray.storage.journal import Journal
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, event, takes

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


async def test_those_of_this_server_made_since_then(journal: Journal) -> None:
    since = [replace(each, time=NOON) for each in takes(11, 13)]
    again = replace(since[0], key="again")
    before = [replace(each, time=NOON - timedelta(microseconds=1)) for each in takes(9, 10)]
    status = replace(event(frames.STATUS, Stream.INVENTORY), time=NOON)
    await journal.append(SERVER, [*before, *since, again, status])
    await journal.append("https://other.local", [replace(takes(14, 14)[0], time=NOON)])

    assert await journal.transaction_ids(SERVER, since=NOON) == {11, 12, 13}
    assert await journal.transaction_ids("https://new.local", since=NOON) == frozenset()


async def test_only_what_was_made_since_then_is_walked_through(journal: Journal, journal_file: Path) -> None:
    await journal.append(SERVER, takes(1, 3))
    statement, values = queries.transaction_ids_query(SERVER, since=NOON)
    database = connect(journal_file)
    try:
        plan = [row[-1] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    finally:
        database.close()

    assert any(step.startswith("SEARCH event USING INDEX event_happened") for step in plan), plan
