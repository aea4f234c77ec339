"""A program that stores events until it is killed, and prints each row it was told is stored."""

import asyncio
import sys
from itertools import count
from pathlib import Path

from armguard_tray.storage.journal import Journal
from tests.unit.storage.events import SERVER, takes


async def _write(file: Path) -> None:
    journal = await Journal.open(file)
    start = await journal.last_row() * 100  # new numbers in each life, so that nothing is a duplicate
    for batch in count():
        first = start + batch * 20 + 1
        stored = (await journal.append(SERVER, takes(first, first + batch % 20))).new
        sys.stdout.write("".join(f"{each.row} {each.event.transaction_id}\n" for each in stored))
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_write(Path(sys.argv[1])))
