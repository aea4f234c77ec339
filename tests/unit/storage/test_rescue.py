"""The last resort finds a place, or says that there is none."""

import tempfile
from pathlib import Path

import pytest

from armguard_tray.storage.rescue import rescue
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER

FRAMES = [frames.received(frames.TAKE), frames.received('"\ud800"')]


def test_where_the_folder_takes_nothing_the_temporary_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    file = rescue(FRAMES, SERVER, tmp_path / "gone")

    assert file is not None
    assert file.parent == tmp_path
    assert len(file.read_text().splitlines()) == 2


def test_where_neither_takes_it_there_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone too"))

    assert rescue(FRAMES, SERVER, tmp_path / "gone") is None
    assert list(tmp_path.iterdir()) == []
