"""A journal of a million rows, made once and kept for the next time."""

import asyncio
from pathlib import Path

from armguard_tray.storage.journal import Journal
from tests.benchmarks import journal as journals

ROWS = 1_000_000


async def large_journal(cache: Path) -> Path:
    """Return the large journal in the folder `cache`, made there the first time."""
    return await asyncio.to_thread(_made, cache)


def _made(cache: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    file = cache / f"journal-{ROWS}.sqlite3"
    if not file.exists():
        making = file.with_suffix(".making")
        making.unlink(missing_ok=True)
        asyncio.run(journals.make(making, ROWS, 1))
        making.rename(file)
    asyncio.run(_bring_up_to_date(file))
    return file


async def _bring_up_to_date(file: Path) -> None:
    """Let a journal of an older version be one of this, once, and not each time it is measured."""
    await (await Journal.open(file)).close()
