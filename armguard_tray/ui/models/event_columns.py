"""PURE: the columns of the event table and what stands in each."""

from dataclasses import dataclass
from datetime import tzinfo
from enum import IntEnum

from armguard_tray.messages.event import Category, Event
from armguard_tray.ui.models.clocks import Clocks
from armguard_tray.ui.wording import NOTHING, how_it_came, long_stamp, stamp, what_with_sign


class Column(IntEnum):
    """The columns, from the left."""

    TIME = 0
    WHAT = 1
    ITEM = 2
    PERSON = 3
    DUTY = 4
    MAGS = 5
    ROUNDS = 6
    BY = 7
    CAME = 8


NUMBERS = frozenset({Column.MAGS, Column.ROUNDS})
_TRANSACTION_KINDS = frozenset({Category.ISSUED, Category.RETURNED})


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """How one column is headed and sized.

    Attributes:
        title: its heading.
        explanation: one sentence on what stands in it.
        sample: a text that it must hold without eliding.

    """

    title: str
    explanation: str
    sample: str


SPECS = {
    Column.TIME: ColumnSpec("Time", "When it happened, by the server's clock.", "24/11/26 11:25:26"),
    Column.WHAT: ColumnSpec("What", "What happened.", "⚠ Unreadable"),
    Column.ITEM: ColumnSpec("Item", "Type and serial of the weapon, or its id.", "IR-1770012411260"),
    Column.PERSON: ColumnSpec(
        "Person", "Who takes or returns it; the status it changed to.", "Available → Maintenance"
    ),
    Column.DUTY: ColumnSpec("Duty", "What it is taken for.", "Range Training 2"),
    Column.MAGS: ColumnSpec("Mags", "Magazines issued with it.", "Rounds"),
    Column.ROUNDS: ColumnSpec("Rounds", "Rounds issued with it.", "Rounds"),
    Column.BY: ColumnSpec("By", "Who issued it or took it back.", "sgt.villanueva"),
    Column.CAME: ColumnSpec("Came", "Whether it arrived as it happened or was fetched later.", "caught up"),
}


def is_sentence(event: Event) -> bool:
    """Tell whether an event has no item, person or numbers, but only something to read."""
    return event.category not in _TRANSACTION_KINDS and event.category is not Category.STATUS


def sentence(event: Event) -> str:
    """Return what there is to read, on one line."""
    return f"{event.title} {NOTHING} {event.detail}" if event.detail else event.title


def across(event: Event) -> tuple[Column, str] | None:
    """Return where a text begins that goes on to column `BY`, and the text; None for a transaction."""
    if is_sentence(event):
        return Column.ITEM, sentence(event)
    if event.category is Category.STATUS:
        return Column.PERSON, event.detail
    return None


def cells(event: Event, zone: tzinfo) -> tuple[str, ...]:
    """Return the texts of an event's row, one a column, plain; times in `zone`."""
    return (
        stamp(event.time or event.received, zone),
        what_with_sign(event),
        *_middle(event),
        how_it_came(event.source),
    )


def _middle(event: Event) -> tuple[str, ...]:
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
        return _received(event, clocks)
    if is_sentence(event):
        return sentence(event)
    text = cells(event, clocks.server)[column]
    if column is Column.ITEM and event.item_id not in {None, event.item}:
        return f"{text}\n{event.item_id}"
    return text


def _when(event: Event, clocks: Clocks) -> str:
    received = f"{_received(event, clocks)}, {how_it_came(event.source)}"
    if event.time is None:
        return f"The server does not say when it happened.\n{received}"
    happened = long_stamp(event.time, clocks.server)
    return f"{happened} ({clocks.place})\n{received}" if clocks.differ else f"{happened}\n{received}"


def _received(event: Event, clocks: Clocks) -> str:
    return f"{clocks.of_desk('Received')} {long_stamp(event.received, clocks.desk)}"
