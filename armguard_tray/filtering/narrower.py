"""PURE: searches that tell apart what a name was found as: who took something, or who issued it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from armguard_tray.filtering.wanted import Wanted
from armguard_tray.messages.event import Event
from armguard_tray.messages.plain_text import plain
from armguard_tray.messages.spelling import folded

LEAST_LETTERS: Final = 2
"""A word with fewer letters is in too many names."""
MOST_OF_A_ROLE: Final = 2


@dataclass(frozen=True, slots=True)
class Narrower:
    """A search in which a name has one role only.

    Attributes:
        words: the role and the name: "taken by Ana Reyes".
        wanted: what that asks for; words that are no part of the name stay words.

    """

    words: str
    wanted: Wanted


def narrower(wanted: Wanted, found: Iterable[Event]) -> list[Narrower]:
    """Return searches for one of the names that the words of `wanted` were found in, the frequent ones first.

    Args:
        wanted: what was asked for.
        found: some of the events that match.

    Returns:
        nothing where there is only one name in one role, and so nothing to tell apart.

    """
    words = [folded(plain(word)) for word in wanted.text.split()]
    if not any(len(word) >= LEAST_LETTERS for word in words):
        return []
    events = list(found)
    takers = () if wanted.person is not None else (each.person for each in events)
    issuers = () if wanted.issuers else (each.issued_by for each in events)
    offered = [
        *(
            Narrower(f"taken by {plain(name)}", replace(wanted, text=rest, person=name))
            for name, rest in _named(wanted.text, takers)
        ),
        *(
            Narrower(f"issued by {plain(name)}", replace(wanted, text=rest, issuers=frozenset({name})))
            for name, rest in _named(wanted.text, issuers)
        ),
    ]
    return offered if len(offered) > 1 else []


def _named(text: str, names: Iterable[str | None]) -> Iterator[tuple[str, str]]:
    """Yield the most frequent of the names that have most words of `text`, and the words that they lack."""
    counted = Counter(name for name in names if name)
    lacked = {name: rest for name in counted if (rest := _rest(text, name)) is not None}
    # Who looks for Ana Reyes does not mean Ana Torres, whose weapon was issued by sgt.reyes.
    least = min(map(len, lacked.values()), default=0)
    fitting = Counter({name: counted[name] for name, rest in lacked.items() if len(rest) == least})
    for name, _ in fitting.most_common(MOST_OF_A_ROLE):
        yield name, " ".join(lacked[name])


def _rest(text: str, name: str) -> list[str] | None:
    """Return the words of `text` that are not in `name`; None: none is."""
    in_name: list[str] = []
    others: list[str] = []
    for word in text.split():
        (in_name if folded(plain(word)) in folded(name) else others).append(word)
    return others if any(len(word) >= LEAST_LETTERS for word in in_name) else None
