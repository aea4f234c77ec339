"""PURE: how times and kinds of events are written, the same in every window."""

from datetime import datetime, timedelta, tzinfo
from html import escape

from armguard_tray.clock import in_zone
from armguard_tray.errors import UserError
from armguard_tray.messages.decoding import UNDECODABLE
from armguard_tray.messages.event import Category, Event, Source

NOTHING = "—"

# A sign and a word each: no state is told by colour or by a sign alone.
_WHAT = {
    Category.ISSUED: ("→", "Issued"),
    Category.RETURNED: ("←", "Returned"),
    Category.STATUS: ("◇", "Status"),
    Category.NOTICE: ("✉", "Notice"),
    Category.PRESENCE: ("◦", "Presence"),
    Category.GAP: ("░", "Gap"),
    Category.OTHER: ("?", "Other"),
}
_UNREADABLE = ("⚠", "Unreadable")
_SOURCE = {Source.LIVE: "live", Source.CATCHUP: "caught up", Source.MISSING: "missing"}


def what(event: Event) -> str:
    """Return the kind of event as one word: "Issued"."""
    return _sign_and_word(event)[1]


def what_with_sign(event: Event) -> str:
    """Return the kind of event as sign and word: "→ Issued"."""
    return " ".join(_sign_and_word(event))


def how_it_came(source: Source) -> str:
    """Return whether an event arrived as it happened: "live", "caught up" or "missing"."""
    return _SOURCE[source]


def _sign_and_word(event: Event) -> tuple[str, str]:
    return _UNREADABLE if event.kind == UNDECODABLE else _WHAT[event.category]


def stamp(time: datetime, zone: tzinfo | None) -> str:
    """Return date and time as the armory writes them: 24/11/26 11:25:26."""
    return f"{in_zone(time, zone):%d/%m/%y %H:%M:%S}"


def long_stamp(time: datetime, zone: tzinfo | None) -> str:
    """Return the whole day and time: Tuesday 24 November 2026, 11:25:26."""
    return f"{in_zone(time, zone):%A %d %B %Y, %H:%M:%S}"


def since(time: datetime, now: datetime, zone: tzinfo | None) -> str:
    """Return a time of today as 07:58, of another day as 23/11/26 07:58."""
    begun = in_zone(time, zone)
    today = begun.date() == in_zone(now, zone).date()
    return f"{begun:%H:%M}" if today else f"{begun:%d/%m/%y %H:%M}"


def span(length: timedelta) -> str:
    """Return a length of time in its largest unit: 12 s, 4 min, 2 h, 3 days. Less than nothing is 0 s."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:  # noqa: PLR2004  seconds in a minute
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:  # noqa: PLR2004  minutes in an hour
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 48:  # noqa: PLR2004  "36 h" says more than "1 day"
        return f"{hours} h"
    return f"{hours // 24} days"


def failure_words(error: BaseException | None) -> str:
    """Return why the log cannot be read: an error's own words where it was made for people."""
    return (
        str(error) if isinstance(error, UserError) else "The log cannot be read; the program's log says why."
    )


def plain_tooltip(text: str) -> str:
    """Return a tooltip that shows `text` as it stands: Qt guesses at markup, so it is given some, escaped."""
    return f"<qt>{escape(text).replace(chr(10), '<br>')}</qt>"
