"""What can be said to the program."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from armguard_tray import cli
from armguard_tray.exit_codes import ExitCode

WATCH = ("watch", "--server", "https://armory.local", "--username", "reyes", "--password-stdin")


@pytest.fixture(autouse=True)
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.umask", lambda _: 0o022)


@pytest.mark.parametrize("arguments", [[], ["--data-dir", "x"], ["run"], ["run", "--data-dir=x"]])
def test_without_a_command_it_runs_the_tray_with_whatever_options(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == ExitCode.FAILED
    assert "There is no screen here" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "said"), [("--help", "COMMAND"), ("--version", "armguard-tray 0.")])
def test_help_and_version_are_those_of_the_whole_program(
    option: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([option])

    assert ended.value.code == ExitCode.OK
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [(b"", "no password came in"), (b"\n", "no password came in"), (b"p\xe9w\n", "is no text")],
    ids=["nothing", "an empty line", "no text"],
)
def test_a_password_that_is_none_is_wrong_usage(
    given: bytes,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("armguard_tray.logs.configure_or_say", lambda _: None)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))

    assert cli.main([*WATCH, f"--data-dir={tmp_path}"]) == ExitCode.USAGE
    assert said in capsys.readouterr().err


def test_watching_imports_no_qt() -> None:
    program = (
        "import sys, armguard_tray.app.terminal, armguard_tray.desktop.secrets\n"
        "print([name for name in sys.modules if name.startswith(('PySide6', 'qasync'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
