"""What is shown of the functional tests while they run."""

import sys
from pathlib import Path

import pytest

from server_setup.machine import ServerMachine, finding_in

TESTS = r"""
import sys
print("good     handshake      12 ms  seen", file=sys.stderr, flush=True)
print("a warning of somebody else's", file=sys.stderr, flush=True)
print("bad      flood           1 ms  \x1b[2Jclosed", file=sys.stderr, flush=True)
print('{"verdict": "bad", "checks": []}')
sys.exit(1)
"""


def test_each_finding_is_shown_and_all_that_was_said_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = ServerMachine(tmp_path).watch([sys.executable, "-c", TESTS], "testing")
    assert capsys.readouterr().out.splitlines() == [
        "      good     handshake      12 ms  seen",
        "      bad      flood           1 ms   [2Jclosed",
    ]
    assert done.code == 1
    assert '{"verdict": "bad", "checks": []}\n' in done.output
    assert "a warning of somebody else's" in done.output


def test_in_a_terminal_a_finding_takes_one_line_over_the_time_that_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "23")
    ServerMachine(tmp_path).watch([sys.executable, "-c", TESTS], "testing")
    shown = capsys.readouterr().out
    assert "\r      good     handsha\n" in shown
    assert "\r      bad      flood  \n" in shown


@pytest.mark.parametrize("line", ["", "goodness", "good", '{"verdict": "good"}', "  File x, line 3"])
def test_whatever_else_is_said_is_no_finding(line: str) -> None:
    assert finding_in(line) is None
