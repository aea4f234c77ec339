"""PURE: whether a row from a damaged journal says what was stored, by what stands in it twice.

SQLite keeps no checksums, so most of a row that was struck reads as well as before. But an event's words
stand in what a search looks at, too, and its time and its frame's digest are its key. Only what stands
nowhere else (when it was received, how it came, to which server and place it belongs) cannot be proven. What
cannot be proven to be right although it should be is taken for wrong: it stays in the damaged file.
"""

from datetime import UTC, datetime, timedelta

from armguard_tray.messages import wire
from armguard_tray.messages.decoding import Decoded, decode
from armguard_tray.messages.event import Event, Received, event_of, frame_key
from armguard_tray.messages.plain_text import plain
from armguard_tray.storage.log_filter import earlier_search_text, search_text

_ZONES_APART = timedelta(minutes=15)
"""Zones of the world differ by multiples of this; which one the server's was then, nobody knows here."""
_NO_TIME = timedelta()


def is_sound(event: Event, search: str) -> bool:
    """Tell whether `event`, beside which `search` stood as the text to be searched, agrees with itself."""
    if event.key is None or event.time is None:
        return event.key is None and _is_text_of(event, search)
    if event.key != frame_key(event.raw, event.time) or not _says(event):
        return False
    return _is_text_of(event, search) or _words(event) == _words(_told(event))


def _is_text_of(event: Event, search: str) -> bool:
    return search in {search_text(event), earlier_search_text(event)}


def _told(event: Event) -> Event:
    """Return the event that the frame means today."""
    return event_of(Received.of(event.stream, event.raw, event.received), UTC)


def _words(event: Event) -> tuple[str | None, ...]:
    who = (event.person, event.personnel_id, event.issued_by, event.duty)
    what = (event.item, event.item_id, event.ref, event.status, event.previous_status, event.action)
    return (event.kind, event.title, event.detail, *who, *what)


def _says(event: Event) -> bool:
    """Tell whether the frame says what no search looks at."""
    content = decode(event.raw)
    if not isinstance(content, Decoded):
        return False
    frame = content.frame
    if not _is_same_moment(event.time, getattr(frame, "timestamp", None)):
        return False
    place = content.position
    if event.seq is not None and (place is None or (event.epoch, event.seq) != (place.epoch, place.seq)):
        return False
    if isinstance(frame, wire.TransactionCreated | wire.TransactionReturned):
        told = frame.transaction
        said = (told.id, plain(told.action), told.mags, told.rounds)
        return said == (event.transaction_id, event.action, event.mags, event.rounds)
    if isinstance(frame, wire.InventoryUpdated) and frame.previous_status is not None:
        return event.previous_status == plain(frame.previous_status)
    return True


def _is_same_moment(stored: datetime | None, told: datetime | None) -> bool:
    if stored is None or told is None:
        return stored is told
    if told.tzinfo is None:
        told = told.replace(tzinfo=UTC)
    return (stored - told) % _ZONES_APART == _NO_TIME
