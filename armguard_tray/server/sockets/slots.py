"""The slots that the connections of this process hold, or wait for: claimed, renewed and freed in batches."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from channels.layers import get_channel_layer

from armguard_tray.server.layers import current_redis
from armguard_tray.server.sockets.leases import (
    Answer,
    Claim,
    DatabaseLeases,
    LeaseStore,
    RedisLeases,
    Terms,
    redis_name,
)

if TYPE_CHECKING:
    from armguard_tray.server.sockets.database import DatabaseThreads

log = logging.getLogger(__name__)

T = TypeVar("T")

# Together less than a handshake may take: with neither of them a connection is let in uncounted.
_REDIS: Final = 1.5  # seconds for an answer
_DATABASE: Final = 2.5
_PAUSE: Final = 5.0  # seconds for which Redis is left alone that gave none: not every handshake waits for it

_Place = Literal["redis", "database"]
_Waiting = tuple[Claim, "asyncio.Future[Answer]"]


class Slots:
    """The slots of one process and event loop.

    One task does all the work, one batch after the other, so that hundreds of handshakes at once are a few
    transactions. Where no store answers, a connection is let in without a slot, and gets one at a renewal.

    When Redis is lost or comes back, each process carries the slots that it holds over to the store now in
    use: before it gives another one, at the latest with its next renewal. So once all have renewed, the limit
    counts all connections again. Until then it misses those of processes that have not noticed the change;
    what was let in above the limit meanwhile stays, and counts. While one process reaches Redis and another
    does not, the same holds for as long as that lasts: those that share no store share no count.

    Slots are freed in both stores, wherever they were ever held; where a store cannot be reached, as soon as
    it can, unless they have run out by then.

    A connection that a newer one of the same client has replaced in another process is told so through the
    channel layer; where that reaches no other process, as in memory, at the next renewal.
    """

    def __init__(self, threads: "DatabaseThreads", database: str, process: str, terms: Terms) -> None:
        self._terms = terms
        self._in_database = _InThreads(DatabaseLeases(database, process), threads)
        self._held: dict[str, Claim] = {}
        self._waiting: list[_Waiting] = []
        self._renewals: list[asyncio.Future[set[str]]] = []
        self._work = asyncio.Event()
        self._used = False
        self._in_use: _Place | None = None
        self._no_redis_until = 0.0  # by the monotonic clock
        self._kept: dict[_Place, dict[str, Claim]] = {"redis": {}, "database": {}}  # perhaps, of this process

    @property
    def limit(self) -> int:
        """Slots of a user on an endpoint."""
        return self._terms.limit

    async def claim(self, claim: Claim) -> Answer:
        """Claim a slot; return the leases it replaces, or None where there is none left."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._used = True
        self._waiting.append((claim, answer))
        self._work.set()
        return await answer

    def free(self, claim: Claim) -> None:
        """Let a slot be freed soon."""
        if self._held.pop(claim.lease, None) is not None:
            self._work.set()

    async def renew(self) -> set[str]:
        """Renew all that are held; return those that a newer connection of the same client has taken over.

        Raises what the stores raise.
        """
        replaced: asyncio.Future[set[str]] = asyncio.get_running_loop().create_future()
        self._renewals.append(replaced)
        self._work.set()
        return await replaced

    async def settle(self) -> None:
        """Wait until what is to be freed has been."""
        if self._used:
            await self.renew()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._work.wait()
            self._work.clear()
            await self.work_off()

    async def work_off(self) -> None:
        """Do all that waits now. Slots are freed first, so that who comes back at once finds one."""
        for place in self._kept:
            await self._free(place)
        waiting, self._waiting = self._waiting, []
        if waiting:
            await self._claim(waiting)
        renewals, self._renewals = self._renewals, []
        if renewals:
            await self._renew(renewals)

    async def _free(self, place: _Place) -> None:
        """Take out of a store what is not held any more, if it can be reached."""
        claims = self._left_over(place)
        if not claims:
            return
        try:
            async with asyncio.timeout(_REDIS if place == "redis" else _DATABASE):
                store = await self._redis() if place == "redis" else self._in_database
                if store is not None:
                    await self._release(place, store)
        except Exception as error:  # noqa: BLE001 - any database's or Redis's; they run out by themselves
            if place == "redis":
                self._no_redis_until = time.monotonic() + _PAUSE
            log.warning("%d slots could not be freed before their time: %r", len(claims), error)

    async def _release(self, place: _Place, store: "LeaseStore") -> None:
        claims = self._left_over(place)
        if claims:
            await store.release(claims)
        for claim in claims:
            del self._kept[place][claim.lease]

    def _left_over(self, place: _Place) -> list[Claim]:
        """Return what a store may keep and nobody holds any more."""
        return [claim for lease, claim in self._kept[place].items() if lease not in self._held]

    async def _claim(self, waiting: Sequence[_Waiting]) -> None:
        claims = [claim for claim, answer in waiting if not answer.done()]
        answers: list[Answer]
        try:
            answers = await self._ask(lambda store: store.claim(claims, self._terms), claims)
        except Exception as error:  # noqa: BLE001 - as above; being reached counts more than counting
            log.warning("%d connections were let in uncounted: %r", len(claims), error)
            answers = [()] * len(claims)
        given = dict(zip(claims, answers, strict=True))
        for claim, future in waiting:
            if claim not in given:
                continue
            if given[claim] is not None:
                self._held[claim.lease] = claim
            if not future.done():
                future.set_result(given[claim])
            else:  # gone meanwhile
                self.free(claim)

    async def _renew(self, renewals: "Sequence[asyncio.Future[set[str]]]") -> None:
        held = list(self._held.values())
        outcome: set[str] | Exception
        try:
            outcome = await self._ask(lambda store: store.renew(held, self._terms), held)
        except Exception as error:  # noqa: BLE001 - handed on to who asked
            outcome = error
        for future in renewals:
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    async def _ask(self, question: "Callable[[LeaseStore], Any]", claims: Sequence[Claim]) -> Any:
        """Ask Redis where it is in use, else, or where it does not answer, the database, about `claims`."""
        try:
            async with asyncio.timeout(_REDIS):
                redis = await self._redis()
                if redis is not None:
                    await self._use("redis", redis, claims)
                    return await question(redis)
        except Exception as error:  # noqa: BLE001 - redis-py's, or those of the layer's own making
            self._no_redis_until = time.monotonic() + _PAUSE
            log.warning("Redis does not answer, so slots are kept in the database: %r", error)
        await self._use("database", self._in_database, claims)
        return await question(self._in_database)

    async def _redis(self) -> RedisLeases | None:
        """Return the leases in Redis, or None where it is not to be asked."""
        return None if time.monotonic() < self._no_redis_until else await _redis_leases()

    async def _use(self, place: _Place, store: "LeaseStore", claims: Sequence[Claim]) -> None:
        """Have all that is held in the store, before it is asked about `claims`, which it may keep then."""
        kept = self._kept[place]
        if self._in_use != place:
            await self._release(place, store)  # of before it was last used
            held = dict(self._held)
            kept.update(held)
            if held:
                await store.renew(list(held.values()), self._terms)  # the next one tells who was replaced
            self._in_use = place
        kept.update((claim.lease, claim) for claim in claims)


async def _redis_leases() -> RedisLeases | None:
    """Return the leases in Redis, or None where it is not in use."""
    redis = await current_redis()
    if redis is None:
        return None
    layer: Any = get_channel_layer()
    # This app's layer has it among its options, one of channels_redis itself as it is.
    prefix = getattr(getattr(layer, "options", layer), "prefix", "")
    return RedisLeases(redis, redis_name(prefix))


class _InThreads:
    """The database's leases, as a `LeaseStore`."""

    def __init__(self, leases: DatabaseLeases, threads: "DatabaseThreads") -> None:
        self._leases = leases
        self._threads = threads

    async def claim(self, claims: Sequence[Claim], terms: Terms) -> list[Answer]:
        """See `LeaseStore`."""
        return await self._run(partial(self._leases.claim, claims, terms))

    async def renew(self, claims: Sequence[Claim], terms: Terms) -> set[str]:
        """See `LeaseStore`."""
        return await self._run(partial(self._leases.renew, claims, terms))

    async def release(self, claims: Sequence[Claim]) -> None:
        """See `LeaseStore`."""
        await self._run(partial(self._leases.release, claims))

    async def _run(self, work: Callable[[], T]) -> T:
        return await self._threads.run(work, _DATABASE)
