"""What the command line asks for."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Layer = Literal["auto", "redis", "memory", "off"]
LAYERS: Final[tuple[Layer, ...]] = ("auto", "redis", "memory", "off")


@dataclass(frozen=True, slots=True)
class Options:
    """How to set up a server.

    Attributes:
        root: the Django project's folder, with manage.py.
        settings: the settings module to change instead of those found; None to find them.
        python: the project's interpreter; None to find it.
        layer: how real time is to be served; None for what was chosen before, or `auto`.
        redis: `docker` sets one up with docker compose, `none` offers nothing; None asks if there is none.
        dry_run, yes, undo: show only; ask nothing; take everything out again.

    """

    root: Path
    settings: str | None = None
    python: Path | None = None
    layer: Layer | None = None
    redis: Literal["docker", "none"] | None = None
    dry_run: bool = False
    yes: bool = False
    undo: bool = False


def parse_arguments(arguments: Sequence[str]) -> Options:
    """Read the command line. Raises SystemExit(2) for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="setup_websockets.py",
        description="Add real time to an ArmGuard server: shows what will change, asks, tests the result.",
        epilog="Exit codes: 0 everything is good, 1 something is not, 2 wrong usage or not agreed to.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--server",
        required=True,
        type=Path,
        metavar="PATH",
        help="the Django project's folder, with manage.py",
    )
    add("--settings", metavar="MODULE", help="the settings module to change, if it is not found by itself")
    add("--python", type=Path, metavar="PATH", help="the project's Python, if it is not found by itself")
    add(
        "--layer",
        choices=LAYERS,
        help="auto: Redis if it is there; redis: Redis only; memory: where one single process serves; off: "
        "no real time. Without this, what an earlier run chose is kept; the first time it is auto",
    )
    add("--redis", choices=("docker", "none"), help="set Redis up with docker compose, or do not offer it")
    add("--dry-run", action="store_true", help="only show what would be changed")
    add("--yes", action="store_true", help="do not ask")
    add("--undo", action="store_true", help="take out what this has added to the project")
    found = parser.parse_args(arguments)
    return Options(
        root=found.server.absolute(),
        settings=found.settings,
        python=found.python.absolute() if found.python else None,
        layer=found.layer,
        redis=found.redis,
        dry_run=found.dry_run,
        yes=found.yes,
        undo=found.undo,
    )
