"""Gaps in the log of a morning: open, partly filled, closed, and of a time only."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from armguard_tray.messages.event import Category, Event, Level, Source, transaction_words
from armguard_tray.messages.gap import Gap, Reason, detail_of, title_of
from armguard_tray.messages.streams import Stream

SINCE = datetime(2026, 11, 24, 3, 2, 10, tzinfo=UTC)
"""24/11/26 11:02:10 at the armory."""
UNTIL = SINCE + timedelta(minutes=7)
LATER = SINCE + timedelta(minutes=22)


def numbers(**changes: Any) -> Gap:
    """Return a gap of three transactions, all of them missing."""
    given: dict[str, Any] = {
        "reason": Reason.NOT_IN_HISTORY,
        "streams": (Stream.TRANSACTIONS,),
        "since": SINCE,
        "until": UNTIL,
        "first": 48_195,
        "last": 48_197,
        "cause": "server restarted",
        "missing": 3,
    }
    return Gap(**(given | changes))


def partly_filled() -> Gap:
    """Return the same gap when one of the three has turned up."""
    return numbers(missing=2)


def closed() -> Gap:
    """Return the same gap when all three have."""
    return numbers(missing=0, closed_at=LATER)


def of_time(**changes: Any) -> Gap:
    """Return a gap of which nobody knows what happened in it."""
    given: dict[str, Any] = {
        "reason": Reason.NOT_CONNECTED,
        "streams": (Stream.NOTIFICATIONS, Stream.INVENTORY),
        "since": SINCE,
        "until": UNTIL,
        "cause": "server restarted",
    }
    return Gap(**(given | changes))


def found(gap: Gap, now: Gap | None = None) -> Event:
    """Return the event of a gap that was found as `gap`; with `now` as it is now."""
    return Event(
        stream=gap.streams[0],
        kind="gap",
        category=Category.GAP,
        received=UNTIL + timedelta(seconds=4),
        source=Source.MISSING,
        raw=msgspec.json.encode({"gap": asdict(gap)}).decode(),
        level=Level.WARNING,
        title=title_of(gap),
        detail=detail_of(gap),
        time=gap.since,
        gap=now or gap,
    )


def record_changed() -> Event:
    """Return what this desk says of a server whose database was put back from an older copy."""
    return Event(
        stream=Stream.TRANSACTIONS,
        kind="record_changed",
        category=Category.OTHER,
        received=LATER,
        source=Source.MISSING,
        raw='{"record_changed": {"newest": 48100, "had": 48211}}',
        level=Level.WARNING,
        title="The server's record was set back",
        detail="its newest transaction is #48100 now, it was #48211; perhaps an older copy of its database "
        "was put back. What this desk has stays in the log",
    )


def from_history(number: int, source: Source, at: datetime = SINCE) -> Event:
    """Return a transaction as the server's history tells it: without duty, ammunition and by whom."""
    words = transaction_words("M16 - 00412", "Take", "Maria Santos", "for the range")
    return Event(
        stream=Stream.TRANSACTIONS,
        kind="transaction_created",
        received=at + timedelta(minutes=8),
        source=source,
        raw=f'{{"history":{{"id":{number},"action":"Take"}}}}',
        ref=str(number),
        transaction_id=number,
        time=at,
        person="Maria Santos",
        item="M16 - 00412",
        action="Take",
        **words,
    )
