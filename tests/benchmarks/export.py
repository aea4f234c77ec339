"""A million rows as CSV, from a window in use while events arrive and by the command, and as a workbook.

The floor is the same rows, as they are stored, by the bare `sqlite3` and `csv` modules: no times in a zone,
no words, no digest, no statement, nothing made harmless.
"""

import asyncio
import csv
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

from armguard_tray.storage.moment import FIELDS
from tests.benchmarks.figures import Figure, never_over
from tests.benchmarks.large_journal import ROWS, large_journal
from tests.benchmarks.processes import heard, program, running
from tests.benchmarks.programs.exporting_desk import RATE
from tests.fakes.desktop_session import DesktopSession

TIMES = 3
PATIENCE = 600.0
WITHIN = 30.0

Result = dict[str, Any]


async def measure(session: DesktopSession, folder: Path, cache: Path) -> list[Figure]:
    """Measure it with a journal that is kept in `cache` for the next time."""
    original = await large_journal(cache)
    file = folder / "journal.sqlite3"
    desks: list[Result] = []
    commands: list[Result] = []
    floors: list[float] = []
    _copy(original, file)
    book = await _command(session, folder, "xlsx")
    for _ in range(TIMES):
        _copy(original, file)
        floors.append(_timed(lambda: _bare(file, folder / "bare.csv")))
        commands.append(await _command(session, folder, "csv"))
        async with running(program("exporting_desk", file, folder / "window.csv"), session.env) as desk:
            desks.append(await heard(desk, PATIENCE))
    what = f"export of {ROWS:,} rows as CSV"
    beside = f"beside a window in use and {RATE} events/s"

    def of(name: str, results: list[Result]) -> list[float]:
        return [each[name] for each in results]

    return [
        Figure(
            what=f"{what} {beside}",
            unit="s",
            samples=of("seconds", desks),
            floor=floors,
            goal=never_over(WITHIN),
        ),
        Figure(what=f"{what} by the command", unit="s", samples=of("seconds", commands), floor=floors),
        Figure(what="processor time of that", unit="s", samples=of("processor", commands)),
        Figure(
            what="memory that the window's process has more meanwhile",
            unit="MiB",
            samples=of("more_memory", desks),
            goal=never_over(50),
        ),
        Figure(what="memory of the command, most", unit="MiB", samples=of("resident", commands)),
        Figure(what=f"{ROWS:,} rows as XLSX by the command, one sheet", unit="s", samples=[book["seconds"]]),
        Figure(what="processor time of that", unit="s", samples=[book["processor"]]),
        Figure(what="memory of that, most", unit="MiB", samples=[book["resident"]]),
        Figure(
            what="longest stall of the UI thread meanwhile",
            unit="ms",
            samples=of("stall_longest", desks),
            floor=of("without_longest", desks),
            goal=never_over(50),
        ),
        Figure(
            what="longest turn of the UI thread meanwhile, in time of the processor; floor: before it",
            unit="ms",
            samples=of("turn_longest", desks),
            floor=of("without_turn", desks),
        ),
    ]


async def _command(session: DesktopSession, folder: Path, kind: str) -> Result:
    command = [
        sys.executable,
        "-m",
        "armguard_tray",
        "export",
        f"--data-dir={folder}",
        "--format",
        kind,
        "--out",
        str(folder / f"a.{kind}"),
    ]
    begun, most, processor = time.perf_counter(), 0.0, 0.0
    async with running(command, session.env) as process:
        seen = psutil.Process(process.pid)
        while process.returncode is None:
            most, processor = max(most, _memory(seen)), max(processor, _processor(seen))
            await _until(process, 0.05)
        took = time.perf_counter() - begun
        if process.returncode:
            raise RuntimeError(f"the command ended with {process.returncode}")
    return {"seconds": took, "processor": processor, "resident": most}


def _memory(process: psutil.Process) -> float:
    """Return what a process has in memory, with its children, in MiB."""
    try:
        family = [process, *process.children(recursive=True)]
        return sum(each.memory_info().rss for each in family) / 2**20
    except psutil.NoSuchProcess:
        return 0.0


def _processor(process: psutil.Process) -> float:
    """Return how many seconds of a core a process has used."""
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(used.user + used.system)


async def _until(process: Any, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        return


def _copy(original: Path, file: Path) -> None:
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()
    shutil.copyfile(original, file)


def _bare(file: Path, out: Path) -> None:
    statement = f"SELECT {', '.join(FIELDS)} FROM event ORDER BY coalesce(moved, row << 33)"  # noqa: S608
    with closing(sqlite3.connect(file)) as connection, out.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(connection.execute(statement))


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
