"""The checkup in the running tray, with the connection's own login and streams: nobody logs in twice."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from armguard_tray.checkup.redis_source import RedisAsked
from armguard_tray.checkup.redis_watch import RedisWatch
from armguard_tray.clock import Clock
from armguard_tray.connection.phase import StreamFacts
from armguard_tray.connection.session import Standing
from armguard_tray.diagnosis.facts import Facts, Keeping, ToastsFound
from armguard_tray.diagnosis.ladder import Diagnosis
from armguard_tray.redis_probe.proof import ProofVerdict
from armguard_tray.settings.model import Settings
from armguard_tray.tasks import TaskKeeper

if TYPE_CHECKING:
    from armguard_tray.checkup.audit import Auditor

log = logging.getLogger(__name__)

WITHIN = 12.0
"""Seconds for a check: with those that the page waits for the connection, less than 15, as of the command."""
_WHOLE = WITHIN - 2.0
"""Of these, for the checkup's own steps; sockets may then still be closing, and Redis be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the running program knows without looking.

    Attributes:
        settings: those in force.
        standing: how the login of the connection stands, now.
        streams: what its streams do, now.
        keeping: how this desk has the password.
        toasts: looks up what shows toasts, and why it shows none at present.
        redis: looks at Redis, for the page Redis too.
        auditor: compares the server's history with the journal; None: nobody does.

    """

    settings: Settings
    standing: Callable[[], Standing]
    streams: Callable[[], tuple[StreamFacts, ...]]
    keeping: Keeping
    toasts: Callable[[], Awaitable[ToastsFound]]
    redis: RedisWatch
    auditor: "Auditor | None" = None


class TrayCheck:
    """Looks at everything, each time it is called.

    Attributes:
        found: what the last look found; None before the first.

    """

    def __init__(self, known: Known, clock: Clock) -> None:
        """Look at what is `known`, and beyond."""
        self._known = known
        self._clock = clock
        self._place = RedisAsked(known.settings.redis)
        self.found: Diagnosis | None = None

    async def __call__(self, progress: Callable[[Diagnosis], None]) -> Diagnosis:
        """Return what was found within `WITHIN`; `progress` is told after each step."""
        so_far = Facts(now=self._clock.now())

        def see(facts: Facts) -> None:
            nonlocal so_far
            so_far = facts
            progress(self._diagnosed(facts))

        try:
            async with asyncio.timeout(WITHIN) as limit:
                so_far = await self._look(see)
        except TimeoutError:
            if not limit.expired():
                raise
            log.warning("the check was ended after %g s; what it had not seen is unknown", WITHIN)
        self._known.redis.take_audit(so_far.audit)
        self.found = self._diagnosed(so_far)
        return self.found

    async def _look(self, see: Callable[[Facts], None]) -> Facts:
        # The first time they take a third of a second, in which the window would stand still.
        await asyncio.to_thread(_load)
        from armguard_tray.checkup.account import RunningLogin  # noqa: PLC0415 - as the comment says
        from armguard_tray.checkup.checkup import Asked, check  # noqa: PLC0415 - as above
        from armguard_tray.checkup.limits import Limits  # noqa: PLC0415 - as above

        known = self._known
        server = known.settings.server
        account = RunningLogin(server.username, known.standing(), known.streams(), known.keeping)
        asked = Asked(server=server, toasts=known.toasts, auditor=known.auditor)
        keeper = TaskKeeper("tray-check")
        beside = keeper.start(known.redis.look(self._place), name="redis")
        try:
            facts = await check(asked, account, clock=self._clock, progress=see, limits=Limits(whole=_WHOLE))
            await beside
        finally:
            await keeper.close()
        return facts

    def _diagnosed(self, facts: Facts) -> Diagnosis:
        from armguard_tray.diagnosis.diagnose import diagnose  # noqa: PLC0415 - late, as in _look

        return diagnose(self._with_redis(facts))

    def _with_redis(self, facts: Facts) -> Facts:
        """Add what is known of Redis, and of what the server does with it."""
        seen = self._known.redis.seen(self._place).facts
        proven = seen.proof is not None and seen.proof.verdict is ProofVerdict.PROVEN
        return replace(
            facts,
            redis=seen.redis,
            redis_guessed=seen.redis_guessed,
            # Whose figures a Redis tells that nobody has named is not known before the proof.
            figures=seen.figures if proven or not seen.redis_guessed else None,
            proof=seen.proof,
        )


def _load() -> None:
    import armguard_tray.checkup.checkup  # noqa: PLC0415 - late, as the caller says
    import armguard_tray.diagnosis.diagnose  # noqa: PLC0415 - as above
    import armguard_tray.redis_probe.probe  # noqa: F401, PLC0415 - as above
