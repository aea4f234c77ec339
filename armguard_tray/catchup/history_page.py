"""PURE: the page `/transactions/?history=…`, as the stock server makes it for people.

Its table is known by its header cells: another table on the page lists what is issued now. A page that is not
understood in every row is not understood at all: what is compared with half a page would be no proof.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from armguard_tray.catchup.tables import Cell, Table, tables_of
from armguard_tray.messages.plain_text import plain

PATH = "/transactions/"
ROWS_A_PAGE = 20
_HEADERS = ("id", "personnel", "item", "action", "date/time", "notes", "actions")
_ID = re.compile(r"#?\s?([0-9]{1,18})")
_TIME = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")

# An error may stand there as well: only these words say that the history is empty.
_NONE = re.compile(r"no transactions( found| yet| recorded| (in|for) this period)?\.?", re.IGNORECASE)


class Action(StrEnum):
    """What a transaction did, as frames call it."""

    TAKE = "Take"
    RETURN = "Return"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """A transaction, as the history shows it; texts are plain and bounded.

    Attributes:
        id: its number.
        personnel, rank: who took or returned the item; rank may be empty.
        item: such as `M4 - 00077`.
        action: what was done.
        time: when, in whole seconds, aware.
        notes: free text, may be empty.

    """

    id: int
    personnel: str
    rank: str
    item: str
    action: Action
    time: datetime
    notes: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of the history.

    Attributes:
        rows: its transactions, the newest first, each id once.
        unclear: whether a single cell stands in their place, with other words than that there are none.

    """

    rows: tuple[HistoryRow, ...]
    unclear: bool = False


class Problem(StrEnum):
    """Why a page is not understood, as it goes on after "the history page"."""

    NO_TABLE = "has no table of transactions"
    MANY_TABLES = "has several tables of transactions"
    CUT_OFF = "ends in the middle of its table"
    ROW = "has a row that is not understood"
    TWICE = "lists a transaction twice"


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A page that is not understood; `detail` is where, and quotes none of it."""

    problem: Problem
    detail: str = ""

    def __str__(self) -> str:
        said = f"the history page {self.problem}"
        return f"{said}: {self.detail}" if self.detail else said


def history_path(period: str = "day", page: int = 1) -> str:
    """Return the path of a page of the history: of this `day`, or the last `week` or `month`."""
    return f"{PATH}?history={period}&page={page}"


def parse_history(html: str, zone: tzinfo) -> HistoryPage | NotUnderstood:
    """Return a page's transactions, or why they are not understood; times are in `zone`. Never raises."""
    found = [table for table in tables_of(html) if _columns(table) is not None]
    if len(found) != 1:
        return NotUnderstood(Problem.MANY_TABLES if found else Problem.NO_TABLE)
    (table,) = found
    if not table.whole:
        return NotUnderstood(Problem.CUT_OFF)
    rows: dict[int, HistoryRow] = {}
    for row in _rows(table, zone):
        if isinstance(row, NotUnderstood):
            return row
        if row.id in rows:
            return NotUnderstood(Problem.TWICE, f"#{row.id}")
        rows[row.id] = row
    return HistoryPage(tuple(rows[number] for number in sorted(rows, reverse=True)), _is_unclear(table))


def _has_remark(table: Table) -> bool:
    return [len(row) for row in table.rows[1:]] == [1]


def _is_unclear(table: Table) -> bool:
    return _has_remark(table) and not _NONE.fullmatch(table.rows[1][0].text)


def _columns(table: Table) -> dict[str, int] | None:
    """Return which column bears which header; None if it is not the history's table."""
    headers = [cell.text.casefold() for cell in table.rows[0]] if table.rows else []
    if any(headers.count(header) != 1 for header in _HEADERS):
        return None
    return {header: headers.index(header) for header in _HEADERS}


def _rows(table: Table, zone: tzinfo) -> Iterator[HistoryRow | NotUnderstood]:
    columns = _columns(table) or {}
    header, *rows = table.rows
    if _has_remark(table):
        return
    for row in rows:
        if len(row) == len(header):
            yield _row({name: row[index] for name, index in columns.items()}, zone)
        else:
            yield NotUnderstood(Problem.ROW, f"{len(row)} cells below {len(header)} headers")


def _row(cells: dict[str, Cell], zone: tzinfo) -> HistoryRow | NotUnderstood:
    number = _ID.fullmatch(cells["id"].text)
    if number is None:
        return _strange("id")
    action = _action(cells["action"].text)
    if action is None:
        return _strange("action")
    time = time_of(cells["date/time"].text, zone)
    if time is None:
        return _strange("date/time")
    return HistoryRow(
        id=int(number[1]),
        personnel=plain(cells["personnel"].main),
        rank=plain(cells["personnel"].small),
        item=plain(cells["item"].text),
        action=action,
        time=time,
        notes=plain(cells["notes"].text),
    )


def _strange(column: str) -> NotUnderstood:
    # Not what stands there: it may be a name, and this goes into logs and reports.
    return NotUnderstood(Problem.ROW, f"its column {column}")


def _action(text: str) -> Action | None:
    word = text.casefold()
    if word.startswith("withdraw"):
        return Action.TAKE
    return Action.RETURN if word == "return" else None


def time_of(text: str, zone: tzinfo) -> datetime | None:
    """Return the time that stands on a page, aware; None if none does."""
    # strptime alone would take 1/1/26, and other scripts' digits.
    if not _TIME.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%d/%m/%y %H:%M:%S").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
