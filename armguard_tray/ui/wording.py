"""PURE: how times and kinds of events are written, the same in every window."""

from datetime import datetime, tzinfo
from html import escape

from armguard_tray.clock import in_zone
from armguard_tray.errors import UserError
from armguard_tray.messages.event import Category, Event, Level, Source
from armguard_tray.messages.event_words import KINDS, SOURCES, came, sign_and_word

NOTHING = "—"
_ALARM = {Level.WARNING: "⚠", Level.ERROR: "✖"}
AS_IT_SHOULD_BE = frozenset({SOURCES[Source.LIVE][0], SOURCES[Source.HISTORY][0]})
"""How events come where nothing is out of the ordinary."""


def what(event: Event) -> str:
    """Return the kind of event as one word: "Issued"."""
    return sign_and_word(event)[1]


def what_with_sign(event: Event) -> str:
    """Return the kind of event as sign and word: "→ Issued"; a warning or an error has a sign behind it."""
    sign, word = sign_and_word(event)
    alarm = _ALARM.get(event.level) if KINDS[event.category][0] == sign else None
    return f"{sign} {word} {alarm}" if alarm and event.category is not Category.GAP else f"{sign} {word}"


def how_it_came(event: Event) -> str:
    """Return in a word or two whether an event arrived as it happened: "live", "caught up"."""
    return came(event)[0]


def why_it_came_so(event: Event) -> str:
    """Return one sentence on how an event came."""
    return came(event)[1]


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


def failure_words(error: BaseException | None) -> str:
    """Return why the log cannot be read: an error's own words where it was made for people."""
    return (
        str(error) if isinstance(error, UserError) else "The log cannot be read; the program's log says why."
    )


def plain_tooltip(text: str) -> str:
    """Return a tooltip that shows `text` as it stands: Qt guesses at markup, so it is given some, escaped."""
    return f"<qt>{escape(text).replace(chr(10), '<br>')}</qt>"
