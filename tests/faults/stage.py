"""Where a fault is made: a site, a proxy, a tray, and those who write down what happens.

::

    traffic ──http──► pages ─┐
                             ├─ database ◄── bookkeeper ─┐
    tray ──► proxy ──► sockets ┘                         ├─► what became of each transaction
      └── journal ◄────────────────────────── witness ───┘
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

from armguard_tray.messages.streams import Stream
from armguard_tray.server.demo.accounts import ADMIN
from armguard_tray.tasks import TaskKeeper
from tests.faults.bookkeeper import Bookkeeper
from tests.faults.judge import (
    Account,
    Hearing,
    Silence,
    Told,
    account,
    hearing,
    outside,
    unheard,
    unknowable,
)
from tests.faults.proxy import Proxy
from tests.faults.site import SPARE, Kind, MortalRedis, Site
from tests.faults.traffic import Traffic
from tests.faults.tray import PROGRAM, Tray
from tests.faults.witness import FalseClaim, Witness

USERNAME: Final = ADMIN.username  # is notified of every transaction, whoever made it
LOOK_EVERY: Final = 0.05  # seconds
_TRIES: Final = 50
START_WITHIN: Final = 60.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is unusual about a stage.

    Attributes:
        redis: whether the site has Redis.
        group_expiry: seconds that a membership lasts in it; None: as deployed.
        host: the name by which the tray knows its server.
        server: settings of Django, over the demo's own.
        environment: more for the tray's environment, given the stage's folder.
        program: what is run as the tray, as arguments of Python.
        rate: deeds of the traffic a second.
        unannounced: share of the transactions that is announced to nobody.
        burst: transactions of a burst.

    """

    redis: bool = True
    group_expiry: int | None = None
    host: str = "127.0.0.1"
    server: Mapping[str, Any] = field(default_factory=dict)
    environment: Callable[[Path], dict[str, str]] = lambda _: {}
    program: tuple[str, ...] = PROGRAM
    rate: float = 4.0
    unannounced: float = 0.1
    burst: int = 500


USUAL: Final = Setting()


class Stage:
    """All that a fault needs.

    Attributes:
        folder: of this stage alone.
        setting: what is unusual about it.
        random: where chance comes from.
        site, proxy, port, tray, traffic: see above; the tray knows the site by the proxy's `port`.
        books: what the server committed since the traffic began.
        witness: what the journal says.
        began: when the fault began; `lifted`: when it was over. Set by who makes the fault.

    """

    def __init__(  # noqa: PLR0917 - what the stage consists of, made in one place
        self,
        folder: Path,
        setting: Setting,
        random: Random,
        site: Site,
        proxy: Proxy,
        port: int,
        tray: Tray,
        traffic: Traffic,
    ) -> None:
        """Join what was started."""
        self.folder, self.setting, self.random = folder, setting, random
        self.site, self.proxy, self.port, self.tray, self.traffic = site, proxy, port, tray, traffic
        self.books = Bookkeeper(site.database)
        self.witness = Witness(tray.journal_file)
        self.began = self.lifted = datetime.now(UTC)
        self._dropping_since: list[datetime] = []
        self._deaf_since: list[datetime] = []
        self._failure: BaseException | None = None
        self._tasks = TaskKeeper("stage", self._fail)

    @classmethod
    @asynccontextmanager
    async def set_up(
        cls, folder: Path, kind: Kind, random: Random, setting: Setting = USUAL
    ) -> AsyncIterator["Stage"]:
        """Start everything in `folder`, and end it; the traffic is not begun yet."""
        async with AsyncExitStack() as ends:
            redis = MortalRedis(folder) if setting.redis else None
            site = Site(folder, kind, redis=redis, group_expiry=setting.group_expiry, settings=setting.server)
            ends.push_async_callback(site.stop)
            await site.start()
            server = site.sockets.server
            proxy = Proxy(int(server.url.rsplit(":", 1)[1]))
            ends.push_async_callback(proxy.close)
            port = await proxy.listen()
            data = folder / "desk"
            data.mkdir()
            tray = Tray(data, f"http://{setting.host}:{port}", USERNAME, server.password)
            tray.program = setting.program
            tray.environment = setting.environment(folder)
            ends.push_async_callback(tray.stop)
            traffic = await ends.enter_async_context(
                Traffic(site.pages.server, random, SPARE, rate=setting.rate, unannounced=setting.unannounced)
            )
            await tray.start()
            stage = cls(folder, setting, random, site, proxy, port, tray, traffic)
            ends.push_async_callback(stage._tasks.close)
            stage._tasks.start(stage._keep_looking(), name="look")
            yield stage

    async def _keep_looking(self) -> None:
        """Look again and again: what was false for a moment only was false."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY)

    def _fail(self, _: str, failure: BaseException) -> None:
        self._failure = failure

    def look(self) -> None:
        """Read server, journal and log once, in this order."""
        self.witness.look(self.books.look())
        self.tray.look()

    async def until(self, true: Callable[[], bool], patience: float) -> bool:
        """Wait until it is true, but no longer than `patience` seconds; return whether it is."""
        try:
            async with asyncio.timeout(patience):
                while not true():
                    if self._failure is not None:
                        raise self._failure
                    await asyncio.sleep(LOOK_EVERY)
        except TimeoutError:
            return False
        return True

    async def goes_by(self, seconds: float) -> None:
        """Let time go by: what is tested here is time itself."""
        await asyncio.sleep(seconds)

    def begins(self) -> None:
        """Note that the fault begins now."""
        self.began = datetime.now(UTC)

    def ends(self) -> None:
        """Note that the fault is over now."""
        self.lifted = datetime.now(UTC)

    def drops(self) -> None:
        """Note that a stock server's layer may lose something from now on; the app's sockets need none."""
        if not self.site.kind.app:
            self._dropping_since.append(datetime.now(UTC))

    def deafens(self) -> None:
        """Note that a stock server's layer reaches nobody from now on, which a desk may find too late."""
        if not self.site.kind.app:
            self._deaf_since.append(datetime.now(UTC))

    @property
    def deaf(self) -> list[Silence]:
        """When the layer may have reached nobody without any desk's knowing it."""
        dropping, deaf = (self._until_noticed(each) for each in (self._dropping_since, self._deaf_since))
        return [*dropping, *unknowable(deaf, self.books.committed)]

    def _until_noticed(self, times: Iterable[datetime]) -> list[Silence]:
        """Return the times from each of these until the desk was next not live, and then subscribed anew."""
        noticed = self.tray.phases.noticed
        return [Silence(frozenset(Stream), since, noticed(since)) for since in times]

    @property
    def live(self) -> bool:
        """Whether the tray says that it is live."""
        return self.tray.phases.live

    @property
    def answers(self) -> bool:
        """Whether the journal answers for the present: live, with a ledger."""
        return self.live and self.witness.claim is not None

    @property
    def settled(self) -> bool:
        """Whether the desk is live, and the journal answers for all that was committed and told, rightly so.

        Where a look finds sockets deaf the journal may answer for all before they are opened anew.
        """
        claim = self.witness.claim
        claims_all = claim is not None and claim.complete_to >= self.books.newest
        return self.live and claims_all and not self.witness.open and not self.unaccounted()

    def state(self) -> str:
        """Return what is not settled, in words for whoever looks for the cause."""
        numbers = [made.number for made in self.witness.open]
        return (
            f"newest {self.books.newest}, claim {self.witness.claim}, open {numbers[:20]}, live {self.live}, "
            f"{self.hearing()}"
        )

    @property
    def false_claims(self) -> list[FalseClaim]:
        """The claims that were false."""
        return self.witness.false_claims

    def hearing(self) -> Hearing:
        """Count what became of notices and status changes."""
        return hearing(self.traffic.told, self.witness.heard, self.witness.silences, self.deaf)

    def unaccounted(self) -> list[Told]:
        """Return the notices and status changes that are lost."""
        silences = [*self.witness.silences, *self.deaf]
        return outside(silences, unheard(self.traffic.told, self.witness.heard))

    def account(self) -> Account:
        """Read the whole journal once more and count."""
        self.witness.forget()
        before = self.witness.looks
        for _ in range(_TRIES):  # while the tray writes, it may not be readable
            self.look()
            if self.witness.looks > before:
                break
        return account(self.books.committed, self.witness.journal, self.witness.holes)
