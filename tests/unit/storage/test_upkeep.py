"""The care of a journal: unasked when nobody writes, and when a person asks for it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from armguard_tray.errors import JournalDamagedError, JournalError
from armguard_tray.storage import upkeep
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.retention import Limits
from armguard_tray.storage.salvage import Salvaged
from armguard_tray.storage.upkeep import Upkeep, Wishes
from tests.fakes.clock import FakeClock
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, takes

NOW = frames.AT
OLD = NOW - timedelta(days=800)
WISHES = Wishes(limits=Limits(keep=timedelta(days=730)), backups_kept=2)


@dataclass
class Sleep:
    """Sleeps by moving the clock on, so often; then for ever.

    Attributes:
        clock: the clock.
        times: how often it still wakes.
        asleep: set when it does not wake any more.
        slept: for how long each time.

    """

    clock: FakeClock
    times: int = 100
    asleep: asyncio.Event = field(default_factory=asyncio.Event)
    slept: list[float] = field(default_factory=list)
    on_sleep: Callable[[], None] = lambda: None

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) > self.times or seconds == upkeep.EVERY:
            self.asleep.set()
            await asyncio.Event().wait()
        self.clock.advance(seconds)
        self.on_sleep()
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def sleep(clock: FakeClock) -> Sleep:
    return Sleep(clock)


@pytest.fixture
async def open_journal(journal_file: Path, clock: FakeClock) -> AsyncIterator[Journal]:
    opened = await Journal.open(journal_file, clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
def care(open_journal: Journal, clock: FakeClock, sleep: Sleep) -> Upkeep:
    return Upkeep(open_journal, clock, lambda: WISHES, sleep=sleep)


@pytest.fixture
def told() -> list[Salvaged]:
    """Return what was told of journals that were rebuilt."""
    return []


async def run(care: Upkeep, sleep: Sleep) -> None:
    """Let it do what there is to do until it waits for the next time."""
    task = asyncio.get_running_loop().create_task(care.run())
    waiting = asyncio.get_running_loop().create_task(sleep.asleep.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for each in (task, waiting):
        each.cancel()
    await asyncio.gather(task, waiting, return_exceptions=True)


async def store(journal: Journal, *numbers: int, old: bool = False) -> None:
    at = OLD if old else NOW
    told = [replace(each, received=at, time=at) for number in numbers for each in takes(number, number)]
    await journal.append(SERVER, told)


async def test_what_is_too_old_goes_and_whoever_shows_it_is_told(
    open_journal: Journal, clock: FakeClock, sleep: Sleep
) -> None:
    await store(open_journal, *range(1, 301), old=True)
    await store(open_journal, 301)
    told: list[int] = []
    care = Upkeep(open_journal, clock, lambda: WISHES, on_trimmed=told.append, sleep=sleep)

    await run(care, sleep)

    assert told == [250, 300]
    assert [each.row for each in await open_journal.page(LogFilter())] == [301]
    facts = await care.facts()
    assert facts.rows == 1
    assert facts.trimmed_to is not None
    assert facts.trimmed_to[0] == 300


async def test_while_somebody_writes_it_waits_but_not_for_ever(
    open_journal: Journal, care: Upkeep, sleep: Sleep, clock: FakeClock
) -> None:
    await store(open_journal, 1, 2, old=True)
    await store(open_journal, 3)

    def still_writing() -> None:
        open_journal.written_at = clock.monotonic()

    sleep.on_sleep = still_writing
    began = clock.monotonic()
    sleep.times = 1000
    await run(care, sleep)

    assert clock.monotonic() - began > upkeep.AT_LAST
    assert [each.row for each in await open_journal.page(LogFilter())] == [3]


async def test_a_listener_that_fails_stops_nothing(
    open_journal: Journal, clock: FakeClock, sleep: Sleep
) -> None:
    def fail(_row: int) -> None:
        raise RuntimeError

    await store(open_journal, *range(1, 301), old=True)
    await store(open_journal, 301)

    await run(Upkeep(open_journal, clock, lambda: WISHES, on_trimmed=fail, sleep=sleep), sleep)

    assert [each.row for each in await open_journal.page(LogFilter())] == [301]


async def test_the_log_is_written_back_when_it_is_quiet(
    open_journal: Journal, care: Upkeep, sleep: Sleep, journal_file: Path
) -> None:
    await store(open_journal, *range(1, 100))
    wal = journal_file.with_name(f"{journal_file.name}-wal")
    assert wal.stat().st_size

    await run(care, sleep)

    assert wal.stat().st_size == 0


async def test_it_never_makes_statistics(open_journal: Journal, care: Upkeep, sleep: Sleep) -> None:
    await store(open_journal, *range(1, 500))

    await run(care, sleep)

    found = await open_journal.tend(
        lambda connection: connection.execute(
            "SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'"
        ).fetchall()
    )
    assert found == []


# After an end that was not clean


def strike(file: Path) -> None:
    """Damage pages in the middle, and leave the rest."""
    content = bytearray(file.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    file.write_bytes(content)


async def test_after_an_end_that_was_not_clean_the_file_is_looked_through(
    journal_file: Path, clock: FakeClock, told: list[Salvaged], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    async def live(*numbers: int) -> None:
        """Nothing notes that this end was clean."""
        journal = await Journal.open(journal_file, clock=clock, on_salvaged=told.append)
        await store(journal, *numbers)
        sleep = Sleep(clock)
        await run(Upkeep(journal, clock, lambda: WISHES, sleep=sleep), sleep)
        await journal.close()

    await live(*range(1, 800))
    assert "did not end in order" not in caplog.text
    strike(journal_file)
    await live()

    assert "did not end in order" in caplog.text
    assert len(told) == 1
    assert told[0].set_aside.exists()


async def test_after_a_clean_end_it_is_not(
    journal_file: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for _ in range(2):
        journal = await Journal.open(journal_file, clock=clock)
        sleep = Sleep(clock)
        care = Upkeep(journal, clock, lambda: WISHES, sleep=sleep)
        await run(care, sleep)
        await journal.close()
        care.note_clean_end()

    assert "did not end in order" not in caplog.text


# What a person asks for


async def test_a_check_is_evidence(open_journal: Journal, care: Upkeep) -> None:
    await store(open_journal, 1, 2)
    before = care.checked

    checked = await care.check()

    assert before is None
    assert checked.verified.holds
    assert care.checked is checked
    assert checked.at == NOW


async def test_a_check_of_a_damaged_file_says_so_and_goes_on_with_a_new_one(
    journal_file: Path, clock: FakeClock, told: list[Salvaged]
) -> None:
    journal = await Journal.open(journal_file, clock=clock)
    await store(journal, *range(1, 800))
    await journal.close()
    strike(journal_file)
    journal = await Journal.open(journal_file, clock=clock, on_salvaged=told.append)
    try:
        care = Upkeep(journal, clock, lambda: WISHES)
        with pytest.raises(JournalDamagedError):
            await care.check()

        assert len(told) == 1
        assert (await care.check()).verified.holds
        assert [each.reason for each in (await care.check()).verified.anchors] == ["rebuilt"]
    finally:
        await journal.close()


async def test_backups_are_counted(open_journal: Journal, care: Upkeep, clock: FakeClock) -> None:
    await store(open_journal, 1)
    assert (await care.facts()).backup is None

    for _ in range(3):
        made = await care.back_up(None)
        clock.advance(60)

    assert made.size > 0
    assert len(list(made.file.parent.iterdir())) == 2
    newest = (await care.facts()).backup
    assert newest is not None


async def test_compacting_gives_back_what_is_free(open_journal: Journal, care: Upkeep, sleep: Sleep) -> None:
    await store(open_journal, *range(1, 2000), old=True)
    await store(open_journal, 2000)
    await run(care, sleep)
    before = await care.facts()
    assert before.free > upkeep.MUCH_FREE

    await care.compact()

    after = await care.facts()
    assert after.free < upkeep.MUCH_FREE
    assert after.size < before.size / 2
    assert [each.row for each in await open_journal.page(LogFilter(text="2000"))] == [2000]
    assert (await care.check()).verified.holds


async def test_on_a_full_disk_the_journal_stays_whole(
    open_journal: Journal, care: Upkeep, sleep: Sleep
) -> None:
    await store(open_journal, *range(1, 300), old=True)
    await store(open_journal, 300)
    await open_journal.tend(lambda connection: connection.execute("PRAGMA cache_size = 1").close())

    def fill(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}").close()
        connection.execute("CREATE TABLE filler (content TEXT)")

    with pytest.raises(JournalError, match="disk is full"):
        await open_journal.tend(fill)
    await run(care, sleep)

    with closing(sqlite3.connect(open_journal.file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert (await care.check()).verified.holds
