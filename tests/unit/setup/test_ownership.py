"""What root writes into a project belongs to the project's owner."""

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server_setup.changes import BACKUPS, Change, applied
from server_setup.ownership import handed_over

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root can give files away"
)
OWNER = 1234
AT = datetime(2026, 11, 24, 10, 11, 12, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a project's folder that belongs to somebody else than root."""
    folder = tmp_path / "site"
    folder.mkdir()
    shutil.chown(folder, OWNER, OWNER)
    return folder


def owner(path: Path) -> int:
    return path.lstat().st_uid


def test_what_is_written_meanwhile_is_handed_over_and_no_more(root: Path) -> None:
    (root / "of_root").touch()
    venv = root / ".venv"
    venv.mkdir()
    (venv / "pyvenv.cfg").touch()
    outside = root.parent / "outside"
    outside.touch()
    with handed_over(root):
        (root / "logs").mkdir()
        (root / "logs/django.log").touch()
        (venv / "of_pip").touch()
        (root / "link").symlink_to(outside)
        (root / "second_name").hardlink_to(outside)
    assert [owner(root / name) for name in ("logs", "logs/django.log", "link")] == [OWNER] * 3
    assert [owner(root / name) for name in ("of_root", ".venv/of_pip", "second_name")] == [0] * 3
    assert owner(outside) == 0


def test_a_backup_is_the_projects_but_its_copies_are_as_private_as_the_originals(root: Path) -> None:
    settings, secret = root / "core/settings.py", root / ".env"
    settings.parent.mkdir()
    for path in (settings, secret):
        path.write_bytes(b"1")
    for path in (settings.parent, settings):
        shutil.chown(path, OWNER, OWNER)
    changes = [Change(settings, b"1", b"2"), Change(secret, b"1", b"2", secret=True)]
    with handed_over(root), applied(changes, root, AT) as made:
        pass
    backups = root / BACKUPS
    theirs = [
        backups,
        backups / ".gitignore",
        made.backup,
        made.backup / "manifest.json",
        made.backup / "core",
    ]
    assert [owner(path) for path in (*theirs, made.backup / "core/settings.py", settings)] == [OWNER] * 7
    assert [owner(path) for path in (made.backup / ".env", secret)] == [0, 0]
