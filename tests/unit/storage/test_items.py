"""What each item is called, and in which stretches of the log it was handled, through the journal."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from armguard_tray.messages.event import Event, StoredEvent
from armguard_tray.storage import holdings, retention, rows, salvage, schema
from armguard_tray.storage.holdings import Handlings, handlings_before
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Plan
from armguard_tray.storage.retention import Limits
from armguard_tray.storage.writing import Writing
from tests.unit.holdings.armory import BEGIN, ITEMS, answering, carry_out, handed, out, set_by_hand
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER

STRETCH = 16_384
FIRST, SECOND, THIRD = ITEMS


async def store(journal: Journal, *events: Event, behind: int = 0) -> None:
    """Store events as if the journal had rows up to `behind`."""

    def write(connection: sqlite3.Connection) -> None:
        with schema.transaction(connection):
            connection.execute("INSERT OR IGNORE INTO server (id, url) VALUES (1, ?)", [SERVER])
            writing = Writing(connection, 1, behind)
            writing.announced(events)
            writing.finish()

    await journal.tend(write)


async def until(journal: Journal, time: datetime) -> Handlings:
    return await journal.tend(lambda connection: handlings_before(connection, SERVER, time))


def strike_header(file: Path) -> None:
    file.write_bytes(bytes(100) + file.read_bytes()[100:])


async def test_the_last_transaction_is_found_in_whatever_stretch_it_stands(journal: Journal) -> None:
    await store(journal, handed(1, FIRST, taken=True), handed(2, SECOND, taken=True))
    await store(journal, handed(3, SECOND, taken=False), handed(4, THIRD, taken=True), behind=3 * STRETCH)
    await store(journal, handed(5, SECOND, taken=True), behind=9 * STRETCH)

    assert out(await journal.last_handled(SERVER)) == {FIRST: 1, SECOND: 5, THIRD: 4}


async def test_an_announcement_that_was_overtaken_into_the_next_stretch_is_not_the_last(
    journal: Journal,
) -> None:
    await carry_out(journal, Plan(ledger=answering(1, 0)))

    await store(journal, handed(2, FIRST, taken=False), behind=STRETCH - 2)
    await store(journal, handed(1, FIRST, taken=True), behind=STRETCH - 1)

    assert out(await journal.last_handled(SERVER)) == {}


async def test_of_a_time_that_is_over_what_came_in_later_stretches_does_not_count(journal: Journal) -> None:
    await store(journal, handed(1, FIRST, taken=True, minute=10))
    await store(journal, handed(2, FIRST, taken=False, minute=20), behind=STRETCH)
    await store(journal, handed(3, FIRST, taken=True, minute=30), behind=5 * STRETCH)

    assert out(await until(journal, BEGIN + timedelta(minutes=15))) == {FIRST: 1}
    assert out(await until(journal, BEGIN + timedelta(minutes=25))) == {}
    assert out(await until(journal, BEGIN + timedelta(minutes=35))) == {FIRST: 3}
    assert out(await until(journal, BEGIN)) == {}


def test_no_transaction_is_looked_at_but_the_last_few_of_each_item(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)) as connection:
        schema.migrate(connection)
        asked = [1, 0, 1 << 62, 8, True, 1 << 62]
        plan = [each for *_, each in connection.execute(f"EXPLAIN QUERY PLAN {holdings.LAST_OF_EACH}", asked)]

    wanted = "event_handled (server=? AND <expr>=? AND item=? AND <expr>>? AND <expr><?)"
    assert any(wanted in each for each in plan), plan
    # The one sort is of those few by their numbers: they come in their order already.
    assert [each for each in plan if "B-TREE" in each] == ["USE TEMP B-TREE FOR ORDER BY"]


async def test_an_item_is_called_what_its_newest_transaction_calls_it(journal: Journal) -> None:
    await journal.append(SERVER, [handed(1, "M4 - 00077", taken=True)])
    await journal.append(SERVER, [handed(2, "M16 - 00077", taken=True)])

    (status,) = (await journal.append(SERVER, [set_by_hand("IR-00077", "Maintenance")])).new

    assert status.event.item == "M16 - 00077"


async def test_an_announcement_that_comes_late_does_not_rename_its_item(journal: Journal) -> None:
    await carry_out(journal, Plan(found=[handed(1, "M4 - 00077", taken=True, late=True)]))
    await journal.append(SERVER, [handed(2, "M16 - 00077", taken=True)])

    assert (await journal.append(SERVER, [handed(1, "M4 - 00077", taken=True)])).changed
    (status,) = (await journal.append(SERVER, [set_by_hand("IR-00077", "Maintenance")])).new

    assert status.event.item == "M16 - 00077"


async def test_a_journal_that_was_rebuilt_knows_its_items(journal_file: Path) -> None:
    journal = await Journal.open(journal_file)
    await journal.append(SERVER, [handed(1, FIRST, taken=True), handed(2, SECOND, taken=True)])
    await journal.close()
    strike_header(journal_file)

    salvage.salvage(journal_file, now=frames.AT)

    journal = await Journal.open(journal_file)
    try:
        assert out(await journal.last_handled(SERVER)) == {FIRST: 1, SECOND: 2}
        (status,) = (await journal.append(SERVER, [set_by_hand(f"IR-{FIRST[-5:]}", "Maintenance")])).new
        assert status.event.item == FIRST
    finally:
        await journal.close()


async def test_stretches_of_which_all_is_removed_are_forgotten(journal: Journal, journal_file: Path) -> None:
    await store(journal, handed(1, FIRST, taken=True), handed(2, SECOND, taken=True))
    await store(journal, handed(3, FIRST, taken=False), behind=STRETCH - 1)
    await store(journal, handed(4, FIRST, taken=True), behind=2 * STRETCH)
    # It came last, and stands in its place among the oldest.
    await carry_out(journal, Plan(found=[handed(0, THIRD, taken=True, late=True)]))

    everything_is_old = Limits(keep=timedelta(days=-1000))
    await journal.tend(lambda connection: retention.step(connection, everything_is_old, frames.AT, most=3))

    with closing(sqlite3.connect(journal_file)) as connection:
        found = connection.execute("SELECT item, stretch FROM handled ORDER BY item DESC").fetchall()
    assert found == [(FIRST, 2), (THIRD, 0)]
    assert out(await journal.last_handled(SERVER)) == {FIRST: 4, THIRD: 0}


def before_version_8(file: Path, events: Sequence[Event]) -> None:
    """Make a journal of version 7."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        schema.migrate(connection, schema.MIGRATIONS[:7])
        connection.execute("INSERT INTO server (id, url) VALUES (1, ?)", [SERVER])
        stored = (rows.to_row(1, StoredEvent(row, event)) for row, event in enumerate(events, 1))
        connection.executemany(rows.INSERT, stored)


async def test_a_journal_of_version_7_knows_its_items_when_it_is_brought_up_to_date(
    journal_file: Path,
) -> None:
    journal_file.parent.mkdir()
    told = [
        handed(1, "M4 - 00077", taken=True),
        handed(2, "M16 - 00077", taken=True),
        handed(3, SECOND, taken=True),
        handed(4, SECOND, taken=False),
    ]
    before_version_8(journal_file, told)

    journal = await Journal.open(journal_file)
    try:
        assert out(await journal.last_handled(SERVER)) == {"M4 - 00077": 1, "M16 - 00077": 2}
        (status,) = (await journal.append(SERVER, [set_by_hand("IR-00077", "Maintenance")])).new
        assert status.event.item == "M16 - 00077"
    finally:
        await journal.close()
