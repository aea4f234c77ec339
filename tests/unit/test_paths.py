"""Where files lie."""

from pathlib import Path

import pytest

from armguard_tray.paths import Paths, paths_below, resource, user_paths


def test_everything_can_be_kept_below_one_folder(tmp_path: Path) -> None:
    paths = paths_below(tmp_path)

    files = (paths.settings_file, paths.window_file, paths.journal_file, paths.log_file)
    assert all(file.is_relative_to(tmp_path) for file in files)
    assert len(set(files)) == len(files)


def test_asking_makes_nothing(tmp_path: Path) -> None:
    _ = paths_below(tmp_path).journal_file, user_paths().log_file

    assert list(tmp_path.iterdir()) == []


def test_each_user_has_folders_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))

    paths = user_paths()

    assert isinstance(paths, Paths)
    assert all("armguard-tray" in folder.parts for folder in (paths.config, paths.data, paths.logs))


def test_resources_are_found_in_a_checkout_and_in_the_frozen_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = Path(__file__).parents[2]
    assert resource("icons", "live.svg") == checkout / "resources" / "icons" / "live.svg"

    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert resource("icons", "live.svg") == tmp_path / "resources" / "icons" / "live.svg"
