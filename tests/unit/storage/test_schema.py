"""Journals of every version become the newest; what is not ours is left alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from armguard_tray.errors import JournalError, JournalTooNewError
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.schema import (
    APPLICATION_ID,
    MIGRATIONS,
    Migration,
    migrate,
    use_write_ahead_log,
)
from tests.unit.storage.events import SERVER, takes

NEXT: Migration = ("ALTER TABLE event ADD COLUMN note TEXT", "CREATE INDEX event_note ON event (note)")
BROKEN: Migration = ("ALTER TABLE event ADD COLUMN half TEXT", "CREATE INDEX no_such ON nothing (half)")


@pytest.fixture
def connection(journal_file: Path) -> Iterator[sqlite3.Connection]:
    journal_file.parent.mkdir()
    with closing(sqlite3.connect(journal_file, isolation_level=None)) as opened:
        yield opened


@contextmanager
def left_alone(file: Path) -> Iterator[None]:
    """Check that what happens meanwhile does not change the file."""
    before = file.read_bytes()
    yield
    assert file.read_bytes() == before


def write(file: Path, content: bytes) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def columns(connection: sqlite3.Connection) -> set[str]:
    return {name for _, name, *_ in connection.execute("PRAGMA table_info (event)")}


def test_a_new_database_is_marked_as_ours(connection: sqlite3.Connection) -> None:
    migrate(connection)

    assert version(connection) == len(MIGRATIONS)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("old", range(1, len(MIGRATIONS) + 1))
def test_every_old_version_becomes_the_newest(connection: sqlite3.Connection, old: int) -> None:
    newest = (*MIGRATIONS, NEXT)
    migrate(connection, newest[:old])
    connection.execute("INSERT INTO server (id, url) VALUES (1, 'https://armory.local')")

    migrate(connection, newest)

    assert version(connection) == len(newest)
    assert "note" in columns(connection)
    assert connection.execute("SELECT url FROM server").fetchall() == [("https://armory.local",)]


def test_migrating_twice_changes_nothing(connection: sqlite3.Connection) -> None:
    migrate(connection)
    before = connection.execute("SELECT sql FROM sqlite_schema").fetchall()

    migrate(connection)

    assert connection.execute("SELECT sql FROM sqlite_schema").fetchall() == before


def test_a_migration_that_fails_is_undone_as_a_whole(connection: sqlite3.Connection) -> None:
    migrate(connection)

    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, (*MIGRATIONS, NEXT, BROKEN))

    assert version(connection) == len(MIGRATIONS)
    assert columns(connection).isdisjoint({"note", "half"})


def test_the_write_ahead_log_waits_for_others_but_not_for_ever(
    journal_file: Path, connection: sqlite3.Connection
) -> None:
    migrate(connection)
    with closing(sqlite3.connect(journal_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            use_write_ahead_log(connection, patience=0)

    use_write_ahead_log(connection)

    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_events_are_still_there_after_a_migration(journal_file: Path) -> None:
    journal = await Journal.open(journal_file)
    stored = (await journal.append(SERVER, takes(1, 3))).new
    try:
        with closing(sqlite3.connect(journal_file, isolation_level=None)) as other:
            migrate(other, (*MIGRATIONS, NEXT))
        assert await journal.page(LogFilter()) == stored[::-1]
    finally:
        await journal.close()


async def test_a_newer_journal_is_refused_and_left_alone(
    journal_file: Path, connection: sqlite3.Connection
) -> None:
    migrate(connection, (*MIGRATIONS, NEXT))

    with (
        left_alone(journal_file),
        pytest.raises(JournalTooNewError, match=r"newer version of ArmGuard Tray.*Update the program"),
    ):
        await Journal.open(journal_file)


async def test_a_database_of_another_program_is_refused_and_left_alone(
    journal_file: Path, connection: sqlite3.Connection
) -> None:
    connection.execute("CREATE TABLE bookmarks (url TEXT)")

    with left_alone(journal_file), pytest.raises(JournalError, match="another program"):
        await Journal.open(journal_file)


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    write(tmp_path / "file", b"where the folder should be")

    with pytest.raises(JournalError, match=r"folder .* cannot be made"):
        await Journal.open(tmp_path / "file" / "deep" / "journal.sqlite3")


async def test_a_path_that_is_a_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"cannot be opened.*permissions"):
        await Journal.open(tmp_path)
