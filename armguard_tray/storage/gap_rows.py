"""A gap as a row of the table `gap`, and back."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from armguard_tray.messages.event import Source, StoredEvent
from armguard_tray.messages.gap import Gap, Reason
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.log_filter import from_microseconds, microseconds

INSERT = """
    INSERT INTO gap (row, server, reason, streams, since, until, first, last, cause, missing, closed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_OF_ROWS = """
    SELECT row, reason, streams, since, until, first, last, cause, missing, closed_at FROM gap
    WHERE row IN (SELECT value FROM json_each(?))
"""

_HEARD_BEFORE = f"""
    SELECT received FROM event
    WHERE row < ?1 AND +server = (SELECT server FROM event WHERE row = ?1) AND +source = '{Source.LIVE}'
    ORDER BY row DESC LIMIT 1
"""  # noqa: S608 - a constant


def to_row(row: int, server: int, gap: Gap) -> tuple[Any, ...]:
    """Return the values for INSERT."""
    since, until, closed = (
        None if each is None else microseconds(each) for each in (gap.since, gap.until, gap.closed_at)
    )
    streams = ",".join(gap.streams)
    numbers = (gap.first, gap.last, gap.cause, gap.missing)
    return (row, server, gap.reason.value, streams, since, until, *numbers, closed)


def with_gaps(connection: sqlite3.Connection, events: Sequence[StoredEvent]) -> list[StoredEvent]:
    """Return the events, each gap that this desk found with what is known of it now."""
    rows = [each.row for each in events if each.event.kind == "gap"]
    if not rows:
        return list(events)
    gaps = of_rows(connection, rows)
    return [
        replace(each, event=replace(each.event, gap=gaps[each.row])) if each.row in gaps else each
        for each in events
    ]


def of_rows(connection: sqlite3.Connection, rows: Iterable[int]) -> dict[int, Gap]:
    """Return the gaps that stand in these rows of the journal."""
    wanted = f"[{','.join(map(str, rows))}]"
    return {row: _from_row(*values) for row, *values in connection.execute(_OF_ROWS, [wanted])}


def heard_before(connection: sqlite3.Connection, row: int) -> datetime | None:
    """Return when the desk last heard something live of a row's server before that row; None: never.

    What a server says that it cannot deliver any more happened after that, and before it said so.
    """
    found = connection.execute(_HEARD_BEFORE, [row]).fetchone()
    return None if found is None else from_microseconds(found[0])


def _from_row(reason: str, streams: str, *values: Any) -> Gap:
    since, until, first, last, cause, missing, closed = values
    return Gap(
        reason=Reason(reason),
        streams=tuple(Stream(each) for each in streams.split(",") if each),
        since=None if since is None else from_microseconds(since),
        until=None if until is None else from_microseconds(until),
        first=first,
        last=last,
        cause=cause,
        missing=missing,
        closed_at=None if closed is None else from_microseconds(closed),
    )
