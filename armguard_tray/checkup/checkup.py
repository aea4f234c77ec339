"""A checkup of one server: looks at each thing that a connection stands on, and collects the facts.

::

    name ─► TCP ─► TLS ─► HTTP ─► login ─► session ─► live app? ─► handshakes
    password ──────────────────────┘
    Redis (beside) ───────────────────────────────────────────────────────► proof of the channel layer

Whatever does not answer, it ends: each step has its time, and all together have theirs. What a step needs and
has not got makes it go unasked, above all the login: every wrong password is one of five.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from armguard_tray.checkup.account import Account
from armguard_tray.checkup.audit import Auditor
from armguard_tray.checkup.hearing import Hearing
from armguard_tray.checkup.limits import Deadline, Limits, Stopwatch
from armguard_tray.checkup.network import Place, find_name, knock
from armguard_tray.checkup.own_socket import own_socket
from armguard_tray.checkup.proof import prove
from armguard_tray.checkup.redis_search import RedisSearch, RedisWanted
from armguard_tray.checkup.sockets import Handshakes
from armguard_tray.checkup.tls import TlsLook
from armguard_tray.checkup.website import Website
from armguard_tray.clock import Clock
from armguard_tray.connection.discovery import ask_for_app
from armguard_tray.connection.failures import Failure, failure_of
from armguard_tray.connection.health import Coverage, coverage_of
from armguard_tray.connection.login import LoginClient, Session
from armguard_tray.connection.phase import Phase
from armguard_tray.diagnosis.facts import (
    Facts,
    HandshakeFound,
    Keeping,
    SessionFound,
    ToastsFound,
)
from armguard_tray.messages.streams import Stream, followed
from armguard_tray.redis_probe.proof import Proof, ProofVerdict
from armguard_tray.settings.model import ServerSettings, problems
from armguard_tray.tasks import TaskKeeper


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be looked at, and what is known of it already.

    Attributes:
        server: which server, and as whom.
        streams: whether to go on beyond the session: to the live app, the streams and the history.
        redis: which Redis; None: do not look.
        prove: whether to open sockets of our own and look for them in the Redis that was found; read-only.
        proof: what came of that before, where somebody has done it.
        auditor: compares the server's history with what was announced, where somebody does.
        toasts: looks up what shows toasts, and why it shows none at present; within a second or so.

    """

    server: ServerSettings
    streams: bool = True
    redis: RedisWanted | None = None
    prove: bool = False
    proof: Proof | None = None
    auditor: Auditor | None = None
    toasts: Callable[[], Awaitable[ToastsFound | None]] | None = None


Progress = Callable[[Facts], None]


async def check(
    asked: Asked,
    account: Account,
    *,
    clock: Clock,
    progress: Progress = lambda _: None,
    limits: Limits | None = None,
) -> Facts:
    """Look at everything there is to see, and return what was found.

    Args:
        asked: what to look at.
        account: how to get at a session.
        clock: the time.
        progress: is told all that is known whenever there is more.
        limits: how long it may take; by default 13 s in all, and less than 15 with all closing handshakes.

    """
    checkup = _Checkup(asked, account, clock, progress, limits or Limits())
    keeper = TaskKeeper("checkup")
    redis = keeper.start(checkup.look_at_redis(), name="redis")
    toasts = keeper.start(checkup.look_at_toasts(), name="toasts")
    try:
        await checkup.climb()
        await toasts
        await redis
        await checkup.prove()
    finally:
        await keeper.close()
    return checkup.facts


def is_configured(server: ServerSettings) -> bool:
    """Tell whether there are a server and an account to look at; a CA file that is gone is a finding."""
    return not {"address", "username"} & problems(server).keys()


@dataclass
class _Checkup:
    """One run."""

    asked: Asked
    account: Account
    clock: Clock
    progress: Progress
    limits: Limits
    facts: Facts = field(init=False)
    deadline: Deadline = field(init=False)
    way_in: tuple[LoginClient, Session] | None = field(init=False, default=None)
    redis: RedisSearch | None = field(init=False, default=None)
    told: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        server = self.asked.server
        self.deadline = Deadline(self.limits.whole)
        if self.asked.redis is not None:
            self.redis = RedisSearch(self.asked.redis, server, self.clock, self.deadline)
        self.facts = Facts(
            now=self.clock.now(),
            configured=is_configured(server),
            plain_http_refused=server.plain_http_refused,
            tls_expected=server.base_url.startswith("https:"),
            streams=self.account.streams,
            proof=self.asked.proof,
        )

    def _learn(self, **found: Any) -> None:
        self.facts = replace(self.facts, now=self.clock.now(), **found)
        self.progress(self.facts)

    def _watch(self) -> Stopwatch:
        return Stopwatch(self.clock)

    async def look_at_toasts(self) -> None:
        """Look up what shows toasts, where somebody knows."""
        if self.asked.toasts is not None:
            self._learn(toasts=await self.asked.toasts())

    async def climb(self) -> None:
        """Look at the connection, rung by rung, as far as that goes."""
        try:
            if self.facts.configured:
                await self._climb()
        finally:
            self.told.set()  # whoever waits for what the server says waits no longer

    async def _climb(self) -> None:
        keeper = TaskKeeper("checkup")
        password = keeper.start(self._find_password(), name="password")
        try:
            place = await self._reach()
            client = await self._look_at_site(place) if place is not None else None
            # Asked for in any case: a locked keyring is to be known even while the server is down.
            await password
            session = await self._log_in(client) if client is not None else None
            if client is not None and session is not None and await self._is_alive(client, session):
                self.way_in = client, session
                if self.asked.streams:
                    await self._look_at_streams(client, session)
        finally:
            await keeper.close()

    async def _look_at_streams(self, client: LoginClient, session: Session) -> None:
        await self._find_app(client, session)
        await self._open_streams(client, session)
        await self._audit()

    async def _find_password(self) -> None:
        try:
            async with asyncio.timeout(self.deadline.within(self.limits.password)):
                keeping = await self.account.find_password()
        except TimeoutError:
            keeping = Keeping.LOCKED  # it waits for somebody to unlock it
        self._learn(password=keeping)

    async def _reach(self) -> Place | None:
        parts = urlsplit(self.asked.server.base_url)
        host, port = parts.hostname or "", parts.port or {"http": 80}.get(parts.scheme, 443)
        within = self.deadline.within(self.limits.name)
        name = await find_name(host, port, self._watch(), within)
        self._learn(name=name)
        if not name.addresses:
            return None
        places = [Place(address, port) for address in name.addresses]
        tcp, place = await knock(places, self._watch(), self.deadline.within(self.limits.tcp))
        self._learn(tcp=tcp)
        if place is None or not self.facts.tls_expected:
            return place
        look = TlsLook(place, host, self.asked.server.ca_file, self.clock, self.deadline)
        tls = await look.look(self.limits.tls)
        self._learn(tls=tls)
        return place if tls.fault is None else None

    async def _look_at_site(self, place: Place) -> LoginClient | None:
        """Look at the login page; return the client to log in with if it is one."""
        server = self.asked.server
        client = LoginClient(server)
        site = Website(client, server.base_url, place)
        http = await site.look(self._watch(), self.deadline, self.limits.http)
        self._learn(http=http)
        return client if http.failure is None else None

    async def _log_in(self, client: LoginClient) -> Session | None:
        if self.facts.plain_http_refused:
            return None
        within = self.deadline.within(self.limits.login)
        login, session = await self.account.log_in(client, self.clock, within)
        if login is not None:
            self._learn(login=login)
        return session

    async def _is_alive(self, client: LoginClient, session: Session) -> bool:
        """Ask for the session, and tell whether it is worth going on with."""
        watch = self._watch()
        try:
            async with asyncio.timeout(self.deadline.within(self.limits.session)):
                known = await client.find_session(session)
        except TimeoutError as error:
            known = failure_of(error)
        alive, failure = (None, known) if isinstance(known, Failure) else (known, None)
        began = self.facts.login.at if self.facts.login is not None else None
        found = SessionFound(at=watch.at, ms=watch.ms, alive=alive, began=began, failure=failure)
        self._learn(session=found)
        return alive is not False

    async def _find_app(self, client: LoginClient, session: Session) -> None:
        if self.account.app is not None:
            self._learn(app=self.account.app, app_known=True)
            return
        try:
            async with asyncio.timeout(self.deadline.within(self.limits.app)):
                answer = await ask_for_app(client, session)
        except TimeoutError:
            return  # as a desk does, it takes the server for a stock one
        self._learn(app=answer.app, app_known=answer.known)

    async def _open_streams(self, client: LoginClient, session: Session) -> None:
        # Beside a handshake that the running connection makes now, ours would count against the same limit.
        theirs = {
            each.stream
            for each in self.account.streams
            if each.phase is Phase.LIVE or coverage_of(each) is Coverage.WAITING
        }
        wanted = [each for each in followed(presence=self.asked.server.presence) if each not in theirs]

        def told(handshakes: tuple[HandshakeFound, ...]) -> None:
            self._learn(handshakes=handshakes)

        handshakes = Handshakes(self.asked.server, client, session, self.facts.app, told)
        keeper = TaskKeeper("checkup")
        try:
            meanwhile = self._audit_meanwhile(client, session, handshakes.hearing)
            audit = keeper.start(meanwhile, name="audit")
            await handshakes.make(wanted, self.clock, self.limits, self.deadline)
            if handshakes.hearing.begun.is_set():
                await audit
        finally:
            await keeper.close()
        if handshakes.app is not self.facts.app:
            self._learn(app=handshakes.app)

    async def _audit_meanwhile(self, client: LoginClient, session: Session, hearing: Hearing) -> None:
        """Compare the server's history with what is heard while the sockets are watched."""
        if self.asked.auditor is None or self._live_since() is not None:
            return
        found = await self.asked.auditor.audit_meanwhile(client, session, hearing, self.limits)
        if found is not None:
            self._learn(audit=found)

    async def _audit(self) -> None:
        """Compare it with what the running connection was told."""
        if self.asked.auditor is None or self._live_since() is None:
            return
        found = await self.asked.auditor.audit(self.deadline.within(self.limits.audit))
        if found is not None:
            self._learn(audit=found)

    def _live_since(self) -> datetime | None:
        """Return since when the running connection hears the transactions; None if it does not."""
        for each in self.account.streams:
            if each.stream is Stream.TRANSACTIONS and each.phase is Phase.LIVE:
                return each.since
        return None

    async def look_at_redis(self) -> None:
        """Look at Redis, wherever it may be; where the server says that it is, once it has said so."""
        if self.redis is None:
            return
        await self.redis.look()
        self._learn_of(self.redis)
        await self.told.wait()
        if self.facts.app is not None and self.facts.app.redis:
            await self.redis.look_where_told(self.facts.app.redis)
            self._learn_of(self.redis)

    def _learn_of(self, redis: RedisSearch) -> None:
        if redis.found is None:
            return
        # Whose figures a Redis tells that nobody has named is not known before the proof.
        figures = None if redis.is_guessed else redis.found.figures
        self._learn(redis=redis.found.report, redis_guessed=redis.is_guessed, figures=figures)

    async def prove(self) -> None:
        """Look whether the server uses the Redis that was found."""
        redis, way_in = self.redis, self.way_in
        place = redis.place() if redis is not None else None
        if not self.asked.prove or redis is None or place is None or way_in is None:
            return
        try:
            async with asyncio.timeout(self.deadline.left):
                proof = await prove(place, own_socket(self.asked.server, *way_in), clock=self.clock)
        except TimeoutError:
            return  # no time was left: nothing is known of it
        proven = proof.verdict is ProofVerdict.PROVEN
        figures = redis.found.figures if proven and redis.found is not None else self.facts.figures
        self._learn(proof=proof, figures=figures)
