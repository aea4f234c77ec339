"""Which events of the journal a reader wants to see: one meaning, in Python and in SQL."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from armguard_tray.messages.attention import needs_a_look
from armguard_tray.messages.event import Category, Event, Source
from armguard_tray.messages.plain_text import plain
from armguard_tray.messages.spelling import spellings

# SQLite refuses expressions deeper than 1,000 (https://www.sqlite.org/limits.html#max_expr_depth).
MAX_TERMS = 100
TYPE_ENDS = " - "
"""What stands between type and serial in an item's name."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(time: datetime) -> int:
    """Return `time`, aware, as microseconds since 1970 in UTC, exactly."""
    return (time - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """Return the time, in UTC, that `microseconds` made `count` of."""
    return _EPOCH + timedelta(microseconds=count)


def search_text(event: Event) -> str:
    """Return what a search looks at: the event's own words, case-folded, one field a line.

    A field that stands in one before it adds nothing to find, and all that is here is in the index of words.
    """
    text = ""
    for field in _searched(event):
        if field and (folded := field.casefold()) not in text:
            text += f"\n{folded}"
    return text[1:]


def earlier_search_text(event: Event) -> str:
    """Return what rows have in its place that a journal before version 8 stored: it repeats more."""
    return "\n".join(dict.fromkeys(field.casefold() for field in _searched(event) if field))


def _searched(event: Event) -> tuple[str | None, ...]:
    return (
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


def item_type(item: str) -> str:
    """Return what kind an item is, such as `M4` of `M4 - 00077`; empty where its name does not say."""
    return item.partition(TYPE_ENDS)[0] if TYPE_ENDS in item else ""


def happened(event: Event) -> datetime:
    """Return when the event happened, or when it came where the server does not say."""
    return event.received if event.time is None else event.time


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to show of the journal; the default is all of it. What is empty or None asks for nothing.

    Attributes:
        categories: the categories to show.
        text: words that must all occur, each in any one field, whatever their case and however their accents
            are stored.
        since: only what happened at this time, aware, or later.
        needs_look: only what a person should look at; see `messages.attention`.
        until: only what happened before this time, aware.
        item_types, duties, issuers, statuses: only events that bear one of these, to the letter.
        sources: only what came in one of these ways.
        person, item: only what is about this one, to the letter.

    """

    categories: frozenset[Category] = frozenset()
    text: str = ""
    since: datetime | None = None
    needs_look: bool = False
    until: datetime | None = None
    item_types: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()
    issuers: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    sources: frozenset[Source] = frozenset()
    person: str | None = None
    item: str | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """The words to find, case-folded, each once; at most the first 100 of them.

        A number is found however it is written: #48211 or 48211.
        """
        return self._words[:MAX_TERMS]

    @property
    def leaves_words_out(self) -> bool:
        """Whether there are more words than are looked for."""
        return len(self._words) > MAX_TERMS

    @property
    def spellings(self) -> tuple[tuple[str, ...], ...]:
        """The words to find, each in all ways in which an event may have it."""
        return tuple(map(spellings, self.terms))

    @property
    def _words(self) -> tuple[str, ...]:
        # Shown text went through plain(), so what is copied from it and pasted here must, too.
        return tuple(dict.fromkeys(_bare_number(plain(word).casefold()) for word in self.text.split()))

    def matches(self, event: Event) -> bool:
        """Tell whether `event` is to be shown: the very answer that the journal's queries give."""
        return self._has_facets_of(event) and self._is_then(event) and self._has_words_of(event)

    def _has_facets_of(self, event: Event) -> bool:
        wanted: tuple[tuple[frozenset[Any], Any], ...] = (
            (self.categories, event.category),
            (self.sources, event.source),
            (self.item_types, item_type(event.item or "")),
            (self.duties, event.duty),
            (self.issuers, event.issued_by),
            (self.statuses, event.status),
        )
        if any(values and value not in values for values, value in wanted):
            return False
        if self.person not in {None, event.person} or self.item not in {None, event.item}:
            return False
        return not self.needs_look or needs_a_look(event)

    def _is_then(self, event: Event) -> bool:
        if self.since is not None and happened(event) < self.since:
            return False
        return self.until is None or happened(event) < self.until

    def _has_words_of(self, event: Event) -> bool:
        words = self.spellings
        if not words:
            return True
        text = search_text(event)
        return all(any(each in text for each in word) for word in words)


def _bare_number(word: str) -> str:
    return word[1:] if word.startswith("#") and word[1:].isdecimal() else word
