"""The command `verify`: what it says, and with which exit code."""

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import closing
from pathlib import Path

import pytest

from armguard_tray.app import verify as command
from armguard_tray.app.verify import parse_head
from armguard_tray.cli import main
from armguard_tray.exit_codes import ExitCode
from armguard_tray.paths import paths_below
from armguard_tray.storage.chain import ChainHead
from armguard_tray.storage.verification import verify
from tests.fakes.machine_zone import machine_in
from tests.unit.storage import chained


@pytest.fixture(autouse=True)
def at_the_armory() -> Iterator[None]:
    """Let the machine be there: times are told by its clock."""
    with machine_in("Asia/Manila"):
        yield


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    made = paths_below(tmp_path / "data").journal_file
    await chained.make(made)
    return made


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)


def test_a_chain_that_holds(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--data-dir", str(file.parent)]) == ExitCode.OK

    said = capsys.readouterr().out
    assert said.startswith("The chain holds.\n28 rows, received from 24/11/26")
    assert "3 rows completed later by the program itself." in said
    assert f"Head: {verify(file).head}" in said


def test_a_chain_that_is_broken(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(file, "UPDATE event SET person = 'Somebody Else' WHERE row = 9")
    change(file, "DELETE FROM event WHERE row = 20")

    assert main(["verify", str(file)]) == ExitCode.BROKEN

    said = capsys.readouterr().out
    assert said.startswith("The chain is broken in 2 places.")
    assert "Content changed: row 9, entry 10, received 24/11/26" in said
    assert "Row missing: row 20, entry " in said


def test_a_head_that_was_written_down(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = str(verify(file).head)

    assert main(["verify", str(file), "--head", head]) == ExitCode.OK
    assert "up to there nothing was changed since" in capsys.readouterr().out

    other = head[:-1] + ("0" if head[-1] != "0" else "1")
    assert main(["verify", str(file), "--head", other]) == ExitCode.BROKEN
    assert "is not in it" in capsys.readouterr().out

    assert main(["verify", str(file), "--head", f"9{head}"]) == ExitCode.BROKEN
    assert "its newest rows are gone" in capsys.readouterr().out


def test_a_head_that_is_older_than_all_that_is_kept_proves_nothing(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(file)) as connection:
        (link,) = connection.execute("SELECT hex(link) FROM chain WHERE n = 3").fetchone()
    chained.trim(file, 10)

    assert main(["verify", str(file), "--head", f"3:{link}"]) == ExitCode.WARNINGS

    said = capsys.readouterr().out
    assert "Rows up to 10 were removed because of their age or number" in said
    assert "it proves nothing now" in said


def test_as_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(file, "UPDATE event SET person = 'Somebody Else' WHERE row = 9")

    assert main(["verify", str(file), "--json"]) == ExitCode.BROKEN

    said = json.loads(capsys.readouterr().out)
    assert said["holds"] is False
    assert (said["rows"], said["changed"], said["broken"]) == (28, 3, 1)
    assert said["breaks"][0] | {"received": None} == {
        "fault": "content changed",
        "number": 10,
        "row": 9,
        "received": None,
    }


def test_what_was_completed_later_is_told_on_demand(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(file), "--changes"]) == ExitCode.OK

    assert "duty: — → Guard Duty" in capsys.readouterr().out


def test_without_a_journal_it_fails_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--data-dir", str(tmp_path)]) == ExitCode.FAILED

    assert "There is no journal in" in capsys.readouterr().err


@pytest.mark.parametrize(
    "head", ["", "12", "x:" + "0" * 64, "12:" + "0" * 63, "12:" + "g" * 64, "-1:" + "0" * 64]
)
def test_a_head_that_is_none_is_wrong_usage(
    head: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--data-dir", str(tmp_path), f"--head={head}"]) == ExitCode.USAGE

    assert "64 hexadecimal digits" in capsys.readouterr().err


def test_a_head_may_come_from_a_letter() -> None:
    assert parse_head(f" 12:{'AB' * 16}\n{'ab' * 16}\u200b ") == ChainHead(12, "ab" * 32)


@pytest.mark.parametrize("end", [KeyboardInterrupt, CancelledError])
def test_ctrl_c_ends_it(
    end: type[BaseException], file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise end

    monkeypatch.setattr(command, "verify", interrupted)

    assert main(["verify", str(file)]) == ExitCode.INTERRUPTED

    assert "interrupted" in capsys.readouterr().err
