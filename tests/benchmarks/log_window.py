"""The log window on a journal of a million rows, while events arrive: found at once, and drawn at once.

A process of its own uses the window (`programs.searched_desk`): it opens it, goes anywhere in it and types
searches. Memory is compared with the same process on an empty journal. The floors are the same queries in the
bare `sqlite3` module, on the same file.
"""

import asyncio
import shutil
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from armguard_tray.storage import queries
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.ui.models.event_table import PAGE
from tests.benchmarks.figures import Figure, Goal, never_over
from tests.benchmarks.large_journal import ROWS, large_journal
from tests.benchmarks.processes import heard, program, running
from tests.benchmarks.programs.searched_desk import JUMPS, RATE, TYPED
from tests.fakes.desktop_session import DesktopSession

TIMES = 3
PATIENCE = 600.0

Result = dict[str, Any]


def usually(most: float) -> Goal:
    """Ask that 95 % of the samples be at most `most`."""
    return Goal(f"95 % ≤ {most:g}", lambda figure: _p95(figure.samples) <= most)


async def measure(session: DesktopSession, folder: Path, cache: Path) -> list[Figure]:
    """Measure it with a journal that is kept in `cache` for the next time."""
    original = await large_journal(cache)
    desks: list[Result] = []
    empty: list[Result] = []
    floors: list[tuple[float, list[float]]] = []
    for _ in range(TIMES):
        floors.append(await asyncio.to_thread(_floor, original))
        desks.append(await _desk(session, folder, original))
        empty.append(await _desk(session, folder, None))
    more = [desk["resident"] - least["resident"] for desk, least in zip(desks, empty, strict=True)]
    what = f"{ROWS:,} rows, {RATE} events/s"

    def all_of(name: str) -> list[float]:
        return [sample for desk in desks for sample in desk[name]]

    return [
        Figure(
            what=f"log window: shown to its first rows drawn ({what})",
            unit="ms",
            samples=[desk["opened"] for desk in desks],
            floor=[opened for opened, _ in floors],
            goal=never_over(300),
        ),
        Figure(
            what="the same from the click on, the window's import and making included",
            unit="ms",
            samples=[desk["from_click"] for desk in desks],
        ),
        Figure(
            what="processor time of the UI thread for that",
            unit="ms",
            samples=[desk["opening_processor"] for desk in desks],
        ),
        Figure(
            what="until every row is listed",
            unit="s",
            samples=[desk["listed"] for desk in desks],
        ),
        Figure(
            what=f"key of a search to its rows drawn ({len(TYPED)} searches)",
            unit="ms",
            samples=all_of("typed"),
            floor=[sample for _, typed in floors for sample in typed],
            goal=usually(100),
        ),
        Figure(what="the same, 95 %", unit="ms", samples=[_p95(desk["typed"]) for desk in desks]),
        Figure(
            what=f"a frame of scrolling anywhere ({JUMPS} jumps, and drags)",
            unit="ms",
            samples=all_of("scrolled"),
            goal=usually(16),
        ),
        Figure(what="the same, 95 %", unit="ms", samples=[_p95(desk["scrolled"]) for desk in desks]),
        Figure(
            what="processor time of such a frame, 95 %",
            unit="ms",
            samples=[_p95(desk["scrolled_processor"]) for desk in desks],
        ),
        Figure(
            what="scrolled to the rows there drawn, 95 %",
            unit="ms",
            samples=[_p95(desk["filled"]) for desk in desks],
        ),
        Figure(
            what="longest stall of the UI thread from the click to the open window; floor: empty journal",
            unit="ms",
            samples=[desk["stall_opening"] for desk in desks],
            floor=[least["stall_opening"] for least in empty],
            goal=never_over(50),
        ),
        Figure(
            what="processor time of its longest turn meanwhile; floor: as above",
            unit="ms",
            samples=[desk["turn_opening"] for desk in desks],
            floor=[least["turn_opening"] for least in empty],
            goal=never_over(50),
        ),
        Figure(
            what="longest stall of the UI thread in all the rest; floor: on an empty journal",
            unit="ms",
            samples=[desk["stall_longest"] for desk in desks],
            floor=[least["stall_longest"] for least in empty],
            goal=never_over(50),
        ),
        Figure(
            what="processor time of its longest turn in all the rest; floor: as above",
            unit="ms",
            samples=[desk["turn_longest"] for desk in desks],
            floor=[least["turn_longest"] for least in empty],
        ),
        Figure(what="memory above that with an empty journal", unit="MiB", samples=more, goal=never_over(60)),
    ]


async def _desk(session: DesktopSession, folder: Path, original: Path | None) -> Result:
    file = await asyncio.to_thread(_fresh, folder, original)
    async with running(program("searched_desk", file), session.env) as desk:
        return await heard(desk, PATIENCE)


def _fresh(folder: Path, original: Path | None) -> Path:
    """Return a file with the same journal as before, or for a new one."""
    for each in folder.glob("used.sqlite3*"):
        each.unlink()
    file = folder / "used.sqlite3"
    if original is not None:
        shutil.copyfile(original, file)
    return file


def _floor(file: Path) -> tuple[float, list[float]]:
    with closing(sqlite3.connect(file)) as connection:
        opened = _asked(connection, LogFilter())
        typed = [
            _asked(connection, LogFilter(text=text[:length].strip()))
            for text in TYPED
            for length in range(1, len(text) + 1)
            if text[length - 1] != " "
        ]
    return opened, typed


def _asked(connection: sqlite3.Connection, log_filter: LogFilter) -> float:
    begun = time.perf_counter()
    span = queries.within(connection, log_filter)
    connection.execute(*queries.page_query(log_filter, span=span, limit=PAGE)).fetchall()
    return (time.perf_counter() - begun) * 1000


def _p95(samples: Sequence[float]) -> float:
    return sorted(samples)[int(len(samples) * 0.95)]
