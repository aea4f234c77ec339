"""PURE: a picture of the log before it is drawn: its bars or its curve, its numbers, and its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

import msgspec

from armguard_tray.storage.tallies import Moves
from armguard_tray.tallies.shape import Level


class Kind(StrEnum):
    """What is shown, as its tab is called."""

    HOUR = "By hour"
    DAY = "By day"
    OUT = "Items out"
    TYPE = "By type"
    DUTY = "By duty"


TAKEN, RETURNED = "Issued", "Returned"


class Bars(msgspec.Struct, frozen=True, kw_only=True, tag="bars"):
    """Two bars for each label: what was issued, and what was returned.

    Attributes:
        labels: what each pair is about.
        moves: how long its bars are.
        axis: what the labels are.
        lying: whether the bars lie, since labels are long.
        doubtful: the first and the last place of each run of labels of which something may be missing.

    """

    labels: Sequence[str]
    moves: Sequence[Moves]
    axis: str
    lying: bool = False
    doubtful: Sequence[tuple[int, int]] = ()


class Curve(msgspec.Struct, frozen=True, kw_only=True, tag="curve"):
    """How many items were out.

    Attributes:
        levels: from when on how many.
        is_thinned: whether of each short time only a few levels are among them.
        begins, ends: from when to when it is shown, aware.
        zone: in which times are told.
        axis: what the times are.
        height: what the numbers are.
        doubtful: from when to when something may be missing, aware.

    """

    levels: Sequence[Level]
    begins: datetime
    ends: datetime
    zone: tzinfo
    axis: str
    height: str
    is_thinned: bool = False
    doubtful: Sequence[tuple[datetime, datetime]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture.

    Attributes:
        kind: what it shows.
        title: that in one line.
        shown: the bars or the curve; None: there is nothing to draw, and `instead` says why.
        instead: one sentence that stands in its place.
        heads, rows: the same as a table, in words and figures.
        caption: what has to be known of it, a sentence or two each: the filter, and how complete it is.

    """

    kind: Kind
    title: str
    shown: Bars | Curve | None
    instead: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: Sequence[str]
