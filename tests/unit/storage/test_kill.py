"""`kill -9` at any moment loses nothing that was said to be stored."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path

from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from tests.unit.storage.events import SERVER, takes

ROOT = Path(__file__).parents[3]


def _write_until_killed(file: Path, lines: int) -> list[tuple[int, int]]:
    """Let a process write, kill it after it reported some rows, and return all that it reported."""
    command = [sys.executable, "-m", "tests.unit.storage.steady_writer", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        reported = list(islice(process.stdout, lines))
        # It goes on writing meanwhile, so this strikes wherever it happens to be.
        process.kill()
        reported += process.stdout
    whole = [line.split() for line in reported if line.endswith("\n")]
    return [(int(row), int(number)) for row, number in whole]


async def test_every_row_that_was_reported_survives(journal_file: Path) -> None:
    reported: list[tuple[int, int]] = []
    for lines in (1, 50, 333, 1000):
        reported += _write_until_killed(journal_file, lines)

        journal = await Journal.open(journal_file)
        try:
            stored = await journal.newer(LogFilter(), after=0, limit=1_000_000)
        finally:
            await journal.close()

        assert set(reported) <= {(each.row, each.event.transaction_id) for each in stored}
        with closing(sqlite3.connect(journal_file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_the_next_start_goes_on_where_the_last_one_ended(journal_file: Path) -> None:
    last, _ = _write_until_killed(journal_file, 20)[-1]

    journal = await Journal.open(journal_file)
    try:
        (stored,) = (await journal.append(SERVER, takes(10**9, 10**9))).new
    finally:
        await journal.close()

    assert stored.row > last
