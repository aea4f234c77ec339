"""The new journal in place of a damaged one, while it is filled with what can be read.

Events are read by SQLite from both ends of their table up to the damage, and what lies between from the pages
of the file. An index that can still be walked tells which rows are lost. The ledger is not carried over: its
claims stand on rows that may be gone, so it begins anew and the server's history is read again.
"""

import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any

from armguard_tray.messages.streams import Stream
from armguard_tray.storage import choices, gap_rows, items, rows, text_index
from armguard_tray.storage.log_filter import from_microseconds, happened, microseconds, search_text
from armguard_tray.storage.readable import DamagedJournal
from armguard_tray.storage.schema import NAMELESS
from armguard_tray.storage.soundness import is_sound

log = logging.getLogger(__name__)

_NO_SERVER = 0  # what a server's number cannot be
_BATCH = 1000
_OLDEST_EVENT = 27  # columns of an event in version 1
_OLDEST_SERVER = 2
_GAP = 11

Values = tuple[Any, ...]


class Rebuilding:
    """Fills one new journal.

    Attributes:
        count: how many events it has.

    """

    def __init__(self, new: sqlite3.Connection, damaged: DamagedJournal) -> None:
        """Fill `new`, inside its transaction, with what can be read of `damaged`."""
        self._new = new
        self._damaged = damaged
        self._read: set[int] = set()
        self._refused: set[int] = set()
        columns = damaged.columns("event")
        self._event_of = itemgetter(*(columns.index(name) for name in rows.COLUMNS.split(", ")))
        self._search, self._server = columns.index("search"), columns.index("server")
        self._happened = columns.index("happened")

    @property
    def count(self) -> int:
        """How many events it has."""
        return len(self._read)

    def fill(self) -> int | None:
        """Copy all that can be read.

        Returns:
            None if nothing is missing; else the last row up to which nothing is.

        """
        known_to = self._copy_events()
        text_index.build(self._new)
        choices.build(self._new)
        items.build(self._new)
        self._copy_servers()
        self._copy_reading()
        gaps_are_whole, attendance_is_whole = self._copy_gaps(), self._copy_attendance()
        positions = list(self._damaged.table("position", "ORDER BY rowid"))
        positions_are_whole = not self._damaged.failed
        if known_to is None and not (gaps_are_whole and attendance_is_whole and positions_are_whole):
            # What happened since is not fetched, or not declared, by those who go by these.
            known_to = max(self._read, default=0)
        self._write_positions(positions if positions_are_whole else self._last_epochs(), known_to)
        return known_to

    def servers(self) -> list[int]:
        """Return the servers to which what happened here is to be told."""
        found = [int(each) for (each,) in self._new.execute("SELECT id FROM server ORDER BY id")]
        if not found:
            self._new.execute("INSERT INTO server (id, url) VALUES (1, ?)", [NAMELESS])
        return found or [1]

    def time_of(self, row: int | None) -> datetime | None:
        """Return when the event in the last row up to `row` happened; None if there is none."""
        found = self._new.execute(
            "SELECT happened FROM event WHERE row <= ? ORDER BY row DESC LIMIT 1", [row]
        ).fetchone()
        return None if found is None else from_microseconds(found[0])

    # Events

    def _copy_events(self) -> int | None:
        self._take(self._damaged.table("event", "ORDER BY row"))
        reached = max(self._read, default=0)
        broken = self._damaged.failed
        if broken:
            self._take(self._damaged.table("event", "WHERE row > ? ORDER BY row DESC", reached))
        lost = self._lost()
        if lost == set():
            return None
        by_sqlite = frozenset(self._read)
        self._take(self._damaged.pages("event", self._read, at_least=_OLDEST_EVENT))
        if lost is not None:
            lost -= self._read
            return min(lost) - 1 if lost else None
        return self._surely_known(reached, self._read - by_sqlite)

    def _take(self, found: Iterable[Values]) -> None:
        """Store the rows that are sound, each once."""
        places = ", ".join("?" * len(self._damaged.columns("event")))
        insert = f"INSERT OR IGNORE INTO event VALUES ({places})"  # noqa: S608 - no data
        remaining = iter(found)
        while batch := list(islice(remaining, _BATCH)):
            sound = [values for values in map(self._sound, batch) if values is not None]
            first_free = self._new.total_changes
            self._new.executemany(insert, sound)
            if self._new.total_changes - first_free == len(sound):
                self._read.update(values[0] for values in sound)
            else:
                self._read.update(self._stored(sound))

    def _stored(self, sound: Sequence[Values]) -> Iterator[int]:
        """Yield the rows that were stored, where some stood in others' places."""
        for values in sound:
            found = self._new.execute("SELECT * FROM event WHERE row = ?", [values[0]]).fetchone()
            if found == values:
                yield values[0]
            else:
                self._refused.add(values[0])

    def _sound(self, values: Values) -> Values | None:
        """Return a row as it is to be stored; None if it never stood there like this, or is here already."""
        row, search = values[0], self._search
        if row in self._read:
            return None
        try:
            event = rows.from_row(self._event_of(values)).event
            if row > 0 and is_sound(event, values[search]):
                sound = list(values)
                sound[search] = search_text(event)
                sound[self._happened] = microseconds(happened(event))
                if not isinstance(sound[self._server], int):
                    sound[self._server] = _NO_SERVER
                "".join(each for each in sound if isinstance(each, str)).encode()
                return tuple(sound)
        except (ValueError, TypeError, OverflowError, AttributeError):
            pass  # no event ever looked like this
        if isinstance(row, int):
            self._refused.add(row)
        return None

    def _lost(self) -> set[int] | None:
        """Return the rows that could not be read, by an index that has all that could; None: not known."""
        for listed in self._damaged.rows_by_index():
            there = set(listed)
            if not self._damaged.failed and self._read <= there:
                return there - self._read
        return None

    def _surely_known(self, reached: int, from_pages: set[int]) -> int:
        """Return the last row up to which nothing is missing, where no index tells."""
        if not reached:
            # SQLite could not read the table at all; numbers that follow each other have nothing between.
            return next((row for row in range(1, len(self._read) + 2) if row not in self._read), 1) - 1
        doubtful = [*from_pages, *(self._refused - self._read)]
        return min([reached, *(row - 1 for row in doubtful if row > 0)])

    # What belongs to them

    def _copy_servers(self) -> None:
        found = list(self._damaged.table("server"))
        if self._damaged.failed or not found:
            known = {values[0] for values in found}
            found += self._damaged.pages("server", known, at_least=_OLDEST_SERVER)
        for number, url, client in found:
            if isinstance(url, str) and "://" in url and (client is None or isinstance(client, str)):
                self._insert("server", (number, url, client))
        unnamed = self._new.execute(
            "SELECT server FROM event WHERE server NOT IN (SELECT id FROM server) "
            "GROUP BY server ORDER BY max(row) DESC"
        ).fetchall()
        named = self._new.execute("SELECT count(*) FROM server").fetchone()[0]
        for index, (number,) in enumerate(unnamed):
            url = f"unknown:{number}" if named or index else NAMELESS
            self._new.execute("INSERT INTO server (id, url) VALUES (?, ?)", [number, url])

    def _copy_gaps(self) -> bool:
        """Copy what is known of the gaps; tell whether that is all."""
        found = list(self._damaged.table("gap"))
        whole = not self._damaged.failed
        if not whole:
            found += self._damaged.pages("gap", {values[0] for values in found}, at_least=_GAP)
        for values in found:
            whole = self._copy_gap(values) and whole
        return whole

    def _copy_gap(self, values: Values) -> bool:
        row = values[0]
        try:
            self._new.execute(
                "INSERT OR IGNORE INTO gap SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? "
                "WHERE EXISTS (SELECT 1 FROM event WHERE row = ? AND kind = 'gap')",
                [*values, row],
            )
            gap_rows.of_rows(self._new, [row])
        except (ValueError, TypeError, OverflowError, AttributeError, sqlite3.IntegrityError) as error:
            log.info("what is known of the gap in row %s cannot be read: %s", row, error)
            self._new.execute("DELETE FROM gap WHERE row = ?", [row])
            return False
        return True

    def _last_epochs(self) -> list[Values]:
        """Return which event logs the desk followed last, for any account, where no more is known."""
        found = self._new.execute(
            "SELECT server, '', epoch, seq, received FROM event WHERE row IN "
            "(SELECT max(row) FROM event WHERE seq IS NOT NULL GROUP BY server)"
        )
        return found.fetchall()

    def _write_positions(self, positions: Iterable[Values], known_to: int | None) -> None:
        """Carry over where the desk stands in servers' event logs; where rows are missing, before those.

        The server then sends again what came since, and what is here already is known.
        """
        for server, account, epoch, seq, at in positions:
            reached = (seq, at) if known_to is None else self._before(known_to, server, epoch)
            self._insert("position", (server, account, epoch, *reached))

    def _before(self, row: int, server: int, epoch: str) -> tuple[int, int]:
        """Return number and time of a log's last event up to `row`, or its beginning where there is none."""
        found = self._new.execute(
            "SELECT seq, received FROM event WHERE server = ? AND epoch = ? AND row <= ? AND seq IS NOT NULL "
            "ORDER BY seq DESC LIMIT 1",
            [server, epoch, row],
        ).fetchone()
        if found is not None:
            return int(found[0]), int(found[1])
        oldest = self._new.execute("SELECT coalesce(min(+received), 0) FROM event").fetchone()
        return 0, int(oldest[0])

    def _copy_attendance(self) -> bool:
        """Copy up to when the streams were heard; tell whether that is all."""
        found = list(self._damaged.table("attendance"))
        whole = not self._damaged.failed
        for values in found:
            if values[2] in Stream.__members__.values():
                self._insert("attendance", values)
            else:
                whole = False
        return whole

    def _copy_reading(self) -> None:
        for _, up_to in list(self._damaged.table("reading")):
            newest = max(self._read, default=0)
            if isinstance(up_to, int):
                self._new.execute("UPDATE reading SET up_to_row = ?", [max(0, min(up_to, newest))])

    def _insert(self, table: str, values: Values) -> None:
        places = ", ".join("?" * len(values))
        try:
            self._new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({places})", values)  # noqa: S608 - no data
        except (sqlite3.IntegrityError, OverflowError, UnicodeEncodeError) as error:
            log.info("a row of %s is left out: %s", table, error)
