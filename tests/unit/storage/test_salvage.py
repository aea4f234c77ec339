"""A damaged journal: what can be read of it goes on, the file is kept, and what is lost stands in the log."""

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from armguard_tray.errors import JournalDamagedError, JournalError, JournalTooNewError
from armguard_tray.messages.event import Category, Event, Source, StoredEvent
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.position import Position, Reached
from armguard_tray.messages.streams import DEFAULT_STREAMS, Stream
from armguard_tray.storage import rows, salvage, schema
from armguard_tray.storage.journal import SALVAGE_AGAIN_AFTER, Journal
from armguard_tray.storage.ledger import Attendance, Ledger, Plan, Roll
from armguard_tray.storage.log_filter import LogFilter, earlier_search_text, search_text
from armguard_tray.storage.raw_pages import RawPages
from armguard_tray.storage.soundness import is_sound
from tests.fakes.clock import FakeClock
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, event, takes

EVERYTHING = LogFilter()
PAGE = 4096
NOW = datetime(2026, 11, 30, 14, 30, 5, tzinfo=UTC)
ASIDE = "journal.damaged-20261130-143005.sqlite3"
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
LONG = "long " * 4000
"""Text that fills several overflow pages."""


def logged(first: int, last: int) -> list[Event]:
    """Return transactions from the live app's log, with their numbers as places in it."""
    return [
        replace(event(frames.logged(frames.take(number), number)), epoch="e1", seq=number)
        for number in range(first, last + 1)
    ]


def a_gap() -> Event:
    gap = Gap(reason=Reason.AWAY, streams=(Stream.INVENTORY,), since=NOON, until=NOW)
    return Event(
        stream=Stream.INVENTORY,
        kind="gap",
        category=Category.GAP,
        received=NOW,
        source=Source.MISSING,
        raw='{"gap": {}}',
        title="Status changes may have been missed",
        gap=gap,
    )


async def make(file: Path, *, events: int = 100) -> None:
    """Make a journal with something in each of its tables."""
    journal = await Journal.open(file)
    await journal.append(SERVER, logged(1, events))
    await journal.append(SERVER, [event(frames.STATUS, Stream.INVENTORY), event(b"\x00\xff"), event(LONG)])
    reached = Reached("reyes", Position("e1", events), NOON)
    await journal.append(SERVER, [event(frames.NOTICE, Stream.NOTIFICATIONS)], reached)
    await journal.attend(SERVER, "reyes", Roll(heard={Stream.INVENTORY: NOON}, gap=a_gap()))
    ledger = Ledger(begins=1, complete_to=events, as_of=NOON)
    await journal.carry_out(SERVER, lambda _: Plan(ledger=ledger), NOON)
    await journal.mark_read(events - 2)
    await journal.close()


@pytest.fixture
async def whole(tmp_path: Path) -> bytes:
    """Return the content of a sound journal."""
    file = tmp_path / "sound" / "journal.sqlite3"
    await make(file)
    return file.read_bytes()


def select(file: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def events_in(content: bytes, folder: Path) -> dict[int, StoredEvent]:
    """Return what SQLite reads row by row of a journal with this content, whatever is wrong with the rest."""
    folder.mkdir(exist_ok=True)
    file = folder / "copy.sqlite3"
    file.write_bytes(content)
    query = f"SELECT {rows.COLUMNS} FROM event WHERE row = ?"  # noqa: S608 - no data
    found: dict[int, StoredEvent] = {}
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        for row in range(1, 130):
            with suppress(sqlite3.Error, ValueError, TypeError, OverflowError):
                values = connection.execute(query, [row]).fetchone()
                if values is not None:
                    found[row] = rows.from_row(values)
    return found


def content_of(file: Path) -> bytes:
    return file.read_bytes()


def put(file: Path, content: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)


def overwrite(content: bytes, at: int, what: bytes) -> bytes:
    return content[:at] + what + content[at + len(what) :]


def leaf_of(number: int, content: bytes) -> int:
    """Return where the page begins on which a transaction's frame stands."""
    return content.index(b'"id": %d,' % number) // PAGE * PAGE


def roots(content: bytes, folder: Path) -> dict[str, int]:
    folder.mkdir(exist_ok=True)
    file = folder / "roots.sqlite3"
    file.write_bytes(content)
    return {
        name: (page - 1) * PAGE
        for name, page in select(file, "SELECT name, rootpage FROM sqlite_schema")
        if page
    }


def cut_off(content: bytes) -> bytes:
    return content[: len(content) // 2 + 100]


def struck_in_the_middle(content: bytes) -> bytes:
    middle = len(content) // 2 // PAGE * PAGE
    return overwrite(content, middle, b"\xff" * 5 * PAGE)


def without_header(content: bytes) -> bytes:
    return overwrite(content, 0, b"\0" * PAGE)


def of_zeros(content: bytes) -> bytes:
    return b"\0" * len(content)


def no_database(content: bytes) -> bytes:
    return (b"not a database " * len(content))[: len(content)]


DAMAGES = (cut_off, struck_in_the_middle, without_header, of_zeros, no_database)


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Check that what happens meanwhile changes nothing in a folder."""

    def content() -> dict[str, bytes]:
        # Whoever reads leaves an empty log and its index behind.
        files = [each for each in folder.iterdir() if not each.name.endswith("-shm")]
        return {each.name: each.read_bytes() for each in files if each.stat().st_size}

    before = content()
    yield
    assert content() == before


@pytest.mark.parametrize("damage", DAMAGES)
async def test_what_can_be_read_goes_on_and_the_damaged_file_is_kept(
    damage: Callable[[bytes], bytes], whole: bytes, journal_file: Path, tmp_path: Path
) -> None:
    damaged = damage(whole)
    put(journal_file, damaged)

    salvaged = salvage.salvage(journal_file, now=NOW)

    assert salvaged.set_aside == journal_file.with_name(ASIDE)
    assert salvaged.set_aside.read_bytes() == damaged
    before, readable = events_in(whole, tmp_path / "before"), events_in(damaged, tmp_path / "readable")
    after = events_in(content_of(journal_file), tmp_path / "after")
    for told in salvaged.told:
        del after[told.row]
    assert len(after) == salvaged.rows
    assert {row: each for row, each in after.items() if each != before.get(row)} == {}, "never a wrong row"
    assert {row for row, each in readable.items() if each == before[row]} <= set(after)
    assert select(journal_file, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize(
    ("damage", "at_least"), [(cut_off, 12), (struck_in_the_middle, 80), (without_header, 105), (of_zeros, 0)]
)
async def test_most_of_it_can_be_read(
    damage: Callable[[bytes], bytes], at_least: int, whole: bytes, journal_file: Path
) -> None:
    put(journal_file, damage(whole))

    assert salvage.salvage(journal_file, now=NOW).rows >= at_least


@pytest.mark.parametrize("seed", [*range(60), 1008, 1103, 1302, 1659, 1683])
async def test_whatever_bytes_are_struck_no_row_that_can_be_read_is_lost_and_none_is_wrong(
    seed: int, whole: bytes, journal_file: Path, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    damaged = whole
    for _ in range(chance.choice([1, 1, 3, 20])):
        length = chance.choice([1, 1, 4, 64, 512, PAGE, 5 * PAGE])
        what = chance.choice([bytes(length), b"\xff" * length, chance.randbytes(length)])
        damaged = overwrite(damaged, chance.randrange(len(whole) - length), what)
    put(journal_file, damaged)

    salvaged = salvage.salvage(journal_file, now=NOW)

    before, readable = events_in(whole, tmp_path / "before"), events_in(damaged, tmp_path / "readable")
    after = events_in(content_of(journal_file), tmp_path / "after")
    # A row without a key is believed only if its words stand in what a search looks at, too.
    sound = {row for row, each in readable.items() if each == before.get(row) and each.event.key}
    assert sound <= set(after)
    for told in salvaged.told:
        assert after.pop(told.row).event.title == told.event.title
    wrong = {row: each for row, each in after.items() if provable(each) != provable(before.get(row))}
    assert not wrong
    assert not salvaged.all_read or set(after) == set(before), "what is missing is not hidden"
    assert select(journal_file, "PRAGMA integrity_check") == [("ok",)]


def provable(stored: StoredEvent | None) -> object:
    """Return of an event what stands in its row twice: SQLite has no checksums."""
    if stored is None:
        return None
    event = stored.event
    once: dict[str, Any] = {"received": NOW, "source": Source.LIVE}
    if event.key is None:
        once |= {"raw": "", "time": None}
    return replace(event, **once)


def without_indexes(content: bytes, folder: Path) -> bytes:
    """Return the journal with the first page of each index on its events destroyed."""
    for name, at in roots(content, folder).items():
        if name.startswith("event_"):
            content = overwrite(content, at, bytes(PAGE))
    return content


async def test_what_tells_of_it_is_found_by_its_words(whole: bytes, journal_file: Path) -> None:
    put(journal_file, bytes(100) + whole[100:])

    (told,) = salvage.salvage(journal_file, now=NOW).told

    journal = await Journal.open(journal_file)
    try:
        assert await journal.page(LogFilter(text="log on this desk was damaged")) == [told]
    finally:
        await journal.close()


async def test_damage_to_indexes_alone_loses_nothing_and_is_told(whole: bytes, journal_file: Path) -> None:
    event_handled = roots(whole, journal_file.parent)["event_handled"]
    put(journal_file, overwrite(whole, event_handled, bytes(PAGE)))

    salvaged = salvage.salvage(journal_file, now=NOW)

    assert salvaged.all_read
    (told,) = salvaged.told
    assert told.event.title == "The log on this desk was damaged and rebuilt"
    assert told.event.detail == f"no event is missing; the damaged file is kept as {ASIDE}"
    assert str(salvaged.told_to_user) == (
        f"The journal was damaged. All 105 events in it are in a new one. "
        f"The damaged file is kept as {journal_file.with_name(ASIDE)}."
    )
    assert select(journal_file, "SELECT seq, account FROM position") == [(100, "reyes")]
    assert select(journal_file, "SELECT count(*) FROM gap WHERE reason = 'journal lost'") == [(0,)]


async def test_what_is_lost_is_a_gap_from_the_last_event_before_it(whole: bytes, journal_file: Path) -> None:
    at = leaf_of(50, whole)
    put(journal_file, overwrite(whole, at, bytes(PAGE)))

    salvaged = salvage.salvage(journal_file, now=NOW)
    journal = await Journal.open(journal_file)
    (newest, *_) = await journal.page(EVERYTHING)
    open_gaps = await journal.gaps_since(SERVER, NOON)
    await journal.close()

    assert not salvaged.all_read
    gap = newest.event.gap
    assert gap is not None
    assert (gap.reason, gap.streams, gap.until) == (Reason.JOURNAL_LOST, DEFAULT_STREAMS, NOW)
    assert gap.since == takes(1, 1)[0].time
    assert newest.event.title == "Transactions, notices and status changes may have been missed"
    assert newest.event.detail == f"the log on this desk was damaged \xb7 the damaged file is kept as {ASIDE}"
    assert open_gaps == 2, "with the one that was there before"


async def test_what_belongs_to_the_events_goes_along_but_not_the_ledger(
    whole: bytes, journal_file: Path
) -> None:
    at = leaf_of(50, whole)
    put(journal_file, overwrite(whole, at, bytes(PAGE)))

    salvage.salvage(journal_file, now=NOW)

    first_lost = min(set(range(1, 101)) - {row for (row,) in select(journal_file, "SELECT row FROM event")})
    assert first_lost > 1
    assert select(journal_file, "SELECT epoch, seq FROM position") == [("e1", first_lost - 1)], (
        "is sent again"
    )
    assert select(journal_file, "SELECT url, client IS NULL FROM server") == [(SERVER, True)]
    assert select(journal_file, "SELECT up_to_row FROM reading") == [(98,)]
    assert select(journal_file, "SELECT stream FROM attendance") == [("inventory",)]
    assert select(journal_file, "SELECT reason FROM gap ORDER BY row") == [("away",), ("journal lost",)]
    assert select(journal_file, "SELECT * FROM ledger") == []


async def test_where_nothing_before_the_damage_is_left_the_server_sends_all_it_has(
    whole: bytes, journal_file: Path
) -> None:
    put(journal_file, overwrite(whole, leaf_of(1, whole), bytes(PAGE)))

    salvage.salvage(journal_file, now=NOW)

    assert select(journal_file, "SELECT epoch, seq FROM position") == [("e1", 0)]


async def test_where_it_is_not_known_up_to_where_the_desk_was_the_events_tell(
    whole: bytes, journal_file: Path, tmp_path: Path
) -> None:
    positions = roots(whole, tmp_path / "roots")["position"]
    put(journal_file, overwrite(whole, positions, bytes(PAGE)))

    salvaged = salvage.salvage(journal_file, now=NOW)

    assert not salvaged.all_read, "perhaps it had missed some"
    assert select(journal_file, "SELECT account, epoch, seq FROM position") == [("", "e1", 100)]
    assert await resumes_at(journal_file) == Position("e1", 100)


async def resumes_at(file: Path) -> Position | None:
    journal = await Journal.open(file)
    try:
        return (await journal.resume_point(SERVER, "reyes")).position
    finally:
        await journal.close()


async def test_without_any_index_and_header_rows_are_still_read_from_the_pages(
    whole: bytes, journal_file: Path, tmp_path: Path
) -> None:
    put(journal_file, without_header(without_indexes(whole, tmp_path / "roots")))

    salvaged = salvage.salvage(journal_file, now=NOW)

    assert salvaged.rows == 105
    assert not salvaged.all_read, "nobody can know what else there was"
    assert (LONG,) in select(journal_file, "SELECT raw FROM event")
    assert select(journal_file, "SELECT url FROM server") == [(SERVER,)]


async def test_rows_of_a_server_whose_name_is_lost_are_of_the_next_one_that_is_followed(
    whole: bytes, journal_file: Path, tmp_path: Path
) -> None:
    servers = roots(whole, tmp_path / "roots")["server"]
    put(journal_file, overwrite(whole, servers, bytes(PAGE)))
    salvage.salvage(journal_file, now=NOW)

    journal = await Journal.open(journal_file)
    try:
        assert [
            each.event.transaction_id for each in (await journal.append(SERVER, logged(100, 101))).new
        ] == [101]
        assert await journal.gaps_since(SERVER, NOON) == 1
    finally:
        await journal.close()
    assert select(journal_file, "SELECT url FROM server") == [(SERVER,)]


async def test_events_that_are_only_in_the_log_of_an_empty_database_are_kept(
    journal_file: Path, tmp_path: Path
) -> None:
    journal = await Journal.open(tmp_path / "open" / "journal.sqlite3")
    await journal.append(SERVER, takes(1, 20))
    put(journal_file, b"")
    shutil.copy(f"{journal.file}-wal", f"{journal_file}-wal")
    await journal.close()

    journal = await Journal.open(journal_file)
    found = [each.event.transaction_id for each in await journal.page(EVERYTHING)]
    await journal.close()

    assert found == [None, *range(20, 0, -1)], "with the gap that tells of it"


async def test_a_journal_of_an_older_version_is_rebuilt_as_one_of_the_newest(journal_file: Path) -> None:
    put(journal_file, b"")
    with closing(sqlite3.connect(journal_file, isolation_level=None)) as connection:
        schema.migrate(connection, schema.MIGRATIONS[:1])
        connection.execute("INSERT INTO server VALUES (1, ?)", [SERVER])
        for stored in (StoredEvent(row, each) for row, each in enumerate(takes(1, 50), 1)):
            values = dict(zip(rows.WRITTEN, rows.to_row(1, stored), strict=True))
            old = {
                name: value
                for name, value in values.items()
                if name not in {"moved", "epoch", "seq", "happened"}
            }
            names, places = ", ".join(old), ", ".join("?" * len(old))
            connection.execute(f"INSERT INTO event ({names}) VALUES ({places})", list(old.values()))  # noqa: S608 - no data
    content = content_of(journal_file)

    for damaged in (content, without_header(content)):
        put(journal_file, damaged)
        assert salvage.salvage(journal_file, now=NOW).rows == 50


@pytest.mark.parametrize("text_of", [search_text, earlier_search_text])
def test_what_a_search_looked_at_in_an_older_version_is_sound(text_of: Callable[[Event], str]) -> None:
    told = replace(takes(1, 1)[0], key=None, time=None)

    assert is_sound(told, text_of(told))
    assert not is_sound(told, text_of(told)[1:])


# What must not happen


async def test_an_earlier_damaged_file_is_never_overwritten(whole: bytes, journal_file: Path) -> None:
    for count in range(3):
        put(journal_file, of_zeros(whole)[count * PAGE :])
        salvage.salvage(journal_file, now=NOW)

    kept = sorted(journal_file.parent.glob("journal.damaged-*"))
    assert [each.name for each in kept] == [
        ASIDE.replace("05.", "05-2."),
        ASIDE.replace("05.", "05-3."),
        ASIDE,
    ]


async def test_on_a_full_disk_the_damaged_file_stays_and_it_is_said(
    whole: bytes, journal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = salvage._begin

    def on_a_full_disk(file: Path) -> sqlite3.Connection:
        connection = begin(file)
        connection.execute("PRAGMA max_page_count = 40").close()
        return connection

    monkeypatch.setattr(salvage, "_begin", on_a_full_disk)
    put(journal_file, struck_in_the_middle(whole))

    with (
        unchanged(journal_file.parent),
        pytest.raises(
            JournalError, match=r"damaged and could not be rebuilt. The disk is full.*where it was"
        ),
    ):
        salvage.salvage(journal_file, now=NOW)


async def test_where_there_is_surely_no_room_nothing_is_begun(
    whole: bytes, journal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(journal_file.parent.parent)._replace(free=len(whole) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    put(journal_file, of_zeros(whole))

    with unchanged(journal_file.parent), pytest.raises(JournalError, match="No space left"):
        salvage.salvage(journal_file, now=NOW)


@pytest.mark.parametrize("renames_before", range(3))
async def test_if_a_file_cannot_be_renamed_all_is_as_before(
    renames_before: int, whole: bytes, journal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(journal_file, struck_in_the_middle(whole))
    journal_file.with_name("journal.sqlite3-wal").write_bytes(b"left over")
    rename, done = Path.rename, list[Path]()

    def forbidden(self: Path, target: Path) -> Path:
        if len(done) == renames_before:
            done.append(self)
            raise PermissionError(13, "Permission denied")
        done.append(self)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", forbidden)

    with unchanged(journal_file.parent), pytest.raises(JournalError, match="Permission denied"):
        salvage.salvage(journal_file, now=NOW)


@pytest.mark.parametrize("renames_before", range(1, 4))
async def test_if_the_program_dies_meanwhile_the_next_start_does_the_rest(
    renames_before: int, whole: bytes, journal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = struck_in_the_middle(whole)
    put(journal_file, damaged)
    journal_file.with_name("journal.sqlite3-wal").write_bytes(b"left over")
    rename, done = Path.rename, list[Path]()

    def dying(self: Path, target: Path) -> Path:
        if len(done) == renames_before:
            raise KeyboardInterrupt
        done.append(self)
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", dying)
        with pytest.raises(KeyboardInterrupt):
            salvage.salvage(journal_file, now=NOW)

    journal = await Journal.open(journal_file)
    count = await journal.count(EVERYTHING)
    await journal.close()

    assert count > 80
    assert journal_file.with_name(ASIDE).read_bytes() == damaged
    assert journal_file.with_name(f"{ASIDE}-wal").read_bytes() == b"left over"
    assert list(journal_file.parent.glob("journal.reb*")) == []


async def test_a_damaged_journal_of_a_newer_version_is_refused_and_left_alone(
    whole: bytes, journal_file: Path
) -> None:
    newer = overwrite(whole, 60, (len(schema.MIGRATIONS) + 1).to_bytes(4, "big"))
    put(journal_file, cut_off(newer))

    with unchanged(journal_file.parent), pytest.raises(JournalTooNewError, match="newer version"):
        await Journal.open(journal_file)


async def test_a_damaged_database_of_another_program_is_refused_and_left_alone(
    whole: bytes, journal_file: Path
) -> None:
    put(journal_file, cut_off(overwrite(whole, 68, b"GPKG")))

    with unchanged(journal_file.parent), pytest.raises(JournalError, match="another program"):
        await Journal.open(journal_file)


# The running journal


class Desk:
    """Opens a journal and keeps what it tells."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.clock = FakeClock(NOW)
        self.salvaged: list[salvage.Salvaged] = []

    async def open(self) -> Journal:
        return await Journal.open(self.file, clock=self.clock, on_salvaged=self.salvaged.append)

    async def strike(self, journal: Journal) -> None:
        """Destroy all pages of the file but the first, under the open journal, of which it remembers none."""
        await journal._writer.call(lambda connection: connection.execute("PRAGMA shrink_memory").close())
        content = self.file.read_bytes()
        self.file.with_name(f"{self.file.name}-wal").write_bytes(b"")
        with self.file.open("r+b") as opened:
            opened.write(overwrite(content, PAGE, b"\xff" * (len(content) - PAGE)))


@pytest.fixture
def desk(journal_file: Path) -> Desk:
    return Desk(journal_file)


@pytest.mark.parametrize("damage", DAMAGES)
async def test_the_program_starts_with_a_damaged_journal(
    damage: Callable[[bytes], bytes], whole: bytes, desk: Desk
) -> None:
    put(desk.file, damage(whole))

    journal = await desk.open()
    try:
        await journal.append(SERVER, takes(1001, 1003))
        newest = [
            each.event.transaction_id for each in await journal.page(LogFilter(text="juan"), limit=1000)
        ]
    finally:
        await journal.close()

    assert newest[:3] == [1003, 1002, 1001]
    (salvaged,) = desk.salvaged
    assert salvaged.set_aside.exists()


async def test_what_happens_until_the_streams_are_heard_again_is_missing_too(
    whole: bytes, desk: Desk
) -> None:
    put(desk.file, without_header(whole))

    journal = await desk.open()
    try:
        heard = await journal.attendance(SERVER, "sgt.reyes")
    finally:
        await journal.close()

    (salvaged,) = desk.salvaged
    lost = salvaged.told[-1]
    assert lost.event.gap is not None
    assert heard == {stream: Attendance(NOW, lost.row) for stream in lost.event.gap.streams}, (
        "so the next roll call declares what came between"
    )


async def test_whoever_writes_is_told_once_and_the_next_write_goes_on(whole: bytes, desk: Desk) -> None:
    put(desk.file, whole)
    journal = await desk.open()
    await desk.strike(journal)
    try:
        with pytest.raises(JournalDamagedError, match=r"is damaged. A new one is made"):
            await journal.append(SERVER, takes(101, 103))
        told, *stored = (await journal.append(SERVER, takes(101, 103))).new
        assert told.event.gap is not None
        assert [(each.row, each.event.transaction_id) for each in stored] == [
            (told.row + number, 100 + number) for number in (1, 2, 3)
        ]
        assert told.row > 105, "whoever watches sees rows ascend"
        assert [each.row for each in await journal.page(EVERYTHING, limit=4)] == [
            each.row for each in (*reversed(stored), told)
        ]
    finally:
        await journal.close()
    assert len(desk.salvaged) == 1


async def test_whoever_reads_is_answered_from_the_new_one(whole: bytes, desk: Desk) -> None:
    put(desk.file, struck_in_the_middle(whole))

    journal = await desk.open()
    try:
        assert desk.salvaged == []
        found = await journal.page(LogFilter(text="armorer1"), limit=1000)
        assert len(desk.salvaged) == 1
        assert len(found) > 75
    finally:
        await journal.close()


async def test_a_disk_that_damages_it_again_and_again_is_said_and_not_filled_with_copies(
    whole: bytes, desk: Desk
) -> None:
    put(desk.file, whole)
    journal = await desk.open()
    try:
        for _ in range(2):
            await desk.strike(journal)
            with pytest.raises(JournalDamagedError):
                await journal.append(SERVER, takes(101, 101))
            if not desk.salvaged:
                await journal.append(SERVER, takes(101, 101))
        with pytest.raises(JournalError, match=r"damaged again.*disk may be failing"):
            await journal.append(SERVER, takes(102, 102))
        assert len(desk.salvaged) == 1

        desk.clock.advance(SALVAGE_AGAIN_AFTER)
        assert (await journal.append(SERVER, takes(102, 102))).new[-1].event.transaction_id == 102
    finally:
        await journal.close()
    assert len(desk.salvaged) == 2


def test_pages_of_the_log_count_once_they_are_committed(tmp_path: Path) -> None:
    file = tmp_path / "some.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT, count INTEGER)")
        connection.executemany("INSERT INTO thing VALUES (?, ?, ?)", [(1, "one", 1), (2, "two" * 9000, -2)])
        connection.execute("UPDATE thing SET name = 'changed' WHERE id = 1")

        def things() -> Sequence[object]:
            with RawPages(file) as pages:
                return [values for _, values in pages.rows(lambda _, columns: columns == 3)]

        assert things() == [(None, "changed", 1), (None, "two" * 9000, -2)]
