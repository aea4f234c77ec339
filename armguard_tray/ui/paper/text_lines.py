"""How a text is broken into lines."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from PySide6.QtGui import QFontMetricsF

_REMEMBERED: Final = 20_000
"""Texts: names, items and duties come again and again, and to measure one takes most of the time."""

Breaker = Callable[[str, float], Sequence[str]]
"""Returns the lines of a text in so much room."""


def breaker(metrics: QFontMetricsF) -> Breaker:
    """Return what breaks texts of one font, by words, and words that are too long anywhere."""

    @lru_cache(maxsize=_REMEMBERED)
    def lines(text: str, room: float) -> Sequence[str]:
        if metrics.horizontalAdvance(text) <= room:
            return (text,)
        return tuple(_broken(text, lambda part: metrics.horizontalAdvance(part) <= room))

    return lines


def _broken(text: str, fits: Callable[[str], bool]) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if fits(longer):
            line = longer
            continue
        if line:
            yield line
        line = word
        while line and not fits(line):
            room = _longest(line, fits)
            yield line[:room]
            line = line[room:]
    if line:
        yield line


def _longest(word: str, fits: Callable[[str], bool]) -> int:
    """Return how many characters of a word fit; at least one, whatever its width."""
    least, most = 1, len(word)
    while least < most:
        middle = (least + most + 1) // 2
        if fits(word[:middle]):
            least = middle
        else:
            most = middle - 1
    return least
