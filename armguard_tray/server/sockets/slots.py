"""The slots that the connections of this process hold, or wait for: claimed, renewed and freed in batches."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from armguard_tray.server.layers import current_redis
from armguard_tray.server.sockets.leases import Answer, Claim, DatabaseLeases, LeaseStore, RedisLeases, Terms

if TYPE_CHECKING:
    from armguard_tray.server.sockets.database import DatabaseThreads

log = logging.getLogger(__name__)

T = TypeVar("T")

# Together less than a handshake may take: with neither of them a connection is let in uncounted.
_REDIS: Final = 1.5  # seconds for an answer
_DATABASE: Final = 2.5

_Waiting = tuple[Claim, "asyncio.Future[Answer]"]


class Slots:
    """The slots of one process and event loop.

    One task does all the work, one batch after the other, so that hundreds of handshakes at once are a few
    transactions. Where no store answers, a connection is let in without a slot, and gets one at a renewal.
    """

    def __init__(self, threads: "DatabaseThreads", database: str, process: str, terms: Terms) -> None:
        self._terms = terms
        self._in_database = _InThreads(DatabaseLeases(database, process), threads)
        self._held: dict[str, Claim] = {}
        self._waiting: list[_Waiting] = []
        self._freed: list[Claim] = []
        self._renewals: list[asyncio.Future[set[str]]] = []
        self._work = asyncio.Event()
        self._used = False

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
            self._freed.append(claim)
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
        freed, self._freed = self._freed, []
        if freed:
            await self._free(freed)
        waiting, self._waiting = self._waiting, []
        if waiting:
            await self._claim(waiting)
        renewals, self._renewals = self._renewals, []
        if renewals:
            await self._renew(renewals)

    async def _free(self, claims: Sequence[Claim]) -> None:
        try:
            await self._ask(lambda store: store.release(claims))
        except Exception as error:  # noqa: BLE001 - any database's or Redis's; they run out by themselves
            log.warning("%d slots could not be freed before their time: %r", len(claims), error)

    async def _claim(self, waiting: Sequence[_Waiting]) -> None:
        claims = [claim for claim, answer in waiting if not answer.done()]
        answers: list[Answer]
        try:
            answers = await self._ask(lambda store: store.claim(claims, self._terms))
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
            outcome = await self._ask(lambda store: store.renew(held, self._terms))
        except Exception as error:  # noqa: BLE001 - handed on to who asked
            outcome = error
        for future in renewals:
            if future.done():
                continue
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    async def _ask(self, question: "Callable[[LeaseStore], Any]") -> Any:
        """Ask Redis where it is in use, else, or where it does not answer, the database."""
        try:
            async with asyncio.timeout(_REDIS):
                redis = await current_redis()
                if redis is not None:
                    return await question(RedisLeases(redis))
        except Exception as error:  # noqa: BLE001 - redis-py's, or those of the layer's own making
            log.warning("Redis does not answer, so slots are kept in the database: %r", error)
        return await question(self._in_database)


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
