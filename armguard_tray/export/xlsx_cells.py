"""PURE: the rows of a sheet as the XML that a workbook has them in.

By hand: XlsxWriter takes seven microseconds for each of twenty million cells. What it would write is written
here, but that no text is ever taken for markup, as it takes one between `<r>` and `</r>`. Texts are in their
cells (`inlineStr`), so that nothing but the row in hand is in memory
(ECMA-376-1, 18.3: https://ecma-international.org/publications-and-standards/standards/ecma-376/).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from armguard_tray.export.columns import COLUMNS, TIME, Value
from armguard_tray.export.formula import harmless

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(COLUMNS)]
_FIRST: Final = "1900-03"
"""Spreadsheets know no times before that year, and count its 29 February, which never was."""
_DAY_ZERO: Final = date(1899, 12, 30).toordinal()
_SECONDS_A_DAY: Final = 86_400
_REMEMBERED: Final = 8192
"""Most texts come again and again: people, weapons, duties."""
_ALWAYS_NEW: Final = {"row", "number", "time", "received"}
_TO_ESCAPE: Final = re.compile("[\x00-\x08\x0b-\x1f&<>\ufffe\uffff]|_x")
_ESCAPE: Final = re.compile("(?=_x[0-9A-Fa-f]{4}_)")
_NO_XML: Final = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, slots=True)
class Styles:
    """What the styles of cells are called in a workbook: of times, and of texts that stay texts for good."""

    time: str
    text: str


class Cells:
    """Makes what stands in the cells of rows, without the names of the cells."""

    def __init__(self, styles: Styles) -> None:
        """Make it with these styles."""
        self._styles = styles
        remembered = lru_cache(_REMEMBERED)(self._cell)
        self._makers: list[Callable[[Value], str]] = [
            self._time if place == TIME else self._cell if column.field in _ALWAYS_NEW else remembered
            for place, column in enumerate(COLUMNS)
        ]

    def of(self, columns: Sequence[Sequence[Value]]) -> Iterator[tuple[str, ...]]:
        """Yield the cells of each row."""
        return zip(*map(map, self._makers, columns), strict=True)

    def _cell(self, value: Value) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, int):
            return f"><v>{value}</v></c>"
        style = f' s="{self._styles.text}"' if harmless(value) != value else ""
        text = _escaped(value)
        preserved = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
        return f'{style} t="inlineStr"><is><t{preserved}>{text}</t></is></c>'

    def _time(self, value: Value) -> str:
        if not isinstance(value, str) or value < _FIRST:
            return self._cell(value)
        second = int(value[11:13]) * 3600 + int(value[14:16]) * 60 + int(value[17:])
        return f' s="{self._styles.time}"><v>{_day(value[:10]) + second / _SECONDS_A_DAY:.16G}</v></c>'


def line_of(number: int, cells: Sequence[str]) -> str:
    """Return a row, the first of a sheet having the number 1."""
    filled = "".join(
        [f'<c r="{letter}{number}"{cell}' for letter, cell in zip(_LETTERS, cells, strict=True) if cell]
    )
    return f'<row r="{number}">{filled}</row>'


@lru_cache(_REMEMBERED)
def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - _DAY_ZERO


def _escaped(text: str) -> str:
    """Return a text as it stands in XML; what may not stand there is `_xHHHH_`, and what looks so, too."""
    if _TO_ESCAPE.search(text) is None:
        return text
    named = _NO_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", _ESCAPE.sub("_x005F", text))
    return named.translate(_MARKUP)
