"""A Connection page whose sources are under the test's control."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from armguard_tray.diagnosis.ladder import Diagnosis
from armguard_tray.messages.streams import Stream
from armguard_tray.ui.health_panel import Sources
from tests.fakes.diagnoses import HEALTHY, STEPS, diagnosis, morning

TODAY = {Stream.TRANSACTIONS: 1204, Stream.INVENTORY: 17, Stream.NOTIFICATIONS: 1}


@dataclass
class FakeCheck:
    """Tells its steps, and what it found once it is let go.

    Attributes:
        found: what the next check finds.
        go_on: set to let checks end.
        begun: how many have begun.
        cancelled: how many were stopped.

    """

    found: Diagnosis = field(default_factory=lambda: diagnosis(HEALTHY))
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0
    cancelled: int = 0

    async def __call__(self, progress: Callable[[Diagnosis], None]) -> Diagnosis:
        """Check."""
        self.begun += 1
        for step in STEPS:
            progress(diagnosis(step))
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.found


async def events_today(since: datetime) -> Mapping[Stream, int]:
    """Return how many events there were since midnight in Manila."""
    assert since.isoformat() == "2026-11-24T00:00:00+08:00"
    return TODAY


def sources(check: FakeCheck | None = None) -> Sources:
    """Return sources with a morning's record."""
    record = morning()
    return Sources(check=check, record=lambda: record, count_events=events_today)
