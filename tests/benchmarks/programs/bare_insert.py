"""The floor of storing: the same rows in batches of the same size, in a table without an index."""

import argparse
import sqlite3
import time
from contextlib import closing
from datetime import UTC
from itertools import islice
from pathlib import Path

from armguard_tray.messages.event import Received, StoredEvent, event_of
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.rows import Row, to_row
from tests.benchmarks.programs.frames import now, transaction
from tests.benchmarks.programs.telling import tell

BATCH = 500


def _row(number: int) -> Row:
    at = now()
    event = event_of(Received.of(Stream.TRANSACTIONS, transaction(number, at), at), UTC)
    return to_row(1, StoredEvent(number, event))


def _insert(file: Path, rows: list[Row]) -> float:
    """Return the seconds it takes."""
    columns = len(rows[0])
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # As careful as the journal.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"CREATE TABLE event ({', '.join(f'c{number}' for number in range(columns))})")
        statement = f"INSERT INTO event VALUES ({', '.join('?' * columns)})"  # noqa: S608 - no data
        source = iter(rows)
        start = time.perf_counter()
        while batch := list(islice(source, BATCH)):
            connection.execute("BEGIN")
            connection.executemany(statement, batch)
            connection.execute("COMMIT")
        return time.perf_counter() - start


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    rows = [_row(number) for number in range(options.count)]
    tell(seconds=_insert(options.file, rows))


if __name__ == "__main__":
    main()
