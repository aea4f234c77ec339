"""Faults at random on one stage, for a long time: nothing is lost, and memory stays flat."""

import logging
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

from armguard_tray.catchup.budget import BURST, EACH
from armguard_tray.catchup.history_page import ROWS_A_PAGE
from armguard_tray.tasks import TaskKeeper
from tests.faults.fault import BACK_AFTER_LONG_WITHIN, Fault
from tests.faults.play import SETTLES_WITHIN, Result, wrong
from tests.faults.site import Kind
from tests.faults.stage import START_WITHIN, Setting, Stage

log = logging.getLogger(__name__)

FLAT: Final = 1.05
"""Times the memory of the second quarter that the last one may take, at most."""
_SAMPLE_EVERY: Final = 5.0
_CALM: Final = (2.0, 15.0)  # seconds between two faults

_READ: Final = ROWS_A_PAGE / EACH  # rows a second that a desk may read of a history for long
_READ_AT_ONCE: Final = BURST * ROWS_A_PAGE  # rows
_TRAFFIC: Final = Setting(rate=_READ / 4, burst=_READ_AT_ONCE * 3 // 5)
"""What a desk can hold against the server's history between two faults, with as much to spare.

A fault comes about every 30 s, and for half of that the desk is cut off. When it is back it looks at the
history, from the newest transaction through all that was made since the last whole look: meanwhile the
announcements claim nothing, and of a stock server one in ten is announced to nobody. A look that the next
fault breaks off begins anew. Of the 6 pages that it may read in 30 s, two looks take 2 beyond what is new to
them; with 4 pages of new rows it could just follow, 2.7 a second. With 20 made in the 5 s between two pages,
each would show what the one before has shown. A burst has to fit into what may be read at once, with the rows
that were made before it. And if no look came to its end in half an hour, the time at the end would still do.
"""


async def soak(faults: Sequence[Fault], kind: Kind, random: Random, minutes: float) -> Result:
    """Make some of `faults` for so many minutes, and say what came of it all."""
    name = f"soak of {minutes:g} min"
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        async with Stage.set_up(Path(folder), kind, random, _TRAFFIC) as stage:
            if not await stage.until(lambda: stage.answers, START_WITHIN):
                return Result(fault=name, kind=str(kind), complaints=("the desk did not get live",))
            memory: list[float] = []
            sampling = TaskKeeper("soak")
            sampling.start(_sample(stage, memory), name="memory")
            stage.traffic.start()
            complaints = await _make_faults(faults, stage, timedelta(minutes=minutes))
            await sampling.close()
            await stage.traffic.stop()
            settled = await stage.until(lambda: stage.settled, SETTLES_WITHIN)
            return Result(
                fault=name,
                kind=str(kind),
                account=stage.account(),
                hearing=stage.hearing(),
                false_claims=len(stage.false_claims),
                complaints=(*complaints, *wrong(stage, settled=settled), *grown(memory)),
                memory=_quarters(memory),
            )


async def _sample(stage: Stage, memory: list[float]) -> None:
    while True:
        memory.append(stage.tray.memory())
        await stage.goes_by(_SAMPLE_EVERY)


async def _make_faults(faults: Sequence[Fault], stage: Stage, length: timedelta) -> list[str]:
    end = datetime.now(UTC) + length
    complaints = []
    while datetime.now(UTC) < end:
        fault = stage.random.choice(faults)
        await _has_lived(stage, fault.lived)
        log.info("%s: %s", stage.site.kind, fault.name)
        if fault.drops:
            stage.drops()
        if fault.deafens:
            stage.deafens()
        await fault.happens(stage)
        await stage.goes_by(stage.random.uniform(*_CALM))
        if not await stage.until(lambda: stage.live, 2 * BACK_AFTER_LONG_WITHIN):
            complaints.append(f"not live again after {fault.name}: {stage.tray.phases}")
    return complaints


async def _has_lived(stage: Stage, seconds: float) -> None:
    """Wait until the desk has been live for so long."""
    while seconds and (lack := seconds - stage.tray.phases.lived(datetime.now(UTC))) > 0:
        await stage.goes_by(lack)


def _quarters(memory: Sequence[float]) -> tuple[float, float] | None:
    """Return the memory of the second quarter and of the last one, MiB; None if it is too short for that."""
    size = len(memory) // 4
    return (median(memory[size : 2 * size]), median(memory[-size:])) if size else None


def grown(memory: Sequence[float]) -> list[str]:
    """Say so if the memory has grown."""
    quarters = _quarters(memory)
    if quarters is None or quarters[1] <= quarters[0] * FLAT:
        return []
    return [f"memory has grown from {quarters[0]:.1f} to {quarters[1]:.1f} MiB"]
