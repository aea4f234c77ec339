"""What can still be read of a damaged journal, by whatever way leads to it."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from armguard_tray.storage.raw_pages import RawPages

log = logging.getLogger(__name__)

_LISTS = (
    "SELECT row FROM event INDEXED BY event_place ORDER BY coalesce(moved, row << 33)",
    "SELECT row FROM event INDEXED BY event_happened ORDER BY happened",
    # before version 6
    "SELECT row FROM event INDEXED BY event_happened ORDER BY coalesce(time, received)",
)
"""Each walks through an index that has every row, and not through the table."""
_PRAGMAS = (
    "query_only = ON",
    # What is wrong with the tables' description or with the file's length is passed over
    # (https://www.sqlite.org/pragma.html#pragma_writable_schema).
    "writable_schema = ON",
)

Values = tuple[Any, ...]


class DamagedJournal:
    """A damaged journal, to be read only. Its tables are read as if they had the newest version's columns.

    Attributes:
        failed: whether the last thing that was read with SQLite could not be read to its end.

    """

    def __init__(self, file: Path, newest: sqlite3.Connection) -> None:
        """Read `file`; `newest` is a journal of the newest version."""
        self.failed = False
        self._file = file
        self._columns = {
            table: _columns(newest, table)
            for table in ("server", "event", "gap", "position", "attendance", "reading")
        }
        self._connection = self._open()

    def _open(self) -> sqlite3.Connection | None:
        if not self._file.exists() or not self._file.stat().st_size:
            return None  # SQLite would delete the write-ahead log of an empty database
        uri = f"{self._file.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        with suppress(sqlite3.Error):
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").close()
        return connection

    def __enter__(self) -> Self:
        """Read within a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()

    def columns(self, table: str) -> Sequence[str]:
        """Return the names of the columns, in the order in which all rows of it are read."""
        return self._columns[table]

    def table(self, table: str, rest: str = "", *values: int) -> Iterator[Values]:
        """Yield the rows of a table with SQLite, as far as they can be read; `rest` follows the FROM."""
        there = set(self._names(table))
        wanted = ", ".join(name if name in there else "NULL" for name in self._columns[table])
        yield from self._rows(f"SELECT {wanted} FROM {table} {rest}", values)  # noqa: S608 - names are our own

    def rows_by_index(self) -> Iterator[Iterator[int]]:
        """Yield, for each index that has every event, their rows, as far as it can be read."""
        for statement in _LISTS:
            yield (row for (row,) in self._rows(statement, ()) if isinstance(row, int))

    def pages(self, table: str, known: set[int], *, at_least: int) -> Iterator[Values]:
        """Yield what looks like rows of a table on the file's pages, but for those with `known` numbers.

        They have `at_least` so many columns. Their own number stands where a row has its primary key.
        """
        columns = len(self._columns[table])
        with closing(self._raw_rows(known, at_least, columns)) as found:
            for number, values in found:
                if values[0] is None:
                    yield (number, *values[1:], *[None] * (columns - len(values)))

    def _raw_rows(self, known: set[int], at_least: int, columns: int) -> Any:
        with RawPages(self._file) as pages:
            yield from pages.rows(lambda number, count: number not in known and at_least <= count <= columns)

    def _names(self, table: str) -> list[str]:
        return [str(name) for _, name, *_ in self._rows(f"PRAGMA table_info ({table})", ())]

    def _rows(self, statement: str, values: Sequence[int]) -> Iterator[Values]:
        self.failed = self._connection is None
        if self._connection is None:
            return
        try:
            yield from self._connection.execute(statement, values)
        except (sqlite3.Error, sqlite3.Warning, MemoryError) as error:
            # Of memory there is enough, but not for a row that claims to be as long as two gigabytes.
            log.info("the damaged journal cannot be read there: %s", error)
            self.failed = True


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [str(name) for _, name, *_ in connection.execute(f"PRAGMA table_info ({table})")]
