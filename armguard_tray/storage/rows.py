"""An event as a row of the table `event`, and back."""

from operator import attrgetter
from typing import Any

from armguard_tray.messages.event import Category, Event, Level, Source, StoredEvent
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.log_filter import from_microseconds, microseconds, search_text

Row = tuple[Any, ...]

_SAME = (  # stored as they are, under the field's own name
    "kind",
    "key",
    "ref",
    "transaction_id",
    "title",
    "detail",
    "person",
    "personnel_id",
    "item",
    "item_id",
    "action",
    "duty",
    "mags",
    "rounds",
    "issued_by",
    "status",
    "previous_status",
    "epoch",
    "seq",
)
_READ = ("row", "moved", "stream", "category", "source", "level", "received", "time", "raw", *_SAME)
WRITTEN = (*_READ, "happened", "search", "server")
"""The columns that `to_row` has values for, in their order."""

_same_of = attrgetter(*_SAME)

COLUMNS = ", ".join(_READ)
INSERT = (
    f"INSERT INTO event ({', '.join(WRITTEN)}) VALUES ({', '.join('?' * len(WRITTEN))}) "  # noqa: S608 (no data)
    "ON CONFLICT (server, stream, key) WHERE key IS NOT NULL DO NOTHING"
)


def to_row(server: int, stored: StoredEvent) -> Row:
    """Return the values for INSERT."""
    event = stored.event
    received = microseconds(event.received)
    time = None if event.time is None else microseconds(event.time)
    return (
        stored.row,
        stored.moved,
        event.stream.value,
        event.category.value,
        event.source.value,
        event.level.value,
        received,
        time,
        event.raw,
        *_same_of(event),
        received if time is None else time,  # as `log_filter.happened` has it
        search_text(event),
        server,
    )


def from_row(values: Row) -> StoredEvent:
    """Return the event whose COLUMNS are `values`."""
    row, moved, stream, category, source, level, received, time, raw, *same = values
    event = Event(
        stream=Stream(stream),
        category=Category(category),
        source=Source(source),
        level=Level(level),
        received=from_microseconds(received),
        time=None if time is None else from_microseconds(time),
        raw=raw,
        **dict(zip(_SAME, same, strict=True)),
    )
    return StoredEvent(row, event, moved)
