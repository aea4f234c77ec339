"""The journal: every event that ever reached this desk, in an SQLite database."""

import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Event, StoredEvent
from armguard_tray.storage import queries, rows, schema
from armguard_tray.storage.connection_thread import ConnectionThread
from armguard_tray.storage.log_filter import LogFilter

log = logging.getLogger(__name__)


class Journal:
    """One journal, open. One thread writes, another reads; neither makes the event loop wait.

    Any method may raise JournalError: no disk space, no permission, a lock, a damaged file. What was asked
    for is then not done, and may be tried again.
    """

    def __init__(self, writer: ConnectionThread, reader: ConnectionThread) -> None:
        """Take over both threads; see `open`."""
        self._writer = writer
        self._reader = reader

    @classmethod
    async def open(cls, file: Path) -> "Journal":
        """Open the journal in `file`, make it and its folders where there are none, and bring it up to date.

        Raises:
            JournalError: it cannot be opened or is damaged; it is left as it is.
            JournalTooNewError: a newer version of the program wrote it.

        """
        writer = ConnectionThread(file, name="journal-writer")
        reader = ConnectionThread(file, name="journal-reader", read_only=True)
        journal = cls(writer, reader)
        try:
            _make_folder(file.parent)
            await writer.call(_prepare)
            last = await journal.last_row()
        except BaseException:
            await journal.close()
            raise
        log.info("journal %s is open, last row %d", file, last)
        return journal

    async def append(self, server: str, events: Sequence[Event]) -> list[StoredEvent]:
        """Store `events` of the server at URL `server` and return those that are new, in their order.

        They are on the disk, all or none, when this returns. An event whose stream and key the journal has
        from this server already is not new; one without a key always is.
        """
        if not events:
            return []
        return await self._writer.call(lambda connection: _append(connection, server, events))

    async def page(
        self, log_filter: LogFilter, *, before: int | None = None, limit: int = 200
    ) -> list[StoredEvent]:
        """Return the newest events, newest first, of those below row `before`; at most `limit`."""
        return await self._select(queries.page_query(log_filter, before=before, limit=limit))

    async def newer(self, log_filter: LogFilter, *, after: int, limit: int) -> list[StoredEvent]:
        """Return the first events above row `after`, oldest first; at most `limit`."""
        return await self._select(queries.newer_query(log_filter, after=after, limit=limit))

    async def count(self, log_filter: LogFilter) -> int:
        """Return how many events match."""
        return await self._number(queries.count_query(log_filter))

    async def get(self, row: int) -> StoredEvent | None:
        """Return the event in `row`, or None where there is none."""
        return next(iter(await self._select((queries.ONE, [row]))), None)

    async def unread(self) -> int:
        """Return how many events came after the last one read; people who came or went are not counted."""
        return await self._number((queries.UNREAD, []))

    async def mark_read(self, up_to_row: int) -> None:
        """Remember, for good, that everything up to `up_to_row` was read; what was read stays read."""
        await self._writer.call(lambda connection: connection.execute(queries.MARK_READ, [up_to_row]).close())

    async def last_row(self) -> int:
        """Return the newest event's row, 0 where there is none."""
        return await self._number((queries.LAST_ROW, []))

    async def close(self) -> None:
        """Finish what was begun and close the file."""
        # The last connection to close writes the log back into the database, which a reader may not do.
        try:
            await self._reader.close()
        finally:
            await self._writer.close()

    async def _select(self, query: queries.Query) -> list[StoredEvent]:
        return await self._reader.call(
            lambda connection: [rows.from_row(values) for values in connection.execute(*query)]
        )

    async def _number(self, query: queries.Query) -> int:
        return await self._reader.call(lambda connection: int(connection.execute(*query).fetchone()[0]))


def _make_folder(folder: Path) -> None:
    try:
        # Who took which weapon is nobody else's business.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise JournalError(
            f"The journal's folder {folder} cannot be made: {error.strerror}.", "Check the permissions there."
        ) from error


def _prepare(connection: sqlite3.Connection) -> None:
    schema.migrate(connection)
    # Only now: a database of a newer version or of another program is not to be changed.
    schema.use_write_ahead_log(connection)


def _append(connection: sqlite3.Connection, server: str, events: Sequence[Event]) -> list[StoredEvent]:
    with schema.transaction(connection):
        connection.execute("INSERT INTO server (url) VALUES (?) ON CONFLICT DO NOTHING", [server])
        (server_id,) = connection.execute("SELECT id FROM server WHERE url = ?", [server]).fetchone()
        # Rows are numbered here, not by SQLite, so that those which were taken tell which events they are:
        # executemany cannot say it. A duplicate leaves its number unused.
        first = connection.execute(queries.LAST_ROW).fetchone()[0] + 1
        connection.executemany(
            rows.INSERT, (rows.to_row(row, server_id, event) for row, event in enumerate(events, first))
        )
        taken = connection.execute("SELECT row FROM event WHERE row >= ? ORDER BY row", [first]).fetchall()
    return [StoredEvent(row, events[row - first]) for (row,) in taken]
