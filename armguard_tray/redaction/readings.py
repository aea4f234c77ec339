"""PURE: what a text says, in whatever way it is written: to find a word in it that must not be read.

The same word stands in a log as JSON, as bytes, in a URL, in HTML, composed or not, in full width, with a
character in it that nobody sees. So a text is read as it is, then with its escapes decoded, again and again;
each time case, accents and the unseen are dropped. A reading knows where its characters come from.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape

_DEEPEST = 4
"""How often a text is decoded at most: JSON in JSON in a URL in HTML."""
_CONTROLS = dict.fromkeys("abfnrtv", " ")
_ESCAPE = re.compile(
    r"""
      (?P<percent> (?:%[0-9a-f]{2})+ )
    | (?P<bytes>   (?:\\x[0-9a-f]{2})+ )
    | (?P<utf16>   (?:\\u[0-9a-f]{4})+ )
    | \\U(?P<utf32> 00[0-9a-f]{6} )
    | \\(?P<one>   [\\"'/abfnrtv] )
    | (?P<entity>  &(?:\#[0-9]{1,7}|\#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});? )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

Span = tuple[int, int]
"""From where, and up to where."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to read a text.

    Attributes:
        text: what is read: in lower case, without accents and unseen characters.
        starts, ends: for each of its characters, what it comes from in the text as it is written.

    """

    text: str
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)

    def origin(self, start: int, end: int) -> Span:
        """Return what the characters from `start` up to `end`, at least one, come from."""
        return self.starts[start], self.ends[end - 1]


def readings(text: str) -> Iterator[Reading]:
    """Yield how `text` can be read: as it is, then decoded once, twice and so on, if that changes it."""
    written = Reading(text, range(len(text)), range(1, len(text) + 1))
    for _ in range(_DEEPEST):
        yield _folded(written, "")
        if any(not _fold(character) for character in _NOT_ASCII.findall(written.text)):
            # It may as well stand between two words, where nobody sees that they are two.
            yield _folded(written, " ")
        decoded = _decoded(written)
        if decoded.text == written.text:
            return
        written = decoded


def fold(text: str, unseen: str = "") -> str:
    """Return `text` as readings have it, with `unseen` for each character that nobody sees."""
    return "".join(_fold(character) or unseen for character in text)


def joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield what `spans` cover, in order; those that overlap as one."""
    done: Span | None = None
    for start, end in sorted(spans):
        if done is not None and start < done[1]:
            done = done[0], max(done[1], end)
            continue
        if done is not None:
            yield done
        done = start, end
    if done is not None:
        yield done


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    # Casefold may compose, and what is decomposed may have a case: both, twice.
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold()).casefold()
    return "".join(each for each in apart if unicodedata.category(each) not in {"Mn", "Me", "Cf"})


class _Rewriting:
    """A reading that is being made from another one."""

    def __init__(self, source: Reading) -> None:
        self._source = source
        self._text: list[str] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def keep(self, text: str, start: int, end: int) -> None:
        """Take over what stands from `start` up to `end`, as `text`, which is as long."""
        self._text.append(text)
        self._starts.extend(self._source.starts[start:end])
        self._ends.extend(self._source.ends[start:end])

    def put(self, text: str, start: int, end: int) -> None:
        """Put `text` in the place of what stands from `start` up to `end`."""
        first, last = self._source.origin(start, end)
        if not text and self._ends:
            self._ends[-1] = last  # an accent belongs to its letter
        self._text.append(text)
        self._starts.extend([first] * len(text))
        self._ends.extend([last] * len(text))

    def reading(self) -> Reading:
        return Reading("".join(self._text), self._starts, self._ends)


def _folded(source: Reading, unseen: str) -> Reading:
    """Return the reading without case and accents, with `unseen` for what nobody sees."""
    text = source.text
    made = _Rewriting(source)
    done = 0
    for found in _NOT_ASCII.finditer(text):
        made.keep(text[done : found.start()].lower(), done, found.start())
        made.put(_fold(found[0]) or unseen, *found.span())
        done = found.end()
    made.keep(text[done:].lower(), done, len(text))
    return made.reading()


def _decoded(source: Reading) -> Reading:
    text = source.text
    made = _Rewriting(source)
    done = 0
    for found in _ESCAPE.finditer(text):
        made.keep(text[done : found.start()], done, found.start())
        made.put(_meant(found), *found.span())
        done = found.end()
    made.keep(text[done:], done, len(text))
    return made.reading()


def _meant(escape: re.Match[str]) -> str:
    """Return what an escape stands for."""
    match escape.lastgroup:
        case "percent":
            return _of_bytes(bytes.fromhex(escape[0].replace("%", "")))
        case "bytes":
            return _of_bytes(bytes.fromhex(re.sub(r"\\x", "", escape[0], flags=re.IGNORECASE)))
        case "utf16":
            return bytes.fromhex(re.sub(r"\\u", "", escape[0], flags=re.IGNORECASE)).decode(
                "utf-16-be", "surrogatepass"
            )
        case "utf32":
            code = int(escape["utf32"], 16)
            return chr(code) if code <= 0x10FFFF else escape[0]  # noqa: PLR2004 - the last character there is
        case "one":
            return _CONTROLS.get(escape["one"], escape["one"])
        case _:
            return unescape(escape[0])


def _of_bytes(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
