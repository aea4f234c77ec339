"""Which processes are there, told in Redis, so that what a killed one left in the groups is taken out.

channels_redis leaves it there for `group_expiry`, a day: until then each message to such a group is also
written for every consumer that the dead process had.
"""

import logging
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from redis.exceptions import ResponseError

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from armguard_tray.server.layers.redis_layer import RedisLayer

log = logging.getLogger(__name__)

_MISSED: Final = 3  # calls that a process must miss to count as dead


class Roll:
    """The roll as one process keeps it.

    In Redis it is a sorted set of client prefixes, by when each answered last, and for each of them a set of
    the groups in which it has members. All times are those of Redis's clock, which is one for all.
    """

    def __init__(self, redis: "RedisLayer", every: float) -> None:
        """Keep it at `redis`, to be called `every` so many seconds."""
        self._redis = redis
        self._dead_after = every * _MISSED
        self._processes = f"{redis.prefix}:processes"

    async def call(self, groups: Collection[str]) -> None:
        """Say that this process is there and has members in `groups`, and take out the members of the dead.

        Raises what redis-py raises when Redis is lost.
        """
        try:
            await self._call(self._redis.connection(0), groups)
        except ResponseError as error:  # a permission that only this needs; the groups expire by themselves
            log.debug("the roll of processes could not be called: %s", self._redis.why_not(error))

    async def _call(self, client: "Redis", groups: Collection[str]) -> None:
        seconds, microseconds = await client.time()
        now = seconds + microseconds / 1e6
        own, keep = self._groups_of(self._redis.client_prefix), self._redis.group_expiry
        pipeline = client.pipeline(transaction=False)
        pipeline.zadd(self._processes, {self._redis.client_prefix: now})
        pipeline.expire(self._processes, keep)
        if groups:
            pipeline.sadd(own, *groups)
            pipeline.expire(own, keep)
        pipeline.zrangebyscore(self._processes, "-inf", now - self._dead_after)
        *_, dead = await pipeline.execute()
        for process in dead:
            await self._bury(client, process.decode())

    async def _bury(self, client: "Redis", process: str) -> None:
        buried = 0
        groups: Any = await client.smembers(self._groups_of(process))
        for group in groups:
            key = self._redis.group_key(group.decode())
            members: Any = await client.zrange(key, 0, -1)
            left = [member for member in members if f".{process}!".encode() in member]
            if left:
                buried += await client.zrem(key, *left)
        await client.delete(self._groups_of(process))
        await client.zrem(self._processes, process)
        if buried:
            log.info(
                "channel layer: a process ended without leaving its groups; %d memberships removed", buried
            )

    def _groups_of(self, process: str) -> str:
        return f"{self._redis.prefix}:process:{process}"
