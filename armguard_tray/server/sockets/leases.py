"""Slots for connections, counted over all processes.

A connection holds its slot as a lease, renewed while it lives, which runs out by itself when its process
has died. Leases are kept where the channel layer is: in Redis, else in the database. `Slots` says what holds
while that changes.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from armguard_tray.server.models import Lease

if TYPE_CHECKING:
    from redis.asyncio import Redis


@dataclass(frozen=True, slots=True)
class Claim:
    """A connection's claim to a slot.

    Attributes:
        lease: the connection's own identifier, of `new_lease`.
        user_id, endpoint: connections are counted by both.
        client: the same client's new connection takes over the old one's slot; empty if it has no name.

    """

    lease: str
    user_id: str
    endpoint: str
    client: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms slots are given.

    Attributes:
        limit: slots of a user on an endpoint.
        seconds: after which a lease that is not renewed runs out.

    """

    limit: int
    seconds: float


Answer = tuple[str, ...] | None
"""The leases that the new one replaces, or None: there is no slot left."""


def new_lease() -> str:
    """Return an identifier of 32 characters; later ones sort later, by this machine's clock."""
    return f"{time.time_ns():016x}{secrets.token_hex(8)}"


def redis_name(layer_prefix: str) -> str:
    """Return what the names of this site's leases in Redis begin with.

    Sites may share a Redis, even with the same prefix, but not their secret key; that is how they are told
    apart. The key itself cannot be found out from the name.
    """
    site = salted_hmac("armguard_tray.server.sockets.leases", "site", algorithm="sha256").hexdigest()
    return f"{layer_prefix}:leases:{site[:16]}"


class LeaseStore(Protocol):
    """Where leases are kept."""

    async def claim(self, claims: Sequence[Claim], terms: Terms) -> list[Answer]:
        """Give slots while there are some; in the order of `claims`."""
        ...

    async def renew(self, claims: Sequence[Claim], terms: Terms) -> set[str]:
        """Let leases last, and restore those that are not there: a connection that lives keeps its slot.

        Return those that a newer connection of the same client has taken over. A restored one takes over
        from older ones, which may be left from before the store was last used.
        """
        ...

    async def release(self, claims: Sequence[Claim]) -> None:
        """Free slots."""
        ...


class DatabaseLeases:
    """Leases in the app's own table. Synchronous: call it in a thread.

    Whoever gives slots holds the lock of one row meanwhile, so that two processes cannot both give the last
    one: on PostgreSQL the row's lock, on SQLite the write lock.
    """

    _LOCK: Final = "lock"

    def __init__(self, database: str, process: str) -> None:
        self._rows = Lease.objects.using(database)
        self._database = database
        self._process = process

    def claim(self, claims: Sequence[Claim], terms: Terms) -> list[Answer]:
        """See `LeaseStore`."""
        with transaction.atomic(using=self._database):
            self._lock()
            now = timezone.now()
            # Who lives renews its lease; one that ends later than any is from before a clock was set back.
            impossible = Q(expires__gt=now + timedelta(seconds=2 * terms.seconds))
            self._rows.filter(Q(expires__lte=now) | impossible).exclude(pk=self._LOCK).delete()
            return [self._give(claim, terms, now) for claim in claims]

    def renew(self, claims: Sequence[Claim], terms: Terms) -> set[str]:
        """See `LeaseStore`. A lease of this process that is not among `claims` is freed."""
        now = timezone.now()
        expires = now + timedelta(seconds=terms.seconds)
        mine = self._rows.filter(process=self._process)
        kept = set(mine.values_list("pk", flat=True))
        left_over = kept - {claim.lease for claim in claims}
        if left_over:
            mine.filter(pk__in=left_over).delete()
        mine.update(expires=expires)
        lost = [claim for claim in claims if claim.lease not in kept]
        replaced = {claim.lease for claim in lost if claim.client and not self._is_newest(claim, now)}
        again = [self._row(claim, expires) for claim in lost if claim.lease not in replaced]
        self._rows.bulk_create(again, ignore_conflicts=True)
        return replaced

    def release(self, claims: Sequence[Claim]) -> None:
        """See `LeaseStore`."""
        self._rows.filter(pk__in=[claim.lease for claim in claims]).delete()

    def _give(self, claim: Claim, terms: Terms, now: datetime) -> Answer:
        replaced: tuple[str, ...] = ()
        if claim.client:
            old = self._others(claim, now)
            replaced = tuple(old.values_list("pk", flat=True))
            old.delete()
        if self._rows.filter(user_id=claim.user_id, endpoint=claim.endpoint).count() >= terms.limit:
            return None
        self._row(claim, now + timedelta(seconds=terms.seconds)).save(using=self._database, force_insert=True)
        return replaced

    def _is_newest(self, claim: Claim, now: datetime) -> bool:
        """Whether no other connection of the same client is newer; older ones go."""
        others = self._others(claim, now)
        if any(lease > claim.lease for lease in others.values_list("pk", flat=True)):
            return False
        others.delete()
        return True

    def _others(self, claim: Claim, now: datetime) -> Any:
        same = self._rows.filter(user_id=claim.user_id, endpoint=claim.endpoint, client=claim.client)
        return same.filter(expires__gt=now).exclude(pk=claim.lease)

    def _row(self, claim: Claim, expires: datetime) -> Lease:
        return Lease(
            id=claim.lease,
            user_id=claim.user_id,
            endpoint=claim.endpoint,
            client=claim.client,
            process=self._process,
            expires=expires,
        )

    def _lock(self) -> None:
        """Take the lock, which is a row that is nobody's lease and has run out long ago."""
        lock = self._rows.filter(pk=self._LOCK)
        if not lock.update(process=""):
            row = Lease(id=self._LOCK, expires=datetime(1970, 1, 1, tzinfo=UTC))
            self._rows.bulk_create([row], ignore_conflicts=True)
            lock.update(process="")


class RedisLeases:
    """Leases in Redis: a hash for each user and endpoint, from lease to `expires:client`.

    One script gives a slot, one renews it; Redis runs each as a whole, by its own clock.
    """

    def __init__(self, redis: "Redis", name: str) -> None:
        """Keep leases in hashes whose names begin with `name`; see `redis_name`."""
        self._redis: Any = redis  # whose types do not know scripts in pipelines
        self._name = name

    async def claim(self, claims: Sequence[Claim], terms: Terms) -> list[Answer]:
        """See `LeaseStore`."""
        answers = await self._each(_CLAIM, claims, terms)
        return [None if answer is None else tuple(each.decode() for each in answer) for answer in answers]

    async def renew(self, claims: Sequence[Claim], terms: Terms) -> set[str]:
        """See `LeaseStore`."""
        answers = await self._each(_RENEW, claims, terms)
        return {claim.lease for claim, kept in zip(claims, answers, strict=True) if not kept}

    async def release(self, claims: Sequence[Claim]) -> None:
        """See `LeaseStore`."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for claim in claims:
                pipeline.hdel(self._key(claim), claim.lease)
            await pipeline.execute()

    async def _each(self, text: str, claims: Sequence[Claim], terms: Terms) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipeline:
            for claim in claims:
                milliseconds = int(terms.seconds * 1000)
                pipeline.eval(text, 1, self._key(claim), claim.lease, claim.client, terms.limit, milliseconds)
            answers: list[Any] = await pipeline.execute()
        return answers

    def _key(self, claim: Claim) -> str:
        return f"{self._name}:{claim.endpoint}:{claim.user_id}"


_BEGIN: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease, client, limit, lasts = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local held, others = 0, {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local expires, name = string.match(all[i + 1], '^(%d+):(.*)$')
  if tonumber(expires) <= now then
    redis.call('HDEL', KEYS[1], all[i])
  elseif all[i] ~= lease then
    held = held + 1
    if client ~= '' and name == client then others[#others + 1] = all[i] end
  end
end
local function drop(lease) redis.call('HDEL', KEYS[1], lease) end
local function hold()
  redis.call('HSET', KEYS[1], lease, string.format('%d:%s', now + lasts, client))
  redis.call('PEXPIRE', KEYS[1], lasts)
end
"""

_CLAIM: Final = f"""{_BEGIN}
for _, other in ipairs(others) do drop(other) end
if held - #others >= limit then return false end
hold()
return others
"""

_RENEW: Final = f"""{_BEGIN}
for _, other in ipairs(others) do
  if other > lease then return 0 end
end
for _, other in ipairs(others) do drop(other) end
hold()
return 1
"""
