"""PURE: what a command line asks for: conditions, words, and times."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from armguard_tray.errors import FilterError
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.filtering.when import Dates, When
from armguard_tray.filtering.where import parse_all
from armguard_tray.messages.plain_text import plain

_DATE_LENGTH = len("2026-11-01")


def asked(
    conditions: Iterable[str],
    text: str | None = None,
    *,
    since: str | None = None,
    until: str | None = None,
    zone: tzinfo = UTC,
) -> Wanted:
    """Return what is asked for.

    Args:
        conditions: each as `filtering.where` reads it.
        text: words that must all occur.
        since: a date, of which the first moment is meant, or a time.
        until: a date, of which the last moment is meant, or a time, which does not count any more.
        zone: that of dates and times that do not name theirs.

    Raises:
        FilterError: it means nothing, or contradicts itself.

    """
    wanted = parse_all([*conditions, *([f"text={text}"] if text else [])])
    if since is None and until is None:
        return wanted
    if wanted.when is not When.EVERYTHING:
        raise FilterError("A time is asked for twice: by when=, and by since or until.", "Give one of them.")
    dates = Dates(
        None if since is None else _moment(since, zone, is_end=False),
        None if until is None else _moment(until, zone, is_end=True),
    )
    return replace(wanted, when=dates)


def _moment(text: str, zone: tzinfo, *, is_end: bool) -> datetime:
    try:
        if len(text) <= _DATE_LENGTH:
            day = date.fromisoformat(text)
            return datetime.combine(day + timedelta(days=1) if is_end else day, time.min, zone)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise FilterError(
            f"“{plain(text)}” is no date or time.", "It is written 2026-11-01, or 2026-11-01T06:00."
        ) from None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
