"""What the suite says at its end: how much was good, bad, and not made."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from tests.faults.__main__ import exit_code
from tests.faults.judge import Account, Hearing
from tests.faults.play import Result
from tests.faults.table import show

GOOD = Result(fault="RST", kind="app/daphne")
BAD = replace(GOOD, account=Account(committed=1, lost=1))
NOT_MADE = replace(GOOD, not_made="libnss-wrapper is not installed")
EXCUSED = replace(GOOD, not_made="only root can make a small disk", excused=True)


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([GOOD], 0),
        ([GOOD, EXCUSED], 0),
        ([GOOD, EXCUSED, NOT_MADE], 3),
        ([NOT_MADE, BAD], 1),
        ([replace(GOOD, late=("noticed after more than 25 s",))], 1),
        ([replace(GOOD, hearing=Hearing(told=1, lost=1))], 1),
        ([replace(GOOD, hearing=Hearing(told=1, heard=1, doubled=1))], 1),
        ([replace(GOOD, hearing=Hearing(told=1, dropped=1))], 0),
    ],
)
def test_the_exit_code(results: list[Result], code: int) -> None:
    assert exit_code(results) == code


def test_the_closing_line_counts_what_was_not_made_apart() -> None:
    said = io.StringIO()
    show([GOOD, GOOD, BAD, EXCUSED, NOT_MADE], Console(file=said, width=200))

    assert said.getvalue().splitlines()[-1] == "2 good, 1 BAD, 2 not made"


def test_the_figures_of_what_has_numbers_and_what_has_none_are_apart_but_for_the_faults() -> None:
    said = io.StringIO()
    both = replace(
        GOOD,
        account=Account(committed=11, live=7, caught_up=2, declared=1, lost=1),
        hearing=Hearing(told=15, heard=8, declared=3, dropped=2, lost=2),
    )
    show([both], Console(file=said, width=200))

    (cells,) = (line for line in said.getvalue().splitlines() if "app/daphne" in line and "\u2502" in line)
    numbers = [cell.strip() for cell in cells.split("\u2502")[5:-1]]
    assert numbers == ["11", "7", "2", "1", "15", "8", "3", "2", "3", "0", "0", "0", "0"]
