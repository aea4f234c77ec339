"""What it takes to store a row, on an empty journal and on one of a million rows, beside a bare insert.

Counted is the processor time of the thread that writes: what the disk takes is each machine's own. The rows
are those of an armory that goes on working, 500 in a transaction. The bare insert puts the same values into
one table with one key, as carefully; the journal also indexes them, chains them, and looks whether it has
them already.
"""

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from armguard_tray.messages.event import Event, Received, StoredEvent, event_of
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.rows import WRITTEN, to_row
from tests.benchmarks.figures import Figure, within
from tests.benchmarks.journal import END, SERVER, ZONE, Armory
from tests.benchmarks.large_journal import ROWS, large_journal
from tests.fakes.desktop_session import DesktopSession

COUNT: Final = 40_000
BATCH: Final = 500
TIMES: Final = 3
_LATER: Final = timedelta(days=365)
_DAYS: Final = COUNT / 1370
_FLAT: Final = 1.2


@dataclass(frozen=True, slots=True)
class _Spent:
    """Seconds of the processor, and of the clock."""

    processor: float
    clock: float


async def measure(_session: DesktopSession, folder: Path, cache: Path) -> list[Figure]:
    """Measure it with a journal that is kept in `cache` for the next time."""
    large = await large_journal(cache)
    events = list(islice(_going_on(), COUNT))
    bare: list[_Spent] = []
    empty: list[_Spent] = []
    full: list[_Spent] = []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory(dir=folder) as made:
            bare.append(_bare(Path(made) / "bare.sqlite3", events))
            empty.append(await _stored(Path(made) / "empty.sqlite3", events))
            copy = Path(made) / "large.sqlite3"
            shutil.copyfile(large, copy)
            full.append(await _stored(copy, events))
    unit = "µs of the processor a row"
    return [
        Figure(what="storing on an empty journal", unit=unit, samples=_each(empty), floor=_each(bare)),
        Figure(what=f"storing on {ROWS:,} rows", unit=unit, samples=_each(full), floor=_each(bare)),
        Figure(
            what=f"storing on {ROWS:,} rows; floor: on an empty one",
            unit=unit,
            samples=_each(full),
            floor=_each(empty),
            goal=within(_FLAT),
        ),
        Figure(
            what=f"storing on {ROWS:,} rows, {BATCH} in a transaction",
            unit="rows/s",
            samples=[COUNT / spent.clock for spent in full],
            floor=[COUNT / spent.clock for spent in bare],
        ),
    ]


def _each(spent: Sequence[_Spent]) -> list[float]:
    return [each.processor / COUNT * 1e6 for each in spent]


def _going_on() -> Iterator[Event]:
    """Yield what happens in the armory a year after the large journal's end."""
    begin = END + _LATER
    armory = Armory(Random(2), first=ROWS)  # noqa: S311 - no secret
    for stream, at, frame in armory.frames(begin, begin + timedelta(days=_DAYS), COUNT):
        told = {**frame, "timestamp": f"{at.astimezone(ZONE):%Y-%m-%dT%H:%M:%S.%f}"}
        text = msgspec.json.encode(told).decode()
        received = (at + timedelta(milliseconds=40)).astimezone(UTC)
        yield event_of(Received.of(stream, text, received), ZONE)


async def _stored(file: Path, events: Sequence[Event]) -> _Spent:
    journal = await Journal.open(file)
    try:
        before = await journal.tend(_processor)
        began = time.perf_counter()
        for first in range(0, COUNT, BATCH):
            await journal.append(SERVER, events[first : first + BATCH])
        clock = time.perf_counter() - began
        return _Spent(await journal.tend(_processor) - before, clock)
    finally:
        await journal.close()


def _processor(_: sqlite3.Connection) -> float:
    """Return what the journal's own thread has taken."""
    return time.thread_time()


def _bare(file: Path, events: Sequence[Event]) -> _Spent:
    rows = [to_row(1, StoredEvent(row, event)) for row, event in enumerate(events, 1)]
    others = ", ".join(WRITTEN[1:])
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # As careful as the journal.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"CREATE TABLE event (row INTEGER PRIMARY KEY, {others})")
        statement = f"INSERT INTO event VALUES ({', '.join('?' * len(WRITTEN))})"  # noqa: S608 - no data
        before, began = time.thread_time(), time.perf_counter()
        for first in range(0, COUNT, BATCH):
            connection.execute("BEGIN")
            connection.executemany(statement, rows[first : first + BATCH])
            connection.execute("COMMIT")
        return _Spent(time.thread_time() - before, time.perf_counter() - began)
