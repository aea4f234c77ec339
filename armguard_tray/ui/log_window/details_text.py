"""PURE: everything that is known of one event, as text."""

import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

from armguard_tray.messages.event import Event, StoredEvent
from armguard_tray.messages.gap import Gap
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.writing import HISTORY_RAW
from armguard_tray.ui.gap_words import detail_now, title_now
from armguard_tray.ui.models.clocks import Clocks
from armguard_tray.ui.wording import how_it_came, long_stamp, what_with_sign

MAX_SHOWN = 16 * 1024
"""Characters of a frame that are laid out: Qt takes 50 ms for a single line of them."""

# Controls and directional overrides, which would be obeyed instead of shown; newline and tab are wanted.
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """A frame made fit to read.

    Attributes:
        text: the frame, indented where it is JSON; what a text view would obey is written as escapes.
        note: how long the frame is, and whether this is it as it was received.

    """

    text: str
    note: str


def fields(stored: StoredEvent, clocks: Clocks) -> list[tuple[str, str]]:
    """Return (label, value) of all that an event says; what it does not say is left out."""
    event = stored.event
    candidates = (
        *(_times(event, clocks) if event.gap is None else _gap_fields(event, event.gap, clocks)),
        ("What", what_with_sign(event)),
        ("Title", title_now(event)),
        ("Detail", detail_now(event)),
        ("Level", event.level.value),
        ("Item", event.item),
        ("Item id", _unless_same(event.item_id, event.item)),
        ("Person", event.person),
        ("Person id", event.personnel_id),
        ("Duty", event.duty),
        ("Magazines", event.mags),
        ("Rounds", event.rounds),
        ("Issued by", event.issued_by),
        ("Action", event.action),
        ("Status", event.status),
        ("Status before", event.previous_status),
        ("Transaction", None if event.transaction_id is None else f"#{event.transaction_id}"),
        ("Refers to", _unless_same(event.ref, event.item_id, str(event.transaction_id))),
        ("Stream", event.stream.value),
        ("Wire type", event.kind),
        ("Event number", None if event.seq is None else f"#{event.seq} of {event.epoch}"),
        ("Row", f"{stored.row:,}"),
    )
    return [(label, str(value)) for label, value in candidates if value not in {None, ""}]


def can_be_fetched(event: Event) -> bool:
    """Tell whether it is a gap that the server's history may still fill: it has transactions only."""
    return event.gap is not None and event.gap.is_open and Stream.TRANSACTIONS in event.gap.streams


def _times(event: Event, clocks: Clocks) -> tuple[tuple[str, object], ...]:
    time = "not said by the server" if event.time is None else long_stamp(event.time, clocks.server)
    of_history = event.raw.startswith(HISTORY_RAW)
    return (
        (clocks.of_server("Time"), time),
        (clocks.of_desk("Received"), long_stamp(event.received, clocks.desk)),
        ("How it came", how_it_came(event)),
        ("Read on", "the server's history" if of_history else None),
        ("Not told there", "duty, ammunition, by whom" if of_history else None),
    )


def _gap_fields(event: Event, gap: Gap, clocks: Clocks) -> tuple[tuple[str, object], ...]:
    def told(time: datetime | None, otherwise: str) -> str:
        return otherwise if time is None else long_stamp(time, clocks.server)

    count = None if gap.first is None or gap.last is None else gap.last - gap.first + 1
    missing = gap.missing if gap.missing is not None else count
    closed = gap.closed_at
    return (
        (clocks.of_server("From"), told(gap.since, "not known")),
        (clocks.of_server("Until"), told(gap.until, "not known")),
        ("State", "open" if closed is None else f"closed {long_stamp(closed, clocks.desk)}"),
        ("Numbers", gap.numbers),
        ("Still missing", None if count is None else f"{missing:,} of {count:,}"),
        ("Concerns", ", ".join(stream.value for stream in gap.streams)),
        ("Connection lost", gap.cause),
        (clocks.of_desk("Found"), long_stamp(event.received, clocks.desk)),
    )


def as_text(stored: StoredEvent, clocks: Clocks) -> str:
    """Return the event as lines of text, with the whole frame as it was received at the end."""
    lines = [f"{label}: {value}" for label, value in fields(stored, clocks)]
    return "\n".join([*lines, "", stored.event.raw])


def shown_frame(raw: str) -> ShownFrame:
    """Return the frame `raw` made fit to read; of a long one the beginning, as it is."""
    length = f"{len(raw):,} characters"
    for beginning, what in _NO_FRAME.items():
        if raw.startswith(beginning):
            return ShownFrame(_escaped(_indented(raw)), what)
    if len(raw) > MAX_SHOWN:
        note = f"Frame as received · the first {MAX_SHOWN:,} of {length}; Copy takes all of them"
        return ShownFrame(_escaped(raw[:MAX_SHOWN]), note)
    indented = _indented(raw)
    as_received = f"Frame as received · {length}"
    note = as_received if indented == raw else f"Frame, indented · {length} as received"
    return ShownFrame(_escaped(indented), note)


# A frame never begins so: it has a type.
_NO_FRAME = {
    HISTORY_RAW: "No frame: as it was read on the server's history",
    '{"gap"': "No frame: what this desk noted when it found the gap",
    '{"record_changed"': "No frame: what this desk noted when it found the change",
}


def _unless_same(value: str | None, *others: str | None) -> str | None:
    return None if value in others else value


def _indented(raw: str) -> str:
    try:
        # It works on the text, so that no number is rounded and no repeated key is lost on the way.
        indented = msgspec.json.format(raw, indent=2)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return raw
    # Deep nesting turns 16 KiB into megabytes of indentation.
    return indented if len(indented) <= 2 * MAX_SHOWN else raw


def _escaped(text: str) -> str:
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
