"""A process of its own is this very program, also where it is frozen."""

import subprocess
import sys
from pathlib import Path

import pytest

from armguard_tray import __version__
from armguard_tray.app.own_program import own_command


def test_it_is_this_program() -> None:
    said = subprocess.run(own_command("--version"), capture_output=True, text=True, check=True).stdout
    assert said.strip() == f"armguard-tray {__version__}"


@pytest.mark.parametrize(
    ("program", "started"),
    [
        ("/opt/armguard-tray/armguard-tray", "/opt/armguard-tray/armguard-tray"),
        # That of the desktop has no standard streams on Windows.
        ("/programs/armguard-trayw.exe", "/programs/armguard-tray.exe"),
    ],
)
def test_frozen_it_is_the_program_that_has_standard_streams(
    program: str, started: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", program)
    assert own_command("pictures-order") == [str(Path(started)), "pictures-order"]
