"""PURE: a gap in words, as far as is known now, with times in the zone of the log.

The event of a gap reads as it was when it was found; what has turned up since is in its `gap`.
"""

from dataclasses import replace
from datetime import datetime, tzinfo

from armguard_tray.clock import in_zone
from armguard_tray.messages.event import Event
from armguard_tray.messages.gap import Gap, detail_of, title_of


def title_now(event: Event) -> str:
    """Return what happened; of a gap what is missing now."""
    return event.title if event.gap is None else title_of(event.gap)


def detail_now(event: Event) -> str:
    """Return the rest; of a gap why it is missing."""
    return event.detail if event.gap is None else detail_of(event.gap)


def text_now(event: Event) -> str:
    """Return the event as one line: `Event.text`, of a gap as it is now."""
    return " · ".join(part for part in (title_now(event), detail_now(event)) if part)


def is_closed_gap(event: Event) -> bool:
    """Tell whether it is a gap of which nothing is missing any more."""
    return event.gap is not None and not event.gap.is_open


def gap_line(event: Event, zone: tzinfo) -> str:
    """Return a gap as one line: when, `3 transactions (#48195 to #48197) not received`, and why.

    What ended the connection stands before the rest, which may be cut off. Of a closed gap neither matters
    any more.
    """
    gap = event.gap
    if gap is None:
        return text_now(event)
    why = (gap.cause, detail_of(replace(gap, cause=""))) if gap.is_open else ()
    return " · ".join(part for part in (gap_times(gap, zone), title_of(gap), *why) if part)


def gap_times(gap: Gap, zone: tzinfo) -> str:
    """Return from when to when it was, to the minute; what is not known is left out."""
    since, until = (None if each is None else in_zone(each, zone) for each in (gap.since, gap.until))
    if since is None or until is None:
        known = since or until
        return "" if known is None else f"{'since' if since else 'until'} {_day_and_minute(known)}"
    if since.date() != until.date():
        return f"{_day_and_minute(since)} \N{EN DASH} {_day_and_minute(until)}"
    first, last = f"{since:%H:%M}", f"{until:%H:%M}"
    return first if first == last else f"{first}\N{EN DASH}{last}"


def _day_and_minute(time: datetime) -> str:
    return f"{time:%d/%m/%y %H:%M}"
