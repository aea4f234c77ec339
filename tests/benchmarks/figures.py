"""Figures, the goals they are to reach, and how both are printed."""

import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import psutil
import PySide6
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Something measured.

    Attributes:
        what: what was measured.
        unit: of the samples.
        samples: each measurement.
        floor: the same of the least that could do the job, measured in between.
        goal: what is to be reached; None where the figure is only to be known.

    """

    what: str
    unit: str
    samples: Sequence[float]
    floor: Sequence[float] = ()
    goal: "Goal | None" = None

    @property
    def ratio(self) -> float | None:
        """How many times the floor it is, by the medians; None without a floor."""
        return median(self.samples) / median(self.floor) if self.floor and median(self.floor) else None

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        return None if self.goal is None else self.goal.holds(self)


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure is to reach: in words, and as a test."""

    words: str
    holds: Callable[[Figure], bool]


def within(times: float) -> Goal:
    """Ask for a median of at most so many times the floor's."""
    return Goal(
        f"≤ {times:g} times the floor", lambda figure: figure.ratio is not None and figure.ratio <= times
    )


def under(most: float) -> Goal:
    """Ask for a mean below `most`."""
    return Goal(f"< {most:g}", lambda figure: sum(figure.samples) / len(figure.samples) < most)


def never_over(most: float) -> Goal:
    """Ask that no sample be above `most`."""
    return Goal(f"never > {most:g}", lambda figure: max(figure.samples) <= most)


def always(least: float) -> Goal:
    """Ask that no sample be below `least`."""
    return Goal(f"≥ {least:,.0f}", lambda figure: min(figure.samples) >= least)


def show(figures: Sequence[Figure]) -> None:
    """Print a table: median and spread of each figure and its floor, the ratio, the goal."""
    table = Table("what", "figure", "floor", "ratio", "to reach", "reached")
    for figure in figures:
        table.add_row(
            f"{figure.what}, {figure.unit}",
            _spread(figure.samples),
            _spread(figure.floor),
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            "" if figure.goal is None else figure.goal.words,
            {None: "", True: "yes", False: "NO"}[figure.reached],
        )
    console = Console(width=None if sys.stdout.isatty() else 132)
    console.print(table)
    console.print("Median (least to most of so many measurements). " + _machine_line())


def as_json(figures: Sequence[Figure]) -> str:
    """Return everything as JSON."""
    return json.dumps({"machine": _machine(), "figures": [_plain(figure) for figure in figures]}, indent=2)


def _plain(figure: Figure) -> dict[str, Any]:
    return {
        "what": figure.what,
        "unit": figure.unit,
        "median": median(figure.samples),
        "samples": list(figure.samples),
        "floor": list(figure.floor),
        "ratio": figure.ratio,
        "to_reach": None if figure.goal is None else figure.goal.words,
        "reached": figure.reached,
    }


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "pyside": PySide6.__version__,
        "system": platform.system(),
        "cores": os.cpu_count(),
        "load": psutil.getloadavg()[0],
    }


def _machine_line() -> str:
    facts = _machine()
    return (
        f"Python {facts['python']}, PySide6 {facts['pyside']}, {facts['cores']} cores, "
        f"load at the end {facts['load']:.1f}."
    )


def _spread(samples: Sequence[float]) -> str:
    if not samples:
        return ""
    middle = _number(median(samples))
    if len(samples) == 1:
        return middle
    return f"{middle} ({_number(min(samples))} to {_number(max(samples))} of {len(samples)})"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.3f}"
