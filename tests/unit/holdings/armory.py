"""Transactions, gaps and statuses of a few weapons, and what the journal makes of them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from armguard_tray.messages.event import Category, Event, Source
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.holdings import Handlings
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.ledger import Ledger, Plan
from tests.unit.messages import frames
from tests.unit.storage.events import SERVER, event

AT = frames.AT
BEGIN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ITEMS = ("M4 - 00077", "M16 - 00412", "GLOCK - 00031")


def handed(
    number: int,
    item: str,
    *,
    taken: bool,
    person: str = "Juan Dela Cruz",
    late: bool = False,
    minute: int | None = None,
) -> Event:
    """Return a transaction as it is announced, or, `late`, as the history tells of it."""
    kind = "created" if taken else "returned"
    told = {
        "id": number,
        "action": "Take" if taken else "Return",
        "personnel": person,
        "item": item,
        "item_id": f"IR-{item[-5:]}" if taken else None,
        "duty_type": "Guard Duty" if taken else None,
        "issued_by": "armorer1",
    }
    known = {name: value for name, value in told.items() if value is not None}
    when = (BEGIN + timedelta(minutes=number if minute is None else minute, hours=8)).replace(tzinfo=None)
    frame = {"type": f"transaction_{kind}", "transaction": known, "timestamp": when.isoformat()}
    made = event(json.dumps(frame))
    if not late:
        return made
    raw = json.dumps({"history": {"id": number}}, separators=(",", ":"))
    return replace(made, source=Source.CATCHUP, raw=raw, key=None, duty=None, issued_by=None, item_id=None)


def set_by_hand(item_id: str, status: str) -> Event:
    told = {
        "type": "inventory_updated",
        "item_id": item_id,
        "status": status,
        "timestamp": "2026-11-24T20:00:00",
    }
    return event(json.dumps(told), Stream.INVENTORY)


def gap_event(what: Gap) -> Event:
    return Event(
        stream=Stream.TRANSACTIONS,
        kind="gap",
        category=Category.GAP,
        received=AT,
        source=Source.MISSING,
        raw="{}",
        title="A gap",
        gap=what,
    )


def numbers(first: int, last: int) -> Event:
    return gap_event(
        Gap(reason=Reason.NOT_IN_HISTORY, streams=(Stream.TRANSACTIONS,), first=first, last=last)
    )


async def carry_out(journal: Journal, plan: Plan) -> None:
    await journal.carry_out(SERVER, lambda _: plan, AT)


def answering(begins: int, complete_to: int) -> Ledger:
    return Ledger(begins=begins, complete_to=complete_to, as_of=AT)


def out(have: Handlings) -> dict[str, int]:
    """Return the weapons that are out, with the transaction that says so."""
    return {item: last.number for item, last in have.last.items() if last.taken}
