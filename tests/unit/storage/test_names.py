"""Names are read beside whoever writes the journal."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from armguard_tray.errors import JournalError
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.names import Names, read_names
from tests.fakes.events import issued


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    journal = await Journal.open(tmp_path / "journal.sqlite3")
    await journal.append("https://armory.local", [issued(5, item="M4 - 00077")])
    await journal.close()
    return tmp_path / "journal.sqlite3"


def test_what_stands_there_is_found(file: Path) -> None:
    assert read_names(file).items == {"M4 - 00077"}


def test_without_a_journal_there_are_none(tmp_path: Path) -> None:
    assert read_names(tmp_path / "none") == Names()


def test_a_locked_journal_is_not_waited_for_long(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[int] = []
    connect = sqlite3.connect

    def watched(*given: object, **named: object) -> sqlite3.Connection:
        connection = connect(*given, **named)  # type: ignore[call-overload]  # passed on
        waits.extend(connection.execute("PRAGMA busy_timeout").fetchone())
        assert isinstance(connection, sqlite3.Connection)
        return connection

    with closing(connect(file)) as writer:
        writer.execute("PRAGMA journal_mode = DELETE")
        writer.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(sqlite3, "connect", watched)
        with pytest.raises(JournalError, match="locked"):
            read_names(file)
    assert len(waits) == 1
    assert waits[0] <= 1000, "milliseconds"
