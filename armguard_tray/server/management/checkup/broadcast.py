"""Whether servers are told what another process announces, or find it only by looking at the log.

A server looks at the event log now and then by itself, and more often while it has just started: that an
event has come does not show how. Two things do:

- Time. Two such looks are at least `head_check_alone` apart. Several events, each published when the one
  before had come, within less than that: most of them the server was told of.
- The server's own figures of how events came to it, which it writes down now and then. They are waited for
  only where time proves nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from asgiref.sync import sync_to_async

from armguard_tray.server.conf import LiveSettings
from armguard_tray.server.management.checkup.evidence import How, how
from armguard_tray.server.management.checkup.figures import newer_figures, read_figures
from armguard_tray.server.management.checkup.findings import Bad, Unknown
from armguard_tray.server.management.checkup.notices import publish
from armguard_tray.server.management.checkup.site import Site
from armguard_tray.server.management.checkup.visitors import Visitor
from armguard_tray.server.management.checkup.wire import Line

# A server that begins to serve looks at once, and once more when its channel layer turns out to be Redis.
_ROUNDS: Final = 4
_LONGEST_WAIT: Final = 30.0  # seconds for figures; one check has a minute
_BEYOND_RENEWAL: Final = 5.0


@dataclass(frozen=True, slots=True)
class Ear:
    """A socket at which something is to be heard."""

    site: Site
    visitor: Visitor
    line: Line


@dataclass(frozen=True, slots=True)
class Arrival:
    """When the events came.

    Attributes:
        slowest: the longest that one took, in seconds.
        at: the address of the server to which that one came.
        proven: whether the time alone proves that the servers were told.

    """

    slowest: float
    at: str
    proven: bool


async def told(ears: Sequence[Ear], live: LiveSettings) -> str:
    """Publish in this process; return how fast the servers were told.

    Raises Bad if one found the events only by looking at the log, and Unknown if that cannot be told.
    """
    before = await sync_to_async(read_figures)(live.database)
    came = await _listen(ears, bound=min(live.head_check, live.head_check_alone))
    if came.proven:
        return f"told through Redis within {came.slowest * 1000:,.0f} ms, at {_count(ears)}"
    patience = min(live.lease_renewal + _BEYOND_RENEWAL, _LONGEST_WAIT)
    after = await newer_figures(live.database, {ear.visitor.name for ear in ears}, patience)
    match how(before, after):
        case How.TOLD:
            return f"told through Redis, but slowly: within {came.slowest:.1f} s, at {_count(ears)}"
        case How.FOUND:
            raise Bad(
                f"came only by looking at the log, after {came.slowest:.1f} s at {came.at}: what other "
                "processes announce does not reach that server through Redis. It needs the same Redis, "
                "database number, prefix and SECRET_KEY as these settings; restart it if they are new"
            )
        case How.UNKNOWN:
            raise Unknown(
                f"came after {came.slowest:.1f} s at {came.at}, and whether through Redis or only by "
                "looking at the log does not show: the machine is slow, or others announce things meanwhile. "
                "Run this again when it is quiet"
            )


async def found(ears: Sequence[Ear]) -> str:
    """Publish in this process; return how fast servers without Redis found it. Raises Bad if they do not."""
    came = await _listen(ears, bound=0)
    return f"found by looking at the log within {came.slowest:.1f} s, at {_count(ears)}, without Redis"


async def _listen(ears: Sequence[Ear], bound: float) -> Arrival:
    """Publish for all ears, round by round for as long as they are within `bound` seconds together."""
    clock = asyncio.get_running_loop().time

    async def seconds_until(token: str, ear: Ear) -> float:
        await ear.line.note(token)
        return clock() - published

    began = clock()
    arrivals: list[tuple[float, str]] = []
    for _ in range(_ROUNDS):
        tokens = [await publish(ear.visitor) for ear in ears]
        published = clock()
        # At once: who is read after a slow one must not look slow.
        took = await asyncio.gather(*map(seconds_until, tokens, ears))
        arrivals += zip(took, (ear.site.url for ear in ears), strict=True)
        if clock() - began >= bound:
            return Arrival(*max(arrivals), proven=False)
    return Arrival(*max(arrivals), proven=True)


def _count(ears: Sequence[Ear]) -> str:
    return f"{len(ears)} sockets"
