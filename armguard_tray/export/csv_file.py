"""CSV: UTF-8 with a byte order mark, as RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180).

The headings, the rows, and then the statement, as lines of the same number of fields with `Statement` in the
column What: every reader gets a table without ragged lines, and nothing has to be skipped before the
    headings. Texts are made harmless for spreadsheets, see `formula`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from functools import lru_cache
from typing import Final

from armguard_tray.export.closing import closing_lines
from armguard_tray.export.columns import COLUMNS, STATEMENT_AS, TEXTS, TITLES, Value, values
from armguard_tray.export.contents import Rows
from armguard_tray.export.formula import harmless
from armguard_tray.export.statement import Statement, lines
from armguard_tray.export.target import Target

_WHAT, _TEXT, _DETAIL = (TITLES.index(title) for title in ("What", "Text", "Detail"))
_ABOUT_TEXTS: Final = (
    "About texts",
    "An apostrophe stands before what a spreadsheet could take for a formula, and before an apostrophe.",
)
_END: Final = "\r\n"
_TO_QUOTE: Final = re.compile(r'[",\r\n]')
_BARE: Final = frozenset({"row", "", "number", "time", "received"})
"""The columns of numbers and times: nothing in them is to be quoted, and nothing comes twice."""
_REMEMBERED: Final = 8192
"""The others say the same again and again: people, weapons, duties."""


class CsvWriter:
    """Writes CSV.

    Attributes:
        rounds: as `contents.Writer`.

    """

    rounds = 1

    def write(self, statement: Statement, rows: Rows, zone: tzinfo, target: Target) -> None:
        """Write headings, rows and statement."""
        target.stream.write(f"\ufeff{_lines([TITLES])}".encode())
        for piece in rows:
            target.stream.write(_table(values(piece.columns)).encode())
        said = [*lines(statement, zone), _ABOUT_TEXTS, *closing_lines(rows.digest)]
        target.stream.write(_lines(_statement_line(label, text) for label, text in said).encode())


def _table(columns: Sequence[Sequence[Value]]) -> str:
    """Return what stands in columns as lines: the standard library's writer takes twice as long."""
    return _lines(zip(*map(map, _MAKERS, columns), strict=True))


def _lines(table: Iterable[Iterable[str]]) -> str:
    return "".join(f"{','.join(cells)}{_END}" for cells in table)


def _bare(value: Value) -> str:
    return "" if value is None else str(value)


@lru_cache(_REMEMBERED)
def _own(value: Value) -> str:
    return _quoted(_bare(value))


@lru_cache(_REMEMBERED)
def _told(value: Value) -> str:
    return _quoted(harmless(value)) if isinstance(value, str) else _bare(value)


def _quoted(text: str) -> str:
    if _TO_QUOTE.search(text) is None:
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _maker(place: int) -> Callable[[Value], str]:
    """Return what makes the cells of a column."""
    if COLUMNS[place].field in _BARE:
        return _bare
    return _told if place in range(*TEXTS.indices(len(TITLES))) else _own


_MAKERS: Final = [*map(_maker, range(len(TITLES)))]


def _statement_line(label: str, text: str) -> list[str]:
    line = [""] * len(TITLES)
    line[_WHAT], line[_TEXT], line[_DETAIL] = STATEMENT_AS, _told(label), _told(text)
    return line
