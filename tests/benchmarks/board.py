"""How long it takes to work out who holds what in a large journal, beside its query in the sqlite3 shell.

    python -m tests.benchmarks.journal --rows 1000000 FILE
    python -m tests.benchmarks.board FILE

The file is brought up to date if it is older; give a copy.
"""

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil

from armguard_tray.holdings.board import Board, board_of
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.storage.holdings import LAST_OF_EACH
from armguard_tray.storage.journal import Journal
from tests.benchmarks.figures import Figure, never_over, show
from tests.benchmarks.journal import SERVER

ROUNDS: Final = 12
GOAL_MS: Final = 200
_HOURS: Final = DutyHours(24, {"guard duty": 12})
_TIMER: Final = re.compile(r"Run Time: real ([0-9.]+)")


async def measure(file: Path) -> list[Figure]:
    """Work the board out as the program does, and run its query in the bare shell, in turns."""
    board: list[float] = []
    shell: list[float] = []
    cold = await _from_disk(file)
    journal = await Journal.open(file)
    try:
        worked = time.process_time()
        for _ in range(ROUNDS):
            board.append(await _board_ms(journal))
            if len(board) == 1:
                worked = (time.process_time() - worked) * 1000
            shell.append(await asyncio.to_thread(_shell_ms, file))
    finally:
        await journal.close()
    (first, *later), (_, *floor) = board, shell
    return [
        Figure(what="board of what is out, the first of a journal opened anew", unit="ms", samples=[first]),
        Figure(what="processor time of that", unit="ms", samples=[worked]),
        *cold,
        Figure(what="board of what is out", unit="ms", samples=later, floor=floor, goal=never_over(GOAL_MS)),
    ]


async def _from_disk(file: Path) -> list[Figure]:
    """Work the first board out while nothing of the file is in memory, where the system can be told so."""
    if not hasattr(os, "posix_fadvise"):
        return []
    await (await Journal.open(file)).close()  # what there is to bring up to date is done
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    journal = await Journal.open(file)
    before = psutil.Process().io_counters().read_bytes
    took = await _board_ms(journal)
    read = (psutil.Process().io_counters().read_bytes - before) / 2**20
    await journal.close()
    return [
        Figure(what="the same with all of it on the disk, as after a boot", unit="ms", samples=[took]),
        Figure(what="read from the disk for that", unit="MiB", samples=[read]),
    ]


async def _board_ms(journal: Journal) -> float:
    began = time.perf_counter()
    board: Board = board_of(await journal.last_handled(SERVER), None, _HOURS)
    took = (time.perf_counter() - began) * 1000
    if not board.holdings:
        raise RuntimeError("nothing is out in this journal: it is no figure")
    return took


def _shell_ms(file: Path) -> float:
    """Return what the shell says that the query took; its start is not counted."""
    query = LAST_OF_EACH
    end = f"{(1 << 63) - 1}"
    for name, value in (("?1", "1"), ("?2", "0"), ("?3", end), ("?4", "8"), ("?5", "1"), ("?6", end)):
        query = query.replace(name, value)
    shell = shutil.which("sqlite3")
    if shell is None:
        raise RuntimeError("the benchmark needs the sqlite3 shell")
    # Twice: a program that has been running has read the file's pages before, too.
    script = f".timer on\n.output {_nowhere()}\n{query};\n{query};\n"
    said = subprocess.run(
        [shell, "-readonly", str(file)], input=script, capture_output=True, text=True, check=True
    ).stdout
    return float(_TIMER.findall(said)[-1]) * 1000


def _nowhere() -> str:
    return "NUL" if sys.platform == "win32" else "/dev/null"


def main(say: Callable[[list[Figure]], None] = show) -> int:
    """Measure the journal that the command line names; return 0 if the goal is reached, else 1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    found = asyncio.run(measure(parser.parse_args().file))
    say(found)
    return 0 if all(figure.reached is not False for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
