"""A stage without processes, for tests of what is made of what a desk says and a server tells."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, Final

from tests.faults.judge import Committed, Deed, Name, Told
from tests.faults.phases import Phases
from tests.faults.site import Kind
from tests.faults.stage import USUAL, Stage

STOCK: Final = Kind(False, "daphne")
APP: Final = Kind(True, "daphne")


async def _at_once() -> None:
    """Do nothing."""


def empty_stage(folder: Path, kind: Kind = STOCK, stage: type[Stage] = Stage) -> Stage:
    """Return a stage whose desk has just said that it is live, and whose server has made nothing."""
    database = folder / "demo.sqlite3"
    with closing(sqlite3.connect(database)) as made:
        made.execute("CREATE TABLE demo_transaction (id INTEGER PRIMARY KEY)")
    site: Any = SimpleNamespace(kind=kind, database=database)
    tray: Any = SimpleNamespace(journal_file=folder / "journal.sqlite3", phases=Phases())
    traffic: Any = SimpleNamespace(told=[], stop=_at_once)
    unused: Any = None
    made_ready = stage(folder, USUAL, Random(), site, unused, 0, tray, traffic)  # noqa: S311 - not for cryptography
    say(made_ready, "live")
    return made_ready


def say(stage: Stage, phase: str) -> None:
    """Let the desk say that its stream is now in this phase."""
    said = f"armguard_tray.connection.runner: live: connecting -> {phase} on Proven"
    stage.tray.phases.read([f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z INFO    {said}"])


def tell(stage: Stage) -> None:
    """Let the server tell of something, of which the desk does not hear."""
    now = datetime.now(UTC)
    stage.traffic.told.append(Told(Name("notifications", "7"), now, now))


def commit(stage: Stage, count: int) -> None:
    """Let the server commit so many transactions."""
    now = datetime.now(UTC)
    stage.books.committed += [Committed(number, Deed(None, None, None), now) for number in range(count)]
