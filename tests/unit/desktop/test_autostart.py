"""Autostart, the same contract on each platform, and what each keeps."""

import shlex
from configparser import RawConfigParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.desktop.autostart import Autostart, launch_command
from armguard_tray.desktop.autostart.windows import APPROVED, RUN, VALUE, WindowsAutostart
from armguard_tray.desktop.autostart.xdg import FILE_NAME, XdgAutostart, autostart_folder, exec_line
from tests.fakes.user_registry import FakeUserRegistry

COMMAND = ["/opt/Arm Guard/armguard-tray", "--data-dir", "/home/reyes/100% mine"]


def on_linux(folder: Path) -> Autostart:
    return XdgAutostart(folder / "autostart")


def on_windows(_folder: Path) -> Autostart:
    return WindowsAutostart(FakeUserRegistry())


@pytest.fixture(params=[on_linux, on_windows])
def autostart(request: pytest.FixtureRequest, tmp_path: Path) -> Autostart:
    autostart: Autostart = request.param(tmp_path)
    return autostart


def test_it_is_off_at_first(autostart: Autostart) -> None:
    assert not autostart.is_enabled()


def test_it_can_be_switched_on_and_off_again_and_again(autostart: Autostart) -> None:
    for _ in range(2):
        autostart.enable(COMMAND)
        assert autostart.is_enabled()
        autostart.enable(COMMAND)
        assert autostart.is_enabled()
        autostart.disable()
        assert not autostart.is_enabled()
        autostart.disable()


def test_the_entry_on_linux_starts_the_command(tmp_path: Path) -> None:
    XdgAutostart(tmp_path).enable(COMMAND)
    parser = RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys of desktop entries have capitals
    parser.read(tmp_path / FILE_NAME, encoding="utf-8")
    entry = parser["Desktop Entry"]
    assert entry["Type"] == "Application"
    assert entry["Exec"] == '"/opt/Arm Guard/armguard-tray" "--data-dir" "/home/reyes/100%% mine"'
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME], "no draft stays behind"


@pytest.mark.parametrize("switch", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_an_entry_that_the_desktop_switched_off_counts_as_off(tmp_path: Path, switch: str) -> None:
    autostart = XdgAutostart(tmp_path)
    autostart.enable(COMMAND)
    file = tmp_path / FILE_NAME
    file.write_text(file.read_text().replace("X-GNOME-Autostart-enabled=true", switch))
    assert not autostart.is_enabled()
    autostart.enable(COMMAND)
    assert autostart.is_enabled()


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])), min_size=1))
def test_any_argument_comes_through_the_quoting_of_desktop_entries(command: list[str]) -> None:
    value = exec_line(command).replace("\\\\", "\\").replace("%%", "%")
    # Inside double quotes a POSIX shell takes the same four escapes.
    assert shlex.split(value.replace("\\`", "`").replace("\\$", "$")) == command


def test_a_line_break_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line break"):
        XdgAutostart(tmp_path).enable(["armguard-tray", "a\nHidden=true"])


@pytest.mark.parametrize(
    ("configured", "folder"),
    [("/etc/here", "/etc/here/autostart"), ("relative", "/home/reyes/.config/autostart")],
)
def test_the_folder_follows_the_xdg_variables(
    monkeypatch: pytest.MonkeyPatch, configured: str, folder: str
) -> None:
    monkeypatch.setenv("HOME", "/home/reyes")
    monkeypatch.setenv("XDG_CONFIG_HOME", configured)
    assert autostart_folder() == Path(folder)


def test_the_value_on_windows_is_one_command_line() -> None:
    registry = FakeUserRegistry()
    WindowsAutostart(registry).enable([r"C:\Program Files\ArmGuard Tray\armguard-trayw.exe", "run"])
    assert registry.values == {(RUN, VALUE): r'"C:\Program Files\ArmGuard Tray\armguard-trayw.exe" run'}


def test_what_task_manager_switched_off_counts_as_off() -> None:
    registry = FakeUserRegistry()
    autostart = WindowsAutostart(registry)
    autostart.enable(COMMAND)
    registry.values[APPROVED, VALUE] = b"\x03" + bytes(11)
    assert not autostart.is_enabled()
    registry.values[APPROVED, VALUE] = b"\x02" + bytes(11)
    assert autostart.is_enabled()
    registry.values[APPROVED, VALUE] = b"\x03" + bytes(11)
    autostart.enable(COMMAND)
    assert autostart.is_enabled()


def test_the_command_starts_this_program(monkeypatch: pytest.MonkeyPatch) -> None:
    assert launch_command()[1:] == ["-m", "armguard_tray"]
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("sys.executable", "/opt/armguard/armguard-tray")
    assert launch_command() == ["/opt/armguard/armguard-tray"]
