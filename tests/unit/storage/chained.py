"""A journal whose chain has been through everything: gaps, rows completed later, rows removed."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from armguard_tray.messages.streams import Stream
from armguard_tray.storage import retention
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Plan
from armguard_tray.storage.retention import Limits, Trimmed
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, event, takes
from tests.unit.storage.test_ledger import carry_out, from_history, gap, ledger

NOW = frames.AT + timedelta(days=100)


async def make(file: Path) -> None:
    """Make one of 28 rows: six are from another server, one was completed, one gap shrank, one closed."""
    journal = await Journal.open(file)
    try:
        await journal.append("https://other.local", takes(1, 6))
        await carry_out(journal, Plan(ledger=ledger(1, 0)))
        await journal.append(SERVER, takes(1, 4))
        await journal.append(SERVER, [event(frames.STATUS, Stream.INVENTORY), *takes(10, 12)])
        await carry_out(journal, Plan(found=[from_history(5)], gaps=[gap(6, 7), gap(8, 9)]))
        await carry_out(journal, Plan(ledger=ledger(1, 12)))
        await carry_out(journal, Plan(found=[from_history(6)]))
        await carry_out(journal, Plan(found=[from_history(8), from_history(9)]))
        await journal.append(SERVER, takes(5, 5))
        await journal.append(SERVER, takes(13, 20))
    finally:
        await journal.close()


def trim(file: Path, up_to: int, at: datetime = NOW) -> Trimmed | None:
    """Remove the rows up to this one, as if all were old."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        (count,) = connection.execute("SELECT count(*) FROM event WHERE row <= ?", [up_to]).fetchone()
        return retention.step(connection, Limits(keep=timedelta(days=-1000)), at, most=count)


async def later(journal: Journal, first: int, last: int, at: datetime) -> None:
    """Store transactions that came `at` that time."""
    told = [replace(each, received=at, time=at) for each in takes(first, last)]
    await journal.append(SERVER, told)
