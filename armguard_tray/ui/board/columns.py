"""PURE: the columns of the board and what stands in each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from armguard_tray.clock import in_zone
from armguard_tray.durations import length
from armguard_tray.holdings.board import Holding
from armguard_tray.holdings.words import Zones, confirmed_words, doubt_words
from armguard_tray.ui.wording import NOTHING, long_stamp


class Column(IntEnum):
    """The columns, from the left."""

    ITEM = 0
    HOLDER = 1
    SINCE = 2
    OUT_FOR = 3
    DUTY = 4
    BY = 5
    STATE = 6


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """How one column is headed and sized.

    Attributes:
        title: its heading.
        explanation: one sentence on what stands in it.
        sample: a text that it holds without eliding, if there is room.
        least: a text that it holds in any case.

    """

    title: str
    explanation: str
    sample: str
    least: str


SPECS: Final = {
    Column.ITEM: ColumnSpec("Item", "Type and serial of the weapon.", "GLOCK - 000318", "GLOCK - 00031"),
    Column.HOLDER: ColumnSpec("Holder", "Who took it.", "Juan Dela Cruz", "Juan Dela C"),
    Column.SINCE: ColumnSpec(
        "Since", "When it was issued, by the server's clock.", "24/11/26 11:25", "24/11 11:25"
    ),
    Column.OUT_FOR: ColumnSpec("Out for", "How long that is ago.", "2 days 17 h", "2 days 17 h"),
    Column.DUTY: ColumnSpec("Duty", "What it was taken for.", "Guard Duty", "Guard Duty"),
    Column.BY: ColumnSpec("Issued by", "Who issued it.", "sgt.villanueva", "armorer1"),
    Column.STATE: ColumnSpec(
        "State",
        "Whether it is overdue, and whether it is certain.",
        "⚠ Overdue by 2 days 17 h",
        "⚠ ? Overdue 2 days 17 h",
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is shown now.

    Attributes:
        holding: what it shows.
        texts: one a column, plain.
        brief: the same in fewer words, for where there is little room.
        is_overdue: whether it is overdue.

    """

    holding: Holding
    texts: tuple[str, ...]
    brief: tuple[str, ...]
    is_overdue: bool

    @property
    def key(self) -> str:
        """What makes it the same row at another time."""
        return self.holding.item

    def matches(self, words: tuple[str, ...]) -> bool:
        """Tell whether all of the words, case-folded, stand in it."""
        text = "\n".join(self.texts).casefold()
        return all(word in text for word in words)


def row_of(holding: Holding, now: datetime, zones: Zones) -> Row:
    """Return how a weapon that is out is shown at a time by the server's clock."""
    since = holding.since
    overdue = holding.overdue(now)
    texts = (
        holding.item,
        holding.holder or NOTHING,
        NOTHING if since is None else f"{in_zone(since, zones.server):%d/%m/%y %H:%M}",
        NOTHING if since is None else length(now - since),
        holding.duty or NOTHING,
        holding.issued_by or NOTHING,
        state(holding, now),
    )
    brief = list(texts)
    brief[Column.STATE] = _brief_state(holding, now)
    if since is not None and in_zone(since, zones.server).year == in_zone(now, zones.server).year:
        brief[Column.SINCE] = f"{in_zone(since, zones.server):%d/%m %H:%M}"
    return Row(holding, texts, tuple(brief), overdue is not None)


def state(holding: Holding, now: datetime) -> str:
    """Return whether it is overdue and whether it is certain, as signs and words."""
    overdue = holding.overdue(now)
    if overdue is None:
        return "→ Out" if holding.is_certain else "? Uncertain"
    words = f"⚠ Overdue by {length(overdue)}"
    return words if holding.is_certain else f"{words} · ? uncertain"


def _brief_state(holding: Holding, now: datetime) -> str:
    overdue = holding.overdue(now)
    if overdue is None:
        return state(holding, now)
    return f"⚠{'' if holding.is_certain else ' ?'} Overdue {length(overdue)}"


def labelled(row: Row, columns: Iterable[Column]) -> Iterator[str]:
    """Yield what stands in these columns, each with its heading: `Duty: Patrol`."""
    return (f"{SPECS[column].title}: {row.texts[column]}" for column in columns)


def tooltip(row: Row, column: int, zones: Zones) -> str:
    """Return what a cell has no room for; of a state why it is uncertain, of an item the whole row."""
    holding = row.holding
    if column == Column.ITEM:
        return "\n".join(labelled(row, Column))
    if column == Column.SINCE and holding.since is not None:
        return long_stamp(holding.since, zones.server)
    if column == Column.STATE:
        return explanation(row, zones)
    return row.texts[column]


def explanation(row: Row, zones: Zones) -> str:
    """Return all that is known of how certain a row is, one sentence a line."""
    holding = row.holding
    lines = [doubt_words(doubt, zones) for doubt in holding.doubts] or [confirmed_words(holding, zones)]
    if holding.due is not None:
        word = "Overdue since" if row.is_overdue else "Due"
        lines.append(f"{word} {in_zone(holding.due, zones.server):%d/%m/%y %H:%M}{_why_due(holding)}.")
    return "\n".join(lines)


def _why_due(holding: Holding) -> str:
    return "" if holding.duty is not None else " (its duty is not known: counted as other)"
