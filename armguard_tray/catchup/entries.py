"""PURE: what is found of the server's record, as events for the log: its transactions, its gaps, its changes.

Their raw text is an object with a single name that no frame has, so that none is ever taken for a frame.
"""

from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from armguard_tray.catchup.history_page import Action, HistoryRow
from armguard_tray.messages.event import Category, Event, Level, Source, transaction_words
from armguard_tray.messages.gap import Gap, detail_of, title_of
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.record_change import KIND as RECORD_CHANGED

_KINDS = {Action.TAKE: "transaction_created", Action.RETURN: "transaction_returned"}


def event_of_row(row: HistoryRow, *, at: datetime, source: Source) -> Event:
    """Return the transaction that a row of the history means; it was read `at` that time."""
    words = transaction_words(row.item, row.action, row.personnel, row.notes)
    return Event(
        stream=Stream.TRANSACTIONS,
        kind=_KINDS[row.action],
        received=at,
        source=source,
        raw=_raw("history", asdict(row)),
        ref=str(row.id),
        transaction_id=row.id,
        time=row.time,
        person=row.personnel,
        item=row.item,
        action=row.action.value,
        **words,
    )


def gap_event(gap: Gap, *, at: datetime) -> Event:
    """Return what is missing as an event, found `at` that time. It reads as it was when it was found."""
    return Event(
        stream=gap.streams[0],
        kind="gap",
        category=Category.GAP,
        received=at,
        source=Source.MISSING,
        raw=_raw("gap", asdict(gap)),
        level=Level.WARNING,
        title=title_of(gap),
        detail=detail_of(gap),
        time=gap.since,
        gap=gap,
    )


class RecordChange(StrEnum):
    """How a server's record is no longer what it was, as the title says it."""

    SET_BACK = "The server's record was set back"
    """It has fewer transactions than before, or others of the same numbers."""
    ANOTHER = "The server's record is another"
    """It has not even what came before those that this desk answers for."""


def record_event(change: RecordChange, *, newest: int | None, had: int, at: datetime) -> Event:
    """Return the event that tells of it.

    Args:
        change: what has happened.
        newest: the newest transaction that the server has now, 0: none; None: what is new is that the
            journal's numbers stand for other transactions there.
        had: the newest one that it had before.
        at: when it was found, aware.

    """
    match newest:
        case None:
            now = f"numbers up to #{had} stand for other transactions there now"
        case 0:
            now = f"it has no transactions now, it had them up to #{had}"
        case _:
            now = f"its newest transaction is #{newest} now, it was #{had}"
    return Event(
        stream=Stream.TRANSACTIONS,
        kind=RECORD_CHANGED,
        category=Category.OTHER,
        received=at,
        source=Source.MISSING,
        raw=_raw("record_changed", {"newest": newest, "had": had}),
        level=Level.WARNING,
        title=change.value,
        detail=f"{now}; perhaps an older copy of its database was put back. "
        "What this desk has stays in the log",
    )


def _raw(name: str, content: dict[str, Any]) -> str:
    return msgspec.json.encode({name: content}).decode()
