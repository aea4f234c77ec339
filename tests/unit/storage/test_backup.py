"""Copies of the journal: whole, checked, and only then called a backup."""

import os
import platform
import shutil
import sqlite3
from concurrent.futures import CancelledError
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from armguard_tray.errors import JournalDamagedError, JournalError
from armguard_tray.storage import backup, schema
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.verification import verify
from tests.unit.dead_writer import left_by_the_dead
from tests.unit.storage import chained
from tests.unit.storage.events import SERVER, takes

AT = datetime(2026, 11, 24, 11, 26, 40, tzinfo=UTC)


class Usage(NamedTuple):
    """What a disk has."""

    total: int
    used: int
    free: int


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


def may_others_read(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)


def content_of(file: Path) -> bytes:
    return file.read_bytes()


def put(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def strike(file: Path, at: int, length: int) -> None:
    """Overwrite a part of a file."""
    content = bytearray(file.read_bytes())
    content[at : at + length] = b"\xff" * length
    file.write_bytes(content)


def make(folder: Path) -> Path:
    folder.mkdir()
    return folder


def size_of(file: Path) -> int:
    return file.stat().st_size


async def test_a_backup_is_a_journal_of_its_own_with_the_same_chain(journal_file: Path, folder: Path) -> None:
    await chained.make(journal_file)
    target = folder / "journal.sqlite3"

    backup.back_up(journal_file, target)

    assert names(folder) == ["journal.sqlite3"]
    verified = verify(target, verify(journal_file).head)
    assert verified.holds
    assert verified.rows == 28


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps rights by folder")
async def test_it_is_for_this_user_alone(journal: Journal, folder: Path) -> None:
    backup.back_up(journal.file, folder / "b.sqlite3")

    assert not may_others_read(folder / "b.sqlite3")
    assert not may_others_read(folder)


async def test_what_is_written_meanwhile_does_not_begin_it_anew(journal: Journal, folder: Path) -> None:
    await journal.append(SERVER, takes(1, 3000))
    remaining: list[int] = []

    def write_meanwhile(done: int, of: int) -> None:
        remaining.append(of - done)
        with closing(sqlite3.connect(journal.file, isolation_level=None)) as other:
            other.execute("UPDATE reading SET up_to_row = up_to_row + 1")

    backup.back_up(journal.file, folder / "b.sqlite3", progress=write_meanwhile)

    assert len(remaining) > 3
    assert remaining == sorted(remaining, reverse=True)
    with closing(sqlite3.connect(folder / "b.sqlite3")) as copy:
        assert copy.execute("SELECT up_to_row FROM reading").fetchone() == (0,)


async def test_whoever_wants_it_no_more_is_left_with_nothing_half_done(
    journal: Journal, folder: Path
) -> None:
    await journal.append(SERVER, takes(1, 3000))
    asked = iter([True, True])

    with pytest.raises(CancelledError):
        backup.back_up(journal.file, folder / "b.sqlite3", is_wanted=lambda: next(asked, False))

    assert names(folder) == []


async def test_no_room_is_said_before_the_disk_is_filled(
    journal: Journal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 9, 1))

    with pytest.raises(JournalError, match=r"could not be backed up to .*No space left.*Free some space"):
        backup.back_up(journal.file, folder / "b.sqlite3")

    assert names(folder) == []


async def test_a_disk_that_is_full_in_the_middle_leaves_the_backup_before(
    journal: Journal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = folder / "b.sqlite3"
    backup.back_up(journal.file, target)
    before = content_of(target)
    await journal.append(SERVER, takes(1, 3000))
    opened = backup._opened

    def small(partial: Path) -> sqlite3.Connection:
        connection = opened(partial)
        connection.execute("PRAGMA max_page_count = 20").close()
        return connection

    monkeypatch.setattr(backup, "_opened", small)
    with pytest.raises(JournalError, match="could not be backed up"):
        backup.back_up(journal.file, target)

    assert names(folder) == ["b.sqlite3"]
    assert content_of(target) == before


async def test_a_folder_that_cannot_be_made_is_said(journal: Journal, tmp_path: Path) -> None:
    put(tmp_path / "file", b"")

    with pytest.raises(JournalError, match="could not be backed up"):
        backup.back_up(journal.file, tmp_path / "file" / "b.sqlite3")


async def test_of_a_damaged_journal_there_is_no_backup(journal_file: Path, folder: Path) -> None:
    journal = await Journal.open(journal_file)
    await journal.append(SERVER, takes(1, 500))
    await journal.close()
    strike(journal_file, size_of(journal_file) // 2, 20_000)

    with pytest.raises(JournalDamagedError):
        backup.back_up(journal_file, folder / "b.sqlite3")

    assert names(folder) == []


async def test_only_the_newest_are_kept(journal: Journal, folder: Path) -> None:
    own = [folder / backup.name_of(journal.file, AT + timedelta(days=day)) for day in range(5)]
    for day, target in enumerate(own):
        backup.back_up(journal.file, target)
        os.utime(target, (AT.timestamp() + day, AT.timestamp() + day))
    put(folder / "journal.txt", b"not ours")

    backup.keep_newest(journal.file, folder, 2, target)

    assert names(folder) == [own[3].name, own[4].name, "journal.txt"]
    newest = backup.newest(journal.file, folder)
    assert newest is not None
    assert newest.file == own[4]


async def test_what_was_made_just_now_stays_though_others_seem_newer(journal: Journal, folder: Path) -> None:
    made = folder / backup.name_of(journal.file, AT)
    backup.back_up(journal.file, made)
    for day in (1, 2):  # made while the clock was wrong
        future = folder / backup.name_of(journal.file, AT + timedelta(days=day))
        put(future, b"")
        os.utime(future, (AT.timestamp() * 2, AT.timestamp() * 2))

    backup.keep_newest(journal.file, folder, 1, made)

    assert made.name in names(folder)


async def test_what_a_person_has_named_is_not_deleted(journal: Journal, folder: Path) -> None:
    evidence = folder / "journal-case-17.sqlite3"
    own = [folder / backup.name_of(journal.file, AT + timedelta(days=day)) for day in (1, 2)]
    for target in (evidence, *own):
        backup.back_up(journal.file, target)

    backup.keep_newest(journal.file, folder, 1, own[-1])

    assert set(names(folder)) == {own[-1].name, "journal-case-17.sqlite3"}


async def test_two_desks_with_one_folder_keep_their_own_backups(
    journal: Journal, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {
        desk: [
            folder / _named_on(desk, journal.file, AT + timedelta(days=day), monkeypatch) for day in range(3)
        ]
        for desk in ("gate", "armory")
    }
    for target in (*made["gate"], *made["armory"]):
        backup.back_up(journal.file, target)

    monkeypatch.setattr(platform, "node", lambda: "armory")
    backup.keep_newest(journal.file, folder, 1, made["armory"][-1])

    assert set(names(folder)) == {*(each.name for each in made["gate"]), made["armory"][-1].name}
    newest = backup.newest(journal.file, folder)
    assert newest is not None
    assert newest.file == made["armory"][-1]


def _named_on(desk: str, journal: Path, at: datetime, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(platform, "node", lambda: desk)
    return backup.name_of(journal, at)


async def test_two_journals_of_one_computer_keep_their_own_backups(
    journal: Journal, tmp_path: Path, folder: Path
) -> None:
    other = tmp_path / "other" / journal.file.name
    theirs = folder / backup.name_of(other, AT)
    for target in (
        theirs,
        *(folder / backup.name_of(journal.file, AT + timedelta(days=day)) for day in (1, 2)),
    ):
        backup.back_up(journal.file, target)

    backup.keep_newest(journal.file, folder, 1, target)

    assert set(names(folder)) == {theirs.name, target.name}


async def test_backups_that_do_not_say_whose_they_are_count_in_the_journals_own_folder_only(
    journal: Journal, folder: Path
) -> None:
    old = "journal-20251124-112640.sqlite3"
    for place in (backup.folder_of(journal.file), folder):
        for name in (old, made := backup.name_of(journal.file, AT)):
            backup.back_up(journal.file, place / name)
        os.utime(place / old, (AT.timestamp(), AT.timestamp()))

        backup.keep_newest(journal.file, place, 1, place / made)

    assert names(backup.folder_of(journal.file)) == [made]
    assert names(folder) == [old, made]


# What a writer that was killed has left


async def test_what_was_left_half_done_goes_with_the_next_backup(journal: Journal, folder: Path) -> None:
    left = left_by_the_dead(make(folder) / "b.sqlite3")
    put(left.with_name(f"{left.name}-journal"), b"")

    backup.back_up(journal.file, folder / "b.sqlite3")

    assert names(folder) == ["b.sqlite3"]


async def test_at_the_start_what_older_versions_have_left_goes_too(journal: Journal, folder: Path) -> None:
    own = backup.folder_of(journal.file)
    for place in (own, folder):
        left_by_the_dead(make(place) / "b.sqlite3")
        put(place / "journal-20251124-112640.sqlite3.partial", b"")
        backup.clear_up(journal.file, place)

    assert names(own) == []
    assert names(folder) == ["journal-20251124-112640.sqlite3.partial"], "it may be another desk's"


@pytest.mark.parametrize("end", ["", "-wal", "-shm"])
async def test_it_never_takes_the_place_of_the_journal_itself(journal: Journal, end: str) -> None:
    await journal.append(SERVER, takes(1, 2))

    with pytest.raises(JournalError, match="is the journal itself"):
        backup.back_up(journal.file, journal.file.with_name(journal.file.name + end))

    await journal.append(SERVER, takes(3, 4))
    assert await journal.last_row() == 4


def test_without_a_folder_there_is_none(journal_file: Path, folder: Path) -> None:
    assert backup.newest(journal_file, folder) is None


# Before the journal gets a new format


def old_journal(file: Path) -> None:
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        schema.migrate(connection, schema.MIGRATIONS[:6])
        connection.execute("INSERT INTO server (url) VALUES ('https://armory.local')")


async def test_before_a_migration_the_journal_is_copied_as_it_was(journal_file: Path) -> None:
    old_journal(journal_file)

    await (await Journal.open(journal_file)).close()

    folder = journal_file.parent / "backups"
    (copy,) = names(folder)
    assert f"-before-format-{len(schema.MIGRATIONS)}-" in copy
    with closing(sqlite3.connect(folder / copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (6,)
        assert connection.execute("SELECT url FROM server").fetchall() == [("https://armory.local",)]
    with closing(sqlite3.connect(journal_file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)


async def test_it_goes_where_the_settings_say(journal_file: Path, folder: Path) -> None:
    old_journal(journal_file)

    await (await Journal.open(journal_file, backups=folder / "here")).close()

    assert len(names(folder / "here")) == 1


async def test_a_journal_of_this_version_or_a_new_one_is_not_copied(journal_file: Path) -> None:
    await (await Journal.open(journal_file)).close()
    await (await Journal.open(journal_file)).close()

    assert names(journal_file.parent / "backups") == []


async def test_a_journal_that_cannot_be_copied_is_not_changed(
    journal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_journal(journal_file)
    before = content_of(journal_file)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 9, 1))

    with pytest.raises(JournalError, match=r"new format.*without a backup.*No space left.*Then start"):
        await Journal.open(journal_file)

    assert content_of(journal_file) == before


async def test_a_damaged_old_journal_is_rebuilt_as_ever(journal_file: Path) -> None:
    old_journal(journal_file)
    strike(journal_file, 4096, size_of(journal_file) - 4096)

    journal = await Journal.open(journal_file)
    try:
        assert len(await journal.page(LogFilter())) == 1
    finally:
        await journal.close()
