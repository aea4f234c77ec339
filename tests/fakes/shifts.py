"""A morning shift at an armory, and what a journal may have of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from armguard_tray.messages.event import Event, StoredEvent
from armguard_tray.messages.streams import Stream
from armguard_tray.settings.duty_hours import DutyHours
from armguard_tray.shift_report.report import Present
from armguard_tray.shift_report.shift import Shift
from armguard_tray.storage.chain import ChainHead
from armguard_tray.storage.holdings import Handlings
from armguard_tray.storage.shift import FoundGap, ShiftRecords
from tests.fakes.events import MANILA, issued, returned, status_change
from tests.fakes.handlings import have, hours, last, ledger

SHIFT = Shift(datetime(2026, 11, 24, 6, 0, tzinfo=MANILA), datetime(2026, 11, 24, 14, 0, tzinfo=MANILA))
BEGIN = SHIFT.since.astimezone(UTC)
AFTER = SHIFT.until.astimezone(UTC) + timedelta(minutes=2)
"""Two minutes after the shift: when its report is made."""
HOURS = DutyHours(24, {"range training": 4})
HEAD = ChainHead(48_300, "5f" * 32)


def at(minute: float) -> datetime:
    """Return a minute of the shift."""
    return BEGIN + timedelta(minutes=minute)


def present(**changes: Any) -> Present:
    """Return a present in which all is known."""
    return replace(Present(now=AFTER, is_current=True), **changes)


def records(*events: Event, handled: Handlings | None = None, **changes: Any) -> ShiftRecords:
    """Return what a journal has that was there all the time and heard everything, unless `changes` say so."""
    whole = ShiftRecords(
        events=rows(events),
        handlings=have(ledger=ledger(complete_to=48_211)) if handled is None else handled,
        live_since=BEGIN - timedelta(days=30),
        heard=dict.fromkeys((Stream.TRANSACTIONS, Stream.INVENTORY, Stream.NOTIFICATIONS), AFTER),
        head=HEAD,
    )
    return replace(whole, **changes)


def rows(events: Iterable[Event]) -> list[StoredEvent]:
    return [StoredEvent(row, event) for row, event in enumerate(events, 1)]


def found_gap(event: Event, since: datetime | None, until: datetime) -> FoundGap:
    return FoundGap(stored=StoredEvent(900, event), since=since, until=until)


def usual() -> ShiftRecords:
    """Return a shift with a little of everything, in which nothing is uncertain."""
    events = [
        issued(48_201, at(12)),
        issued(48_202, at(31), duty_type="Range Training"),
        returned(48_203, at(95)),
        status_change("IR-00177241126", at=at(120)),
        issued(48_204, at(180), mags=None, rounds=None),
        returned(48_205, at(300)),
    ]
    handled = have(
        last("M4 - 00077", number=48_201, ago=hours(7.8)),
        last("M16 - 00412", "Maria Santos", number=48_202, ago=hours(7.5), duty="Range Training"),
        last("GLOCK - 00031", "José Peña", number=48_190, ago=hours(30), duty="VIP Escort"),
        last("45 - 00118", "Liza Aquino", number=48_205, ago=hours(3), taken=False),
        ledger=ledger(complete_to=48_211),
    )
    return records(*events, handled=handled)
