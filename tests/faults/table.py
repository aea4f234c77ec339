"""Prints what came of the faults."""

from collections import Counter
from collections.abc import Sequence
from statistics import quantiles

from rich.console import Console
from rich.table import Table

from tests.faults.fault import BACK_AFTER_SHORT_WITHIN, Outage
from tests.faults.faults import FAULTS
from tests.faults.play import Outcome, Result

_COLUMNS = (
    "noticed s", "back s", "committed", "live", "caught up", "declared",
    "told", "heard", "declared", "dropped",
    "lost", "doubled", "disordered", "invented", "false claims",
)  # fmt: skip


def show(results: Sequence[Result], console: Console) -> None:
    """Print a row for each, in bold where something is wrong, and what is wrong in words below.

    From "committed" on it is about transactions, from "told" on about notices and status changes, and from
    "lost" on about all of them.
    """
    table = Table("fault", "server", *_COLUMNS)
    for result in results:
        style = "bold" if result.outcome is Outcome.BAD else ""
        table.add_row(result.fault, result.kind, *_cells(result), style=style)
    console.print(table)
    for result in results:
        show_words(result, console)
        if result.memory is not None:
            before, after = result.memory
            console.print(f"{result.fault}, {result.kind}: memory {before:.1f}, at the end {after:.1f} MiB")
    if (back := back_after_short(results)) is not None:
        goal = f"(goal: {BACK_AFTER_SHORT_WITHIN:g} s)"
        console.print(f"live again after short outages, 95 %: {back:.1f} s {goal}")
    counts = Counter(result.outcome for result in results)
    console.print(", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome))


def show_words(result: Result, console: Console) -> None:
    """Print what is wrong, or why it was not made."""
    not_made = (f"not made: {result.not_made}",) if result.not_made else ()
    for words in (*result.complaints, *result.late, *not_made):
        console.print(f"{result.fault}, {result.kind}: {words}", soft_wrap=True)


def back_after_short(results: Sequence[Result]) -> float | None:
    """Return within how many seconds the desk is back after 95 of 100 short outages; None if unknown."""
    short = {fault.name for fault in FAULTS if fault.outage is Outage.SHORT}
    seconds = [each.recovered for each in results if each.fault in short and each.recovered is not None]
    return quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else next(iter(seconds), None)


def _cells(result: Result) -> list[str]:
    if result.not_made:
        return ["-"] * len(_COLUMNS)
    made, told = result.account, result.hearing
    numbers = (
        *(made.committed, made.live, made.caught_up, made.declared),
        *(told.told, told.heard, told.declared, told.dropped),
        *(result.lost, result.doubled, made.disordered, made.invented, result.false_claims),
    )
    return [_seconds(result.noticed), _seconds(result.recovered), *map(str, numbers)]


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f}"
