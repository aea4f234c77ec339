"""The journal keeps what it was given, in order, once, and for good."""

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection, connect

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Category, Event, StoredEvent
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.rows import INSERT, to_row
from armguard_tray.storage.schema import MIGRATIONS, migrate
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, any_events, event, takes

EVERYTHING = LogFilter()


async def rows(journal: Journal, log_filter: LogFilter = EVERYTHING) -> list[int]:
    return [stored.row for stored in await journal.page(log_filter)]


async def test_a_new_journal_is_empty(journal: Journal) -> None:
    assert await journal.page(EVERYTHING) == []
    assert await journal.last_row() == 0
    assert await journal.count(EVERYTHING) == 0
    assert await journal.unread() == 0
    assert await journal.get(1) is None


async def test_what_was_stored_is_read_back_equal(journal: Journal) -> None:
    events = [event(frame) for frame in frames.USUAL]

    stored = await journal.append(SERVER, events)

    assert [each.event for each in stored] == events
    assert await journal.page(EVERYTHING) == stored[::-1]
    assert [await journal.get(each.row) for each in stored] == stored


async def test_rows_ascend_in_order_of_arrival(journal: Journal) -> None:
    first = await journal.append(SERVER, takes(10, 12))
    second = await journal.append(SERVER, takes(1, 3))

    numbers = [stored.row for stored in (*first, *second)]
    assert numbers == sorted(set(numbers))
    assert await journal.last_row() == numbers[-1]


async def test_it_is_all_there_after_closing_and_opening(journal_file: Path) -> None:
    journal = await Journal.open(journal_file)
    stored = await journal.append(SERVER, takes(1, 3))
    await journal.mark_read(stored[0].row)
    await journal.close()

    again = await Journal.open(journal_file)
    try:
        assert await again.page(EVERYTHING) == stored[::-1]
        assert await again.unread() == 2
    finally:
        await again.close()
    assert [file.name for file in journal_file.parent.iterdir()] == [journal_file.name]


async def test_a_duplicate_is_dropped_within_a_batch_and_between_batches(journal: Journal) -> None:
    first = await journal.append(SERVER, [*takes(1, 2), *takes(2, 3)])
    second = await journal.append(SERVER, takes(3, 4))

    assert [stored.event.transaction_id for stored in first] == [1, 2, 3]
    assert [stored.event.transaction_id for stored in second] == [4]
    assert await journal.count(EVERYTHING) == 4


async def test_nothing_new_is_nothing_stored(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 2))

    assert await journal.append(SERVER, takes(1, 2)) == []
    assert await journal.append(SERVER, []) == []


async def test_the_same_frame_from_another_server_or_stream_is_no_duplicate(journal: Journal) -> None:
    await journal.append(SERVER, [event(frames.TAKE)])

    assert await journal.append("https://other.local", [event(frames.TAKE)])
    assert await journal.append(SERVER, [event(frames.TAKE, Stream.NOTIFICATIONS)])
    assert await journal.count(EVERYTHING) == 3


async def test_what_has_no_key_is_never_a_duplicate(journal: Journal) -> None:
    online = event(frames.ONLINE, Stream.PRESENCE)

    assert len(await journal.append(SERVER, [online, online])) == 2
    assert len(await journal.append(SERVER, [online])) == 1


async def test_pages_lead_from_the_newest_to_the_oldest(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 7))

    seen: list[int] = []
    before: int | None = None
    while page := await journal.page(EVERYTHING, before=before, limit=3):
        seen += [stored.row for stored in page]
        before = page[-1].row

    assert seen == [7, 6, 5, 4, 3, 2, 1]


async def test_newer_events_come_oldest_first(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 7))

    assert [stored.row for stored in await journal.newer(EVERYTHING, after=3, limit=2)] == [4, 5]
    assert await journal.newer(EVERYTHING, after=7, limit=2) == []


async def test_filtering(journal: Journal) -> None:
    await journal.append(
        SERVER,
        [
            event(frames.take(1, person="José Peña", item="M16 - 00100")),
            event(frames.RETURN),
            event(frames.STATUS),
            event("100% broken_"),
        ],
    )

    assert await rows(journal, LogFilter(frozenset({Category.STATUS, Category.RETURNED}))) == [3, 2]
    assert await rows(journal, LogFilter(text="PEÑA m16")) == [1]
    assert await rows(journal, LogFilter(text="peña m4")) == []
    assert await rows(journal, LogFilter(text="%")) == []
    assert await rows(journal, LogFilter(frozenset({Category.OTHER}), "unreadable")) == [4]
    assert await rows(journal, LogFilter(since=datetime(2026, 11, 24, 3, 25, 27, tzinfo=UTC))) == [4, 3, 2]
    assert await journal.count(LogFilter(text="armorer1")) == 2
    assert [each.row for each in await journal.newer(LogFilter(text="armorer1"), after=1, limit=9)] == [2]


async def test_reading_marks_what_was_read_and_never_unmarks(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 5))
    assert await journal.unread() == 5

    await journal.mark_read(4)
    await journal.mark_read(2)
    assert await journal.unread() == 1

    await journal.mark_read(1_000_000)
    await journal.append(SERVER, takes(6, 6))
    assert await journal.unread() == 1


async def test_people_who_come_and_go_are_not_unread(journal: Journal) -> None:
    await journal.append(SERVER, [event(frames.ONLINE, Stream.PRESENCE), event("not JSON")])

    assert await journal.unread() == 1


async def test_two_instances_share_a_journal(journal: Journal, journal_file: Path) -> None:
    other = await Journal.open(journal_file)
    try:
        await journal.append(SERVER, takes(1, 2))
        assert await rows(other) == [2, 1]
        await other.append(SERVER, takes(2, 3))
        await asyncio.gather(journal.append(SERVER, takes(10, 50)), other.append(SERVER, takes(40, 90)))
        assert sorted(await rows(journal)) == sorted(await rows(other))
        assert await journal.count(EVERYTHING) == 3 + 81
    finally:
        await other.close()


async def test_instances_that_start_together_make_one_journal(journal_file: Path) -> None:
    journals = await asyncio.gather(*(Journal.open(journal_file) for _ in range(6)))

    assert [await journal.last_row() for journal in journals] == [0] * 6
    for journal in journals:
        await journal.close()


async def test_a_cancelled_append_leaves_the_journal_usable(journal: Journal) -> None:
    task = asyncio.get_running_loop().create_task(journal.append(SERVER, takes(1, 500)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await journal.append(SERVER, takes(501, 502))

    assert await journal.count(EVERYTHING) in {2, 502}


async def test_the_reader_cannot_write(journal: Journal) -> None:
    with pytest.raises(JournalError):
        await journal._reader.call(lambda connection: connection.execute("DELETE FROM event"))


async def test_a_full_disk_is_said_stores_nothing_and_a_retry_works(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 1))

    def limit(connection: Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}").close()

    def unlimit(connection: Connection) -> None:
        connection.execute("PRAGMA max_page_count = 1000000").close()

    await journal._writer.call(limit)
    with pytest.raises(JournalError, match=r"disk is full.*Free some space"):
        await journal.append(SERVER, takes(2, 500))
    assert await rows(journal) == [1]

    await journal._writer.call(unlimit)
    assert len(await journal.append(SERVER, takes(2, 500))) == 499


async def test_a_lock_is_said_and_a_retry_works(journal: Journal, journal_file: Path) -> None:
    await journal._writer.call(lambda connection: connection.execute("PRAGMA busy_timeout = 0").close())
    with closing(connect(journal_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="locked by another program"):
            await journal.append(SERVER, takes(1, 1))
        assert await rows(journal) == []
        other.execute("ROLLBACK")

    assert len(await journal.append(SERVER, takes(1, 1))) == 1


@pytest.mark.parametrize("name", sorted(frames.HOSTILE))
async def test_hostile_frames_are_kept_as_they_came(journal: Journal, name: str) -> None:
    hostile = event(frames.HOSTILE[name][0])

    await journal.append(SERVER, [hostile])

    assert await journal.page(EVERYTHING) == [StoredEvent(1, hostile)]


# The journal may be shared by the examples: each only looks at what it added itself.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(any_events(), min_size=1, max_size=20))
async def test_any_event_can_be_stored_and_is_read_back_equal(journal: Journal, events: list[Event]) -> None:
    last = await journal.last_row()

    stored = await journal.append(SERVER, events)

    assert await journal.newer(EVERYTHING, after=last, limit=100) == stored
    assert all(unnamed(each.event) == unnamed(events[each.row - last - 1]) for each in stored)
    keyless = [unnamed(each) for each in events if each.key is None]
    assert [unnamed(each.event) for each in stored if each.event.key is None] == keyless


# Names of items


def status_of(item_id: str) -> Event:
    return event(frames.STATUS.replace("IR-00177241126", item_id), Stream.INVENTORY)


def unnamed(event: Event) -> Event:
    """Return the event without what the journal may fill in."""
    return replace(event, item=event.item_id, title="") if event.category is Category.STATUS else event


async def test_a_change_of_status_is_told_with_the_name_that_a_transaction_gave_the_item(
    journal: Journal,
) -> None:
    await journal.append(SERVER, [event(frames.TAKE)])

    (status,) = await journal.append(SERVER, [status_of("IR-00077241126")])

    assert status.event.title == "M4 - 00077 is now Maintenance"
    assert (status.event.item, status.event.item_id) == ("M4 - 00077", "IR-00077241126")
    assert await journal.get(status.row) == status
    assert await rows(journal, LogFilter(frozenset({Category.STATUS}), "m4 00077")) == [status.row]
    assert await rows(journal, LogFilter(frozenset({Category.STATUS}), "ir-00077241126")) == [status.row]


async def test_the_transaction_may_come_in_the_same_batch_and_after_it(journal: Journal) -> None:
    status, _ = await journal.append(SERVER, [status_of("IR-00077241126"), event(frames.TAKE)])

    assert status.event.item == "M4 - 00077"


async def test_the_last_name_counts(journal: Journal) -> None:
    await journal.append(SERVER, [event(frames.TAKE)])
    await journal.append(SERVER, [event(frames.TAKE.replace("M4 - 00077", "M4A1 - 00077"))])

    (status,) = await journal.append(SERVER, [status_of("IR-00077241126")])

    assert status.event.item == "M4A1 - 00077"


async def test_an_item_that_no_transaction_of_this_server_named_keeps_its_id(journal: Journal) -> None:
    await journal.append("https://other.local", [event(frames.TAKE)])

    (status,) = await journal.append(SERVER, [status_of("IR-00077241126")])

    assert status.event == status_of("IR-00077241126")


async def test_names_are_known_in_a_journal_of_the_first_version(journal_file: Path) -> None:
    journal_file.parent.mkdir()
    with closing(connect(journal_file, isolation_level=None)) as old:
        migrate(old, MIGRATIONS[:1])
        old.execute("INSERT INTO server VALUES (1, ?)", [SERVER])
        old.execute(INSERT, to_row(1, 1, event(frames.TAKE)))
    journal = await Journal.open(journal_file)
    try:
        (status,) = await journal.append(SERVER, [status_of("IR-00077241126")])
        assert status.event.item == "M4 - 00077"
    finally:
        await journal.close()


async def test_times_are_kept_to_the_microsecond(journal: Journal) -> None:
    at = datetime(2026, 11, 24, 3, 25, 27, 999999, tzinfo=UTC)
    odd = [event(frames.STATUS.replace("27.945805", f"27.{n:06}")) for n in (1, 499999, 999999)]

    stored = await journal.append(SERVER, odd)

    assert [each.event.time for each in reversed(await journal.page(EVERYTHING))] == [
        each.time for each in odd
    ]
    assert await rows(journal, LogFilter(since=at)) == [stored[-1].row]
    assert await rows(journal, LogFilter(since=at + timedelta(microseconds=1))) == []
