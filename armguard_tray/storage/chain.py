"""The chain of the journal: what makes it evident that a row was changed, removed or put in between.

Each row has an entry, numbered without a hole, in the same transaction as the row itself::

    digest = SHA-256(content)                     content: canonical JSON, see `content_of`
    link_n = SHA-256(link_{n-1} | n | row | digest)         numbers: 8 bytes, signed, big endian

A row that changes later (an announcement completes it, a gap shrinks) gets another entry; the one before then
keeps the old content in `superseded`. What retention has removed has entries without content, or none at all
where they were the oldest: an anchor says from which number and link the chain goes on. Anchors have entries
themselves, of which the row is the anchor's number, negative.

In the chain is all that a reader sees of an event: its columns, its place, what a search looks at, its
server's URL, and of a gap what is known of it. Not in it is how the program works: up to where somebody has
read, positions in servers' event logs, attendance, the ledger, the values to choose from, the indexes.

Whoever can write the file can compute all of it anew. That shows only to somebody who has kept a head (number
and link) elsewhere, and so does the removal of the newest rows.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from operator import itemgetter
from typing import Any, Final

import msgspec

from armguard_tray.storage import rows
from armguard_tray.storage.log_filter import from_microseconds, microseconds

NO_LINK: Final = bytes(32)
"""The link before the first entry."""
TRIMMED: Final = ""
"""What stands in `superseded` once retention has removed the row."""
_BATCH = 1000

CREATE: tuple[str, ...] = (
    """
    CREATE TABLE chain (
        n INTEGER PRIMARY KEY,
        row INTEGER NOT NULL,
        link BLOB NOT NULL,
        digest BLOB NOT NULL,
        superseded TEXT
    ) STRICT
    """,
    # The one entry that tells of a row as it is now.
    "CREATE UNIQUE INDEX chain_row ON chain (row) WHERE superseded IS NULL",
    "CREATE INDEX chain_superseded ON chain (row) WHERE superseded <> ''",
    """
    CREATE TABLE chain_anchor (
        id INTEGER PRIMARY KEY,
        n INTEGER NOT NULL,
        link BLOB NOT NULL,
        up_to_row INTEGER NOT NULL,
        at INTEGER NOT NULL,
        reason TEXT NOT NULL
    ) STRICT
    """,
)

# In the order of their names, as the canonical form has them.
_EVENT: Final = (
    *("action", "category", "detail", "duty", "epoch", "happened", "issued_by", "item", "item_id", "key"),
    *("kind", "level", "mags", "moved", "person", "personnel_id", "previous_status", "raw", "received"),
    *("ref", "rounds", "row", "search", "seq", "server", "source", "status", "stream", "time", "title"),
    "transaction_id",
)
_GAP: Final = (
    *("cause", "closed_at", "first", "last", "missing", "reason", "server", "since", "streams", "until"),
)
ROW: Final = _EVENT.index("row")
RECEIVED: Final = _EVENT.index("received")
"""Where these two stand among the CONTENT columns."""

CONTENT: Final = ", ".join(
    (
        *("server.url" if name == "server" else f"event.{name}" for name in _EVENT),
        *("gap_server.url" if name == "server" else f"gap.{name}" for name in _GAP),
        "gap.row",
    )
)
"""The columns of which `content_of` makes a row's content."""
JOINED: Final = (
    "LEFT JOIN server ON server.id = event.server LEFT JOIN gap ON gap.row = event.row "
    "LEFT JOIN server AS gap_server ON gap_server.id = gap.server"
)
"""What has them, behind `event`."""

# What an object is of that is written without what is NULL: a dict of the rest would take twice as long.
_MEMBERS = sorted((*_EVENT, "gap"))
_BEHIND_GAP = _MEMBERS.index("gap")
_Content: Callable[..., msgspec.Struct] = msgspec.defstruct(
    "_Content", [(name, Any, None) for name in _MEMBERS], omit_defaults=True
)
_event_of = itemgetter(*(rows.WRITTEN.index(name) for name in _EVENT))
_SERVER = _EVENT.index("server")

_BETWEEN = f"SELECT {CONTENT} FROM event {JOINED} WHERE event.row BETWEEN ? AND ? ORDER BY event.row"  # noqa: S608 - no data
_HEAD = "SELECT n, link FROM chain ORDER BY n DESC LIMIT 1"
_APPEND = "INSERT INTO chain (n, row, link, digest) VALUES (?, ?, ?, ?)"
_CURRENT = "SELECT digest FROM chain WHERE row = ? AND superseded IS NULL"
_SUPERSEDE = "UPDATE chain SET superseded = ? WHERE row = ? AND superseded IS NULL"
_ANCHOR = "INSERT INTO chain_anchor (id, n, link, up_to_row, at, reason) VALUES (?, ?, ?, ?, ?, ?)"
_ANCHORS = "SELECT id, n, link, up_to_row, at, reason FROM chain_anchor ORDER BY id"
_NEWEST_ANCHOR = "SELECT id, n, link, up_to_row, at, reason FROM chain_anchor ORDER BY id DESC LIMIT 1"
_NOW = "SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
_FIRST_KEPT = (
    "SELECT n, link FROM chain WHERE n < (SELECT min(n) FROM chain WHERE row > ?) ORDER BY n DESC LIMIT 1"
)
_FORGET_ANCHORS = """
    DELETE FROM chain_anchor
    WHERE id IN (SELECT -row FROM chain WHERE row < 0 AND n <= ? AND superseded IS NULL)
"""
_FORGET_ENTRIES = "DELETE FROM chain WHERE n <= ?"
_TRIM_CURRENT = "UPDATE chain SET superseded = '' WHERE row BETWEEN 1 AND ? AND superseded IS NULL"
_TRIM_SUPERSEDED = "UPDATE chain SET superseded = '' WHERE row BETWEEN 1 AND ? AND superseded <> ''"


class Reason(StrEnum):
    """Why the chain begins where it does."""

    BEGUN = "begun"
    """Here it was begun; the rows up to the anchor's were in the journal before."""
    REBUILT = "rebuilt"
    """The journal was rebuilt, and the chain with it; the rows up to the anchor's are from the one before."""
    RETENTION = "retention"
    """The rows up to the anchor's were removed because they were old, or too many."""


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest entry: who has kept it can tell later whether the chain up to it is the same.

    Attributes:
        number: its number.
        link: its link, 64 hexadecimal digits.

    """

    number: int
    link: str

    def __str__(self) -> str:
        """Return it as people write it down: `NUMBER:LINK`."""
        return f"{self.number}:{self.link}"


@dataclass(frozen=True, slots=True)
class Anchor:
    """From where the chain goes on.

    Attributes:
        id: its number, from 1.
        n: the number of the entry before the first one that is kept; 0: there never was one.
        link: that entry's link.
        up_to_row: see `Reason`.
        stamp: when, as microseconds since 1970 in UTC.
        reason: why, as `Reason` has it.

    """

    id: int
    n: int
    link: bytes
    up_to_row: int
    stamp: int
    reason: str

    @property
    def at(self) -> datetime | None:
        """When, aware; None where a foreign hand wrote a year that there is not."""
        try:
            return from_microseconds(self.stamp)
        except OverflowError:
            return None

    @property
    def content(self) -> bytes:
        """What its entry is the digest of."""
        members = {"anchor": self.id, "at": self.stamp, "link": self.link.hex(), "n": self.n}
        return msgspec.json.encode({**members, "reason": self.reason, "up_to_row": self.up_to_row})


def content_of(values: Sequence[Any]) -> bytes:
    """Return the content of the row whose CONTENT columns are `values`.

    It is JSON in the form of RFC 8785, an object of what is not NULL, so that a column that a later version
    adds changes no row that has nothing there.

    Raises:
        UnicodeEncodeError, TypeError: no such row was ever stored.

    """
    gap = None
    if values[-1] is not None:
        members = zip(_GAP, values[len(_EVENT) :], strict=False)
        gap = {name: value for name, value in members if value is not None}
    return _content(values[: len(_EVENT)], gap)


def content_of_new(values: rows.Row, server: str) -> bytes:
    """Return the content of the row that `rows.INSERT` makes of `values`, of the server at that URL.

    It is what `content_now` would read back, as long as there is no gap in that row.
    """
    event = _event_of(values)
    return _content((*event[:_SERVER], server, *event[_SERVER + 1 :]), None)


def _content(event: Sequence[Any], gap: Mapping[str, Any] | None) -> bytes:
    return msgspec.json.encode(_Content(*event[:_BEHIND_GAP], gap, *event[_BEHIND_GAP:]))


def digest_of(content: bytes) -> bytes:
    """Return the digest of a content."""
    return sha256(content).digest()


def link_of(before: bytes, n: int, row: int, digest: bytes) -> bytes:
    """Return the link of entry `n`, which follows the link `before`."""
    numbers = n.to_bytes(8, "big", signed=True) + row.to_bytes(8, "big", signed=True)
    return sha256(before + numbers + digest).digest()


def head(connection: sqlite3.Connection) -> ChainHead | None:
    """Return the newest entry; None if there is none."""
    found = connection.execute(_HEAD).fetchone()
    return None if found is None else ChainHead(int(found[0]), found[1].hex())


def anchors(connection: sqlite3.Connection) -> list[Anchor]:
    """Return the anchors that are known, oldest first."""
    return [Anchor(*values) for values in connection.execute(_ANCHORS)]


def newest_anchor(connection: sqlite3.Connection) -> Anchor | None:
    """Return the one from which the chain goes on now; None if there is none."""
    found = connection.execute(_NEWEST_ANCHOR).fetchone()
    return None if found is None else Anchor(*found)


def begin(connection: sqlite3.Connection, reason: Reason = Reason.BEGUN, at: datetime | None = None) -> None:
    """Begin the chain anew, with the rows that there are; `at`, aware: by default now, by SQLite's clock."""
    connection.execute("DELETE FROM chain")
    connection.execute("DELETE FROM chain_anchor")
    stamp = connection.execute(_NOW).fetchone()[0] if at is None else microseconds(at)
    first, last = connection.execute(
        "SELECT coalesce(min(row), 0), coalesce(max(row), 0) FROM event"
    ).fetchone()
    _anchor(connection, Anchor(1, 0, NO_LINK, last, stamp, reason))
    found = connection.execute(_BETWEEN, [first, last])
    _append(connection, ((values[ROW], digest_of(content_of(values))) for values in found))


def build(connection: sqlite3.Connection) -> None:
    """Begin the chain of a journal that had none."""
    begin(connection)


def append(connection: sqlite3.Connection, new: Iterable[tuple[int, bytes]]) -> None:
    """Append rows that are new: the number and the content of each."""
    _append(connection, ((row, digest_of(content)) for row, content in new))


def content_now(connection: sqlite3.Connection, row: int) -> bytes | None:
    """Return the content of a row; None if there is none."""
    found = connection.execute(_BETWEEN, [row, row]).fetchone()
    return None if found is None else content_of(found)


def supersede(connection: sqlite3.Connection, before: Mapping[int, bytes]) -> None:
    """Append rows that have changed: the content that each had `before`, by row."""
    changed: list[tuple[int, bytes]] = []
    for row, content in before.items():
        now = content_now(connection, row)
        current = connection.execute(_CURRENT, [row]).fetchone()
        # What was changed by another hand stays with the entry that it contradicts.
        if now is None or now == content or current is None:
            continue
        if current[0] == digest_of(content):
            connection.execute(_SUPERSEDE, [content.decode(), row])
            changed.append((row, digest_of(now)))
    _append(connection, changed)


def trim(connection: sqlite3.Connection, up_to_row: int, at: datetime) -> None:
    """Let the chain begin behind row `up_to_row`: it and all before it are removed, and another is kept."""
    newest = newest_anchor(connection) or Anchor(0, 0, NO_LINK, 0, 0, "")
    before_kept = connection.execute(_FIRST_KEPT, [up_to_row]).fetchone()
    # None: the first entry that there is tells of a row that is kept.
    n, link = before_kept or (newest.n, newest.link)
    connection.execute(_FORGET_ANCHORS, [n])
    connection.execute(_FORGET_ENTRIES, [n])
    connection.execute(_TRIM_SUPERSEDED, [up_to_row])
    connection.execute(_TRIM_CURRENT, [up_to_row])
    _anchor(connection, Anchor(newest.id + 1, n, link, up_to_row, microseconds(at), Reason.RETENTION))


def _anchor(connection: sqlite3.Connection, anchor: Anchor) -> None:
    values = [anchor.id, anchor.n, anchor.link, anchor.up_to_row, anchor.stamp, anchor.reason]
    connection.execute(_ANCHOR, values)
    _append(connection, [(-anchor.id, digest_of(anchor.content))])


def _append(connection: sqlite3.Connection, told: Iterable[tuple[int, bytes]]) -> None:
    """Append entries: row and digest of each."""
    n, link = connection.execute(_HEAD).fetchone() or (0, NO_LINK)
    entries = _entries(n, link, told)
    while batch := list(islice(entries, _BATCH)):
        connection.executemany(_APPEND, batch)


def _entries(
    n: int, link: bytes, told: Iterable[tuple[int, bytes]]
) -> Iterator[tuple[int, int, bytes, bytes]]:
    for row, digest in told:
        n += 1
        link = link_of(link, n, row, digest)
        yield n, row, link, digest
