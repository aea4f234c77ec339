"""The first moments: a signal ends it quietly at any of them, and what keeps it from running is said."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# Sends itself a signal while it imports a module, which is a moment as exact as any.
INTERRUPTED = """
import importlib.abc, os, sys
wanted, number = sys.argv[1], int(sys.argv[2])
del sys.argv[1:3]
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == wanted:
            os.kill(os.getpid(), number)
sys.meta_path.insert(0, Finder())
from armguard_tray.__main__ import main
sys.exit(main())
"""
# Tells, when a thread begins to import the rest, how many sources of the program were read, and which it is.
LOOKED_AT = """
import importlib.abc, linecache, os, sys, threading
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "armguard_tray.app.core":
            sources = [file for file in linecache.cache if f"{os.sep}armguard_tray{os.sep}" in file]
            os.write(1, f"{len(sources)} sources, {threading.current_thread().name}".encode())
            os._exit(0)
sys.meta_path.insert(0, Finder())
from armguard_tray.__main__ import main
sys.exit(main())
"""
WATCH = ("watch", "--server=http://127.0.0.1:9", "--username=x", "--password-stdin")


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python to its end, without a screen."""
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, "-W", "error", *command],
        input="secret\n",
        capture_output=True,
        text=True,
        env=kept | environment,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("moment", ["armguard_tray.cli", "armguard_tray.app.terminal", "httpx"])
def test_a_signal_while_watch_starts_ends_it_with_0_and_no_word(
    moment: str, number: signal.Signals, tmp_path: Path
) -> None:
    ended = run("-c", INTERRUPTED, moment, str(number.value), *WATCH, f"--data-dir={tmp_path}")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_the_tray_holds_no_source_text_and_no_thread_that_has_nothing_to_do(tmp_path: Path) -> None:
    screen = {"QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "*.warning=false"}

    ended = run("-c", LOOKED_AT, "run", f"--data-dir={tmp_path}", **screen)

    # The first of a pool that starts another when it is needed; qasync's own would start ten at once.
    assert (ended.stdout, ended.stderr) == ("0 sources, aside_0", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize(
    "moment", ["armguard_tray.cli", "PySide6.QtWidgets", "armguard_tray.app.core", "armguard_tray.app.desk"]
)
def test_a_signal_while_the_tray_starts_ends_it_with_0_and_no_word(
    moment: str, number: signal.Signals, tmp_path: Path
) -> None:
    arguments = ("run", f"--data-dir={tmp_path}")
    # What Qt says of its offscreen platform is no word of the program's.
    screen = {"QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "*.warning=false"}
    ended = run("-c", INTERRUPTED, moment, str(number.value), *arguments, **screen)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_a_screen_that_does_not_answer_is_said(tmp_path: Path) -> None:
    ended = run("-m", "armguard_tray", "run", f"--data-dir={tmp_path}", DISPLAY=":987654")

    assert ended.returncode == 1
    assert ended.stderr.startswith("armguard-tray: The screen DISPLAY=:987654 does not answer.")


def test_a_folder_that_cannot_be_used_is_said_by_watch(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.touch()

    ended = run("-m", "armguard_tray", *WATCH, HOME=str(home), XDG_CONFIG_HOME=str(tmp_path))

    assert ended.returncode == 1
    no_log, no_folder = ended.stderr.splitlines()
    assert no_log.startswith("armguard-tray: there is no log: ")
    assert no_folder.startswith(f"armguard-tray: The folder {home}")


def test_without_a_log_it_goes_on(tmp_path: Path) -> None:
    (tmp_path / "logs").touch()

    ended = run("-m", "armguard_tray", *WATCH, f"--data-dir={tmp_path}", "--for=1")

    assert ended.returncode == 4
    assert ended.stderr.startswith("armguard-tray: there is no log: ")
    assert "server refused the connection" in ended.stderr
