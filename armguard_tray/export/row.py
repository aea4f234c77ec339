"""PURE: an event as a row of an export, the same in every format.

Its canonical form is its JSON: one object on one line, the fields in this order. The digest of the rows is
    made of these lines, so that it is the same in all formats for the same rows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any, Final

import msgspec

from armguard_tray.clock import in_zone
from armguard_tray.export.local_times import LocalTimes, iso
from armguard_tray.messages.event import Category, Source
from armguard_tray.messages.event_words import came_of, sign_and_word_of
from armguard_tray.messages.gap import Gap, detail_of, title_of
from armguard_tray.storage.moment import FIELDS, Batch


class GapFacts(msgspec.Struct, frozen=True, omit_defaults=False):
    """What is known of a gap.

    Attributes:
        reason: why something is missing.
        streams: what it concerns.
        since, until: from when to when it happened, ISO 8601; None: not known.
        first, last: the transactions' numbers that it concerns; None: it is a time only.
        missing: how many of them have not turned up.
        closed_at: when the last of them did; None: it is open.

    """

    reason: str
    streams: tuple[str, ...]
    since: str | None
    until: str | None
    first: int | None
    last: int | None
    missing: int | None
    closed_at: str | None


class Row(msgspec.Struct, frozen=True, gc=False):
    """One event. Texts are as in the log; what the event does not say is None.

    Attributes:
        row: its number in the journal.
        time: when it happened by the server's clock, in its zone, ISO 8601.
        what: its kind, in a word.
        came: how it came to the desk, in words.
        text, detail: how it reads: of a gap what is known now.
        number: the transaction's.
        level: how urgent the server says it is.
        received: when it reached the desk, in the server's zone.
        server: the URL of the server that told it.
        stream, kind, epoch, seq: the stream and type of its message, and its place in the server's event log.
        gap: of a gap that the desk found, what is missing.

    The other fields are the event's own.

    """

    row: int
    time: str | None
    what: str
    came: str
    text: str
    detail: str
    number: int | None
    action: str | None
    item: str | None
    item_id: str | None
    person: str | None
    personnel_id: str | None
    duty: str | None
    mags: int | None
    rounds: int | None
    issued_by: str | None
    status: str | None
    previous_status: str | None
    level: str
    received: str
    server: str
    stream: str
    kind: str
    epoch: str | None
    seq: int | None
    gap: GapFacts | None


Columns = Mapping[str, Sequence[Any]]
"""Some rows, one after the other: the name of each field of `Row`, in its order -> their values."""

encode = msgspec.json.Encoder().encode_lines
"""Return the canonical forms of rows, in UTF-8, each with the end of its line."""


def columns_of(batch: Batch, urls: Mapping[int, str], times: LocalTimes) -> Columns:
    """Return the rows of a batch, with times by `times`; `urls` are those of the servers.

    By columns, since there are a million rows: so nearly nothing is done for each of them in Python.

    Raises:
        ValueError: a value is none that was ever stored.

    """
    stored = dict(zip(FIELDS, zip(*batch.values, strict=True), strict=True))
    words = [*map(_words, stored["kind"], stored["category"], stored["source"])]
    columns = {
        **dict.fromkeys(Row.__struct_fields__, ()),  # for their order
        **{ours: stored[theirs] for ours, theirs in _AS_STORED.items()},
        "time": times(stored["time"]),
        "what": [what for what, _ in words],
        "came": [came for _, came in words],
        "received": times(stored["received"]),
        "server": [*map(urls.__getitem__, stored["server"])],
        "gap": [None] * len(words),
    }
    return _with_gaps(columns, batch.gaps, times.zone) if batch.gaps else columns


_AS_STORED: Final = {
    **{name: name for name in Row.__struct_fields__ if name in FIELDS},
    "text": "title",
    "number": "transaction_id",
}


def _with_gaps(columns: dict[str, Sequence[Any]], gaps: Mapping[int, Gap], zone: tzinfo) -> Columns:
    changed = {name: list(columns[name]) for name in ("text", "detail", "came", "gap")}
    for place, number in enumerate(columns["row"]):
        gap = gaps.get(number)
        if gap is not None:
            changed["text"][place] = title_of(gap)
            changed["detail"][place] = _gap_detail(gap, zone)
            changed["gap"][place] = _facts(gap, zone)
            if not gap.is_open:
                changed["came"][place] = "closed"
    return {**columns, **changed}


def rows_of(columns: Columns) -> list[Row]:
    """Return the rows that have these columns."""
    return list(map(Row, *columns.values()))


@lru_cache(maxsize=256)
def _words(kind: str, category: str, source: str) -> tuple[str, str]:
    sort, way = Category(category), Source(source)
    return sign_and_word_of(kind, sort, way)[1], came_of(sort, way)[0]


def moment_of(row: Row) -> str | None:
    """Return the time that is told of a row: when it happened, or came where the server does not say.

    A gap of unknown time has none: when it was found would tell another one.
    """
    return _told(row.time, row.received, row.gap)


def moments_of(columns: Columns) -> list[str | None]:
    """Return the times that are told of rows, as `moment_of`."""
    return list(map(_told, columns["time"], columns["received"], columns["gap"]))


def _told(time: str | None, received: str, gap: GapFacts | None) -> str | None:
    return received if time is None and gap is None else time


def _gap_detail(gap: Gap, zone: tzinfo) -> str:
    return " · ".join(part for part in (gap_span(gap, zone), detail_of(gap)) if part)


def gap_span(gap: Gap, zone: tzinfo) -> str:
    """Return from when to when a gap was, with the days: nothing around it tells them; empty: not known."""
    since, until = (
        None if each is None else f"{in_zone(each, zone):%d/%m/%y %H:%M}" for each in (gap.since, gap.until)
    )
    if since is None or until is None:
        return f"since {since}" if since else f"until {until}" if until else ""
    return f"{since} to {until}"


def _facts(gap: Gap, zone: tzinfo) -> GapFacts:
    def told(time: datetime | None) -> str | None:
        return None if time is None else iso(time, zone)

    return GapFacts(
        reason=gap.reason.value,
        streams=tuple(stream.value for stream in gap.streams),
        since=told(gap.since),
        until=told(gap.until),
        first=gap.first,
        last=gap.last,
        missing=gap.missing,
        closed_at=told(gap.closed_at),
    )
