"""Changes to files: shown, made with a backup, and taken back when something goes wrong."""

import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server_setup.changes import BACKUPS, Change, applied, diff, originals, refusal
from setup_websockets import SetupError

AT = datetime(2026, 11, 24, 10, 11, 12, tzinfo=UTC)


class BrokenError(Exception):
    """Something went wrong."""


def change_of(path: Path, after: bytes | None, *, secret: bool = False) -> Change:
    return Change(path, path.read_bytes() if path.exists() else None, after, secret=secret)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.py"
    path.write_bytes(b"DEBUG = True\n")
    return path


def test_a_change_is_shown_as_a_diff(settings: Path) -> None:
    assert diff(change_of(settings, b"DEBUG = True\nMORE = 1"), settings.parent) == (
        "--- settings.py (now)\n+++ settings.py (then)\n@@ -1 +1,2 @@\n DEBUG = True\n+MORE = 1\n"
        "\\ No newline at end of file\n"
    )


def test_a_secret_file_is_shown_without_its_secrets(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes(b"SECRET_KEY=old-secret\n")
    shown = diff(
        change_of(dotenv, b"SECRET_KEY=old-secret\nREDIS_URL=redis://:new-secret@h\n", secret=True), tmp_path
    )
    assert "secret" not in shown.replace("SECRET_KEY", "")
    assert "+REDIS_URL=********" in shown


def test_files_are_changed_made_and_removed_and_the_originals_kept(settings: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.txt"
    old.write_bytes(b"old")
    changes = [
        change_of(settings, b"DEBUG = False\n"),
        change_of(tmp_path / "sub/new.txt", b"new"),
        change_of(old, None),
    ]
    with applied(changes, tmp_path, AT) as made:
        pass
    assert settings.read_bytes() == b"DEBUG = False\n"
    assert (tmp_path / "sub/new.txt").read_bytes() == b"new"
    assert not old.exists()
    assert made.backup == tmp_path / BACKUPS / "20261124-101112"
    assert (made.backup / "settings.py").read_bytes() == b"DEBUG = True\n"
    assert originals(tmp_path, b"False") == {
        settings: b"DEBUG = True\n",
        tmp_path / "sub/new.txt": None,
        old: b"old",
    }


def test_two_backups_in_the_same_second_are_two(settings: Path, tmp_path: Path) -> None:
    for text in (b"1\n", b"2\n", b"3\n"):
        with applied([change_of(settings, text)], tmp_path, AT):
            pass
    names = sorted(folder.name for folder in (tmp_path / BACKUPS).iterdir() if folder.is_dir())
    assert names == ["20261124-101112", "20261124-101112-2", "20261124-101112-3"]


def change_and_fail(changes: list[Change], root: Path, error: type[BaseException], *, keep: bool) -> None:
    with applied(changes, root, AT) as made:
        assert all(change.path.read_bytes() == change.after for change in changes)
        if keep:
            made.keep()
        raise error


@pytest.mark.parametrize("error", [BrokenError, KeyboardInterrupt, SystemExit])
def test_after_an_error_everything_is_as_it_was(
    settings: Path, tmp_path: Path, error: type[BaseException]
) -> None:
    changes = [change_of(settings, b"2"), change_of(tmp_path / "sub/new.txt", b"new")]
    with pytest.raises(error):
        change_and_fail(changes, tmp_path, error, keep=False)
    assert settings.read_bytes() == b"DEBUG = True\n"
    assert [path.name for path in tmp_path.iterdir()] == ["settings.py"], "no trace is left"


def test_what_was_kept_stays_after_an_error(settings: Path, tmp_path: Path) -> None:
    with pytest.raises(BrokenError):
        change_and_fail([change_of(settings, b"2")], tmp_path, BrokenError, keep=True)
    assert settings.read_bytes() == b"2"


def test_a_file_that_somebody_changed_meanwhile_stops_everything(settings: Path, tmp_path: Path) -> None:
    other = tmp_path / "urls.py"
    other.write_bytes(b"1")
    changes = [change_of(settings, b"2"), change_of(other, b"2")]
    other.write_bytes(b"theirs")
    with pytest.raises(SetupError, match="changed by somebody else"), applied(changes, tmp_path, AT):
        pass
    assert settings.read_bytes() == b"DEBUG = True\n"
    assert other.read_bytes() == b"theirs"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_modes_stay_and_secrets_are_nobody_elses(settings: Path, tmp_path: Path) -> None:
    settings.chmod(0o640)
    new, secret = tmp_path / "compose.yaml", tmp_path / "redis.env"
    changes = [change_of(settings, b"2"), change_of(new, b"n"), change_of(secret, b"s", secret=True)]
    with applied(changes, tmp_path, AT) as made:
        pass
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (settings, new, secret, made.backup)]
    assert modes == [0o640, 0o644, 0o600, 0o700]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own there")
def test_a_link_stays_a_link(settings: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to(settings)
    with applied([change_of(link, b"2")], tmp_path, AT):
        pass
    assert link.is_symlink()
    assert settings.read_bytes() == b"2"


def test_a_file_that_may_not_be_written_is_refused(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(change_of(settings, b"2")) is None
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != settings)  # root may write anything
    assert "cannot be written" in (refusal(change_of(settings, b"2")) or "")
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) == settings)
    assert "Nothing can be written into" in (refusal(change_of(settings, b"2")) or "")
