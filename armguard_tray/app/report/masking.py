"""PURE: text made fit to leave the desk: no secret, and no name of a person, an account or a weapon.

Every name gets a mask, the same wherever it stands: `person-3`, `item-1`. Names are sought as words of
letters and digits, whatever stands between them, so that "M4 - 00077" and "m4_00077" are the same, and in
whatever way programs write them (`redaction.readings`). In doubt, more is masked.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from armguard_tray.logs import redact
from armguard_tray.redaction.readings import Reading, fold, readings
from armguard_tray.redaction.secrets import STRUCK, Secrets, replaced
from armguard_tray.storage.names import Names

_WORD = re.compile(r"[^\W_]+")
# Everything up to the last @, since a password may hold a slash or another @.
# Bounded, as the text is hostile.
_USER_INFO = re.compile(r"(?<=://)[^\s\"'<>]{0,500}(?=@)")
# What the ids on badges and items look like, and how frames write items; for those that the journal has not.
_UNKNOWN = (
    ("personnel", re.compile(r"(?<![^\W_])p[eo][\W_]{0,3}[^\W_]*\d{6}(?![^\W_])")),
    ("item-id", re.compile(r"(?<![^\W_])i[rp][\W_]{0,3}[^\W_]*\d{6}(?![^\W_])")),
    (
        "item",
        re.compile(
            r"(?<![^\W_])(?:(?:m\d{1,4}|glock|45) - [^\W_]+|(?:m\d{1,4}|glock)[\W_]{1,3}(?=[^\W_]*\d)[^\W_]+)"
        ),
    ),
)
_SERIAL_IN_ID = re.compile(r"(?:PE|PO|IR|IP)-(\w+)\d{6}")
_SERIAL_IN_ITEM = re.compile(r".* - (.+)", re.DOTALL)
_LEAST_WORD = 2
_LEAST_TOGETHER = 5
"""Characters from which on the words of a name are sought without anything between them, too."""
# Of a name that is a sentence; without them nobody could read the report.
_COMMON_WORDS = frozenset(
    [
        *("and", "for", "from", "not", "off", "officer", "the", "with"),
        *("an", "as", "at", "by", "de", "if", "in", "is", "it", "la", "ms", "no", "of", "on", "or", "to"),
    ]
)


_Found = tuple[int, int, str]
"""From where, up to where, and what is to stand there instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What must not be read in the result.

    Attributes:
        names: who and what the journal and the settings name.
        secrets: passwords and cookies that this program holds.
        home: the user's own folder, whose path has their name; empty: it is not hidden.

    """

    names: Names = field(default_factory=Names)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    home: str = ""


class Masks:
    """Masks texts, each name alike in all of them."""

    def __init__(self, known: Known) -> None:
        """Prepare to hide what is `known`, and what looks as if it should be."""
        self._home = known.home
        self._secrets = Secrets(known.secrets)
        self._count: dict[str, int] = {}
        self._terms: dict[tuple[str, ...], str] = {}
        # By the first word of names, how many words these have; the most first: "Juan Cruz" before "Juan".
        self._lengths: dict[str, list[int]] = {}
        names = known.names
        for kind, whole in (
            ("person", names.persons),
            ("personnel", names.personnel_ids),
            ("item", names.items),
            ("item-id", names.item_ids),
            ("user", names.users),
        ):
            for name in sorted(whole):
                self._add(kind, name)
        for name in sorted(names.persons):
            words = _words(name)
            for pair in pairwise(words):
                # As programs make file names and accounts of them.
                if len(together := "".join(pair)) >= _LEAST_TOGETHER:
                    self._add("name", together)
            for word in words:
                if len(word) >= _LEAST_WORD and word not in _COMMON_WORDS:
                    self._add("name", word)
        for serial in sorted(set(_serials(names))):
            self._add("serial", serial)

    def mask(self, text: str) -> str:
        """Return `text` without secrets, and with masks for names."""
        text = self._without_secrets(text)
        ways = list(readings(text))
        for way in ways:
            for kind, shape in _UNKNOWN:
                for found in shape.findall(way.text):
                    self._add(kind, found)
        return replaced(text, _apart(found for way in ways for found in self._found(way)))

    def mask_values(self, value: Any) -> Any:
        """Return a value of JSON whose texts are masked; the keys are this program's own words."""
        match value:
            case str():
                return self.mask(value)
            case list() | tuple():
                return [self.mask_values(each) for each in value]
            case dict():
                return {key: self.mask_values(each) for key, each in value.items()}
            case _:
                return value

    def _without_secrets(self, text: str) -> str:
        # Before anything else: a mask in the middle of a secret would hide it from this.
        text = _USER_INFO.sub(STRUCK, redact(self._secrets.strike(text)))
        return text.replace(self._home, "~") if len(self._home) > 1 else text

    def _add(self, kind: str, name: str) -> None:
        """Give a name its mask, unless it has one; what has no word in it names nobody."""
        words = _words(name)
        if not words or words in self._terms:
            return
        self._count[kind] = self._count.get(kind, 0) + 1
        mask = f"{kind}-{self._count[kind]}"
        self._seek(words, mask)
        self._seek(tuple(_WORD.findall(fold(name, unseen=" "))), mask)
        together = "".join(words)
        if len(together) >= _LEAST_TOGETHER:
            self._seek((together,), mask)

    def _seek(self, words: tuple[str, ...], mask: str) -> None:
        self._terms.setdefault(words, mask)
        lengths = self._lengths.setdefault(words[0], [])
        if len(words) not in lengths:
            lengths.append(len(words))
            lengths.sort(reverse=True)

    def _found(self, way: Reading) -> Iterator[_Found]:
        spans = [match.span() for match in _WORD.finditer(way.text)]
        words = [way.text[start:end] for start, end in spans]
        place = 0
        while place < len(words):
            term = self._term_at(words, place)
            if term is None:
                place += 1
                continue
            last = place + len(term)
            yield *way.origin(spans[place][0], spans[last - 1][1]), self._terms[term]
            place = last

    def _term_at(self, words: list[str], place: int) -> tuple[str, ...] | None:
        for length in self._lengths.get(words[place], ()):
            term = tuple(words[place : place + length])
            if term in self._terms:
                return term
        return None


def _apart(found: Iterable[_Found]) -> Iterator[_Found]:
    """Yield what was found in order; of what overlaps the first and longest, over all that they cover."""
    done: _Found | None = None
    for start, end, mask in sorted(found, key=lambda each: (each[0], -each[1], each[2])):
        if done is not None and start < done[1]:
            done = done[0], max(done[1], end), done[2]
            continue
        if done is not None:
            yield done
        done = start, end, mask
    if done is not None:
        yield done


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text)))


def _serials(names: Names) -> Iterable[str]:
    for shape, whole in (
        (_SERIAL_IN_ID, names.personnel_ids | names.item_ids),
        (_SERIAL_IN_ITEM, names.items),
    ):
        yield from (match[1] for each in whole if (match := shape.fullmatch(each)))
