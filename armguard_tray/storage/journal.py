"""The journal: every event that ever reached this desk, in an SQLite database."""

import asyncio
import logging
import sqlite3
import uuid
from array import array
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from armguard_tray.clock import Clock, SystemClock
from armguard_tray.errors import JournalDamagedError, JournalError
from armguard_tray.messages.event import Event, StoredEvent
from armguard_tray.messages.position import Position, Reached, ResumePoint
from armguard_tray.messages.streams import Stream
from armguard_tray.storage import backup, chain, choices, gap_rows, queries, rows, salvage, schema
from armguard_tray.storage.chain import ChainHead
from armguard_tray.storage.choices import Choice
from armguard_tray.storage.connection_thread import ConnectionThread, JournalGoneError
from armguard_tray.storage.faults import damaged
from armguard_tray.storage.holdings import Handlings, handlings
from armguard_tray.storage.ledger import Attendance, LastLife, Ledger, Planner, Roll, Written
from armguard_tray.storage.log_filter import LogFilter, from_microseconds, microseconds
from armguard_tray.storage.queries import Span
from armguard_tray.storage.salvage import Salvaged
from armguard_tray.storage.shift import ShiftRecords, shift_records
from armguard_tray.storage.writing import Writing, ledger_of

log = logging.getLogger(__name__)

T = TypeVar("T")
_Call = Callable[[Callable[[sqlite3.Connection], T]], Awaitable[T]]

SALVAGE_AGAIN_AFTER = 600.0
"""Seconds before a journal that was just rebuilt is rebuilt again: each time leaves a file on a bad disk."""


class Journal:
    """One journal, open. One thread writes, another reads; neither makes the event loop wait.

    Any method may raise JournalError: no disk space, no permission, a lock, a damaged file. What was asked
    for is then not done, and may be tried again.

    A damaged file is set aside, and a new one goes on with what can be read of it; see `salvage`. Whoever was
    reading gets the answer from the new one. Whoever was writing is told by JournalDamagedError, since it may
    take minutes, and it is done with the next write. Nothing looks for damage that nobody meets: to read a
    million events through takes seconds at each start, and what is met later is rebuilt as well.

    Attributes:
        file: the database.
        written_at: when events were stored last, in the clock's monotonic seconds; None: not since the start.

    """

    def __init__(
        self,
        file: Path,
        *,
        clock: Clock | None = None,
        on_salvaged: Callable[[Salvaged], None] = lambda _: None,
        backups: Path | None = None,
    ) -> None:
        """Use `file`; see `open`."""
        self.file = file
        self.written_at: float | None = None
        self._clock = clock or SystemClock()
        self._on_salvaged = on_salvaged
        self._backups = backups or backup.folder_of(file)
        self._writer = ConnectionThread(file, self._prepare, name="journal-writer")
        self._reader = ConnectionThread(file, lambda _: None, name="journal-reader", read_only=True)
        # A search may walk through the whole log; meanwhile the others are answered all the same.
        self._searcher = ConnectionThread(file, lambda _: None, name="journal-search", read_only=True)
        self._last_row = 0
        self._gone = False
        # Found by whoever does not tell the user: upkeep, or a mark of what was read.
        self._untold: JournalGoneError | None = None
        self._damaged = False
        self._salvaged_at: float | None = None
        self._told: list[StoredEvent] = []
        # Held while the file is exchanged, so that nobody opens what lies in its place meanwhile.
        self._exchanging = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        file: Path,
        *,
        clock: Clock | None = None,
        on_salvaged: Callable[[Salvaged], None] = lambda _: None,
        backups: Path | None = None,
    ) -> "Journal":
        """Open the journal in `file`, make it and its folders where there are none, and bring it up to date.

        One that is damaged is rebuilt. `on_salvaged` is called in the loop's thread whenever that was done.
        One of an older version is first copied into the folder `backups`, by default one beside it.

        Raises:
            JournalError: it cannot be opened, backed up or rebuilt; it is left as it is.
            JournalTooNewError: a newer version of the program wrote it.

        """
        journal = cls(file, clock=clock, on_salvaged=on_salvaged, backups=backups)
        try:
            await journal._begin()
            last = await journal.last_row()
        except BaseException:
            await journal.close()
            raise
        journal._last_row = last
        # Whoever looks at the log from now on sees it there.
        journal._told.clear()
        log.info("journal %s is open, last row %d", file, last)
        return journal

    def _prepare(self, connection: sqlite3.Connection) -> None:
        made = backup.back_up_before_migration(connection, self.file, self._backups, self._clock.now())
        if made is not None:
            log.info("the journal is brought to the newest format; as it was it is in %s", made)
        schema.migrate(connection)
        # Only now: a database of a newer version or of another program is not to be changed.
        schema.use_write_ahead_log(connection)

    async def _begin(self) -> None:
        def look() -> bool:
            salvage.finish(self.file)
            return salvage.has_only_its_log(self.file)

        if await self._writer.with_file_closed(look):
            await self._salvage()
        await self._open_or_salvage()

    async def _open_or_salvage(self) -> None:
        try:
            await self._open()
        except JournalDamagedError:
            await self._salvage()
            await self._open()

    async def _open(self) -> None:
        _make_folder(self.file.parent)
        await self._writer.reopen()
        # Only when there are tables to read.
        for reader in self._readers:
            await reader.reopen()
        self._gone = False

    async def _salvage(self) -> None:
        """Put a new journal in the place of the damaged one; the connections are closed then."""
        now, last = self._clock.now().astimezone(), self._last_row
        for reader in self._readers:
            await reader.with_file_closed(lambda: None)
        salvaged = await self._writer.with_file_closed(
            lambda: salvage.salvage(self.file, now=now, last_row=last)
        )
        self._damaged, self._gone = False, True
        self._salvaged_at = self._clock.monotonic()
        self._told += salvaged.told
        self._last_row = salvaged.told[-1].row
        try:
            self._on_salvaged(salvaged)
        except Exception:
            # A fault in what shows must not stop what stores.
            log.exception("that the journal was rebuilt is not told")

    async def _ready(self) -> None:
        """Open another file if that is due: the last one is damaged or gone."""
        async with self._exchanging:
            if self._damaged and not await self._writer.is_in_place():
                self._damaged, self._gone = False, True
            if self._damaged:
                self._check_not_again()
                await self._salvage()
            if self._gone:
                await self._open_or_salvage()

    def _check_not_again(self) -> None:
        if self._salvaged_at is None:
            return
        if self._clock.monotonic() - self._salvaged_at < SALVAGE_AGAIN_AFTER:
            raise JournalError(
                f"The journal in {self.file} was rebuilt, and is damaged again.",
                "The disk may be failing: check it. What arrives is held in memory and not shown meanwhile.",
            )

    async def _on_writer(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Do a job on the file that lies in its place, once another one is open if that is due."""
        await self._ready()
        try:
            return await self._writer.write(job)
        except JournalGoneError as error:
            self._gone, self._untold = True, error
            raise
        except JournalDamagedError:
            self._damaged = True
            raise

    async def _telling(self, job: Callable[[], Awaitable[T]]) -> T:
        """Do a job of those that tell the user what they meet; raise what others have met before."""
        untold, self._untold = self._untold, None
        if untold is not None:
            raise untold
        try:
            return await job()
        except JournalGoneError:
            self._untold = None
            raise

    async def check_in_place(self) -> None:
        """Raise unless the file is the one that others find in its place, which is looked at on the disk.

        Raises:
            JournalGoneError: it was moved or deleted; this is said once, and the next call begins another.
            JournalError: another one cannot be begun.

        """
        await self._telling(lambda: self._on_writer(lambda _: None))

    @property
    def _readers(self) -> tuple[ConnectionThread, ...]:
        return self._reader, self._searcher

    async def _on_reader(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Read; from a new file, if this one turns out to be damaged."""
        return await self._read(self._reader.call, job)

    async def _search(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Read what may take long; it ends early if nobody waits for it any more."""
        return await self._read(self._searcher.call_while_wanted, job)

    async def _read(self, call: _Call[T], job: Callable[[sqlite3.Connection], T]) -> T:
        async with self._exchanging:
            pass
        try:
            return await call(job)
        except JournalDamagedError as error:
            log.warning("%s", error)
            self._damaged = True
        await self._ready()
        return await call(job)

    async def append(
        self, server: str, events: Sequence[Event], reached: Reached | None = None, *, claim: bool = True
    ) -> Written:
        """Store `events` that the server at URL `server` told; what is new of them is in their order.

        They are on the disk, all or none, when this returns. An event whose stream and key the journal has
        from this server already is not new; one without a key always is. A transaction is known by its
        number, too; if another one had that number, the server's record has been set back, which is stored
        as well. A change of status, whose frame has only an id for the item, is stored and returned with the
        name that a transaction gave to that id. Of the live app's events, one that the stock server's socket
        had brought is not new either.

        `reached` says up to where this desk has the server's event log with these events: it is on the disk
        with them or not at all. With `claim` the ledger moves up over transactions that leave no hole.

        If the file was moved or deleted, that is said once by JournalGoneError; the next call begins another.
        Its rows go on counting, so that for whoever watches they ascend. What tells that a damaged file was
        rebuilt is returned as new with the next write.
        """
        if not events and reached is None:
            return Written()

        def write(connection: sqlite3.Connection, last: int) -> Written:
            with schema.transaction(connection):
                server_id = _server_id(connection, server)
                if reached is not None:
                    connection.execute(queries.MOVE, _moved(server_id, reached))
                writing = Writing(connection, server_id, last)
                writing.announced(events, claim=claim)
                return writing.finish()

        return await self._telling(lambda: self._write(write))

    async def carry_out(self, server: str, planner: Planner, at: datetime) -> Written:
        """Write at once what `planner` makes of what the journal has of the server at URL `server`.

        The planner runs in the writer's thread while nobody else writes; it must be pure. `at` is when it was
        found, aware. With the plan the journal's own rules hold as with `append`.
        """
        return await self._write(lambda connection, last: _carry_out(connection, server, planner, at, last))

    async def attendance(self, server: str, account: str) -> dict[Stream, Attendance]:
        """Return up to when each stream of the server at URL `server` was surely heard as `account`."""

        def read(connection: sqlite3.Connection) -> dict[Stream, Attendance]:
            # What was salvaged of a server whose URL could not be read is of the one that is followed next.
            either = "SELECT id FROM server WHERE url IN (?, ?) ORDER BY url DESC LIMIT 1"
            found = connection.execute(either, [server, schema.NAMELESS]).fetchone()
            return {} if found is None else _attendance(connection, int(found[0]), account)

        return await self._on_reader(read)

    async def last_life(self, server: str, account: str) -> LastLife | None:
        """Return how the transactions' life ended as `account`, as far as it is written down; None: unknown.

        Also None where no transaction was ever announced to this desk.
        """
        remembered = (await self.attendance(server, account)).get(Stream.TRANSACTIONS)
        told = await self._on_reader(
            lambda connection: connection.execute(queries.LAST_TOLD, [server]).fetchone()
        )
        if remembered is None or told is None:
            return None
        return LastLife(told=from_microseconds(told[0]), whole=remembered.until)

    async def attend(self, server: str, account: str, roll: Roll) -> Written:
        """Remember up to when streams were heard as `account`, together with the gap before that, if any."""
        return await self._write(lambda connection, last: _attend(connection, (server, account), roll, last))

    async def _write(self, write: Callable[[sqlite3.Connection, int], Written]) -> Written:
        # Not before the file is open: another one may go on from another row.
        written = await self._on_writer(lambda connection: write(connection, self._last_row))
        if written.new:
            self._last_row = written.new[-1].row
            self.written_at = self._clock.monotonic()
        told, self._told = self._told, []
        return replace(written, new=[*told, *written.new]) if told else written

    async def ledger(self, server: str) -> Ledger | None:
        """Return what the journal answers for of the server at URL `server`; None: nothing yet."""
        found = await self._on_reader(
            lambda connection: connection.execute(queries.LEDGER, [server]).fetchone()
        )
        return ledger_of(found)

    async def gaps_since(self, server: str, since: datetime) -> int:
        """Return how many gaps of a server are open that ended or were found since a time, aware."""
        return await self._number(queries.gaps_query(server, since=since))

    async def missing_numbers(self, server: str, since: datetime) -> tuple[int, int] | None:
        """Return the least and the greatest number of a server's open gaps since a time, aware.

        None: no number is missing that was made, or found to be missing, since then.
        """
        query = queries.missing_query(server, since=since)
        first, last = await self._on_reader(lambda connection: connection.execute(*query).fetchone())
        return None if first is None else (int(first), int(last))

    async def unannounced_since(self, server: str, since: datetime) -> frozenset[int]:
        """Return the transactions since a time, aware, that a server announced to nobody."""
        query = queries.unannounced_query(server, since=since)
        found = await self._on_reader(lambda connection: connection.execute(*query).fetchall())
        return frozenset(int(number) for (number,) in found)

    async def resume_point(self, server: str, account: str) -> ResumePoint:
        """Return from where `account` is to go on with the event log of the server at URL `server`."""
        return await self._on_writer(lambda connection: _resume_point(connection, server, account))

    async def page(
        self, log_filter: LogFilter, *, before: int | None = None, limit: int = 200
    ) -> list[StoredEvent]:
        """Return the newest events, newest first, of those below place `before`; at most `limit`."""

        def find(connection: sqlite3.Connection) -> list[StoredEvent]:
            span = queries.within(connection, log_filter, _below(before))
            return self._found(connection, queries.page_query(log_filter, span=span, limit=limit))

        return await self._search(find)

    async def newer(self, log_filter: LogFilter, *, after: int, limit: int) -> list[StoredEvent]:
        """Return the first events above place `after`, oldest first; at most `limit`."""

        def find(connection: sqlite3.Connection) -> list[StoredEvent]:
            span = queries.within(connection, log_filter, Span(first=after + 1))
            return self._found(connection, queries.newer_query(log_filter, span=span, limit=limit))

        return await self._search(find)

    async def places(self, log_filter: LogFilter, *, before: int | None = None, limit: int) -> "array[int]":
        """Return the places of the newest events, newest first, of those below place `before`."""

        def find(connection: sqlite3.Connection) -> "array[int]":
            span = queries.within(connection, log_filter, _below(before))
            query = queries.in_one_text(queries.places_query(log_filter, span=span, limit=limit))
            (places,) = connection.execute(*query).fetchone()
            return array("q", sorted(map(int, places.split(",")), reverse=True) if places else ())

        return await self._search(find)

    async def at(self, places: Sequence[int]) -> list[StoredEvent]:
        """Return the events in these places, in any order; what is not there any more is left out."""
        return await self._select((queries.AT_PLACES, [f"[{','.join(map(str, places))}]"]))

    async def place_before(self, time: datetime) -> int | None:
        """Return the place of the newest event that happened at `time`, aware, or before; None: none did."""
        query = (queries.PLACE_BEFORE, [microseconds(time)])
        found = await self._on_reader(lambda connection: connection.execute(*query).fetchone())
        return None if found is None else int(found[0])

    async def count(self, log_filter: LogFilter) -> int:
        """Return how many events match."""

        def count(connection: sqlite3.Connection) -> int:
            span = queries.within(connection, log_filter)
            (number,) = connection.execute(*queries.count_query(log_filter, span=span)).fetchone()
            return int(number)

        return await self._search(count)

    async def last_handled(self, server: str) -> Handlings:
        """Return what was done last with each item of the server at URL `server`; what is missing since."""
        return await self._search(lambda connection: handlings(connection, server))

    async def shift(self, server: str, since: datetime, until: datetime) -> ShiftRecords:
        """Return what happened at the server at URL `server` from `since` to before `until`, aware.

        Raises:
            FilterError: it is too much for a report.

        """

        def read(connection: sqlite3.Connection) -> ShiftRecords:
            try:
                return shift_records(connection, server, since, until)
            except (ValueError, TypeError, OverflowError) as error:
                raise damaged(self.file) from error  # nothing like it was ever stored

        return await self._search(read)

    async def choices(self, choice: Choice) -> list[str]:
        """Return the values of one kind that any event ever bore, ascending."""
        return await self._on_reader(lambda connection: choices.of(connection, choice))

    async def count_by_stream(self, server: str, *, since: datetime) -> dict[Stream, int]:
        """Return how many events of the server at URL `server` each stream had since a time, aware."""
        query = queries.by_stream_query(server, since=since)
        found = await self._on_reader(lambda connection: connection.execute(*query).fetchall())
        return {Stream(stream): int(count) for stream, count in found}

    async def transaction_ids(
        self, server: str, *, since: datetime, heard_in: queries.Subscription | None = None
    ) -> frozenset[int]:
        """Return the transactions that the server at URL `server` has told of, made since a time, aware.

        With `heard_in` only those that were certainly heard live in that subscription.
        """
        query = queries.transaction_ids_query(server, since=since, heard_in=heard_in)
        found = await self._on_reader(lambda connection: connection.execute(*query).fetchall())
        return frozenset(int(number) for (number,) in found)

    async def get(self, row: int) -> StoredEvent | None:
        """Return the event in `row`, or None where there is none."""
        return next(iter(await self._select((queries.ONE, [row]))), None)

    async def unread(self) -> int:
        """Return how many events came after the last one read; people who came or went are not counted."""
        return await self._number((queries.UNREAD, []))

    async def mark_read(self, up_to_row: int) -> None:
        """Remember, for good, that everything up to `up_to_row` was read; what was read stays read."""
        await self._on_writer(lambda connection: connection.execute(queries.MARK_READ, [up_to_row]).close())

    async def last_row(self) -> int:
        """Return the newest event's row, 0 where there is none."""
        return await self._number((queries.LAST_ROW, []))

    async def chain_head(self) -> ChainHead | None:
        """Return the newest link of the chain, for whoever keeps it elsewhere; None where there is none."""
        return await self._on_reader(chain.head)

    # For `upkeep`

    async def tend(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Do a piece of upkeep, which must be short, between two writes; return what it returns."""
        return await self._on_writer(job)

    async def tend_long(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Do a long piece of upkeep while writes wait; it is broken off when the caller is cancelled."""
        await self._ready()
        return await self._writer.call_while_wanted(job)

    async def rebuild(self) -> None:
        """Set the file aside, which was found to be damaged, and go on with what can be read of it."""
        self._damaged = True
        await self._ready()

    async def close(self) -> None:
        """Finish what was begun and close the file."""
        # The last connection to close writes the log back into the database, which a reader may not do.
        try:
            for reader in self._readers:
                await reader.close()
        finally:
            await self._writer.close()

    async def _select(self, query: queries.Query) -> list[StoredEvent]:
        return await self._on_reader(lambda connection: self._found(connection, query))

    def _found(self, connection: sqlite3.Connection, query: queries.Query) -> list[StoredEvent]:
        found = connection.execute(*query).fetchall()
        try:
            return gap_rows.with_gaps(connection, [rows.from_row(values) for values in found])
        except (ValueError, TypeError, OverflowError) as error:
            raise damaged(self.file) from error  # nothing like it was ever stored

    async def _number(self, query: queries.Query) -> int:
        return await self._on_reader(lambda connection: int(connection.execute(*query).fetchone()[0]))


def _below(place: int | None) -> Span:
    return Span() if place is None else Span(last=place - 1)


def _make_folder(folder: Path) -> None:
    try:
        # Who took which weapon is nobody else's business.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise JournalError(
            f"The journal's folder {folder} cannot be made: {error.strerror}.", "Check the permissions there."
        ) from error


def _moved(server_id: int, reached: Reached) -> list[int | str]:
    position = reached.position
    return [server_id, reached.account, position.epoch, position.seq, microseconds(reached.at)]


def _carry_out(
    connection: sqlite3.Connection, server: str, planner: Planner, at: datetime, last: int
) -> Written:
    with schema.transaction(connection):
        writing = Writing(connection, _server_id(connection, server), last)
        writing.carry_out(planner(writing), at)
        return writing.finish()


def _attend(connection: sqlite3.Connection, place: tuple[str, str], roll: Roll, last: int) -> Written:
    server, account = place
    with schema.transaction(connection):
        server_id = _server_id(connection, server)
        writing = Writing(connection, server_id, last)
        if roll.gap is not None:
            before = _attendance(connection, server_id, account)
            streams = roll.gap.gap.streams if roll.gap.gap is not None else ()
            behind = min((before[each].row for each in streams if each in before), default=writing.last_row)
            writing.declare(roll.gap, behind)
        newest = writing.last_row
        for stream, until in roll.heard.items():
            heard = [server_id, account, stream.value, microseconds(until), newest]
            connection.execute(queries.ATTEND, heard)
        return writing.finish()


def _attendance(connection: sqlite3.Connection, server_id: int, account: str) -> dict[Stream, Attendance]:
    found = connection.execute(queries.ATTENDANCE, [server_id, account])
    heard = {Stream(stream): Attendance(from_microseconds(until), row) for stream, until, row in found}
    return heard or _up_to_the_loss(connection, server_id)


def _up_to_the_loss(connection: sqlite3.Connection, server_id: int) -> dict[Stream, Attendance]:
    """Return up to when a damaged journal's gap tells of the streams: what follows is a gap of its own."""
    found = connection.execute(queries.UP_TO_THE_LOSS, [server_id]).fetchone()
    if found is None:
        return {}
    streams, until, row = found
    return {Stream(each): Attendance(from_microseconds(until), row) for each in streams.split(",")}


def _server_id(connection: sqlite3.Connection, server: str) -> int:
    # What was salvaged of a server whose URL could not be read is very likely of the one that is followed.
    named = connection.execute("UPDATE OR IGNORE server SET url = ? WHERE url = ?", [server, schema.NAMELESS])
    if named.rowcount:
        chain.begin(connection, chain.Reason.REBUILT)  # each of its rows reads differently now
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
