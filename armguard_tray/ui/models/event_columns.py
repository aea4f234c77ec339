"""PURE: the columns of the event table and what stands in each."""

from dataclasses import dataclass
from datetime import tzinfo
from enum import IntEnum

from armguard_tray.messages.event import Category, Event
from armguard_tray.ui.gap_words import gap_line, is_closed_gap
from armguard_tray.ui.models.clocks import Clocks
from armguard_tray.ui.wording import (
    NOTHING,
    how_it_came,
    long_stamp,
    stamp,
    what_with_sign,
    why_it_came_so,
)


class Column(IntEnum):
    """The columns, from the left."""

    TIME = 0
    WHAT = 1
    NUMBER = 2
    ITEM = 3
    PERSON = 4
    DUTY = 5
    MAGS = 6
    ROUNDS = 7
    BY = 8
    CAME = 9


NUMBERS = frozenset({Column.NUMBER, Column.MAGS, Column.ROUNDS})
_TRANSACTION_KINDS = frozenset({Category.ISSUED, Category.RETURNED})


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """How one column is headed and sized.

    Attributes:
        title: its heading.
        explanation: one sentence on what stands in it.
        sample: a text that it holds without eliding, if there is room.
        least: a text that it holds where there is little; the same one unless given.

    """

    title: str
    explanation: str
    sample: str
    least: str = ""


SPECS = {
    Column.TIME: ColumnSpec("Time", "When it happened, by the server's clock.", "24/11/26 11:25:26"),
    Column.WHAT: ColumnSpec("What", "What happened.", "⚠ Unreadable"),
    Column.NUMBER: ColumnSpec("No.", "The transaction's number.", "148211"),
    Column.ITEM: ColumnSpec(
        "Item", "Type and serial of the weapon, or its id.", "IR-1770012411260", "GLOCK - 00031"
    ),
    Column.PERSON: ColumnSpec(
        "Person",
        "Who takes or returns it; the status it changed to.",
        "Available → Maintenance",
        "Juan Dela Cruz",
    ),
    Column.DUTY: ColumnSpec("Duty", "What it is taken for.", "Range Training 2", "Guard Du"),
    Column.MAGS: ColumnSpec("Mags", "Magazines issued with it.", "Mags"),
    Column.ROUNDS: ColumnSpec("Rounds", "Rounds issued with it.", "Rounds"),
    Column.BY: ColumnSpec("By", "Who issued it or took it back.", "sgt.villanueva", "armorer1"),
    Column.CAME: ColumnSpec(
        "Came", "Whether it arrived as it happened or was fetched later.", "not announced"
    ),
}


def is_sentence(event: Event) -> bool:
    """Tell whether an event has no item, person or numbers, but only something to read."""
    return event.category not in _TRANSACTION_KINDS and event.category is not Category.STATUS


def sentence(event: Event, zone: tzinfo) -> str:
    """Return what there is to read, on one line; times in `zone`."""
    if event.category is Category.GAP:
        return gap_line(event, zone)
    return f"{event.title} {NOTHING} {event.detail}" if event.detail else event.title


def across(event: Event, zone: tzinfo) -> tuple[Column, str] | None:
    """Return where a text begins that goes on to column `BY`, and the text; None for a transaction."""
    if event.category is Category.GAP:
        return Column.WHAT, f"{what_with_sign(event)} {gap_line(event, zone)}"
    if is_sentence(event):
        return Column.ITEM, sentence(event, zone)
    if event.category is Category.STATUS:
        return Column.PERSON, event.detail
    return None


def cells(event: Event, zone: tzinfo) -> tuple[str, ...]:
    """Return the texts of an event's row, one a column, plain; times in `zone`."""
    number = "" if event.transaction_id is None else str(event.transaction_id)
    return (_time(event, zone), what_with_sign(event), number, *_middle(event, zone), _came(event))


def _time(event: Event, zone: tzinfo) -> str:
    if event.gap is not None and event.time is None:
        return NOTHING  # it stands where it belongs; when it was found would tell another time
    return stamp(event.time or event.received, zone)


def _came(event: Event) -> str:
    return "closed" if is_closed_gap(event) else how_it_came(event)


def _middle(event: Event, zone: tzinfo) -> tuple[str, ...]:
    if event.category is Category.GAP:
        return (gap_line(event, zone), "", "", "", "", "")
    if is_sentence(event):
        return (event.title, event.detail, "", "", "", "")
    if event.category is Category.STATUS:
        return (event.item or NOTHING, event.detail, "", "", "", "")
    return tuple(
        NOTHING if value is None else str(value)
        for value in (event.item, event.person, event.duty, event.mags, event.rounds, event.issued_by)
    )


def tooltip(event: Event, column: Column, clocks: Clocks) -> str:
    """Return what a cell may have no room for, plain."""
    if column is Column.TIME:
        return _when(event, clocks)
    if column is Column.CAME:
        return f"{why_it_came_so(event)}\n{_received(event, clocks)}"
    if is_sentence(event):
        return sentence(event, clocks.server)
    text = cells(event, clocks.server)[column]
    if column is Column.ITEM and event.item_id not in {None, event.item}:
        return f"{text}\n{event.item_id}"
    return text


def _when(event: Event, clocks: Clocks) -> str:
    received = f"{_received(event, clocks)}, {how_it_came(event)}"
    if event.gap is not None:
        return received if event.time is None else f"From {long_stamp(event.time, clocks.server)}\n{received}"
    if event.time is None:
        return f"The server does not say when it happened.\n{received}"
    happened = long_stamp(event.time, clocks.server)
    return f"{happened} ({clocks.place})\n{received}" if clocks.differ else f"{happened}\n{received}"


def _received(event: Event, clocks: Clocks) -> str:
    label = "Received" if event.gap is None else "Found"
    return f"{clocks.of_desk(label)} {long_stamp(event.received, clocks.desk)}"
