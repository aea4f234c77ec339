"""What can be said to `export`, and what comes of it."""

import asyncio
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from armguard_tray import cli
from armguard_tray.exit_codes import ExitCode
from armguard_tray.export import exporting
from armguard_tray.filtering.where import CONDITIONS
from armguard_tray.messages.streams import Stream
from armguard_tray.paths import paths_below
from armguard_tray.storage.journal import Journal
from tests.unit.export.exports import csv_rows, json_rows, xlsx_rows
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, event, takes


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a program with a journal of nine rows."""
    monkeypatch.setattr("os.umask", lambda _: 0o022)

    async def fill() -> None:
        journal = await Journal.open(paths_below(tmp_path / "data").journal_file)
        await journal.append(SERVER, [*takes(1, 8), event(frames.STATUS, Stream.INVENTORY)])
        await journal.close()

    asyncio.run(fill())
    return tmp_path / "data"


@pytest.fixture
def export(data: Path) -> Callable[..., int]:
    return lambda *arguments: cli.main(["export", f"--data-dir={data}", *map(str, arguments)])


def test_each_format_by_the_ending_of_the_file(export: Callable[..., int], tmp_path: Path) -> None:
    for name in ("log.csv", "log.xlsx", "log.JSONL"):
        assert export("--out", tmp_path / name) == ExitCode.OK
        assert (tmp_path / f"{name}.sha256").exists()
    counts = [len(csv_rows(tmp_path / "log.csv")[0]), len(xlsx_rows(tmp_path / "log.xlsx")[0])]
    assert [*counts, len(json_rows(tmp_path / "log.JSONL")[0])] == [9, 9, 9]


def test_which_month_the_last_one_was_is_said(export: Callable[..., int], tmp_path: Path) -> None:
    assert export("--out", tmp_path / "log.csv", "--where", "when=last-month") == ExitCode.OK
    assert re.fullmatch(r"Last month \(\w+ \d{4}\)", csv_rows(tmp_path / "log.csv")[1]["Filter"])


def test_a_page_is_set_without_a_display(data: Path, tmp_path: Path) -> None:
    # In a process of its own: it makes an application of Qt's.
    program = [sys.executable, "-m", "armguard_tray", "export", f"--data-dir={data}", "--out=log.pdf"]
    nothing_shown = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
    done = subprocess.run(
        program, cwd=tmp_path, env=nothing_shown, capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitCode.OK
    assert done.stderr.startswith("9 rows in log.pdf\n")
    assert (tmp_path / "log.pdf").read_bytes().startswith(b"%PDF-")


def test_what_is_asked_for_is_what_is_in_the_file(export: Callable[..., int], tmp_path: Path) -> None:
    given = (
        "--where",
        "duty=Guard Duty",
        "--where",
        "kind=issued",
        "--since",
        "2026-11-24",
        "--text",
        "cruz",
    )
    export("--out", tmp_path / "log.csv", *given)
    rows, said = csv_rows(tmp_path / "log.csv")
    assert len(rows) == 8
    assert said["Filter"].startswith("Issued · Guard Duty · since 24/11/26 00:00")
    assert "cruz" in said["Filter"]


def test_the_outcome_is_said_with_both_digests(
    export: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export("--out", tmp_path / "log.jsonl")
    said = capsys.readouterr()
    digest = json_rows(tmp_path / "log.jsonl")[1]["sha256"]
    assert said.out == ""
    assert f"9 rows in {tmp_path / 'log.jsonl'}\n" in said.err
    assert digest in said.err
    assert (tmp_path / "log.jsonl.sha256").read_text().split()[0] in said.err


def test_standard_output_gets_nothing_but_the_rows(
    export: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr("sys.stdout", out)
    assert export("--out", "-", "--format", "jsonl") == ExitCode.OK
    lines = out.buffer.getvalue().splitlines()
    assert len(lines) == 11
    assert msgspec.json.decode(lines[-1])["end"]["rows"] == 9
    assert "9 rows\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--out", "log.txt"], "--format: csv, xlsx, pdf or jsonl"),
        (["--out", "-"], "--format: csv, xlsx, pdf or jsonl"),
        (["--out", "-", "--format", "pdf"], "pdf needs a file"),
        (["--out", "a.csv", "--where", "rank=general"], "There is no condition"),
        (["--out", "a.csv", "--where", "kind=stolen"], "is not one of"),
        (["--out", "a.csv", "--since", "yesterday"], "is no date or time"),
        (["--out", "a.csv", "--since", "2026-11-02", "--until", "2026-11-01"], "not after its beginning"),
        (["--out", "a.csv", "--since", "2026-11-02", "--where", "when=week"], "asked for twice"),
    ],
)
def test_wrong_usage_is_said(
    export: Callable[..., int], capsys: pytest.CaptureFixture[str], given: list[str], words: str
) -> None:
    assert export(*given) == ExitCode.USAGE
    assert words in capsys.readouterr().err


def test_a_file_is_needed(export: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        export()
    assert ended.value.code == ExitCode.USAGE
    assert "--out" in capsys.readouterr().err


def test_the_help_names_every_condition(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["export", "--help"])
    said = capsys.readouterr().out
    assert all(f"{condition}=" in said for condition in CONDITIONS)


def test_what_cannot_be_done_is_said(
    export: Callable[..., int], data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export("--out", tmp_path / "gone" / "log.csv") == ExitCode.FAILED
    assert "is not there" in capsys.readouterr().err
    journal = paths_below(data).journal_file
    assert export("--format", "csv", "--out", journal) == ExitCode.FAILED
    assert "is the journal itself" in capsys.readouterr().err
    assert cli.main(["export", f"--data-dir={tmp_path}", "--out", str(tmp_path / "a.csv")]) == ExitCode.FAILED
    assert "There is no journal" in capsys.readouterr().err


def test_ctrl_c_leaves_no_file(
    export: Callable[..., int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    statement_of = exporting.statement_of

    def interrupted(*given: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return statement_of(*given)

    monkeypatch.setattr(exporting, "statement_of", interrupted)
    before = signal.getsignal(signal.SIGINT)
    assert export("--out", tmp_path / "log.csv") == ExitCode.INTERRUPTED
    assert "cancelled" in capsys.readouterr().err
    assert {each.name for each in tmp_path.iterdir()} == {"data"}
    assert signal.getsignal(signal.SIGINT) is before


class Terminal(io.StringIO):
    """A terminal that remembers what it was told."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_it_says_how_far_it_is(
    export: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    export("--out", tmp_path / "log.csv")
    said = terminal.getvalue()
    assert said.startswith("\rReading the journal …")
    assert "\r100 % of 9 rows" in said
    last = said.rpartition("\r")[2]
    assert last.startswith("9 rows in"), "the line of the progress is gone"


def test_a_reader_that_stops_early_is_no_crash(data: Path) -> None:
    program = [
        sys.executable,
        "-m",
        "armguard_tray",
        "export",
        f"--data-dir={data}",
        "--out=-",
        "--format=csv",
    ]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        said = running.stderr.read().decode()
    assert running.returncode == ExitCode.FAILED
    assert said == "armguard-tray: Whoever read the output has stopped before its end.\n"
