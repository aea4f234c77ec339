"""Damage while the armory is busy: it is said once, it works again, and nothing that came is lost."""

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from armguard_tray.errors import JournalError
from armguard_tray.messages.event import StoredEvent
from armguard_tray.pipeline import Pipeline
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.settings.model import NotificationSettings
from armguard_tray.storage.journal import SALVAGE_AGAIN_AFTER, Journal
from armguard_tray.tasks import TaskKeeper
from tests.fakes.clock import FakeClock
from tests.unit.messages.frames import received, take
from tests.unit.storage.events import SERVER, takes

PAGE = 4096
BEFORE = 200
ROUNDS = 5


class Screen:
    """Keeps what is shown."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.numbers: set[int | None] = set()
        self.gaps = 0
        self.trouble: list[str] = []

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        self.rows += [each.row for each in events]
        self.numbers |= {each.event.transaction_id for each in events}
        self.gaps += sum(each.event.gap is not None for each in events)

    def on_changed(self, events: Sequence[StoredEvent]) -> None:
        """Show nothing."""

    def on_toast(self, toast: Single | Summary) -> None:
        """Show nothing."""

    def on_storage_trouble(self, error: JournalError | None) -> None:
        self.trouble.append("works again" if error is None else error.message.rpartition(" is ")[2])


def strike(file: Path, chance: random.Random) -> None:
    """Overwrite some pages of a journal's database, never the first."""
    pages = file.stat().st_size // PAGE
    with file.open("r+b") as opened:
        for page in chance.sample(range(1, pages), pages // 2):
            opened.seek(page * PAGE)
            opened.write(chance.randbytes(PAGE))


async def forget(journal: Journal) -> None:
    """Write the log back, and let the program remember no page: the next write meets what is there."""

    def do(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA wal_checkpoint (TRUNCATE)").close()
        connection.execute("PRAGMA shrink_memory").close()

    await journal._writer.call(do)


@pytest.mark.parametrize("seed", range(5))
async def test_nothing_that_was_put_is_lost(seed: int, journal_file: Path) -> None:
    chance, clock, screen = random.Random(seed), FakeClock(), Screen()  # noqa: S311 - no secret
    journal = await Journal.open(journal_file, clock=clock)
    await journal.append(SERVER, takes(1, BEFORE))

    async def sleep(seconds: float) -> None:
        clock.advance(seconds)
        await asyncio.sleep(0)

    pipeline = Pipeline(
        journal=journal,
        server=SERVER,
        zone=ZoneInfo("Asia/Manila"),
        notifications=NotificationSettings,
        clock=clock,
        sink=screen,
        sleep=sleep,
    )
    tasks = TaskKeeper("test")
    tasks.start(pipeline.run(), name="pipeline")
    number = BEFORE
    for _ in range(ROUNDS):
        await forget(journal)
        strike(journal_file, chance)
        for _ in range(50):
            number += 1
            await pipeline.put(received(take(number)))
        await pipeline.drain()
        clock.advance(SALVAGE_AGAIN_AFTER)
    await tasks.close()
    await journal.close()

    came = set(range(BEFORE + 1, number + 1))
    assert came <= screen.numbers
    assert screen.rows == sorted(screen.rows)
    assert screen.trouble[:2] == ["damaged.", "works again"]
    assert screen.trouble.count("damaged.") == screen.trouble.count("works again") == screen.gaps
    assert set(range(number - 49, number + 1)) <= _numbers(journal_file), "nothing has struck these"


def _numbers(file: Path) -> set[int]:
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT transaction_id FROM event WHERE transaction_id IS NOT NULL"
        return {number for (number,) in connection.execute(query)}
