"""How a diagnosis is told in the terminal."""

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from armguard_tray.app.check_output import (
    Progress,
    growing_ladder,
    newest_rung,
    print_on_terminal,
    report_lines,
)
from armguard_tray.diagnosis.codes import Code
from armguard_tray.diagnosis.ladder import Cause, Diagnosis, Rung, Status
from tests.fakes.diagnoses import HEALTHY, diagnosis

CAUSE = Cause(Code.REFUSED, "Nothing listens there.", "Start ArmGuard.", "sudo systemctl start daphne\nand")


def rung(status: Status, name: str = "TCP", evidence: str = "seen") -> Rung:
    return Rung(id=name.lower(), name=name, status=status, evidence=evidence, ms=1234.4)


FAILED = Diagnosis(Status.FAILED, "So it is.", (rung(Status.FAILED),), (CAUSE,))


def terminal(width: int = 120) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, color_system=None, width=width, highlight=False)


def shown_on(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_in_a_file_the_answer_comes_first_and_what_to_do_last() -> None:
    assert [line.plain for line in report_lines(FAILED)] == [
        "✗ So it is.",
        "",
        "✗ failed  TCP                             1,234 ms  seen",
        "",
        "Nothing listens there.  [refused]",
        "    Start ArmGuard.",
        "    sudo systemctl start daphne",
        "    and",
    ]


def test_on_a_terminal_the_answer_stands_below_the_ladder_at_the_readers_eye() -> None:
    console = terminal()

    print_on_terminal(FAILED, console)

    assert [line.rstrip() for line in shown_on(console).splitlines()] == [
        "✗ failed  TCP                             1,234 ms  seen",
        "",
        "✗ So it is.",
        "",
        "Nothing listens there.  [refused]",
        "    Start ArmGuard.",
        "    sudo systemctl start daphne",
        "    and",
    ]


def test_what_does_not_fit_into_a_line_of_the_ladder_goes_on_below_its_beginning() -> None:
    console = terminal(width=60)
    long = Diagnosis(Status.OK, "So it is.", (rung(Status.OK, evidence="seen from here and from there"),))

    print_on_terminal(long, console)

    first, second, *_ = shown_on(console).splitlines()
    assert first.startswith("✓ ok      TCP")
    assert second.startswith("          ")
    assert second.strip() in long.rungs[0].evidence


def test_what_is_to_be_copied_stays_one_line_however_narrow_the_terminal() -> None:
    console = terminal(width=20)

    print_on_terminal(FAILED, console)

    assert "    sudo systemctl start daphne\n" in shown_on(console)


def test_only_what_was_seen_whole_has_the_tick() -> None:
    whole, so_far = diagnosis(HEALTHY), diagnosis(replace(HEALTHY, audit=None))

    first, *_ = report_lines(whole)
    assert (first.plain, first.style) == ("✓ Everything works.", "bold green")
    first, *_ = report_lines(so_far)
    assert so_far.verdict is Status.OK, "nothing speaks against it"
    assert (first.plain[:2], first.style) == ("◐ ", "bold")


@pytest.mark.parametrize("tell", ["file", "terminal"])
def test_markup_in_what_a_server_says_is_text(tell: str) -> None:
    said = Diagnosis(Status.OK, "So it is.", (rung(Status.OK, evidence="[bold]José[/bold] :smile:"),))
    console = terminal()
    if tell == "terminal":
        print_on_terminal(said, console)
    else:
        for line in report_lines(said):
            console.print(line)
    assert "[bold]José[/bold] :smile:" in shown_on(console)


@pytest.mark.parametrize(("draw", "said"), [(growing_ladder, "armory.local"), (newest_rung, "Checking: ")])
def test_progress_is_redrawn_on_a_terminal_and_gone_when_the_answer_comes(draw: Any, said: str) -> None:
    console = terminal()
    with Progress(console, draw) as progress:
        progress.see(diagnosis(HEALTHY))
    assert said in shown_on(console)
    assert "\x1b[2K" in shown_on(console)
    # Whoever interrupts it finds a cursor.
    assert "\x1b[?25h" in shown_on(console).partition(said)[0]


def test_without_a_terminal_there_is_no_progress() -> None:
    console = Console(file=io.StringIO())
    with Progress(console, growing_ladder) as progress:
        progress.see(diagnosis(HEALTHY))
    assert shown_on(console) == ""


def test_progress_that_cannot_be_written_does_not_matter() -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    with Progress(Console(file=Full(), force_terminal=True), growing_ladder) as progress:
        progress.see(diagnosis(HEALTHY))
        progress.see(diagnosis(HEALTHY))
