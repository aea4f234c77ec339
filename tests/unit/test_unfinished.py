"""What is not whole is taken away once its writer has died, and only then."""

import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from armguard_tray.export.target import FileTarget
from armguard_tray.unfinished import Unfinished, clear
from tests.unit.dead_writer import Writer, left_by_the_dead


def test_what_a_killed_process_has_left_is_removed_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    left = left_by_the_dead(tmp_path / "log.csv")

    assert clear(tmp_path) == [left]

    assert list(tmp_path.iterdir()) == []
    assert str(left) in caplog.text


def test_what_somebody_writes_stays(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "log.csv")
    own = Unfinished(tmp_path / "log.csv")
    try:
        assert clear(tmp_path) == []
        assert set(tmp_path.iterdir()) == {writer.path, own.path}
    finally:
        writer.kill()
        own.discard()
    assert clear(tmp_path) == [writer.path]


def test_what_another_computer_has_left_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = left_by_the_dead(tmp_path / "log.csv")
    monkeypatch.setattr(platform, "node", lambda: "the-gate")
    assert clear(tmp_path) == []
    assert left.exists()


def test_what_another_computer_writes_stays_though_its_name_has_this_one_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "node", lambda: "the-gate")
    theirs = Unfinished(tmp_path / "log.armory.csv")
    os.close(theirs.descriptor)  # a lock of another computer may not be seen

    monkeypatch.setattr(platform, "node", lambda: "armory")

    assert clear(tmp_path) == []
    assert theirs.path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there nothing that is open can be deleted")
def test_where_somebody_is_about_to_tidy_a_new_file_away_another_one_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl  # noqa: PLC0415 - not on Windows

    make = tempfile.mkstemp
    tidied: list[tuple[int, Path]] = []

    def taken_hold_of_at_once(**wanted: Any) -> tuple[int, str]:
        descriptor, name = make(**wanted)
        if not tidied:
            tidied.append((os.open(name, os.O_RDWR), Path(name)))
            fcntl.flock(tidied[0][0], fcntl.LOCK_EX | fcntl.LOCK_NB)
        return descriptor, name

    monkeypatch.setattr(tempfile, "mkstemp", taken_hold_of_at_once)

    file = Unfinished(tmp_path / "log.csv")

    ((descriptor, path),) = tidied
    path.unlink()
    os.close(descriptor)
    file.into(tmp_path / "log.csv")
    assert [each.name for each in tmp_path.iterdir()] == ["log.csv"]


def test_other_files_stay(tmp_path: Path) -> None:
    others = {"log.csv", "log.part", ".log.csv.part", ".gitignore"}
    for name in others:
        (tmp_path / name).touch()
    assert clear(tmp_path) == []
    assert {each.name for each in tmp_path.iterdir()} == others


def test_a_folder_that_is_not_there_has_nothing_left(tmp_path: Path) -> None:
    assert clear(tmp_path / "nowhere") == []


def test_the_next_export_into_the_folder_tidies_it(tmp_path: Path) -> None:
    left_by_the_dead(tmp_path / "log.csv")
    with FileTarget(tmp_path / "other.csv") as target:
        target.keep()
    assert {each.name for each in tmp_path.iterdir()} == {"other.csv", "other.csv.sha256"}


def test_two_that_write_the_same_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    first, last = Unfinished(tmp_path / "log.csv"), Unfinished(tmp_path / "log.csv")
    for each, content in ((first, b"first"), (last, b"last")):
        os.write(each.descriptor, content)
        each.into(tmp_path / "log.csv")
    assert (tmp_path / "log.csv").read_bytes() == b"last"
    assert len(list(tmp_path.iterdir())) == 1
