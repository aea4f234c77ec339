"""Faults of Redis."""

from collections.abc import Awaitable, Callable
from typing import Final

from tests.faults.fault import Fault, Outage
from tests.faults.stage import Setting, Stage


def _killed_for(seconds: float) -> Callable[[Stage], Awaitable[None]]:
    async def happens(stage: Stage) -> None:
        redis = stage.site.redis
        assert redis is not None
        await redis.kill()
        await stage.goes_by(seconds)
        await redis.start()

    return happens


async def _flushed(stage: Stage) -> None:
    assert stage.site.redis is not None
    stage.site.redis.flush_all()


async def _expired(stage: Stage) -> None:
    await stage.goes_by(10)


async def _frozen(stage: Stage) -> None:
    redis = stage.site.redis
    assert redis is not None
    redis.freeze()
    await stage.goes_by(10)
    redis.thaw()


REDIS_FAULTS: Final = (
    *(
        Fault(
            name=f"Redis SIGKILL for {seconds:g} s",
            happens=_killed_for(seconds),
            outage=Outage.NONE,
            repeatable=True,
        )
        for seconds in (0.2, 3, 15)
    ),
    Fault(name="Redis FLUSHALL", happens=_flushed, outage=Outage.NONE, repeatable=True, deafens=True),
    Fault(
        name="group expiry of 4 s",
        happens=_expired,
        outage=Outage.NONE,
        setting=Setting(group_expiry=4),
    ),
    Fault(name="Redis frozen for 10 s", happens=_frozen, outage=Outage.NONE, repeatable=True),
)
