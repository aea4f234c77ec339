"""Faults at random on one stage, for a long time: nothing is lost, and memory stays flat."""

import logging
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from typing import Final

from armguard_tray.tasks import TaskKeeper
from tests.faults.fault import BACK_AFTER_LONG_WITHIN, Fault
from tests.faults.play import SETTLES_WITHIN, Result
from tests.faults.site import Kind
from tests.faults.stage import START_WITHIN, Stage

log = logging.getLogger(__name__)

FLAT: Final = 1.05
"""Times the memory of the second quarter that the last one may take, at most."""
_SAMPLE_EVERY: Final = 5.0
_CALM: Final = (2.0, 15.0)  # seconds between two faults


async def soak(faults: Sequence[Fault], kind: Kind, random: Random, minutes: float) -> Result:
    """Make some of `faults` for so many minutes, and say what came of it all."""
    name = f"soak of {minutes:g} min"
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        async with Stage.set_up(Path(folder), kind, random) as stage:
            if not await stage.until(lambda: stage.answers, START_WITHIN):
                return Result(fault=name, kind=str(kind), complaints=("the desk did not get live",))
            memory: list[float] = []
            sampling = TaskKeeper("soak")
            sampling.start(_sample(stage, memory), name="memory")
            stage.traffic.start()
            complaints = await _make_faults(faults, stage, timedelta(minutes=minutes))
            await sampling.close()
            await stage.traffic.stop()
            if not await stage.until(lambda: stage.settled, SETTLES_WITHIN):
                complaints.append("the journal does not answer for everything")
            return Result(
                fault=name,
                kind=str(kind),
                account=stage.account(),
                false_claims=len(stage.false_claims),
                complaints=(*complaints, *grown(memory)),
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
        log.info("%s: %s", stage.site.kind, fault.name)
        await fault.happens(stage)
        await stage.goes_by(stage.random.uniform(*_CALM))
        if not await stage.until(lambda: stage.live, 2 * BACK_AFTER_LONG_WITHIN):
            complaints.append(f"not live again after {fault.name}")
    return complaints


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
