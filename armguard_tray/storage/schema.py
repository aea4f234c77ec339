"""The journal's tables, and how older ones become them.

A database carries the number of migrations it has been through in `user_version`, and in `application_id`
that it is a journal of this program (https://www.sqlite.org/pragma.html#pragma_application_id).
A migration that was ever released is never changed; a change is a new one at the end.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from armguard_tray.errors import JournalError, JournalTooNewError
from armguard_tray.storage import chain, choices, items, text_index

APPLICATION_ID = int.from_bytes(b"AGTj", "big")

NAMELESS = ""
"""The URL of the server whose own could not be read: the next one that is followed takes its place."""

Step = str | Callable[[sqlite3.Connection], None]
Migration = tuple[Step, ...]

_BETWEEN_TRIES = 0.02  # seconds

_VERSION_1: Migration = (
    "CREATE TABLE server (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE) STRICT",
    # Times are microseconds since 1970 in UTC. `search` is what log_filter.search_text returns.
    # `raw` stands last: it may fill many overflow pages, which a reader of the others then never touches.
    """
    CREATE TABLE event (
        row INTEGER PRIMARY KEY,
        server INTEGER NOT NULL REFERENCES server (id),
        stream TEXT NOT NULL,
        kind TEXT NOT NULL,
        category TEXT NOT NULL,
        source TEXT NOT NULL,
        level TEXT NOT NULL,
        received INTEGER NOT NULL,
        time INTEGER,
        key TEXT,
        ref TEXT,
        transaction_id INTEGER,
        title TEXT NOT NULL,
        detail TEXT NOT NULL,
        person TEXT,
        personnel_id TEXT,
        item TEXT,
        item_id TEXT,
        action TEXT,
        duty TEXT,
        mags INTEGER,
        rounds INTEGER,
        issued_by TEXT,
        status TEXT,
        previous_status TEXT,
        search TEXT NOT NULL,
        raw TEXT NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX event_key ON event (server, stream, key) WHERE key IS NOT NULL",
    "CREATE INDEX event_category ON event (category, row)",
    "CREATE INDEX event_happened ON event (coalesce(time, received))",
    "CREATE INDEX event_transaction ON event (transaction_id) WHERE transaction_id IS NOT NULL",
    # The one row says up to which event the user has read.
    "CREATE TABLE reading (id INTEGER PRIMARY KEY CHECK (id = 1), up_to_row INTEGER NOT NULL) STRICT",
    "INSERT INTO reading VALUES (1, 0)",
    f"PRAGMA application_id = {APPLICATION_ID}",
)

# What an item is called: the last transaction with it says so.
_VERSION_2: Migration = (
    """
    CREATE INDEX event_item ON event (server, item_id)
    WHERE transaction_id IS NOT NULL AND item_id IS NOT NULL
    """,
)

# Where this desk stands in the event log of a server's live app, and what it calls itself there.
_VERSION_3: Migration = (
    "ALTER TABLE server ADD COLUMN client TEXT",
    "ALTER TABLE event ADD COLUMN epoch TEXT",
    "ALTER TABLE event ADD COLUMN seq INTEGER",
    """
    CREATE TABLE position (
        server INTEGER NOT NULL REFERENCES server (id),
        account TEXT NOT NULL,
        epoch TEXT NOT NULL,
        seq INTEGER NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (server, account)
    ) STRICT
    """,
)

# How complete the journal is. What was fetched later stands in its place, not where it came: see PLACE in
# `queries`. The ledger says what the journal answers for, a gap what is missing of it, an attendance up to
# when each stream was surely heard.
_VERSION_4: Migration = (
    "ALTER TABLE event ADD COLUMN moved INTEGER",
    "CREATE UNIQUE INDEX event_place ON event (coalesce(moved, row << 33))",
    "DROP INDEX event_category",
    "CREATE INDEX event_category ON event (category, coalesce(moved, row << 33))",
    "DROP INDEX event_transaction",
    "CREATE INDEX event_transaction ON event (server, transaction_id) WHERE transaction_id IS NOT NULL",
    """
    CREATE TABLE ledger (
        server INTEGER PRIMARY KEY REFERENCES server (id),
        begins INTEGER NOT NULL,
        complete_to INTEGER NOT NULL,
        as_of INTEGER NOT NULL,
        era_row INTEGER NOT NULL,
        era_first INTEGER NOT NULL,
        start_row INTEGER NOT NULL,
        backlog TEXT NOT NULL
    ) STRICT
    """,
    # From which row on the server's record was another, from which number on. Where one covers another, only
    # the newer is kept. The newest is the ledger's own.
    """
    CREATE TABLE era (
        server INTEGER NOT NULL REFERENCES server (id),
        row INTEGER NOT NULL,
        first INTEGER NOT NULL,
        PRIMARY KEY (server, row)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE gap (
        row INTEGER PRIMARY KEY REFERENCES event (row),
        server INTEGER NOT NULL REFERENCES server (id),
        reason TEXT NOT NULL,
        streams TEXT NOT NULL,
        since INTEGER,
        until INTEGER,
        first INTEGER,
        last INTEGER,
        cause TEXT NOT NULL,
        missing INTEGER,
        closed_at INTEGER
    ) STRICT
    """,
    "CREATE INDEX gap_open ON gap (server) WHERE closed_at IS NULL",
    """
    CREATE TABLE attendance (
        server INTEGER NOT NULL REFERENCES server (id),
        account TEXT NOT NULL,
        stream TEXT NOT NULL,
        until INTEGER NOT NULL,
        row INTEGER NOT NULL,
        PRIMARY KEY (server, account, stream)
    ) STRICT
    """,
)

NEEDS_LOOK = "(level IN ('warning', 'error') OR source = 'unannounced')"
"""What `messages.attention.needs_a_look` says of a row, but for gaps that are closed. For good: see above."""

# Few rows need a look, and without an index of their own each question for them would read the whole table.
_VERSION_5: Migration = (f"CREATE INDEX event_look ON event (coalesce(moved, row << 33)) WHERE {NEEDS_LOOK}",)

# For the finding among a million: words, times together with places, what was last done with each item, and
# the values that there are to choose from.
_VERSION_6: Migration = (
    *text_index.CREATE,
    text_index.build,
    # Its own column, since SQLite looks up each row for an expression, even if an index has it.
    "ALTER TABLE event ADD COLUMN happened INTEGER",
    "UPDATE event SET happened = coalesce(time, received)",
    "DROP INDEX event_happened",
    "CREATE INDEX event_happened ON event (happened, moved)",
    """
    CREATE INDEX event_handled ON event (server, item, coalesce(moved, row << 33))
    WHERE transaction_id IS NOT NULL AND item IS NOT NULL
    """,
    choices.CREATE,
    choices.build,
)

# That nobody has changed a row, or taken one away. See `chain`.
_VERSION_7: Migration = (*chain.CREATE, chain.build)

# That a new row costs the same however many there are. See `items`.
_VERSION_8: Migration = (
    "DROP INDEX event_handled",
    *items.CREATE,
    items.build,
    "DROP INDEX event_item",
    *text_index.MERGE_LESS,
)

MIGRATIONS: tuple[Migration, ...] = (
    _VERSION_1,
    _VERSION_2,
    _VERSION_3,
    _VERSION_4,
    _VERSION_5,
    _VERSION_6,
    _VERSION_7,
    _VERSION_8,
)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done inside, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # After some failures, a full disk among them, SQLite has rolled back by itself
        # (https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction).
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the database behind `connection` up to the newest version; a foreign one is left untouched.

    Raises:
        JournalTooNewError: a newer version of the program has been here.
        JournalError: it belongs to another program.
        sqlite3.Error: it is damaged, locked, or cannot be written; it is as it was.

    """
    # Another process may be migrating it: what is read here must hold until it is acted upon.
    with transaction(connection):
        version = _version(connection, migrations)
        for migration in migrations[version:]:
            for step in migration:
                if isinstance(step, str):
                    connection.execute(step)
                else:
                    step(connection)
        if version < len(migrations):
            connection.execute(f"PRAGMA user_version = {len(migrations)}")


def check_is_current(connection: sqlite3.Connection) -> None:
    """Raise unless the database behind `connection` is a journal of this very version; nothing is written.

    Raises:
        JournalError: it belongs to another program, or is of an older version, which `migrate` would change.
        JournalTooNewError: a newer version of the program wrote it.

    """
    if _version(connection, MIGRATIONS) < len(MIGRATIONS):
        raise JournalError(
            "The journal was written by an older version of ArmGuard Tray.",
            "Start the program once: it brings the journal up to date.",
        )


def use_write_ahead_log(connection: sqlite3.Connection, *, patience: float = 5.0) -> None:
    """Let readers and the writer not wait for each other, for good (https://www.sqlite.org/wal.html).

    Raises:
        sqlite3.Error: the database was in use for all of `patience` seconds, or cannot be written.

    """
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as error:
            # The one statement for which SQLite does not heed its busy timeout: it holds a lock already, and
            # does not wait for more, lest two wait for each other.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_BETWEEN_TRIES)
        else:
            return


def _version(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> int:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise JournalError(
            "The journal's file is a database of another program.",
            "Move it away, and a new journal is begun.",
        )
    if version > len(migrations):
        raise JournalTooNewError(
            f"The journal was written by a newer version of ArmGuard Tray (its format is {version}, "
            f"this version knows {len(migrations)}).",
            "Update the program; the journal is left as it is.",
        )
    return int(version)
