"""PURE: a row of the journal as the table shows it, made once and drawn often."""

from dataclasses import dataclass, fields, replace
from datetime import tzinfo
from functools import cached_property
from typing import Any

from armguard_tray.messages.attention import ALARMING
from armguard_tray.messages.event import Category, Event, StoredEvent
from armguard_tray.ui.gap_words import is_closed_gap
from armguard_tray.ui.models.event_columns import Column, across, cells

# A raw frame may have 1 MiB and is only read in the details, which ask the journal for a long one.
LONG_RAW = 4096
LONG_TEXT = 200
_TEXTS = tuple(field.name for field in fields(Event) if field.name != "raw")


@dataclass(frozen=True)
class ShownRow:
    """A row and what its cells say.

    Attributes:
        stored: the row; if its frame is long, without that (`raw == ""`) and with its long texts cut.
        zone: what its times are told in.

    """

    stored: StoredEvent
    zone: tzinfo

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The texts of the row, one a column."""
        return cells(self.stored.event, self.zone)

    @cached_property
    def across(self) -> tuple[Column, str] | None:
        """Where a text begins that goes across columns, and the text; None if there is none."""
        return across(self.stored.event, self.zone)

    @cached_property
    def is_gap(self) -> bool:
        """Whether it says that something is missing, or was."""
        return self.stored.event.category is Category.GAP

    @cached_property
    def is_closed(self) -> bool:
        """Whether it is a gap of which nothing is missing any more."""
        return self.is_gap and is_closed_gap(self.stored.event)

    @cached_property
    def is_alarm(self) -> bool:
        """Whether the server says that it is a warning or worse."""
        return self.stored.event.level in ALARMING


def light(stored: StoredEvent) -> StoredEvent:
    """Return the row without what thousands of rows of hostile length would fill the memory with."""
    event = stored.event
    if len(event.raw) <= LONG_RAW:
        return stored
    long: dict[str, Any] = {
        name: text[:LONG_TEXT]
        for name in _TEXTS
        if isinstance(text := getattr(event, name), str) and len(text) > LONG_TEXT
    }
    return replace(stored, event=replace(event, raw="", **long))
