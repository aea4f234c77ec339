"""One moment of the journal, to be read for as long as it takes: what an export is made of.

The rows that match are copied at once, within one read transaction, into a table of SQLite's own temporary
file, and read from there. So what is written out is the journal of one moment, whatever arrives, changes or
is removed by retention meanwhile. And the transaction, which keeps the write-ahead log from being cut, lasts
for the copying alone (some seconds for a million rows), not for as long as a page is drawn or a pipe is read.

The temporary file lies where SQLite puts such files (/var/tmp before /tmp; SQLITE_TMPDIR names another
folder). It has no name, and is gone with the connection.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from armguard_tray.messages.event import Category, StoredEvent
from armguard_tray.messages.gap import Gap
from armguard_tray.storage import chain, gap_rows, outside, queries, rows, schema
from armguard_tray.storage.log_filter import LogFilter, from_microseconds, happened
from armguard_tray.storage.writing import ledger_of

if TYPE_CHECKING:
    from armguard_tray.storage.chain import ChainHead
    from armguard_tray.storage.ledger import Ledger

Values = tuple[Any, ...]

FIELDS: Final = (
    *("row", "received", "time", "category", "source", "kind", "title", "detail"),
    *("transaction_id", "action", "item", "item_id", "person", "personnel_id", "duty", "mags", "rounds"),
    *("issued_by", "status", "previous_status", "level", "stream", "epoch", "seq", "server"),
)
"""What is read of each event, as it stands in the journal; the raw frame would be half of the copy."""
_COLUMNS: Final = ", ".join(FIELDS)
# The copies bear the names of what they are copies of: SQLite looks for a table there first.
_MAKE: Final = (
    f"CREATE TEMP TABLE matching (place INTEGER PRIMARY KEY, {_COLUMNS}, happened)",
    "CREATE TEMP TABLE gap AS SELECT * FROM main.gap",
    "CREATE UNIQUE INDEX temp.gap_row ON gap (row)",
    "CREATE TEMP TABLE server AS SELECT * FROM main.server",
    "CREATE TEMP TABLE ledger AS SELECT * FROM main.ledger",
)
_SUMS: Final = "SELECT count(*), min(happened), max(happened) FROM temp.matching"
_TOTALS: Final = (
    "SELECT category, count(*) FROM temp.matching GROUP BY category ORDER BY count(*) DESC, category"
)
_ALL: Final = f"SELECT {_COLUMNS} FROM temp.matching ORDER BY place"  # noqa: S608 - constants
_KIND, _ROW = FIELDS.index("kind"), FIELDS.index("row")
# What the server told of is a gap without a row in `gap`, which nothing ever closes.
_OPEN_GAPS: Final = f"""
    SELECT {rows.COLUMNS} FROM main.event WHERE category = '{Category.GAP}'
    AND NOT EXISTS (SELECT 1 FROM main.gap WHERE gap.row = event.row AND closed_at IS NOT NULL)
    ORDER BY {queries.PLACE}
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Sums:
    """What was found.

    Attributes:
        rows: how many events match.
        first, last: when the earliest and the latest of them happened, aware; None where there is none.

    """

    rows: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events, one after the other.

    Attributes:
        values: of each the FIELDS, as they are stored: no million objects are made of them here.
        gaps: the row of each gap among them that this desk found -> what is known of it.

    """

    values: Sequence[Values]
    gaps: Mapping[int, Gap]


class Moment:
    """What the journal had at one moment of what matches a filter. For one thread, within a `with` block.

    Attributes:
        sums: how many events there are, and from when to when.
        totals: how many of each category, most first.
        urls: the number of each server -> its URL.
        servers: the URL of each server that the journal knows -> what it answers for; None: nothing.
        open_gaps: the events of gaps of which something is missing, and which may concern the time asked for.
        head: the end of the journal's chain; None where there is none yet.

    """

    def __init__(self, file: Path, log_filter: LogFilter, unwanted: threading.Event) -> None:
        """Copy what matches in the journal `file`, which is only read; it blocks.

        Once `unwanted` is set, CancelledError is raised, here or while it is read.

        Raises:
            JournalError: there is no journal, it cannot be read, or there is no room for the copy.
            JournalTooNewError: a newer version of the program wrote it.

        """
        self._file = file
        self._unwanted = unwanted
        self._connection = outside.connect(file)
        try:
            with self._reading():
                self._copy(log_filter)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        """Read within a block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the copy."""
        self._connection.close()

    def batches(self, at_once: int) -> Iterator[Batch]:
        """Yield the events, oldest first, `at_once` at most together; may be called for another round."""
        with self._reading():
            found = self._connection.execute(_ALL)
            while values := found.fetchmany(at_once):
                gaps = [each[_ROW] for each in values if each[_KIND] == "gap"]
                yield Batch(values, gap_rows.of_rows(self._connection, gaps) if gaps else {})

    def _copy(self, log_filter: LogFilter) -> None:
        connection = self._connection
        schema.check_is_current(connection)
        connection.execute("BEGIN")  # a read transaction, which ends with the last copy
        span = queries.within(connection, log_filter)
        matching, parameters = queries.matching_query(f"{_COLUMNS}, happened", log_filter, span=span)
        for statement in _MAKE:
            connection.execute(statement)
        connection.execute(f"INSERT INTO temp.matching {matching}", parameters)
        self.head: ChainHead | None = chain.head(connection)
        self.open_gaps = [
            each
            for each in self._stored(connection.execute(_OPEN_GAPS))
            if self._may_concern(each, log_filter.since, log_filter.until)
        ]
        connection.execute("COMMIT")
        self._look_through()

    def _look_through(self) -> None:
        connection = self._connection
        count, first, last = connection.execute(_SUMS).fetchone()
        self.sums = Sums(
            count, *(None if each is None else from_microseconds(each) for each in (first, last))
        )
        self.totals = {Category(category): int(count) for category, count in connection.execute(_TOTALS)}
        self.urls = {
            int(number): str(url) for number, url in connection.execute("SELECT id, url FROM server")
        }
        self.servers: dict[str, Ledger | None] = {
            url: ledger_of(connection.execute(queries.LEDGER, [url]).fetchone()) for url in self.urls.values()
        }

    def _stored(self, values: Any) -> Sequence[StoredEvent]:
        return gap_rows.with_gaps(self._connection, [rows.from_row(each) for each in values])

    def _may_concern(self, gap: StoredEvent, since: datetime | None, until: datetime | None) -> bool:
        """Tell whether something of a gap may have happened then; where that is not known, it may."""
        known = gap.event.gap
        # The server said so itself: of what happened before.
        told = (gap_rows.heard_before(self._connection, gap.row), happened(gap.event))
        begins, ends = told if known is None else (known.since, known.until)
        if begins is not None and ends is not None and begins > ends:
            begins, ends = ends, begins  # the server's clock and this desk's disagree
        return not (since and ends and ends < since) and not (until and begins and begins >= until)

    def _reading(self) -> AbstractContextManager[None]:
        return outside.reading(self._file, self._connection, self._unwanted)
