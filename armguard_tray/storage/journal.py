"""The journal: every event that ever reached this desk, in an SQLite database."""

import logging
import sqlite3
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from armguard_tray.errors import JournalError
from armguard_tray.messages.event import Category, Event, StoredEvent, named
from armguard_tray.messages.position import Position, Reached, ResumePoint
from armguard_tray.messages.streams import Stream
from armguard_tray.storage import queries, rows, schema
from armguard_tray.storage.connection_thread import ConnectionThread, JournalGoneError
from armguard_tray.storage.log_filter import LogFilter, from_microseconds, happened, microseconds

log = logging.getLogger(__name__)


class Journal:
    """One journal, open. One thread writes, another reads; neither makes the event loop wait.

    Any method may raise JournalError: no disk space, no permission, a lock, a damaged file. What was asked
    for is then not done, and may be tried again.

    Attributes:
        file: the database.

    """

    def __init__(self, file: Path) -> None:
        """Use `file`; see `open`."""
        self.file = file
        self._writer = ConnectionThread(file, _prepare, name="journal-writer")
        self._reader = ConnectionThread(file, lambda _: None, name="journal-reader", read_only=True)
        self._last_row = 0
        self._gone = False

    @classmethod
    async def open(cls, file: Path) -> "Journal":
        """Open the journal in `file`, make it and its folders where there are none, and bring it up to date.

        Raises:
            JournalError: it cannot be opened or is damaged; it is left as it is.
            JournalTooNewError: a newer version of the program wrote it.

        """
        journal = cls(file)
        try:
            await journal._open()
            last = await journal.last_row()
        except BaseException:
            await journal.close()
            raise
        log.info("journal %s is open, last row %d", file, last)
        return journal

    async def _open(self) -> None:
        _make_folder(self.file.parent)
        await self._writer.reopen()
        # Only when there are tables to read.
        await self._reader.reopen()
        self._gone = False

    async def append(
        self, server: str, events: Sequence[Event], reached: Reached | None = None
    ) -> list[StoredEvent]:
        """Store `events` of the server at URL `server` and return those that are new, in their order.

        They are on the disk, all or none, when this returns. An event whose stream and key the journal has
        from this server already is not new; one without a key always is. A change of status, whose frame has
        only an id for the item, is stored and returned with the name that a transaction gave to that id. Of
        the live app's events, one that the stock server's socket had brought is not new either.

        `reached` says up to where this desk has the server's event log with these events: it is on the disk
        with them or not at all.

        If the file was moved or deleted, that is said once by JournalGoneError; the next call begins another.
        Its rows go on counting, so that for whoever watches they ascend.
        """
        if not events and reached is None:
            return []
        if self._gone:
            await self._open()
        last = self._last_row
        try:
            stored = await self._writer.write(
                lambda connection: _append(connection, server, events, reached, last)
            )
        except JournalGoneError:
            self._gone = True
            raise
        if stored:
            self._last_row = stored[-1].row
        return stored

    async def resume_point(self, server: str, account: str) -> ResumePoint:
        """Return from where `account` is to go on with the event log of the server at URL `server`."""
        return await self._writer.write(lambda connection: _resume_point(connection, server, account))

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

    async def count_by_stream(self, server: str, *, since: datetime) -> dict[Stream, int]:
        """Return how many events of the server at URL `server` each stream had since a time, aware."""
        query = queries.by_stream_query(server, since=since)
        found = await self._reader.call(lambda connection: connection.execute(*query).fetchall())
        return {Stream(stream): int(count) for stream, count in found}

    async def transaction_ids(
        self, server: str, *, since: datetime, heard_in: queries.Subscription | None = None
    ) -> frozenset[int]:
        """Return the transactions that the server at URL `server` has told of, made since a time, aware.

        With `heard_in` only those that were certainly heard live in that subscription.
        """
        query = queries.transaction_ids_query(server, since=since, heard_in=heard_in)
        found = await self._reader.call(lambda connection: connection.execute(*query).fetchall())
        return frozenset(int(number) for (number,) in found)

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


def _append(
    connection: sqlite3.Connection, server: str, events: Sequence[Event], reached: Reached | None, last: int
) -> list[StoredEvent]:
    with schema.transaction(connection):
        server_id = _server_id(connection, server)
        if reached is not None:
            position = reached.position
            moved = [server_id, reached.account, position.epoch, position.seq, microseconds(reached.at)]
            connection.execute(queries.MOVE, moved)
        events = [each for each in events if not _is_twin(connection, server_id, each)]
        events = _with_item_names(connection, server_id, events)
        # Rows are numbered here, not by SQLite, so that those which were taken tell which events they are:
        # executemany cannot say it. A duplicate leaves its number unused.
        first = max(last, connection.execute(queries.LAST_ROW).fetchone()[0]) + 1
        connection.executemany(
            rows.INSERT, (rows.to_row(row, server_id, event) for row, event in enumerate(events, first))
        )
        taken = connection.execute("SELECT row FROM event WHERE row >= ? ORDER BY row", [first]).fetchall()
    return [StoredEvent(row, events[row - first]) for (row,) in taken]


def _server_id(connection: sqlite3.Connection, server: str) -> int:
    connection.execute("INSERT INTO server (url) VALUES (?) ON CONFLICT DO NOTHING", [server])
    return int(connection.execute("SELECT id FROM server WHERE url = ?", [server]).fetchone()[0])


def _resume_point(connection: sqlite3.Connection, server: str, account: str) -> ResumePoint:
    with schema.transaction(connection):
        server_id = _server_id(connection, server)
        new = "UPDATE server SET client = ? WHERE id = ? AND client IS NULL"
        connection.execute(new, [str(uuid.uuid4()), server_id])
        (client,) = connection.execute("SELECT client FROM server WHERE id = ?", [server_id]).fetchone()
        found = connection.execute(queries.POSITION, [server_id, account]).fetchone()
    if found is None:
        return ResumePoint(client)
    epoch, seq, at = found
    return ResumePoint(client, Position(epoch, seq), from_microseconds(at))


def _is_twin(connection: sqlite3.Connection, server_id: int, event: Event) -> bool:
    """Tell whether an event of the live app is one that the stock server's socket has brought already.

    That is so after the desk had to do without the app for a while: the app then sends it all again.
    """
    if event.seq is None:
        return False
    when = microseconds(happened(event))
    same = (event.transaction_id, event.item_id, event.status, event.title, event.detail)
    known = [when, server_id, event.stream.value, event.category.value, *same]
    return connection.execute(queries.TWIN, known).fetchone() is not None


def _with_item_names(connection: sqlite3.Connection, server_id: int, events: Sequence[Event]) -> list[Event]:
    """Name the items of changes of status after the transactions before them, or stored along with them."""
    announced = {each.item_id: each.item for each in events if each.transaction_id is not None}

    def with_name(event: Event) -> Event:
        if event.category is not Category.STATUS or event.item_id is None or event.item != event.item_id:
            return event
        name = announced.get(event.item_id) or _item_name(connection, server_id, event.item_id)
        return named(event, name) if name else event

    return [with_name(event) for event in events]


def _item_name(connection: sqlite3.Connection, server_id: int, item_id: str) -> str | None:
    found = connection.execute(queries.ITEM_NAME, [server_id, item_id]).fetchone()
    return None if found is None else str(found[0])
