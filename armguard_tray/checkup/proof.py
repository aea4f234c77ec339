"""Proves which Redis the server uses: opens our own socket, and looks for its membership. Reads only."""

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, TypeGuard, TypeVar

from armguard_tray.checkup.rounds import NothingCameError, OpenSocket, Rounds, UnprovenError
from armguard_tray.clock import Clock
from armguard_tray.redis_probe import proof as judging
from armguard_tray.redis_probe.address import target_of
from armguard_tray.redis_probe.proof import Arrival, Elsewhere, Glance, Group, Proof, ProofVerdict
from armguard_tray.redis_probe.report import LOGIN_REFUSALS, Reason, failed

if TYPE_CHECKING:
    from armguard_tray.redis_probe.memberships import Memberships

log = logging.getLogger(__name__)

T = TypeVar("T")

WITHIN = 9.0
"""Seconds for the whole of it; a socket that is open then takes up to one more to close."""
REDIS_PATIENCE = 2.0
"""Seconds for each answer of Redis."""
_LAST_ROUND_AFTER = WITHIN - 2.3
_LEFT_BEFORE = 1.0
"""Seconds that the first socket has to leave its group."""
_LOOK_EVERY = 0.1


class NoSocket(Exception):  # noqa: N818 - named for what happened
    """Our socket was refused, or nothing said that it is subscribed; the text says why, plain, no secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisPlace:
    """The Redis to look into.

    Attributes:
        address: as the settings have one, without a password.
        password: None for none.
        tls: whom to trust where the address asks for TLS; None: the system's certificates.
        prefix: of the server's channel layer; empty: the usual ones, and what can be found.

    """

    address: str
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """The notifications socket of the running connection, on a server without the live app.

    Attributes:
        since: since when it is live.
        user_id: as its welcome frame names it; None if that was not kept.

    """

    since: datetime
    user_id: int | None = None


async def prove(  # noqa: PLR0913 - all but the first two have names
    place: RedisPlace,
    open_socket: OpenSocket | None,
    *,
    clock: Clock,
    running: Running | None = None,
    earlier: Proof | None = None,
    zone: tzinfo | None = None,
) -> Proof:
    """Look whether our own membership comes and goes with our socket, within 10 s; return what that shows.

    Args:
        place: where to look.
        open_socket: opens our socket, some times, one after the other; None where none may be opened.
        clock: of this desk.
        running: the running connection's socket: where it is proven that the server uses this Redis, its
            membership is found by when it joined, and is watched from then on. It proves nothing itself:
            whoever else came at that moment, with their own server, looks the same.
        earlier: the proof before, in the same run: by it a membership of `running` that is gone is noticed.
        zone: of the times in the evidence; None: this machine's.

    Raises:
        ValueError: the address is not one that the settings accept.

    """
    # Late: redis-py takes 15 MiB and 170 ms, which a desk pays only when it looks at Redis.
    from armguard_tray.redis_probe.client import client_for  # noqa: PLC0415 - see above
    from armguard_tray.redis_probe.memberships import Memberships, NotRead  # noqa: PLC0415 - see above
    from armguard_tray.redis_probe.reasons import REDIS_TROUBLE, detail_of, reason_of  # noqa: PLC0415 - see above

    target = target_of(place.address)
    nothing = Proof(
        verdict=ProofVerdict.NOT_PROVEN,
        at=clock.now(),
        where=f"{target.where}, database {target.database}",
        evidence="Redis could not be looked into",
        looked=False,
    )
    try:
        async with asyncio.timeout(WITHIN), client_for(target, place.password, place.tls) as client:
            memberships = Memberships(client, target.database)
            attempt = _Attempt(memberships, nothing, clock, running, earlier, zone)
            found = await attempt.proof(open_socket, place.prefix)
    except NotRead as error:
        found = replace(nothing, reasons=(str(error),))
    except _RedisSilentError:
        sentence = failed(target.where, Reason.TIMED_OUT, timeout=REDIS_PATIENCE).sentence
        found = replace(nothing, reasons=judging.unreachable(sentence))
    except TimeoutError:
        found = replace(nothing, evidence="the look took too long", reasons=(_TOO_LONG,))
    except REDIS_TROUBLE as error:
        reason = reason_of(error)
        sentence = failed(target.where, reason, detail=detail_of(error, place.password)).sentence
        refused = reason in LOGIN_REFUSALS
        found = replace(nothing, reasons=judging.unreachable(sentence), login_refused=refused)
    log.info("channel layer at %s: %s; %s", found.where, found.verdict, found.evidence)
    return found


_TOO_LONG = "It was not done within 10 s: the server or Redis answers slowly. Prove it again."


class _RedisSilentError(Exception):
    """Redis has not answered in time."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt to prove.

    Attributes:
        nothing: a proof of nothing, to be filled in.

    """

    memberships: "Memberships"
    nothing: Proof
    clock: Clock
    running: Running | None
    earlier: Proof | None
    zone: tzinfo | None

    async def proof(self, open_socket: OpenSocket | None, prefix: str) -> Proof:
        """Return what shows. Raises NotRead, _RedisSilentError, and what Redis raises when it is lost."""
        await self._glance("", [])  # no socket is opened for a Redis that does not answer
        prefixes = list(dict.fromkeys([*filter(None, [prefix]), *judging.USUAL_PREFIXES]))
        if open_socket is None:
            return await self._by_running(prefixes, "no socket of our own may be opened")
        try:
            return await self._by_socket(open_socket, prefixes)
        except NoSocket as refused:
            return await self._by_running(prefixes, f"our socket was not opened: {refused}")

    async def _by_socket(self, open_socket: OpenSocket, prefixes: list[str]) -> Proof:
        last_round = time.monotonic() + _LAST_ROUND_AFTER
        # The user's id, and with it the group, is known only once a socket is open; so the first one is for
        # finding the names.
        async with open_socket() as user_id:
            group = judging.group_of(user_id)
            prefixes, elsewhere = await self._find_names(group, self._with_earlier(prefixes, group))
            inside = await self._glance(group, prefixes)
        usual = await self._without_the_first(inside, group, prefixes)
        rounds = Rounds(open_socket, partial(self._glance, group, prefixes), usual, last_round)
        try:
            found = self._proven(await rounds.run())
        except NothingCameError:
            found = self._nothing_came(usual, replace(elsewhere, crowded=_subscribed(usual)))
        except UnprovenError as doubt:
            found = replace(self.nothing, evidence=doubt.evidence, reasons=(doubt.reason,))
        return self._with_running(found, rounds.last)

    async def _find_names(self, group: str, prefixes: list[str]) -> tuple[list[str], Elsewhere]:
        """Return the prefixes to watch while a socket of ours is open, and where else it may have joined."""
        glance = await self._glance(group, prefixes)
        missing = tuple(self.memberships.missing.items())
        crowded = _subscribed(glance)
        if crowded or any(judging.joined_near(each, glance[0]) for each in glance[1]):
            return prefixes, Elsewhere(missing=missing)
        found, whole = await _patiently(self.memberships.prefixes_of(group))
        prefixes = list(dict.fromkeys([*prefixes, *found]))
        database, others = await _patiently(self.memberships.other_database(group, prefixes, glance[0]))
        elsewhere = Elsewhere(
            database=database, other_databases=others, other_prefixes=not whole, missing=missing
        )
        return prefixes, elsewhere

    async def _by_running(self, prefixes: list[str], why: str) -> Proof:
        """Return what the running connection's membership shows, where there is no other socket."""
        refused = replace(self.nothing, evidence=why, reasons=(_ONE_SOCKET,))
        if self.running is None or self.running.user_id is None:
            return refused
        group = judging.group_of(self.running.user_id)
        glance = await self._glance(group, self._with_earlier(prefixes, group))
        near = self._near(glance, self.running)
        if len(near) == 1:
            place, member = near[0]
            joined = self._words(place.key, (place.members or {})[member], "somebody")
            evidence = f"{why}; {joined}, when our stream was opened"
            refused = replace(refused, evidence=evidence, reasons=(_ANYBODY,))
        return self._with_running(refused, glance)

    def _with_running(self, proof: Proof, glance: Glance) -> Proof:
        """Add what `glance` shows of the running connection's membership."""
        if self.running is None:
            return proof
        proof = replace(proof, socket_since=self.running.since)
        lost = self._lost(glance)
        if lost is not None:
            evidence = f"the membership of our stream in {lost.group} is gone"
            if proof.verdict is ProofVerdict.PROVEN:
                evidence += f"; {proof.evidence}"
            return replace(proof, evidence=evidence, was_member=True, group=proof.group or lost.group)
        if self._is_watched(self.earlier) and proof.group in {"", self.earlier.group}:
            # Still there: an attempt that shows nothing of it does not end the watch.
            return replace(proof, member=self.earlier.member, group=self.earlier.group)
        near = self._near(glance, self.running)
        # Where the server is not proven to be in this group, whose membership it is cannot be told.
        is_ours = len(near) == 1 and proof.verdict is ProofVerdict.PROVEN and proof.group == near[0][0].key
        return replace(proof, member=near[0][1]) if is_ours else proof

    def _near(self, glance: Glance, running: Running) -> list[tuple[Group, str]]:
        """Return who joined when the running connection's socket became live."""
        since = glance[0] - (self.clock.now() - running.since).total_seconds()
        return [(each, name) for each in glance[1] for name in judging.joined_near(each, since)]

    def _is_watched(self, earlier: Proof | None) -> TypeGuard[Proof]:
        """Tell whether a proof has a membership of the running connection's present socket, in this Redis."""
        if earlier is None or self.running is None or not earlier.member:
            return False
        # The same, not earlier or later: the desk's clock may have been set in between.
        return earlier.where == self.nothing.where and earlier.socket_since == self.running.since

    def _lost(self, glance: Glance) -> Proof | None:
        """Return the proof before, if the running connection's membership was in it, and is gone."""
        earlier = self.earlier
        if not self._is_watched(earlier):
            return None
        group = next((each for each in glance[1] if each.key == earlier.group), None)
        is_gone = group is not None and group.members is not None and earlier.member not in group.members
        return earlier if is_gone else None

    def _with_earlier(self, prefixes: list[str], group: str) -> list[str]:
        """Add the prefix that was found before: nothing may be left there to find it by."""
        prefix = judging.prefix_of(self.earlier.group, group) if self.earlier is not None else None
        return prefixes if prefix is None or prefix in prefixes else [prefix, *prefixes]

    def _words(self, place: str, joined: float | None, who: str = "our membership") -> str:
        return judging.words_of(place, joined, self.zone, who)

    def _proven(self, arrival: Arrival) -> Proof:
        return replace(
            self.nothing,
            verdict=ProofVerdict.PROVEN,
            evidence=f"{self._words(arrival.place, arrival.joined)}, and left when we closed it",
            group=arrival.place,
            joined=judging.moment_of(arrival.joined),
            kind=arrival.kind,
        )

    def _nothing_came(self, before: Glance, elsewhere: Elsewhere) -> Proof:
        names = " or ".join(each.key for each in before[1])
        return replace(
            self.nothing,
            evidence=f"nobody joined {names} when our socket was opened",
            looked=not (elsewhere.missing or elsewhere.crowded or elsewhere.database is not None),
            reasons=judging.reasons_for_nothing(elsewhere),
        )

    async def _without_the_first(self, inside: Glance, group: str, prefixes: list[str]) -> Glance:
        """Look until somebody left, or nobody is there, or for a second; return the last look."""
        until = time.monotonic() + _LEFT_BEFORE
        while True:
            glance = await self._glance(group, prefixes)
            if judging.is_settled(inside, glance) or time.monotonic() >= until:
                return glance
            await asyncio.sleep(_LOOK_EVERY)

    async def _glance(self, group: str, prefixes: list[str]) -> Glance:
        return await _patiently(self.memberships.glance(group, prefixes))


_ONE_SOCKET = "A socket of our own is needed, to see its membership come and go. Prove it again."
_ANYBODY = (
    "That may be this desk, or somebody else at another server that uses this Redis. Only a socket that is "
    "opened and closed for the proof tells. Prove it again."
)


async def _patiently(answer: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(REDIS_PATIENCE):
            return await answer
    except TimeoutError:
        raise _RedisSilentError from None


def _subscribed(glance: Glance) -> bool:
    return any(each.subscribers for each in glance[1])
