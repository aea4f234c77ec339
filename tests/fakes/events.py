"""Events as the stock server's frames make them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, cycle
from typing import Any
from zoneinfo import ZoneInfo

from armguard_tray.messages.event import Event, Received, Source, StoredEvent, event_of
from armguard_tray.messages.streams import Stream

MANILA = ZoneInfo("Asia/Manila")
MORNING = datetime(2026, 11, 24, 0, 0, 9, tzinfo=UTC)
"""24/11/26 08:00:09 at the armory."""

PEOPLE = (
    "Juan Dela Cruz",
    "Maria Santos",
    "José Peña",
    "Ana Villanueva-Macapagal",
    "Ramon Bautista",
    "Liza Aquino",
)
ITEMS = ("M4 - 00077", "M16 - 00412", "GLOCK - 00031", "M14 - 00009", "45 - 00118", "M4 - 00081")
DUTIES = ("Guard Duty", "Range Training", "VIP Escort", "Patrol", "Inspection")


def event(
    stream: Stream, frame: dict[str, Any] | str, at: datetime = MORNING, source: Source = Source.LIVE
) -> Event:
    """Return the event of one frame that arrived `at` that time."""
    text = frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False)
    return event_of(Received.of(stream, text, at + timedelta(milliseconds=40)), MANILA, source)


def issued(number: int = 2, at: datetime = MORNING, source: Source = Source.LIVE, **changes: Any) -> Event:
    """Return the event of a weapon that was issued; `changes` replace fields of the transaction."""
    transaction = {
        "id": number,
        "action": "Take",
        "personnel": PEOPLE[number % len(PEOPLE)],
        "personnel_id": f"PE-{number:06}241126",
        "item": ITEMS[number % len(ITEMS)],
        "item_id": f"IR-{number:05}241126",
        "duty_type": DUTIES[number % len(DUTIES)],
        "issued_by": "armorer1",
        "mags": 3,
        "rounds": 90,
        **changes,
    }
    frame = {"type": "transaction_created", "transaction": transaction, "timestamp": _naive(at)}
    return event(Stream.TRANSACTIONS, frame, at, source)


def returned(number: int = 3, at: datetime = MORNING, source: Source = Source.LIVE, **changes: Any) -> Event:
    """Return the event of a weapon that came back."""
    transaction = {
        "id": number,
        "action": "Return",
        "personnel": PEOPLE[number % len(PEOPLE)],
        "item": ITEMS[number % len(ITEMS)],
        "issued_by": "armorer1",
        **changes,
    }
    frame = {"type": "transaction_returned", "transaction": transaction, "timestamp": _naive(at)}
    return event(Stream.TRANSACTIONS, frame, at, source)


def status_change(
    item: str = "IR-00177241126",
    status: str = "Maintenance",
    previous: str | None = "Available",
    at: datetime = MORNING,
) -> Event:
    """Return the event of an item whose status was changed by hand."""
    frame = {
        "type": "inventory_updated",
        "item_id": item,
        "status": status,
        "previous_status": previous,
        "timestamp": _naive(at),
    }
    return event(Stream.INVENTORY, frame, at)


def notice(
    title: str = "Transaction Created",
    message: str = "✓ M4 - 00077 issued to Juan Dela Cruz",
    at: datetime = MORNING,
    source: Source = Source.LIVE,
    level: str = "success",
) -> Event:
    """Return the event of a personal notification."""
    frame = {
        "type": "notification",
        "title": title,
        "message": message,
        "level": level,
        "timestamp": _naive(at),
        "data": {"transaction_id": 2},
    }
    return event(Stream.NOTIFICATIONS, frame, at, source)


def unreadable(
    text: str = '{"type": "transaction_created", "transaction": null}', at: datetime = MORNING
) -> Event:
    """Return the event of a frame that is no message."""
    return event(Stream.TRANSACTIONS, text, at)


def traffic(start: datetime = MORNING, every: timedelta = timedelta(seconds=41)) -> Iterator[Event]:
    """Yield a believable day at an armory, without end."""
    kinds = cycle("IRINIRISIRNIRI")
    for number in count(2):
        at = start + number * every
        match next(kinds):
            case "I":
                yield issued(number, at)
            case "R":
                yield returned(number, at)
            case "S":
                yield status_change(f"IR-{number % 900:05}241126", at=at)
            case _:
                name, item = PEOPLE[number % len(PEOPLE)], ITEMS[number % len(ITEMS)]
                yield notice(message=f"✓ {item} issued to {name}", at=at)


def stored(first_row: int, *events: Event) -> list[StoredEvent]:
    """Return `events` as rows of a journal, numbered from `first_row`."""
    return [StoredEvent(row, each) for row, each in enumerate(events, first_row)]


def _naive(at: datetime) -> str:
    return at.astimezone(MANILA).replace(tzinfo=None).isoformat(timespec="microseconds")
