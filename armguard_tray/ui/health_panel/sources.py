"""Where the Connection page has from what it shows."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from armguard_tray.diagnosis.ladder import Diagnosis
from armguard_tray.diagnosis.record import Record
from armguard_tray.messages.streams import Stream

Check = Callable[[Callable[[Diagnosis], None]], Awaitable[Diagnosis]]
"""Looks at everything, reports what it knows after each step, and may be cancelled at any time."""
CountEvents = Callable[[datetime], Awaitable[Mapping[Stream, int]]]
"""Counts the events that each stream had since a time. Raises UserError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What the page asks while it can be seen; what is None is not there.

    Attributes:
        check: looks at everything.
        record: what the streams did up to now.
        count_events: counts events.
        can_report: whether somebody makes the report that is asked for.

    """

    check: Check | None = None
    record: Callable[[], Record] = Record
    count_events: CountEvents | None = None
    can_report: bool = False
