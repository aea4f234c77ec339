"""Redis as a running connection sees it: one look for all who ask, and proofs with its own session."""

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.checkup.redis_source import AT_MOST_EVERY, RedisAsked, RedisSeen
from armguard_tray.clock import Clock
from armguard_tray.connection.phase import Phase, StreamFacts
from armguard_tray.connection.session import Standing
from armguard_tray.diagnosis.facts import Facts
from armguard_tray.messages.streams import Stream
from armguard_tray.redis_probe.address import bracketed, target_of
from armguard_tray.redis_probe.find import Candidate, candidates
from armguard_tray.redis_probe.proof import Proof, ProofVerdict
from armguard_tray.redis_probe.report import LOGIN_REFUSALS, RedisState
from armguard_tray.settings.model import RedisSettings, ServerSettings

if TYPE_CHECKING:
    from armguard_tray.checkup.proof import Running
    from armguard_tray.checkup.redis import Found
    from armguard_tray.checkup.rounds import OpenSocket

PROVED_WITHIN = 9.9
"""Seconds for a proof with all that it needs."""
KEYRING_WITHIN = 3.0
"""Seconds for the keyring; it may be waiting for somebody to unlock it."""
_LOOKS_WITHIN = 5.0
_PROVEN = ProofVerdict.PROVEN
_USERS_DEFAULT = "default"
"""What Redis itself calls the user of those who name none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the running program knows without looking.

    Attributes:
        server: which one the connection follows.
        standing: how its login stands, now.
        streams: what its streams do, now.
        password_of: looks up the stored password of a Redis.

    """

    server: ServerSettings
    standing: Callable[[], Standing]
    streams: Callable[[], tuple[StreamFacts, ...]]
    password_of: Callable[[RedisSettings], Awaitable[str | None]]


@dataclass
class _Place:
    """What is known of one Redis that was asked for.

    Attributes:
        began: when the last look began, monotonic.
        searched: among which places.
        refused: whether Redis refused the password; it is not sent again by itself.
        proof: the last one.
        lives: what the streams did when it began: of another connection it says nothing.
        earlier: the last proof that found a membership, perhaps the running connection's.

    """

    password: str | None = field(default=None, repr=False)
    has_password: bool = False
    trouble: str = ""
    found: "Found | None" = None
    at: datetime | None = None
    began: float = float("-inf")
    searched: tuple[Candidate, ...] = ()
    refused: bool = False
    proof: Proof | None = None
    lives: "_Lives" = ()
    earlier: Proof | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


_Lives = tuple[tuple[Stream, Phase, datetime, int], ...]
"""Each stream's phase, since when, and its reconnects. They are compared for equality only: a clock that was
set does not tell which time is later."""


class RedisWatch:
    """The `RedisSource` of one server and its settings; the checkup of the page Connection uses it, too."""

    def __init__(self, known: Known, clock: Clock) -> None:
        """Look at nothing yet."""
        self._known = known
        self._clock = clock
        self._audit: AuditFound | None = None
        self._places: dict[RedisAsked, _Place] = {}
        # Monotonic: when each Redis (host:port or path) was looked at, and when the last proof began.
        self._looked_at: dict[str, float] = {}
        self._proved_at = float("-inf")

    def take_audit(self, audit: AuditFound | None) -> None:
        """Note what the last audit found: where nothing is announced, it tells of the channel layer."""
        self._audit = audit or self._audit

    def seen(self, asked: RedisAsked) -> RedisSeen:
        """Return what is known now; nothing is asked."""
        place = self._places.get(asked) or _Place()
        found = place.found
        facts = Facts(
            now=self._clock.now(),
            streams=self._known.streams(),
            audit=self._audit,
            redis=found.report if found is not None else None,
            redis_guessed=found is not None and is_guessed(asked.settings, place.password),
            figures=found.figures if found is not None else None,
            proof=self._as_it_stands(place),
        )
        return RedisSeen(
            facts=facts,
            at=place.at,
            address=found.candidate.address if found is not None else "",
            why=found.candidate.why if found is not None else "",
            trouble=place.trouble,
        )

    def _as_it_stands(self, place: _Place) -> Proof | None:
        """Return a proof as what it is worth now: a server that was restarted decides anew what it uses."""
        proof, lives = place.proof, self._lives()
        if proof is None or proof.verdict is not ProofVerdict.PROVEN:
            return proof
        was_live = any(phase is Phase.LIVE for _, phase, _, _ in place.lives)
        if was_live and lives == place.lives:
            return proof
        before = f"it was proven before: {proof.evidence}"
        reason = _ANEW if was_live else _NONE_LIVE
        return replace(proof, verdict=ProofVerdict.NOT_PROVEN, evidence=before, reasons=(reason,))

    def _lives(self) -> _Lives:
        return tuple((each.stream, each.phase, each.since, each.reconnects) for each in self._known.streams())

    async def look(self, asked: RedisAsked, *, anew: bool = False) -> None:
        """Look, unless that was done just now; a password that was refused is sent again only with `anew`.

        A Redis that was just looked at for somebody who asked for it otherwise is so only with `anew`, too.
        """
        place = self._places.setdefault(asked, _Place())
        async with place.turn:
            if self._is_due(place, anew=anew):
                await self._look(asked, place, anew=anew)

    def _is_due(self, place: _Place, *, anew: bool) -> bool:
        if self._clock.monotonic() - place.began < AT_MOST_EVERY:
            return False
        return anew or not place.refused

    async def _look(self, asked: RedisAsked, place: _Place, *, anew: bool) -> None:
        # The first time they take a third of a second, in which the window would stand still.
        await asyncio.to_thread(_load)
        from armguard_tray.checkup.limits import Deadline  # noqa: PLC0415 - as the comment says
        from armguard_tray.checkup.redis import best  # noqa: PLC0415 - as above
        from armguard_tray.checkup.redis_places import find_redis  # noqa: PLC0415 - as above

        place.trouble = ""
        await self._find_password(asked, place)
        told = next((each.app.redis for each in self._known.streams() if each.app is not None), "")
        everywhere = redis_places(
            asked.settings, place.password, server=self._known.server.base_url, told=told
        )
        found, before = place.found, {}
        there = everywhere
        if found is not None and found.report.state is RedisState.UP and everywhere == place.searched:
            # It is not looked for elsewhere while it is there.
            there = (found.candidate,)
            before = {found.candidate.address: found.figures} if found.figures is not None else {}
        tls = self._trusted(asked.settings, there, place)
        now, spots = self._clock.monotonic(), [target_of(each.address).where for each in there]
        if not anew and any(now - self._looked_at.get(spot, float("-inf")) < AT_MOST_EVERY for spot in spots):
            return
        self._looked_at.update(dict.fromkeys(spots, now))
        place.began, place.searched = now, everywhere
        looked = await find_redis(there, tls, self._clock, Deadline(_LOOKS_WITHIN), before)
        place.found, place.at = best(looked), self._clock.now()
        place.refused = place.found is not None and place.found.report.reason in LOGIN_REFUSALS

    async def _find_password(self, asked: RedisAsked, place: _Place) -> None:
        if asked.password is not None:
            place.password, place.has_password = asked.password or None, True
        if place.has_password:
            return
        try:
            async with asyncio.timeout(KEYRING_WITHIN):
                place.password = await self._known.password_of(asked.settings)
            place.has_password = True
        except TimeoutError:
            place.trouble = (
                "The keyring does not answer: it may wait to be unlocked. Looked without a password."
            )

    def _trusted(
        self, redis: RedisSettings, there: tuple[Candidate, ...], place: _Place
    ) -> ssl.SSLContext | None:
        from armguard_tray.connection.tls import client_context  # noqa: PLC0415 - with what was loaded before

        ca_file = redis.ca_file or self._known.server.ca_file
        if not ca_file or not any(target_of(each.address).tls for each in there):
            return None
        try:
            return client_context(ca_file)
        except OSError:
            place.trouble = "The CA file cannot be used: choose a PEM file with the certificate of the CA."
            return None

    async def prove(self, asked: RedisAsked) -> None:
        """Look within 10 s whether the server uses the Redis that was found; nothing is written.

        Within `AT_MOST_EVERY` seconds of the last proof's beginning nothing is done, and a password that was
        refused is not sent again.
        """
        place = self._places.setdefault(asked, _Place())
        lives = self._lives()
        try:
            async with asyncio.timeout(PROVED_WITHIN):
                if place.found is None:
                    await self.look(asked, anew=True)
                async with place.turn:
                    if self._is_too_soon():
                        place.proof = place.proof or self._nothing(place, "it was not looked", _TOO_SOON)
                        return
                    proof = await self._proof(asked, place)
        except TimeoutError:
            proof = self._nothing(place, "the look took too long", _TOO_LONG)
        place.proof, place.lives = proof, lives
        place.refused = place.refused or (proof is not None and proof.login_refused)
        # The membership that is gone stays gone: what shows that is kept. So is what an attempt that came to
        # nothing says nothing of.
        if proof is not None and not proof.was_member and (proof.member or proof.verdict is _PROVEN):
            place.earlier = proof

    def _is_too_soon(self) -> bool:
        return self._clock.monotonic() - self._proved_at < AT_MOST_EVERY

    async def _proof(self, asked: RedisAsked, place: _Place) -> Proof | None:
        from armguard_tray.checkup.proof import RedisPlace, prove  # noqa: PLC0415 - as in _look

        if place.found is None:
            return None
        try:
            open_socket = self._own_socket()
        except OSError:
            return self._nothing(place, "our socket was not opened", _CA_FILE)
        if open_socket is None:
            return self._nothing(place, "this desk is not logged in", _NO_LOGIN)
        if place.refused:
            return self._nothing(place, "Redis could not be looked into", _LOGIN_REFUSED)
        there = place.found.candidate
        self._proved_at = self._clock.monotonic()
        return await prove(
            RedisPlace(
                address=there.address,
                password=there.password,
                tls=self._trusted(asked.settings, (there,), place),
                prefix=asked.settings.prefix,
            ),
            open_socket,
            clock=self._clock,
            running=self._running(),
            earlier=place.earlier,
        )

    def _own_socket(self) -> "OpenSocket | None":
        """Return what opens sockets with the running connection's session: nobody logs in a second time.

        Raises:
            OSError: the server's CA file cannot be used.

        """
        from armguard_tray.checkup.own_socket import own_socket  # noqa: PLC0415 - as in _look
        from armguard_tray.connection.login import LoginClient  # noqa: PLC0415 - as above

        standing, server = self._known.standing(), self._known.server
        if standing.login is None:
            return None
        return own_socket(server, LoginClient(server), standing.login.session)

    def _running(self) -> "Running | None":
        """Return the running connection's socket of the notifications, where it has one."""
        from armguard_tray.checkup.proof import Running  # noqa: PLC0415 - as in _look

        for each in self._known.streams():
            by_the_app = each.app is not None and each.app.in_use
            if each.stream is Stream.NOTIFICATIONS and each.phase is Phase.LIVE and not by_the_app:
                return Running(each.since, each.user_id)
        return None

    def _nothing(self, place: _Place, evidence: str, reason: str) -> Proof:
        where = ""
        if place.found is not None:
            target = target_of(place.found.candidate.address)
            where = f"{target.where}, database {target.database}"
        return Proof(
            verdict=ProofVerdict.NOT_PROVEN,
            at=self._clock.now(),
            where=where,
            evidence=evidence,
            reasons=(reason,),
        )


_ANEW = "A stream has been lost or opened anew since: the server may have been restarted. Prove it again."
_TOO_LONG = "It was not done within 10 s: the server or Redis answers slowly. Prove it again."
_NONE_LIVE = (
    "No stream was connected, so that it cannot be told whether the server was restarted since. Prove it "
    "again when one is."
)
_TOO_SOON = "A proof was begun less than 10 s ago, elsewhere. Prove it again in a moment."
_LOGIN_REFUSED = (
    "Redis refused this user name or password, which is not sent again by itself: change it, or look again "
    "with it."
)
_CA_FILE = "The CA file of the server cannot be used: see the page Connection."
_NO_LOGIN = "A proof needs a socket of our own, and with it a login: see the page Connection."


def is_guessed(redis: RedisSettings, password: str | None) -> bool:
    """PURE: tell whether nobody has named a Redis: the settings have the one that most servers use."""
    return redis.address == RedisSettings().address and password is None


def redis_places(
    redis: RedisSettings, password: str | None, *, server: str, told: str = ""
) -> tuple[Candidate, ...]:
    """Return where Redis may be; nowhere if the user wants it not looked for.

    Args:
        redis: the settings.
        password: for their address; None for none.
        server: the server's URL.
        told: where the server says that it is.

    """
    if not redis.address:
        return ()
    if not is_guessed(redis, password):
        return candidates(given=redis.address, password=password, only_given=True)
    return candidates(environ=os.environ, told=told, server_host=urlsplit(server).hostname or "")


def kept_under(redis: RedisSettings) -> tuple[str, str] | None:
    """PURE: return under which address and user the password of a Redis is kept; None for no address."""
    try:
        target = target_of(redis.address)
    except ValueError:
        return None
    scheme = "rediss" if target.tls else "redis"
    place = f"unix://{target.path}" if target.path else f"{scheme}://{bracketed(target.host)}:{target.port}"
    return place, target.username or _USERS_DEFAULT


def _load() -> None:
    import armguard_tray.checkup.own_socket  # noqa: PLC0415 - late, as the caller says
    import armguard_tray.checkup.redis_places  # noqa: PLC0415 - as above
    import armguard_tray.redis_probe.memberships  # noqa: PLC0415 - as above
    import armguard_tray.redis_probe.probe  # noqa: F401, PLC0415 - as above
