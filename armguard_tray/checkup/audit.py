"""An audit: the server's history page, read with the session that there is, beside what was announced.

The running program makes one every few minutes anyway (`catchup.keeper`), and is asked for it. Where it does
not listen, a checkup holds what its own socket hears against two readings of the history.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from typing import Protocol

from armguard_tray.catchup.audit import Comparison, compare_newer
from armguard_tray.catchup.audit_found import AuditFound
from armguard_tray.catchup.reader import NotRead, Reader
from armguard_tray.checkup.hearing import Hearing
from armguard_tray.checkup.limits import Limits, Stopwatch
from armguard_tray.clock import Clock
from armguard_tray.connection.failures import Failure
from armguard_tray.connection.login import Page, Session

log = logging.getLogger(__name__)


class Pages(Protocol):
    """Reads pages of the server with a session, as `LoginClient` does."""

    async def get(self, session: Session, path: str, *, accept: str, most: int) -> Page | Failure:
        """Return what is at `path`, up to `most` bytes of it, or why nothing came."""
        ...


Look = Callable[[float], Awaitable[AuditFound | None]]
"""Returns what the running program finds, which keeps its log complete, or has found after so long."""


class Auditor:
    """Audits one server: by what the running program finds, or with a checkup's own socket."""

    def __init__(self, zone: tzinfo, clock: Clock, look: Look | None = None) -> None:
        """Read the server's times in `zone`; `look` asks the running program, None where there is none."""
        self._zone = zone
        self._clock = clock
        self._look = look

    async def audit(self, within: float) -> AuditFound | None:
        """Return what the running program finds within so many seconds; None where there is none."""
        return None if self._look is None else await self._look(within)

    async def audit_meanwhile(
        self, client: Pages, session: Session, hearing: Hearing, limits: Limits
    ) -> AuditFound | None:
        """Compare the history with what is heard by a checkup's own socket while it is watched.

        Returns:
            what is found; None if it is not watched long enough for that.

        """
        half = limits.stays / 2
        if half <= limits.announced:
            return None
        await hearing.begun.wait()
        watch = Stopwatch(self._clock)
        history = Reader(_WithSession(client, session), self._zone, self._clock)
        return await _within(
            limits.stays + limits.audit, _heard(history, hearing, half, limits.announced, watch), watch
        )


async def _within(
    seconds: float, finding: Coroutine[None, None, AuditFound | str], watch: Stopwatch
) -> AuditFound:
    """Return what is found, or a finding that says why nothing is."""
    try:
        async with asyncio.timeout(seconds):
            found = await finding
    except TimeoutError:
        found = "the history page did not come in time"
    if isinstance(found, str):
        log.warning("audit: %s", found)
        return AuditFound(at=watch.at, ms=watch.ms, failure=found)
    if found.unannounced:
        log.warning("audit: not announced: %s", ", ".join(f"#{each}" for each in found.unannounced))
    return found


async def _heard(
    history: Reader, hearing: Hearing, half: float, announced: float, watch: Stopwatch
) -> AuditFound | str:
    """Return what the history shows that was made between two readings, half of the time apart."""
    before = await history.page(1)
    if isinstance(before, NotRead):
        return before.why
    await _ended(hearing, half - watch.ms / 1000)
    after = await history.page(1)
    if isinstance(after, NotRead):
        return after.why
    await _ended(hearing, announced)
    if hearing.ended.is_set():
        return "the socket was not open long enough to compare"
    newest = before.rows[0].id if before.rows else 0
    return _found(compare_newer(after.rows, hearing.heard, watch.at, newest_before=newest), watch)


async def _ended(hearing: Hearing, within: float) -> None:
    """Wait until nobody listens any more, but no longer than `within` seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await hearing.ended.wait()


def _found(compared: Comparison, watch: Stopwatch) -> AuditFound:
    """Return what was compared; of how complete a log is, a checkup that keeps none says nothing."""
    return AuditFound(
        at=watch.at,
        ms=watch.ms,
        unannounced=compared.unannounced,
        since=compared.since,
        compared=compared.compared,
    )


@dataclass(frozen=True, slots=True)
class _WithSession:
    """Reads pages with one session; a `catchup.reader.PageSource`."""

    client: Pages
    session: Session

    async def get(self, path: str, *, accept: str, most: int) -> Page | Failure:
        """Return what is at `path`, up to `most` bytes of it, or why nothing came."""
        return await self.client.get(self.session, path, accept=accept, most=most)
