"""Which transactions the journal knows, for the audit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import connect

import pytest

from armguard_tray.messages.event import Source
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


async def test_heard_in_a_subscription_is_what_came_live_since_by_row_and_by_time(journal: Journal) -> None:
    old, missed, late, caught_up, live = (
        replace(each, time=NOON, received=NOON + timedelta(minutes=1)) for each in takes(11, 15)
    )
    await journal.append(SERVER, [old])  # heard before, when the clock was ahead
    began = queries.Subscription(NOON, await journal.last_row())
    late = replace(late, received=NOON - timedelta(seconds=1))  # heard before, stored late
    await journal.append(SERVER, [late, replace(caught_up, source=Source.CATCHUP), live])

    assert missed.transaction_id == 12
    assert await journal.transaction_ids(SERVER, since=NOON) == {11, 13, 14, 15}
    assert await journal.transaction_ids(SERVER, since=NOON, heard_in=began) == {15}


@pytest.mark.parametrize("heard_in", [None, queries.Subscription(NOON, 1)])
async def test_only_what_was_made_since_then_is_walked_through(
    journal: Journal, journal_file: Path, heard_in: queries.Subscription | None
) -> None:
    await journal.append(SERVER, takes(1, 3))
    statement, values = queries.transaction_ids_query(SERVER, since=NOON, heard_in=heard_in)
    database = connect(journal_file)
    try:
        plan = [row[-1] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    finally:
        database.close()

    assert any(step.startswith("SEARCH event USING INDEX event_happened") for step in plan), plan
