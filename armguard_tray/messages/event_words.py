"""PURE: the kind of an event and how it came, in a word or two: the same in windows, terminal and files."""

from armguard_tray.messages.decoding import UNDECODABLE
from armguard_tray.messages.event import Category, Event, Source

# A sign and a word each: no state is told by colour or by a sign alone.
KINDS = {
    Category.ISSUED: ("→", "Issued"),
    Category.RETURNED: ("←", "Returned"),
    Category.STATUS: ("◇", "Status"),
    Category.NOTICE: ("✉", "Notice"),
    Category.PRESENCE: ("◦", "Presence"),
    Category.GAP: ("░", "Gap"),
    Category.OTHER: ("?", "Other"),
}
UNREADABLE = ("⚠", "Unreadable")
FOUND_OUT = ("!", "Record")
SOURCES = {
    Source.LIVE: ("live", "It arrived as it happened."),
    Source.CATCHUP: ("caught up", "It came later: this desk was away."),
    Source.UNANNOUNCED: (
        "not announced",
        "Found on the server's history; the server announced it to nobody.",
    ),
    Source.HISTORY: (
        "history",
        "From the server's history of the time before this desk followed the server.",
    ),
    Source.MISSING: ("missing", "It says that others did not arrive."),
}
_FINDING = ("found out", "This desk found it out by itself.")


def sign_and_word(event: Event) -> tuple[str, str]:
    """Return the kind of event as a sign and a word: "→", "Issued"."""
    return sign_and_word_of(event.kind, event.category, event.source)


def came(event: Event) -> tuple[str, str]:
    """Return how an event came, in a word or two and as a sentence: "live", "It arrived as it happened."."""
    return came_of(event.category, event.source)


def sign_and_word_of(kind: str, category: Category, source: Source) -> tuple[str, str]:
    """Return what `sign_and_word` says of an event of this wire type, category and source."""
    if kind == UNDECODABLE:
        return UNREADABLE
    return FOUND_OUT if _is_finding(category, source) else KINDS[category]


def came_of(category: Category, source: Source) -> tuple[str, str]:
    """Return what `came` says of an event of this category and source."""
    return _FINDING if _is_finding(category, source) else SOURCES[source]


def _is_finding(category: Category, source: Source) -> bool:
    """Tell whether this desk says it by itself: the server's record is another now, or the log here."""
    return category is Category.OTHER and source is Source.MISSING
