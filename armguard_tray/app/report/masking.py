"""PURE: text made fit to leave the desk: no secret, and no name of a person, an account or a weapon.

Every name gets a mask, the same wherever it stands: `person-3`, `item-1`. Names are sought as words, whatever
their case and whatever stands between the words, so that "M4 - 00077" and "m4-00077" are the same. A name is
sought in the forms that programs write it in, too: as JSON, as bytes, in a URL.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

from armguard_tray.logs import redact
from armguard_tray.storage.names import Names

SECRET = "***"  # noqa: S105 - what stands in the place of one
_WORD = re.compile(r"\w+")
# Everything up to the last @, since a password may hold a slash or another @.
# Bounded, as the text is hostile.
_USER_INFO = re.compile(r"(?<=://)[^\s\"'<>]{0,500}(?=@)")
_LONG_ENOUGH = 6
"""Characters from which on a secret is struck out wherever it stands: a short one would strike half the text
out, and so give itself away; it is sought as a whole word."""
# What the ids on badges and items look like, and how frames write items; for those that the journal has not.
_BADGE = re.compile(r"\bP[EO]-\w+\d{6}\b")
_ITEM_ID = re.compile(r"\bI[RP]-\w+\d{6}\b")
_ITEM = re.compile(r"\b(?:M14|M16|M4|GLOCK|45) - \w+")
_SERIAL_IN_ID = re.compile(r"(?:PE|PO|IR|IP)-(\w+)\d{6}")
_SERIAL_IN_ITEM = re.compile(r".* - (.+)", re.DOTALL)
_LEAST_WORD = 3
# Of a name that is a sentence; without them nobody could read the report.
_COMMON_WORDS = frozenset(["and", "for", "from", "not", "off", "officer", "the", "with"])


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
        self._secrets = sorted({form for secret in known.secrets for form in _forms(secret)}, key=len)
        self._count: dict[str, int] = {}
        self._terms: dict[tuple[str, ...], str] = {}
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
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
            for word in _WORD.findall(name):
                if len(word) >= _LEAST_WORD and word.casefold() not in _COMMON_WORDS:
                    self._add("name", word)
        for serial in sorted(set(_serials(names))):
            self._add("serial", serial)

    def mask(self, text: str) -> str:
        """Return `text` without secrets, and with masks for names."""
        text = self._without_secrets(text)
        for kind, shape in (("personnel", _BADGE), ("item-id", _ITEM_ID), ("item", _ITEM)):
            for found in shape.findall(text):
                self._add(kind, found)
        return "".join(self._masked(text))

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
        for secret in reversed(self._secrets):
            if len(secret) >= _LONG_ENOUGH:
                text = text.replace(secret, SECRET)
            else:
                text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", SECRET, text)
        text = _USER_INFO.sub(SECRET, redact(text))
        return text.replace(self._home, "~") if len(self._home) > 1 else text

    def _add(self, kind: str, name: str) -> None:
        """Give a name its mask in all its forms, unless it has one; what has no word in it names nobody."""
        terms = [words for form in _forms(name) if (words := _words(form))]
        new = [words for words in terms if words not in self._terms]
        if not new:
            return
        known = next((self._terms[words] for words in terms if words in self._terms), None)
        if known is None:
            self._count[kind] = self._count.get(kind, 0) + 1
            known = f"{kind}-{self._count[kind]}"
        for words in dict.fromkeys(new):
            self._terms[words] = known
            same = self._by_first.setdefault(words[0], [])
            same.append(words)
            # The longest first: "Juan Dela Cruz" before "Juan".
            same.sort(key=len, reverse=True)

    def _masked(self, text: str) -> Iterator[str]:
        found = list(_WORD.finditer(text))
        words = [match[0].casefold() for match in found]
        done = place = 0
        while place < len(found):
            term = self._term_at(words, place)
            if term is None:
                place += 1
                continue
            last = found[place + len(term) - 1]
            yield text[done : found[place].start()]
            yield self._terms[term]
            done, place = last.end(), place + len(term)
        yield text[done:]

    def _term_at(self, words: list[str], place: int) -> tuple[str, ...] | None:
        candidates = self._by_first.get(words[place], ())
        return next((each for each in candidates if tuple(words[place : place + len(each)]) == each), None)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in _WORD.findall(text))


def _serials(names: Names) -> Iterable[str]:
    for shape, whole in (
        (_SERIAL_IN_ID, names.personnel_ids | names.item_ids),
        (_SERIAL_IN_ITEM, names.items),
    ):
        yield from (match[1] for each in whole if (match := shape.fullmatch(each)))


def _forms(text: str) -> set[str]:
    """Return how programs write a text: itself, composed or not, as JSON and bytes, in a URL, in HTML."""
    data = text.encode("utf-8", "surrogatepass")
    forms = {text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text), escape(text)}
    forms |= {
        json.dumps(text)[1:-1],
        ascii(text)[1:-1],
        repr(text)[1:-1],
        repr(data)[2:-1],
        quote(data, safe=""),
        quote_plus(data),
    }
    return {form for form in forms if form}
