"""The index of the words of all events: each three letters in a row, by SQLite's FTS5.

Parts of words are found as well, such as the end of a serial. What a query finds with it is candidates, that
bear all the letters; the reader looks at the words themselves.

Two tables, since FTS5 returns what it finds by number alone: of events that stand where they came the number
is the row, of those that stand elsewhere it is the place. One table by places would be five times as large.
(https://www.sqlite.org/fts5.html#the_trigram_tokenizer)
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from armguard_tray.messages.event import Category

_OPTIONS = "words, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1'"
# A category is no word of its event, but rare words of a frequent category are to be found as fast.
_MARK: Final = "\x1f"
_INDEXED = "search || char(31) || substr(category, 1, 2)"
LETTERS: Final = 3
"""A text must have as many to be found by them."""
_MAX_IN_ALL: Final = 250
_MAX_NEEDLES: Final = 30
"""How many groups of letters one text is looked for by at most; the words themselves tell the rest."""

CREATE: tuple[str, ...] = (
    f"CREATE VIRTUAL TABLE event_text USING fts5({_OPTIONS})",
    f"CREATE VIRTUAL TABLE moved_text USING fts5({_OPTIONS})",
)

# FTS5 merges what was written when there are so many pieces of it, by default four: each row is then written
# again half as often. When nobody writes, `upkeep` merges the rest
# (https://www.sqlite.org/fts5.html#the_automerge_configuration_option).
MERGE_LESS: tuple[str, ...] = (
    "INSERT INTO event_text (event_text, rank) VALUES ('automerge', 8)",
    "INSERT INTO moved_text (moved_text, rank) VALUES ('automerge', 8)",
)

_ADD_HERE = (
    f"INSERT INTO event_text (rowid, words) SELECT row, {_INDEXED} FROM event "  # noqa: S608 - no data
    "WHERE row >= ? AND row <= ? AND moved IS NULL"
)
_ADD_MOVED = (
    f"INSERT INTO moved_text (rowid, words) SELECT moved, {_INDEXED} FROM event "  # noqa: S608 - no data
    "WHERE row >= ? AND row <= ? AND moved IS NOT NULL"
)
_DROP_HERE = (
    "INSERT INTO event_text (event_text, rowid, words) "  # noqa: S608 - no data
    f"SELECT 'delete', row, {_INDEXED} FROM event WHERE row >= ? AND row <= ? AND moved IS NULL"
)
_DROP_MOVED = (
    "INSERT INTO moved_text (moved_text, rowid, words) "  # noqa: S608 - no data
    f"SELECT 'delete', moved, {_INDEXED} FROM event WHERE row >= ? AND row <= ? AND moved IS NOT NULL"
)


def add(connection: sqlite3.Connection, first: int, last: int) -> None:
    """Index the events in rows `first` to `last`, which are not indexed yet."""
    connection.execute(_ADD_HERE, [first, last])
    connection.execute(_ADD_MOVED, [first, last])


def drop(connection: sqlite3.Connection, first: int, last: int) -> None:
    """Take the events in rows `first` to `last` out, while they still stand there as they were indexed."""
    connection.execute(_DROP_HERE, [first, last])
    connection.execute(_DROP_MOVED, [first, last])


def build(connection: sqlite3.Connection) -> None:
    """Index all events, none of which is indexed."""
    first, last = connection.execute(
        "SELECT coalesce(min(row), 0), coalesce(max(row), 0) FROM event"
    ).fetchone()
    add(connection, first, last)


def match_of(conditions: Iterable[Sequence[str]]) -> str | None:
    """Return the FTS5 query for events of which each condition holds; None if these letters cannot tell.

    Each condition holds of an event that bears one of its texts, case-folded, or more.
    """
    found = [each for each in map(_one_of, conditions) if each]
    return " AND ".join(found) or None


def category_text(category: Category) -> str:
    """Return the text that all events of a category bear, and no others."""
    return _MARK + category.value[:2]


def _one_of(texts: Sequence[str]) -> str | None:
    alternatives = [list(_needles(text)) for text in texts]
    if not alternatives or not all(alternatives) or sum(map(len, alternatives)) > _MAX_IN_ALL:
        return None
    return f"({' OR '.join(f'({_all_of(needles)})' for needles in alternatives)})"


def _all_of(needles: Iterable[str]) -> str:
    return " AND ".join('"{}"'.format(needle.replace('"', '""')) for needle in needles)


def _needles(text: str) -> Iterator[str]:
    every = dict.fromkeys(text[first : first + LETTERS] for first in range(len(text) - LETTERS + 1))
    yield from list(every)[:_MAX_NEEDLES]
