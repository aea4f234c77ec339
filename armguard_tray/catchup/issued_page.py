"""PURE: what is issued now, as the stock server lists it for people beside the history.

The list stands on each page `/transactions/`, and is known by its header cells. One that is not understood in
every row is not understood at all: half a list would say of the other half that it came back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from armguard_tray.catchup.history_page import time_of
from armguard_tray.catchup.tables import Cell, Table, tables_of
from armguard_tray.messages.plain_text import plain
from armguard_tray.storage.log_filter import TYPE_ENDS

_HEADERS = ("date/time", "personnel", "item type", "serial", "notes")
# An error may stand there as well: only such words say that nothing is out.
_NONE = re.compile(
    r"(nothing|none|no (items?|firearms?|weapons?|transactions?|records?|issued)\b)[^.]*\.?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedRow:
    """A weapon that is out, as the server lists it; texts are plain and bounded.

    Attributes:
        item: such as `M4 - 00077`.
        personnel: who has it.
        time: when it was issued, in whole seconds, aware.

    """

    item: str
    personnel: str
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedNow:
    """What was issued when a page was asked for.

    Attributes:
        rows: what was out.
        newest: the newest transaction on the history beside it; 0 if that was empty.
        at: when it was asked for, by this desk's clock, aware.
        ahead: by how much the server's clock is ahead of that.

    """

    rows: tuple[IssuedRow, ...]
    newest: int
    at: datetime
    ahead: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class NotListed:
    """A page on which the list is not found or not understood; `why` in plain words, quoting none of it."""

    why: str

    def __str__(self) -> str:
        return self.why


def parse_issued(html: str, zone: tzinfo) -> tuple[IssuedRow, ...] | NotListed:
    """Return what a page lists as issued, or why it is not understood; times are in `zone`. Never raises."""
    return issued_in(tables_of(html), zone)


def issued_in(tables: tuple[Table, ...], zone: tzinfo) -> tuple[IssuedRow, ...] | NotListed:
    """Return the same of a page whose tables have been read."""
    found = [table for table in tables if _is_list(table)]
    if len(found) != 1:
        return NotListed(f"the page has {'several lists' if found else 'no list'} of what is issued now")
    (table,) = found
    if not table.whole:
        return NotListed("the list of what is issued now ends in the middle")
    header, *rows = table.rows
    if [len(row) for row in rows] == [1]:
        nothing = _NONE.fullmatch(rows[0][0].text)
        return () if nothing else NotListed("the list of what is issued now says something else")
    listed: list[IssuedRow] = []
    for row in _rows(header, rows, zone):
        if row is None:
            return NotListed("the list of what is issued now has a row that is not understood")
        listed.append(row)
    return tuple(listed)


def _is_list(table: Table) -> bool:
    headers = _headers(table.rows[0]) if table.rows else []
    return all(headers.count(header) == 1 for header in _HEADERS)


def _headers(row: tuple[Cell, ...]) -> list[str]:
    return [cell.text.casefold() for cell in row]


def _rows(header: tuple[Cell, ...], rows: list[tuple[Cell, ...]], zone: tzinfo) -> Iterator[IssuedRow | None]:
    headers = _headers(header)
    for row in rows:
        yield _row(dict(zip(headers, row, strict=True)), zone) if len(row) == len(headers) else None


def _row(cells: dict[str, Cell], zone: tzinfo) -> IssuedRow | None:
    kind, serial = cells["item type"].text, cells["serial"].text
    time, personnel = time_of(cells["date/time"].text, zone), cells["personnel"].main
    if time is None or not (kind and serial and personnel):
        return None
    return IssuedRow(item=plain(f"{kind}{TYPE_ENDS}{serial}"), personnel=plain(personnel), time=time)
