"""A journal whose file is taken away under the running program: it is said, and the next event is on disk."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from armguard_tray.errors import JournalError
from armguard_tray.storage.connection_thread import JournalGoneError
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from tests.unit.storage.events import SERVER, takes

EVERYTHING = LogFilter()


def delete_all(file: Path) -> None:
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()


def delete_it_alone(file: Path) -> None:
    file.unlink()


def delete_the_folder(file: Path) -> None:
    shutil.rmtree(file.parent)


def replace_with_an_empty_file(file: Path) -> None:
    file.rename(file.with_name("away"))
    file.touch()


@pytest.mark.parametrize(
    "take_away", [delete_all, delete_it_alone, delete_the_folder, replace_with_an_empty_file]
)
async def test_it_is_said_once_and_another_journal_takes_what_comes(
    take_away: Callable[[Path], None], journal_file: Path
) -> None:
    journal = await Journal.open(journal_file)
    await journal.append(SERVER, takes(1, 3))
    take_away(journal_file)

    with pytest.raises(JournalGoneError, match=r"was moved or deleted.*Another one is begun"):
        await journal.append(SERVER, takes(4, 5))
    stored = (await journal.append(SERVER, takes(4, 5))).new

    assert [each.row for each in stored] == [4, 5], "whoever watches sees rows ascend"
    assert [each.row for each in await journal.page(EVERYTHING)] == [5, 4], "the reader reads the new one"
    await journal.mark_read(4)
    assert await journal.unread() == 1
    await journal.close()
    with closing(sqlite3.connect(journal_file)) as connection:
        assert connection.execute("SELECT transaction_id FROM event").fetchall() == [(4,), (5,)]
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_another_journal_in_its_place_is_gone_on_with(journal_file: Path, tmp_path: Path) -> None:
    spare = await Journal.open(tmp_path / "spare" / "journal.sqlite3")
    await spare.append(SERVER, takes(1, 10))
    await spare.close()
    journal = await Journal.open(journal_file)
    await journal.append(SERVER, takes(1, 3))
    delete_all(journal_file)
    shutil.copy(spare.file, journal_file)

    with pytest.raises(JournalGoneError):
        await journal.append(SERVER, takes(10, 11))
    stored = (await journal.append(SERVER, takes(10, 11))).new

    assert [(each.row, each.event.transaction_id) for each in stored] == [(11, 11)]
    assert await journal.count(EVERYTHING) == 11
    await journal.close()


async def test_while_no_other_can_be_made_it_is_tried_again_and_the_old_one_can_be_read(
    journal_file: Path,
) -> None:
    journal = await Journal.open(journal_file)
    await journal.append(SERVER, takes(1, 3))
    shutil.rmtree(journal_file.parent)
    journal_file.parent.touch()
    with pytest.raises(JournalGoneError):
        await journal.append(SERVER, takes(4, 4))

    with pytest.raises(JournalError, match=r"folder .* cannot be made"):
        await journal.append(SERVER, takes(4, 4))
    assert await journal.count(EVERYTHING) == 3

    journal_file.parent.unlink()
    await journal.append(SERVER, takes(4, 4))
    assert await journal.count(EVERYTHING) == 1
    await journal.close()
