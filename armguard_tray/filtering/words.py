"""PURE: a filter in words, for people."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from armguard_tray.clock import in_zone
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.filtering.when import Dates, When
from armguard_tray.messages.event import Category, Source
from armguard_tray.messages.plain_text import plain
from armguard_tray.storage.log_filter import MAX_TERMS, LogFilter

NOTHING_ASKED = "Everything"
BETWEEN = " · "
KINDS = {
    Category.ISSUED: "issued",
    Category.RETURNED: "returned",
    Category.STATUS: "status",
    Category.NOTICE: "notices",
    Category.PRESENCE: "presence",
    Category.GAP: "gaps",
    Category.OTHER: "other",
}
CAME = {
    Source.LIVE: "live",
    Source.CATCHUP: "caught up",
    Source.UNANNOUNCED: "not announced",
    Source.HISTORY: "from history",
    Source.MISSING: "missing",
}
WHEN = {
    When.TODAY: "today",
    When.SHIFT: "this shift",
    When.DAY: "last 24 h",
    When.WEEK: "last 7 days",
    When.MONTH: "last 30 days",
    When.THIS_MONTH: "this month",
    When.LAST_MONTH: "last month",
    When.EVERYTHING: "everything",
}
NEEDS_A_LOOK = "needs a look"


def in_words(wanted: Wanted, zone: tzinfo | None = None, since: datetime | None = None) -> str:
    """Return one line that says what is asked for: "Issued or returned · Guard Duty · this shift · “reyes”".

    Fixed times are told in `zone`, or in the zone that they bear. `since` is when a time begins now that
    moves along with the present; None: that is not told. Plain text, of whatever length.
    """
    words = condition_words(wanted, zone)
    if since is not None and isinstance(wanted.when, When):
        words["when"] += f" ({_which(wanted.when, since, zone)})"
    line = BETWEEN.join(words.values()) or NOTHING_ASKED
    return line[0].upper() + line[1:]


def _which(when: When, since: datetime, zone: tzinfo | None) -> str:
    """Return which time that is now: since when, or of a whole month its name."""
    if when is When.LAST_MONTH:
        return f"{since if zone is None else in_zone(since, zone):%B %Y}"
    return f"since {moment_words(since, zone)}"


def condition_words(wanted: Wanted, zone: tzinfo | None = None) -> dict[str, str]:
    """Return each condition that something is asked of: the name of its field -> in words, as `in_words`."""
    words = {
        "categories": _either(word for kind, word in KINDS.items() if kind in wanted.categories),
        "needs_look": NEEDS_A_LOOK if wanted.needs_look else "",
        "item_types": _either(sorted(wanted.item_types)),
        "item": "" if wanted.item is None else f"only the item {plain(wanted.item)}",
        "person": "" if wanted.person is None else f"only {plain(wanted.person)}",
        "duties": _either(sorted(wanted.duties)),
        "statuses": _behind("status", sorted(wanted.statuses)),
        "issuers": _behind("by", sorted(wanted.issuers)),
        "sources": _behind("came", [word for source, word in CAME.items() if source in wanted.sources]),
        "when": "" if wanted.when in {When.EVERYTHING, Dates()} else when_words(wanted.when, zone),
        "text": _text_words(wanted.text),
    }
    return {name: word for name, word in words.items() if word}


def _either(values: Iterable[str]) -> str:
    return " or ".join(plain(value) or "nothing at all" for value in values)


def _behind(word: str, values: Iterable[str]) -> str:
    either = _either(values)
    return f"{word} {either}" if either else ""


def _text_words(text: str) -> str:
    words = text.split()
    if not words:
        return ""
    # Nothing is to be believed of words that are not looked for; told first, since the rest may be cut off.
    first = f"the first {MAX_TERMS} words of " if LogFilter(text=text).leaves_words_out else ""
    return f"{first}“{plain(' '.join(words))}”"


def when_words(when: When | Dates, zone: tzinfo | None = None) -> str:
    """Return of which time: "this shift", "24/11/26 06:00 to 18:00"."""
    if isinstance(when, When):
        return WHEN[when]
    if when.since is None and when.until is None:
        return WHEN[When.EVERYTHING]
    if when.since is None:
        return f"until {moment_words(when.until, zone)}"
    if when.until is None:
        return f"since {moment_words(when.since, zone)}"
    return f"{moment_words(when.since, zone)} to {moment_words(when.until, zone)}"


def moment_words(moment: datetime | None, zone: tzinfo | None = None) -> str:
    """Return a time as the armory writes it, to the minute: "24/11/26 06:00"; empty for None."""
    if moment is None:
        return ""
    told = moment if zone is None else in_zone(moment, zone)
    seconds = ":%S" if told.second else ""
    return told.strftime(f"%d/%m/%y %H:%M{seconds}")
