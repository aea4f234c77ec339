"""The journal keeps what it was given, in order, once, and for good."""

import asyncio
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection, connect
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from armguard_tray.errors import JournalError
from armguard_tray.messages.event import PLACES_A_ROW, Category, Event, Source, StoredEvent, event_of
from armguard_tray.messages.position import Position, Reached
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.schema import MIGRATIONS, migrate
from tests.unit.messages import frames
from tests.unit.storage.events import MANILA, SERVER, any_events, event, takes

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)

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

    stored = (await journal.append(SERVER, events)).new

    assert [each.event for each in stored] == events
    assert await journal.page(EVERYTHING) == stored[::-1]
    assert [await journal.get(each.row) for each in stored] == stored


async def test_rows_ascend_in_order_of_arrival(journal: Journal) -> None:
    first = (await journal.append(SERVER, takes(10, 12))).new
    second = (await journal.append(SERVER, takes(1, 3))).new

    numbers = [stored.row for stored in (*first, *second)]
    assert numbers == sorted(set(numbers))
    assert await journal.last_row() == numbers[-1]


async def test_it_is_all_there_after_closing_and_opening(journal_file: Path) -> None:
    journal = await Journal.open(journal_file)
    stored = (await journal.append(SERVER, takes(1, 3))).new
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
    first = (await journal.append(SERVER, [*takes(1, 2), *takes(2, 3)])).new
    second = (await journal.append(SERVER, takes(3, 4))).new

    assert [stored.event.transaction_id for stored in first] == [1, 2, 3]
    assert [stored.event.transaction_id for stored in second] == [4]
    assert await journal.count(EVERYTHING) == 4


async def test_nothing_new_is_nothing_stored(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 2))

    assert not (await journal.append(SERVER, takes(1, 2))).new
    assert not (await journal.append(SERVER, [])).new


async def test_the_same_frame_from_another_server_or_stream_is_no_duplicate(journal: Journal) -> None:
    await journal.append(SERVER, [event(frames.TAKE), event(frames.NOTICE, Stream.NOTIFICATIONS)])

    assert (await journal.append("https://other.local", [event(frames.TAKE)])).new
    assert (await journal.append(SERVER, [event(frames.NOTICE, Stream.INVENTORY)])).new
    assert await journal.count(EVERYTHING) == 4


async def test_what_has_no_key_is_never_a_duplicate(journal: Journal) -> None:
    online = event(frames.ONLINE, Stream.PRESENCE)

    assert len((await journal.append(SERVER, [online, online])).new) == 2
    assert len((await journal.append(SERVER, [online])).new) == 1


async def test_pages_lead_from_the_newest_to_the_oldest(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 7))

    seen: list[int] = []
    before: int | None = None
    while page := await journal.page(EVERYTHING, before=before, limit=3):
        seen += [stored.row for stored in page]
        before = page[-1].place

    assert seen == [7, 6, 5, 4, 3, 2, 1]


async def test_newer_events_come_oldest_first(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 7))

    newer = await journal.newer(EVERYTHING, after=3 * PLACES_A_ROW, limit=2)
    assert [stored.row for stored in newer] == [4, 5]
    assert await journal.newer(EVERYTHING, after=7 * PLACES_A_ROW, limit=2) == []


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
    behind = PLACES_A_ROW
    assert [each.row for each in await journal.newer(LogFilter(text="armorer1"), after=behind, limit=9)] == [
        2
    ]


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
    assert len((await journal.append(SERVER, takes(2, 500))).new) == 499


async def test_a_lock_is_said_and_a_retry_works(journal: Journal, journal_file: Path) -> None:
    await journal._writer.call(lambda connection: connection.execute("PRAGMA busy_timeout = 0").close())
    with closing(connect(journal_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match="locked by another program"):
            await journal.append(SERVER, takes(1, 1))
        assert await rows(journal) == []
        other.execute("ROLLBACK")

    assert len((await journal.append(SERVER, takes(1, 1))).new) == 1


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

    stored = (await journal.append(SERVER, events)).new

    assert await journal.newer(EVERYTHING, after=last * PLACES_A_ROW, limit=100) == stored
    in_order = iter([unnamed(each) for each in events])
    assert all(unnamed(each.event) in in_order for each in stored), "duplicates are left out, no more"
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

    (status,) = (await journal.append(SERVER, [status_of("IR-00077241126")])).new

    assert status.event.title == "M4 - 00077 is now Maintenance"
    assert (status.event.item, status.event.item_id) == ("M4 - 00077", "IR-00077241126")
    assert await journal.get(status.row) == status
    assert await rows(journal, LogFilter(frozenset({Category.STATUS}), "m4 00077")) == [status.row]
    assert await rows(journal, LogFilter(frozenset({Category.STATUS}), "ir-00077241126")) == [status.row]


async def test_the_transaction_may_come_in_the_same_batch_and_after_it(journal: Journal) -> None:
    status, _ = (await journal.append(SERVER, [status_of("IR-00077241126"), event(frames.TAKE)])).new

    assert status.event.item == "M4 - 00077"


async def test_the_last_name_counts(journal: Journal) -> None:
    await journal.append(SERVER, [event(frames.TAKE)])
    await journal.append(
        SERVER, [event(frames.TAKE.replace('"id": 2', '"id": 3').replace("M4 - 00077", "M4A1 - 00077"))]
    )

    (status,) = (await journal.append(SERVER, [status_of("IR-00077241126")])).new

    assert status.event.item == "M4A1 - 00077"


async def test_an_item_that_no_transaction_of_this_server_named_keeps_its_id(journal: Journal) -> None:
    await journal.append("https://other.local", [event(frames.TAKE)])

    (status,) = (await journal.append(SERVER, [status_of("IR-00077241126")])).new

    assert status.event == status_of("IR-00077241126")


async def test_names_are_known_in_a_journal_of_the_first_version(journal_file: Path) -> None:
    journal_file.parent.mkdir()
    with closing(connect(journal_file, isolation_level=None)) as old:
        migrate(old, MIGRATIONS[:1])
        old.execute("INSERT INTO server (id, url) VALUES (1, ?)", [SERVER])
        old.execute(
            "INSERT INTO event (row, server, stream, kind, category, source, level, received, title, "
            "detail, search, raw, transaction_id, item, item_id) VALUES (1, 1, 'transactions', "
            "'transaction_created', 'issued', 'live', 'success', 0, '', '', '', '{}', 2, 'M4 - 00077', "
            "'IR-00077241126')"
        )
    journal = await Journal.open(journal_file)
    try:
        (status,) = (await journal.append(SERVER, [status_of("IR-00077241126")])).new
        assert status.event.item == "M4 - 00077"
    finally:
        await journal.close()


async def test_times_are_kept_to_the_microsecond(journal: Journal) -> None:
    at = datetime(2026, 11, 24, 3, 25, 27, 999999, tzinfo=UTC)
    odd = [event(frames.STATUS.replace("27.945805", f"27.{n:06}")) for n in (1, 499999, 999999)]

    stored = (await journal.append(SERVER, odd)).new

    assert [each.event.time for each in reversed(await journal.page(EVERYTHING))] == [
        each.time for each in odd
    ]
    assert await rows(journal, LogFilter(since=at)) == [stored[-1].row]
    assert await rows(journal, LogFilter(since=at + timedelta(microseconds=1))) == []


# Where the desk stands in the event log of a server's live app.


def place(seq: int, *, account: str = "reyes", epoch: str = "e1", at: datetime = NOON) -> Reached:
    return Reached(account, Position(epoch, seq), at)


def logged(frame: str, seq: int, stream: str = "transactions", **changes: Any) -> Event:
    """Return the event of a frame that came from the event log."""
    received = frames.received(frames.logged(frame, seq, stream=stream), Stream(stream))
    return replace(
        event_of(replace(received, position=Position("e1", seq)), MANILA), source=Source.CATCHUP, **changes
    )


async def test_whoever_never_followed_a_server_has_no_place_there(journal: Journal) -> None:
    point = await journal.resume_point(SERVER, "reyes")

    assert (point.position, point.at) == (None, None)
    assert uuid.UUID(point.client)


async def test_the_client_is_the_same_for_ever_and_another_for_each_server(
    journal: Journal, journal_file: Path
) -> None:
    first = await journal.resume_point(SERVER, "reyes")
    other = await journal.resume_point("https://other.local", "reyes")

    again = await Journal.open(journal_file)
    try:
        assert (await again.resume_point(SERVER, "santos")).client == first.client
        assert other.client != first.client
    finally:
        await again.close()


async def test_a_place_is_stored_with_its_events(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 3), place(3))
    await journal.append("https://other.local", takes(1, 3), place(77))

    point = await journal.resume_point(SERVER, "reyes")

    assert (point.position, point.at) == (Position("e1", 3), NOON)


async def test_a_place_moves_without_an_event_and_back_too(journal: Journal) -> None:
    await journal.append(SERVER, [], place(9))
    await journal.append(SERVER, [], place(4, epoch="e2"))

    assert (await journal.resume_point(SERVER, "reyes")).position == Position("e2", 4)


async def test_events_and_place_are_stored_together_or_not_at_all(journal: Journal) -> None:
    await journal.append(SERVER, takes(1, 1), place(1))
    nothing: Any = None
    unfit = replace(takes(2, 2)[0], raw=nothing)  # the disk says no in the middle

    with pytest.raises(JournalError):
        await journal.append(SERVER, [unfit], place(2))

    assert (await journal.resume_point(SERVER, "reyes")).position == Position("e1", 1)


async def test_each_account_has_a_place_of_its_own(journal: Journal) -> None:
    await journal.append(SERVER, [], place(5, account="santos"))
    await journal.append(SERVER, [], place(9, account="reyes"))

    assert (await journal.resume_point(SERVER, "santos")).position == Position("e1", 5), (
        "its notices since then were for nobody else"
    )
    assert (await journal.resume_point(SERVER, "newcomer")).position == Position("e1", 9), (
        "what is for everybody is here up to there"
    )
    await journal.append(SERVER, [], place(6, account="santos"))
    assert (await journal.resume_point(SERVER, "newcomer")).position == Position("e1", 6), (
        "the latest to move"
    )


async def test_an_event_keeps_its_place_in_the_log(journal: Journal) -> None:
    (stored,) = (await journal.append(SERVER, [logged(frames.TAKE, 7)])).new

    assert await journal.get(stored.row) == stored
    assert (stored.event.epoch, stored.event.seq) == ("e1", 7)


async def test_what_is_sent_twice_is_stored_once(journal: Journal) -> None:
    again = logged(frames.TAKE, 7)

    assert len((await journal.append(SERVER, [logged(frames.TAKE, 7)])).new) == 1
    assert not (await journal.append(SERVER, [again])).new


@pytest.mark.parametrize(
    ("frame", "stream"),
    [
        (frames.TAKE, "transactions"),
        (frames.RETURN, "transactions"),
        (frames.STATUS, "inventory"),
        (frames.NOTICE, "notifications"),
    ],
)
async def test_what_the_stock_socket_had_brought_does_not_come_again_from_the_log(
    journal: Journal, frame: str, stream: str
) -> None:
    # The desk did without the app for a while, and the app sends all of that again in its own words.
    await journal.append(SERVER, [event(frame, Stream(stream))])

    assert not (await journal.append(SERVER, [logged(frame, 7, stream)], place(7))).new
    assert (await journal.resume_point(SERVER, "reyes")).position == Position("e1", 7)


@pytest.mark.parametrize(
    ("frame", "other", "stream"),
    [
        (frames.TAKE, frames.take(3), "transactions"),
        (frames.STATUS, frames.STATUS.replace("IR-00177", "IR-00178"), "inventory"),
        (frames.STATUS, frames.STATUS.replace('"status": "Maintenance"', '"status": "Retired"'), "inventory"),
        (frames.NOTICE, frames.NOTICE.replace("Juan", "Jose"), "notifications"),
        (frames.TAKE, frames.TAKE.replace("T11:25:26", "T11:27:29"), "transactions"),
    ],
)
async def test_what_only_looks_alike_is_another_event(
    journal: Journal, frame: str, other: str, stream: str
) -> None:
    await journal.append(SERVER, [event(frame, Stream(stream))])

    assert len((await journal.append(SERVER, [logged(other, 7, stream)])).new) == 1


async def test_two_alike_from_the_log_are_two(journal: Journal) -> None:
    assert len((await journal.append(SERVER, [logged(frames.STATUS, 7), logged(frames.STATUS, 8)])).new) == 2
