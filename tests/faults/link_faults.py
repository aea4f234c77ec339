"""Faults of the line between desk and server."""

from typing import Final

from tests.faults.fault import Fault, Outage
from tests.faults.proxy import GOOD, Line
from tests.faults.stage import Stage

_LIMIT = 3
_ZOMBIES = 4
_GONE_WITHIN = 90.0  # seconds; daphne drops after 50 what answers no ping
_FLOWS_FOR: Final = 10.0  # seconds


async def _half_open(stage: Stage) -> None:
    stage.proxy.forget()


async def _reset(stage: Stage) -> None:
    stage.proxy.reset()


async def _close_slowly(stage: Stage) -> None:
    stage.proxy.begin_to_close()


async def _gone(stage: Stage) -> None:
    """Cable out, and in again."""
    stage.proxy.go_dark()
    await stage.goes_by(40)
    stage.proxy.light_up()


async def _single_bytes(stage: Stage) -> None:
    stage.proxy.line = Line(piece=1)
    stage.proxy.reset()
    await stage.goes_by(_FLOWS_FOR)
    stage.proxy.line = GOOD


async def _latency(stage: Stage) -> None:
    stage.proxy.line = Line(latency=2.0)
    await stage.goes_by(_FLOWS_FOR)
    stage.proxy.reset()
    await stage.goes_by(20)
    stage.proxy.line = GOOD


async def _slow_line(stage: Stage) -> None:
    stage.proxy.line = Line(rate=1000)
    await stage.goes_by(_FLOWS_FOR)
    stage.proxy.reset()
    await stage.goes_by(30)
    stage.proxy.line = GOOD


async def _zombies(stage: Stage) -> None:
    """Let the desk's end die again and again, while the server counts the dead."""
    stage.proxy.sockets_allowed = _LIMIT
    for _ in range(_ZOMBIES):
        stage.proxy.orphan()
        await stage.until(lambda: not stage.live, 5)
        await stage.until(lambda: stage.live, 5)
    # Before that nobody can be live: how long the server holds them is the server's matter.
    await stage.until(lambda: stage.live or not stage.proxy.zombies, _GONE_WITHIN)


LINK_FAULTS: Final = (
    Fault(name="half-open link", happens=_half_open, repeatable=True),
    Fault(name="RST", happens=_reset, repeatable=True),
    Fault(name="slow close", happens=_close_slowly, repeatable=True),
    Fault(name="link gone for 40 s", happens=_gone, outage=Outage.LONG, repeatable=True),
    Fault(name="frames cut into single bytes", happens=_single_bytes, repeatable=True),
    Fault(name="latency of 2 s", happens=_latency, outage=Outage.LONG, repeatable=True),
    Fault(name="1 kB/s", happens=_slow_line, outage=Outage.LONG, repeatable=True),
    Fault(name="limit of 3 met by own zombies", happens=_zombies, outage=Outage.LONG),
)
