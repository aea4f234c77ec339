"""Finds the Redis that the server may use: looks at every place where it may be, all at once."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from armguard_tray.redis_probe.figures import RedisFigures
from armguard_tray.redis_probe.find import Candidate
from armguard_tray.redis_probe.report import RedisReport, RedisState
from armguard_tray.tasks import TaskKeeper

PATIENCE = 2.0
"""Seconds for one look; one more may follow where silence needs a second one."""
_RANK = {RedisState.UP: 0, RedisState.UNUSABLE: 1, RedisState.UNCLEAR: 2, RedisState.DOWN: 3}


@dataclass(frozen=True, slots=True)
class Found:
    """What one look at a candidate found."""

    candidate: Candidate
    report: RedisReport
    figures: RedisFigures | None


async def look_at_all(
    candidates: Sequence[Candidate],
    tls: ssl.SSLContext | None = None,
    patience: float = PATIENCE,
    before: Mapping[str, RedisFigures] | None = None,
) -> tuple[Found, ...]:
    """Look at each candidate once, and return what was found, in their order.

    Args:
        candidates: those of `redis_probe.find`; their passwords go to their own addresses only.
        tls: whom to trust where an address asks for TLS; None: the system's certificates.
        patience: seconds for each look, of all side by side; one more where silence needs a second one.
        before: the figures of the look before, by address, to tell what has happened since.

    """
    earlier = before or {}
    # Late: redis-py takes 15 MiB and 170 ms, which a desk pays only when it looks at Redis.
    from armguard_tray.redis_probe.probe import look  # noqa: PLC0415 - see above

    keeper = TaskKeeper("looking for Redis")
    try:
        looks = [
            keeper.start(
                look(
                    each.address,
                    password=each.password,
                    tls=tls,
                    before=earlier.get(each.address),
                    timeout=patience,
                ),
                name=str(number),
            )
            for number, each in enumerate(candidates)
        ]
        reports = [await each for each in looks]
    finally:
        await keeper.close()
    return tuple(Found(each, *report) for each, report in zip(candidates, reports, strict=True))


def best(found: Sequence[Found]) -> Found | None:
    """PURE: return the Redis that is worth most: one that answers, before one that does not let us in.

    Of several alike it is the first. None if there is none at all.
    """
    return min(found, key=lambda each: _RANK[each.report.state], default=None)
