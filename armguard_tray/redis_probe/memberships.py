"""Reads who is in the groups of a channel layer. Nothing is written, and every read is bounded."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoPermissionError, ResponseError

from armguard_tray.redis_probe.client import understood
from armguard_tray.redis_probe.permissions import COSTS, KEYS
from armguard_tray.redis_probe.proof import TOLERANCE, Glance, Group, group_under, prefix_of

MOST_MEMBERS = 1000
"""Of one user's group there are a few; more are not read."""
MOST_PREFIXES = 8
SCAN_COUNT, SCAN_ROUNDS = 1000, 50
"""Keys that Redis looks at in one step, and steps: 50,000 keys, tens of milliseconds for Redis."""
_NO_KEY = -2
DATABASES = 16
"""As many as Redis has unless told otherwise."""


class NotRead(Exception):  # noqa: N818 - named for what happened
    """Redis does not let this account read what there must be for a proof; the text says what and why."""


def _number(answer: object) -> float:
    """Return a number that Redis sent; ValueError where it is none, as for any words that are no Redis's."""
    return float(str(answer))


class Memberships:
    """The groups in one database of Redis.

    Every method raises `reasons.REDIS_TROUBLE` when Redis is lost.

    Attributes:
        missing: what the account was found not to be allowed, each with what that costs.

    """

    def __init__(self, client: Redis, database: int) -> None:
        """Read through `client`, which is connected to `database`."""
        self._client = client
        self._database = database
        self.missing: dict[str, str] = {}

    async def glance(self, group: str, prefixes: Sequence[str]) -> Glance:
        """Return how a group is now under each of the prefixes.

        Raises:
            NotRead: not even the time may be asked.

        """
        pipeline = self._client.pipeline(transaction=False)
        pipeline.execute_command("TIME")
        groups = [group_under(prefix, group) for prefix in prefixes]
        for each in groups:
            limit = ("LIMIT", 0, MOST_MEMBERS + 1)
            pipeline.execute_command("ZRANGEBYSCORE", each.key, "-inf", "+inf", "WITHSCORES", *limit)
            pipeline.execute_command("TTL", each.key)
            pipeline.execute_command("PUBSUB NUMSUB", each.channel)
        with understood():
            time, *answers = await pipeline.execute(raise_on_error=False)
        if self._may(time, "time") is None:
            raise NotRead(f"This desk's account at Redis may not use time: {COSTS['time']}.")
        return _number(time[0]) + _number(time[1]) / 1e6, tuple(
            self._seen(each, *answers[3 * number : 3 * number + 3]) for number, each in enumerate(groups)
        )

    def _seen(self, group: Group, members: Any, ttl: Any, subscribers: Any) -> Group:
        pairs = self._may(members, "zrangebyscore")  # a name, its score, the next name
        ttl = self._may(ttl, "ttl")
        subscribers = self._may(subscribers, "pubsub|numsub")  # a name, its count
        are_all = isinstance(pairs, list) and len(pairs) <= 2 * MOST_MEMBERS
        return replace(
            group,
            members={str(name): _number(score) for name, score in zip(pairs[::2], pairs[1::2], strict=True)}
            if are_all
            else None,
            ttl=ttl if isinstance(ttl, int) and ttl != _NO_KEY else None,
            subscribers=int(_number(subscribers[0][1])) if subscribers else None,
        )

    def _may(self, answer: Any, name: str) -> Any:
        """Return an answer, or None where it is a refusal, which is noted."""
        if not isinstance(answer, ResponseError):
            return answer
        if not str(answer).startswith("WRONGTYPE"):
            denies_keys = isinstance(answer, NoPermissionError) and " key" in str(answer)
            name = KEYS if denies_keys else name
            self.missing[name] = COSTS[name]
        return None

    async def prefixes_of(self, group: str) -> tuple[list[str], bool]:
        """Look through the names of the keys for a group; return its prefixes, and whether these are all.

        It ends after `SCAN_ROUNDS` steps. An account that may not do this, as it should be, finds none.
        """
        pattern = f"*:group:{group}"
        found: dict[str, None] = {}
        cursor = 0
        for _ in range(SCAN_ROUNDS):
            try:
                with understood():
                    cursor, keys = await self._client.scan(cursor, match=pattern, count=SCAN_COUNT)
            except ResponseError:
                return [], False
            found |= dict.fromkeys(
                prefix for key in keys if (prefix := prefix_of(str(key), group)) is not None
            )
            if cursor == 0 or len(found) > MOST_PREFIXES:
                break
        return list(found)[:MOST_PREFIXES], cursor == 0 and len(found) <= MOST_PREFIXES

    async def other_database(
        self, group: str, prefixes: Sequence[str], since: float
    ) -> tuple[int | None, bool]:
        """Return another database where somebody joined a group within the tolerance of Redis's time `since`.

        Besides, whether there can be such a one that was not looked into. The connection is left in its own.
        """
        pipeline = self._client.pipeline(transaction=False)
        keys = [group_under(prefix, group).key for prefix in prefixes]
        for database in range(DATABASES):
            pipeline.execute_command("SELECT", database)
            for key in keys:
                pipeline.execute_command("ZRANGEBYSCORE", key, since - TOLERANCE, "+inf", "LIMIT", 0, 1)
        pipeline.execute_command("SELECT", self._database)
        with understood():
            *answers, _ = await pipeline.execute(raise_on_error=False)
        step = 1 + len(keys)
        looked = True
        for database in range(DATABASES):
            selected, *joined = answers[step * database : step * (database + 1)]
            # An index out of range ends the databases; any other refusal leaves this one unseen.
            unseen = isinstance(selected, NoPermissionError) or any(
                isinstance(each, ResponseError) for each in joined
            )
            looked = looked and not unseen
            if isinstance(selected, ResponseError) or database == self._database:
                continue
            if any(joined) and not unseen:
                return database, False
        return None, not looked
