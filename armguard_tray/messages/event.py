"""An event: what a frame means to the people at the desk.

Everything from the journal to the table works on events; only this module knows how each wire type becomes
one, and how it reads.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from hashlib import blake2b
from typing import Any, TypedDict

import msgspec

from armguard_tray.clock import in_zone
from armguard_tray.messages import wire
from armguard_tray.messages.decoding import UNDECODABLE, Decoded, Undecodable, decode
from armguard_tray.messages.gap import Gap
from armguard_tray.messages.plain_text import plain
from armguard_tray.messages.position import Position
from armguard_tray.messages.streams import Stream


class Category(StrEnum):
    """What people sort events by."""

    ISSUED = "issued"
    RETURNED = "returned"
    STATUS = "status"
    NOTICE = "notice"
    PRESENCE = "presence"
    GAP = "gap"
    OTHER = "other"


class Source(StrEnum):
    """How an event came to this desk."""

    LIVE = "live"
    """As it happened; where real time is off, at the next look."""
    CATCHUP = "catchup"
    """Later: the desk was away."""
    UNANNOUNCED = "unannounced"
    """Found on the server's history: it was made while this desk listened, and announced to nobody."""
    HISTORY = "history"
    """From the server's history of the time before this desk followed the server."""
    MISSING = "missing"
    """Not at all: the event says that others are missing."""


FETCHED = frozenset({Source.CATCHUP, Source.UNANNOUNCED, Source.HISTORY})
"""How events come that were not told as they happened."""


class Level(StrEnum):
    """How urgent the server says a notification is, lowest first."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event.

    Attributes:
        stream: where it came from.
        kind: its wire type, or `undecodable`.
        category: what people sort it by.
        key: what makes it the same event when it comes twice; None when each copy is an event of its own.
        ref: the transaction's or item's id, as text.
        transaction_id: the transaction's number.
        time: when it happened by the server's clock, aware; None where the server does not say.
        received: when it reached this desk, aware.
        source: how it came.
        level: its urgency.
        title, detail: how it reads: what happened to what; to whom, by whom, why. Plain text, bounded.
        raw: the frame as it was received.
        epoch, seq: its place in the event log of the server's live app; None from the stock server.
        gap: of a gap that this desk found itself, what is missing, as far as is known now.

    The other fields are the frame's own, as plain bounded text, None where it has none; but see `named`.

    """

    stream: Stream
    kind: str
    category: Category
    received: datetime
    source: Source
    raw: str
    title: str
    detail: str = ""
    level: Level = Level.INFO
    key: str | None = None
    ref: str | None = None
    transaction_id: int | None = None
    time: datetime | None = None
    person: str | None = None
    personnel_id: str | None = None
    item: str | None = None
    item_id: str | None = None
    action: str | None = None
    duty: str | None = None
    mags: int | None = None
    rounds: int | None = None
    issued_by: str | None = None
    status: str | None = None
    previous_status: str | None = None
    epoch: str | None = None
    seq: int | None = None
    gap: Gap | None = None

    @property
    def text(self) -> str:
        """The event as one line."""
        return f"{self.title} · {self.detail}" if self.detail else self.title


PLACES_A_ROW = 1 << 33
"""Places behind a row for what came later and belongs there; see `StoredEvent.place`."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event that is in the journal.

    Attributes:
        row: its number there, ascending in order of arrival.
        event: the event.
        moved: its place, if that is another than the one that its row gives it.

    """

    row: int
    event: Event
    moved: int | None = None

    @property
    def place(self) -> int:
        """Where it stands in the log, ascending, no two alike: what came later stands where it belongs."""
        return self.row * PLACES_A_ROW if self.moved is None else self.moved


@dataclass(frozen=True, slots=True)
class Received:
    """A frame as the socket delivered it, with what it decodes to.

    Attributes:
        stream: the socket's stream.
        data: the frame: text, or the bytes of a binary frame.
        at: when it was read, aware.
        content: what it decodes to.
        source: how it came.
        position: up to where the desk has all of the live app's log once this is stored.
        silent_since: of a gap, up to when the desk had all, aware.

    """

    stream: Stream
    data: str | bytes
    at: datetime
    content: Decoded | Undecodable = field(repr=False)
    source: Source = Source.LIVE
    position: Position | None = None
    silent_since: datetime | None = None

    @classmethod
    def of(cls, stream: Stream, data: str | bytes, at: datetime) -> "Received":
        """Decode `data`, which `stream` delivered `at` that time."""
        return cls(stream, data, at, decode(data))

    @property
    def is_welcome(self) -> bool:
        """Whether the server confirms with it that we are subscribed."""
        return self._is(wire.ConnectionEstablished)

    @property
    def user_id(self) -> int | None:
        """Who the server says in its welcome that we are; None if this does not tell."""
        frame = self.content.frame if isinstance(self.content, Decoded) else None
        return frame.user_id if isinstance(frame, wire.ConnectionEstablished) else None

    @property
    def is_control(self) -> bool:
        """Whether it belongs to the connection (welcome, pong, position) and is no event."""
        return isinstance(self.content, Decoded) and isinstance(self.content.frame, _CONTROL)

    @property
    def ends_replay(self) -> bool:
        """Whether the server says with it that all has come which the desk had missed."""
        return self._is(wire.Position)

    def _is(self, frame_type: type[wire.Frame]) -> bool:
        return isinstance(self.content, Decoded) and isinstance(self.content.frame, frame_type)


_CONTROL = (wire.ConnectionEstablished, wire.Pong, wire.Hello, wire.Position)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ALL_TIMES = 1 << 64

_REFERENCE = msgspec.json.Decoder(wire.Reference)


def event_of(received: Received, server_zone: tzinfo, source: Source | None = None) -> Event:
    """Return the event that a frame means; naive timestamps are read in `server_zone`. Never raises.

    It came as the frame did, unless `source` says otherwise.
    """
    source = source or received.source
    if isinstance(received.content, Undecodable):
        return _undecodable(received, received.content.reason, source)
    frame = received.content.frame
    if isinstance(frame, wire.Gap):
        return _gap(received, frame, server_zone)
    place = received.position
    try:
        fields = _describe(frame)
        time = _aware(getattr(frame, "timestamp", None), server_zone)
    except (OverflowError, ValueError) as error:
        # A timestamp that is a date, but none that UTC can hold, such as year 1 east of Greenwich.
        return _undecodable(received, str(error), source)
    return Event(
        stream=received.stream,
        kind=plain(received.content.kind),
        received=received.at,
        source=source,
        raw=raw_text(received.data),
        key=None if time is None else frame_key(received.data, time),
        time=time,
        epoch=None if place is None else place.epoch,
        seq=None if place is None else place.seq,
        **fields,
    )


def named(event: Event, item: str) -> Event:
    """Return a change of status that calls its item `item`, as people do; the frame may have only the id."""
    return replace(event, item=item, title=_status_title(item, event.status or ""))


def _undecodable(received: Received, reason: str, source: Source) -> Event:
    return Event(
        stream=received.stream,
        kind=UNDECODABLE,
        category=Category.OTHER,
        received=received.at,
        source=source,
        raw=raw_text(received.data),
        level=Level.WARNING,
        title="Unreadable message from the server",
        detail=plain(reason),
    )


_WHY_MISSING = {
    "trimmed": "the server no longer keeps them",
    "ahead": "the server's record was set back, as after a backup was restored",
    "epoch": "the server began its record anew",
}


def _gap(received: Received, gap: wire.Gap, zone: tzinfo) -> Event:
    """Return what is missing as an event of its own: a loss is never silent."""
    numbers = _missing_numbers(gap)
    known_until = received.silent_since
    detail = (
        _numbers_in_words(*numbers) if numbers else "",
        f"between {_clock(known_until, zone)} and {_clock(received.at, zone)}" if known_until else "",
        _WHY_MISSING.get(gap.reason) or plain(gap.reason),
    )
    return Event(
        stream=received.stream,
        kind="gap",
        category=Category.GAP,
        received=received.at,
        source=Source.MISSING,
        raw=raw_text(received.data),
        level=Level.WARNING,
        title=_missing_title(numbers),
        detail=" · ".join(part for part in detail if part),
        epoch=gap.epoch,
    )


def _missing_numbers(gap: wire.Gap) -> tuple[int, int] | None:
    """Return the first and last number that is missing, where the server knows.

    With "ahead" it names what this desk has and the server has lost; what is missing here is another thing.
    """
    if gap.first is None or gap.last is None or gap.last < gap.first or gap.reason == "ahead":
        return None
    return gap.first, gap.last


def _missing_title(numbers: tuple[int, int] | None) -> str:
    # Some of the numbers may be others' personal notices: nobody can say how many would have come here.
    match numbers:
        case None:
            return "Events may have been missed"
        case first, last if first == last:
            return "An event may have been missed"
        case first, last:
            return f"Up to {last - first + 1:,} events were missed"


def _numbers_in_words(first: int, last: int) -> str:
    return f"event #{first}" if first == last else f"events #{first} to #{last}"


def _clock(time: datetime, zone: tzinfo) -> str:
    return f"{in_zone(time, zone):%d/%m/%y %H:%M:%S}"


def raw_text(data: str | bytes) -> str:
    """Return the frame as text that any UTF-8 file can hold; bytes as hexadecimal digits."""
    if isinstance(data, bytes):
        return data.hex()
    return data.encode("utf-8", "backslashreplace").decode("utf-8")


def frame_key(data: str | bytes, time: datetime) -> str:
    """Return what identifies a frame that carries its own time: two alike to the letter are one event.

    A transaction's number alone would not do: after a reset of the server's database the numbers start
    again, and a real transaction would be taken for a copy. The time stands first so that keys ascend nearly
    as rows do: the index of a million keys in no order costs a page of the file for each new one.
    """
    content = data if isinstance(data, bytes) else data.encode("utf-8", "backslashreplace")
    microseconds = (time - _EPOCH) // _MICROSECOND
    return f"{microseconds % _ALL_TIMES:016x}{blake2b(content, digest_size=16).hexdigest()}"


def _aware(time: Any, zone: tzinfo) -> datetime | None:
    if not isinstance(time, datetime):
        return None
    return (time.replace(tzinfo=zone) if time.tzinfo is None else time).astimezone(UTC)


def _optional(text: str | None) -> str | None:
    return None if text is None else plain(text)


def _ammunition(transaction: wire.Transaction) -> str:
    counts = ((transaction.mags, "mag"), (transaction.rounds, "round"))
    return ", ".join(
        f"{count} {what}" if count == 1 else f"{count} {what}s" for count, what in counts if count is not None
    )


class TransactionWords(TypedDict):
    """How a transaction reads; the fields are those of an event."""

    category: Category
    title: str
    detail: str
    level: Level


def transaction_words(item: str, action: str, *details: str | None) -> TransactionWords:
    """Return how a transaction reads, wherever it was read: what was done to what, then the `details`."""
    # A frame's type says what was announced, its action what was recorded; the record rules.
    category = Category.RETURNED if action.casefold() == "return" else Category.ISSUED
    return {
        "category": category,
        "title": f"{plain(item)} {category.value}",
        "detail": " · ".join(plain(part) for part in details if part),
        "level": Level.SUCCESS,
    }


def _describe_transaction(frame: wire.TransactionCreated | wire.TransactionReturned) -> dict[str, Any]:
    transaction = frame.transaction
    words = transaction_words(
        transaction.item,
        transaction.action,
        transaction.personnel,
        transaction.duty_type,
        _ammunition(transaction),
        f"by {transaction.issued_by}" if transaction.issued_by else None,
    )
    return {
        **words,
        "ref": str(transaction.id),
        "transaction_id": transaction.id,
        "person": plain(transaction.personnel),
        "personnel_id": _optional(transaction.personnel_id),
        "item": plain(transaction.item),
        "item_id": _optional(transaction.item_id),
        "action": plain(transaction.action),
        "duty": _optional(transaction.duty_type),
        "mags": transaction.mags,
        "rounds": transaction.rounds,
        "issued_by": _optional(transaction.issued_by),
    }


def _status_title(item: str, status: str) -> str:
    return f"{item} is now {status}"


def _describe_inventory(frame: wire.InventoryUpdated) -> dict[str, Any]:
    item_id, status = plain(frame.item_id), plain(frame.status)
    item = plain(frame.item) if frame.item else item_id
    previous = _optional(frame.previous_status)
    return {
        "category": Category.STATUS,
        "title": _status_title(item, status),
        "detail": f"{previous} → {status}" if previous else status,
        "ref": item_id,
        "item": item,
        "item_id": item_id,
        "status": status,
        "previous_status": previous,
    }


def _describe_notification(frame: wire.Notification) -> dict[str, Any]:
    known = frame.level in Level.__members__.values()
    reference = _reference(frame.data)
    return {
        "category": Category.NOTICE,
        "title": plain(frame.title),
        "detail": plain(frame.message),
        "level": Level(frame.level) if known else Level.INFO,
        "ref": None if reference is None else plain(str(reference)),
    }


def _reference(data: msgspec.Raw) -> int | str | None:
    """Return the transaction that a note's data names; a note whose data is of another shape names none."""
    try:
        return _REFERENCE.decode(data).transaction_id
    except (msgspec.MsgspecError, RecursionError):
        return None


def _describe_presence(frame: wire.UserOnline | wire.UserOffline) -> dict[str, Any]:
    name = plain(frame.username)
    came = isinstance(frame, wire.UserOnline)
    return {
        "category": Category.PRESENCE,
        "title": f"{name} {'came online' if came else 'went offline'}",
        "person": name,
    }


def _describe_error(frame: wire.ServerError) -> dict[str, Any]:
    return {
        "category": Category.OTHER,
        "title": "The server reports an error",
        "detail": plain(frame.message),
        "level": Level.WARNING,
    }


def _describe_unknown(frame: wire.Frame) -> dict[str, Any]:
    kind = frame.type if isinstance(frame, wire.Unknown) else type(frame).__name__
    return {"category": Category.OTHER, "title": f"Message of an unknown kind: {plain(kind)}"}


def _describe(frame: wire.Frame) -> dict[str, Any]:
    match frame:
        case wire.TransactionCreated() | wire.TransactionReturned():
            return _describe_transaction(frame)
        case wire.InventoryUpdated():
            return _describe_inventory(frame)
        case wire.Notification():
            return _describe_notification(frame)
        case wire.UserOnline() | wire.UserOffline():
            return _describe_presence(frame)
        case wire.ServerError():
            return _describe_error(frame)
        case _:
            return _describe_unknown(frame)
