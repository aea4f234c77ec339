"""Which events of the journal a reader wants to see: one meaning, in Python and in SQL."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from armguard_tray.messages.attention import needs_a_look
from armguard_tray.messages.event import Category, Event
from armguard_tray.messages.plain_text import plain

# SQLite refuses expressions deeper than 1,000 (https://www.sqlite.org/limits.html#max_expr_depth).
MAX_TERMS = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(time: datetime) -> int:
    """Return `time`, aware, as microseconds since 1970 in UTC, exactly."""
    return (time - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """Return the time, in UTC, that `microseconds` made `count` of."""
    return _EPOCH + timedelta(microseconds=count)


def search_text(event: Event) -> str:
    """Return what a search looks at: the event's own words, case-folded, one field a line."""
    fields = (
        event.title,
        event.detail,
        event.person,
        event.personnel_id,
        event.item,
        event.item_id,
        event.ref,
        event.duty,
        event.issued_by,
        event.status,
        event.kind,
    )
    # A field that only repeats another adds nothing to find.
    return "\n".join(dict.fromkeys(field.casefold() for field in fields if field))


def happened(event: Event) -> datetime:
    """Return when the event happened, or when it came where the server does not say."""
    return event.received if event.time is None else event.time


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to show of the journal; the default is all of it.

    Attributes:
        categories: the categories to show; empty: all.
        text: words that must all occur, each in any one field, whatever their case.
        since: only what happened at this time, aware, or later.
        needs_look: only what a person should look at; see `messages.attention`.

    """

    categories: frozenset[Category] = frozenset()
    text: str = ""
    since: datetime | None = None
    needs_look: bool = False

    @property
    def terms(self) -> tuple[str, ...]:
        """The words to find, case-folded, each once; at most the first 100 of them.

        A number is found however it is written: #48211 or 48211.
        """
        # Shown text went through plain(), so what is copied from it and pasted here must, too.
        words = dict.fromkeys(_bare_number(plain(word).casefold()) for word in self.text.split())
        return tuple(words)[:MAX_TERMS]

    def matches(self, event: Event) -> bool:
        """Tell whether `event` is to be shown: the very answer that the journal's queries give."""
        if self.categories and event.category not in self.categories:
            return False
        if self.since is not None and happened(event) < self.since:
            return False
        if self.needs_look and not needs_a_look(event):
            return False
        terms = self.terms
        if not terms:
            return True
        text = search_text(event)
        return all(term in text for term in terms)


def _bare_number(word: str) -> str:
    return word[1:] if word.startswith("#") and word[1:].isdecimal() else word
