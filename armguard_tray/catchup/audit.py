"""PURE: the server's history beside what it announced, to find what it told nobody of.

The history's times are whole seconds of the server's clock, cut off: a row of 11:26:16 was made before
11:26:17. So what was made close to the ends of the time that is compared is left out::

    subscribed                                                             looked
        │◄─ margin ─►│◄──────────── compared ────────────►│◄─── GRACE ────►│

The longer the page took, the less is known of the server's clock, and the wider is the margin.

Clocks are set, and the zone of the settings may not be the server's: a time alone proves nothing. Numbers
only ascend. So what is called not announced was made while this desk was subscribed by its number *and* by
its time, and where the two do not agree nothing is claimed. Numbers above one of these are certain: the
newest that the page showed when it was first read after subscribing, and the first that was announced then.
The latter only beside a time that is known: what took longer to be made bears the smaller number, and is
announced later.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from armguard_tray.catchup.history_page import HistoryRow

MARGIN = timedelta(seconds=2)
"""What a time is uncertain by: two clocks of whole seconds, the page's and that of the Date header."""
GRACE = timedelta(seconds=10)
"""How long an announcement may take to be made, to come, and to be stored."""
TOO_LATE = timedelta(seconds=90)
"""From which on a time on the page cannot be: the zone of the settings is another than the server's."""
_IDS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time during which this desk was subscribed, by the server's clock; both aware.

    Attributes:
        since: when it began.
        until: when the page was asked for.
        unsure: by how much `since` may be off, beside `MARGIN`; None: nobody knows.

    """

    since: datetime
    until: datetime
    unsure: timedelta | None = timedelta(0)

    def holds(self, time: datetime) -> bool:
        """Tell whether what was made in that second must have been announced."""
        return self.has_begun(time) and not self.is_ending(time)

    def has_begun(self, time: datetime) -> bool:
        """Tell whether what was made in that second was made after the beginning."""
        return self.since + self._margin <= time

    def is_beginning(self, time: datetime) -> bool:
        """Tell whether what was made in that second may have been announced just before the beginning."""
        return self.since - self._margin - GRACE <= time and not self.has_begun(time)

    def is_ending(self, time: datetime) -> bool:
        """Tell whether what was made in that second may still be announced."""
        return time + timedelta(seconds=1) + GRACE > self.until

    @property
    def _margin(self) -> timedelta:
        return MARGIN + (self.unsure or timedelta())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The first reading of the history since this desk subscribed.

    Attributes:
        newest: the newest transaction that it showed; 0 if there was none.
        at: when it was, by the server's clock, aware.

    """

    newest: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What this desk was told.

    Attributes:
        known: the transactions that it was told of, whenever and however.
        heard: those of them that it surely heard in this subscription; there may be more.

    """

    known: Collection[int]
    heard: Collection[int] = ()


class Doubt(StrEnum):
    """Why it cannot be said of a transaction that it was not announced, after its number."""

    ORDER = "not announced, but number and time contradict each other: is a clock or the time zone wrong?"
    BEFORE = "not announced, perhaps made before this desk subscribed: clock or time zone may be wrong"
    JUST_BEFORE = "not announced, perhaps made just before this desk subscribed"
    JUST_NOW = "not announced yet: made just now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubtful:
    """Transactions that were not announced, of which it is not known whether they should have been."""

    ids: tuple[int, ...]
    doubt: Doubt

    def __str__(self) -> str:
        more = len(self.ids) - _IDS_SHOWN
        shown = ", ".join(f"#{each}" for each in self.ids[:_IDS_SHOWN])
        return f"{shown}{f' and {more} more' if more > 0 else ''} {self.doubt}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the comparison shows; the fields are those of `diagnosis.facts.Finding`.

    Attributes:
        since: from when on the two were compared: later than asked for if the rows do not reach back.
        compared: how many transactions fell into that time.
        unannounced: those of them that were not announced, ascending.
        complete_to: from the first transaction that this desk knows up to this one it knows all that the
            history shows; None: it knows none.
        skipped: how many in a row were not announced, at most, before one that was.
        silent: how many were not announced since the last one that was.

    """

    since: datetime
    compared: int
    unannounced: tuple[int, ...]
    complete_to: int | None
    skipped: int = 0
    silent: int = 0


def compare(
    rows: Sequence[HistoryRow],
    announced: Announced,
    span: Span,
    *,
    reaches_back: bool,
    first: Reading | None = None,
) -> Comparison | Doubtful:
    """Compare the history with the ids that were announced.

    Args:
        rows: the newest transactions, the newest first.
        announced: what this desk was told.
        span: while it was subscribed.
        reaches_back: whether there are no transactions in `span` besides `rows`.
        first: the first reading since then; None: this is it.

    Returns:
        what was compared, if it shows something for certain; else what makes it uncertain.

    """
    doubts: dict[int, Doubt] = {}
    unannounced: list[int] = []
    for row in reversed(_missing(rows, announced, span, first)):
        doubt = _doubt(row, rows, announced, span, first)
        if doubt is None:
            unannounced.append(row.id)
        else:
            doubts[row.id] = doubt
    if doubts and not unannounced:
        worst = next(each for each in Doubt if each in doubts.values())
        return Doubtful(ids=tuple(number for number, each in doubts.items() if each is worst), doubt=worst)
    skipped, silent = _in_a_row(rows, unannounced, announced)
    return Comparison(
        since=span.since if reaches_back or not rows else max(span.since, rows[-1].time),
        compared=len([row for row in rows if row.id in announced.known and span.holds(row.time)])
        + len(unannounced),
        unannounced=tuple(unannounced),
        complete_to=_complete_to(rows, announced.known, span),
        skipped=skipped,
        silent=silent,
    )


def _missing(
    rows: Sequence[HistoryRow], announced: Announced, span: Span, first: Reading | None
) -> list[HistoryRow]:
    """Return what this desk does not know and was made since it subscribed: by time, or by number."""
    told = [row.id for row in rows if row.id in announced.known and span.has_begun(row.time)]
    after = min([*told, *_certain_from(announced, span, first)], default=None)
    return [
        row
        for row in rows
        if row.id not in announced.known
        and (span.has_begun(row.time) or (after is not None and row.id > after))
    ]


def _certain_from(announced: Announced, span: Span, first: Reading | None) -> list[int]:
    """Return the numbers above any of which all were made since this desk subscribed."""
    heard = [min(announced.heard)] if announced.heard and span.unsure is not None else []
    return heard if first is None else [first.newest, *heard]


def _doubt(
    row: HistoryRow, rows: Sequence[HistoryRow], announced: Announced, span: Span, first: Reading | None
) -> Doubt | None:
    """Return what makes it uncertain that `row` should have been announced; None: nothing."""
    if not any(row.id > number for number in _certain_from(announced, span, first)):
        return Doubt.BEFORE
    if span.is_beginning(row.time):
        return Doubt.JUST_BEFORE
    earlier = [each.time for each in rows if each.id < row.id]
    if first is not None and row.id > first.newest:
        earlier.append(first.at)
    if not span.has_begun(row.time) or any(row.time + MARGIN < time for time in earlier):
        return Doubt.ORDER
    return Doubt.JUST_NOW if span.is_ending(row.time) else None


def _in_a_row(
    rows: Sequence[HistoryRow], unannounced: Collection[int], announced: Announced
) -> tuple[int, int]:
    """Return how many in a row were not announced: at most before one that was, and since the last."""
    skipped = silent = 0
    for row in reversed(rows):
        if row.id in announced.known:
            skipped, silent = max(skipped, silent), 0
        elif row.id in unannounced:
            silent += 1
    return skipped, silent


def _complete_to(rows: Sequence[HistoryRow], announced: Collection[int], span: Span) -> int | None:
    last = None
    for row in reversed(rows):
        if row.id in announced:
            last = row.id
        elif last is not None or span.has_begun(row.time):
            break  # else it was made before this desk was there at all
    return last


def compare_newer(
    rows: Sequence[HistoryRow], announced: Collection[int], since: datetime, *, newest_before: int
) -> Comparison:
    """Compare the history with what was announced since it was read before, by ids alone: no clock matters.

    Args:
        rows: the newest transactions, the newest first.
        announced: the ids that this desk was told since before the first reading, and well after this one.
        since: when that was.
        newest_before: the newest id then; 0 if there was none.

    """
    judged = sorted(row.id for row in rows if row.id > newest_before)
    unannounced = tuple(number for number in judged if number not in announced)
    known = [number for number in judged if not unannounced or number < unannounced[0]]
    return Comparison(
        since=since,
        compared=len(judged),
        unannounced=unannounced,
        complete_to=known[-1] if known else None,
    )


def too_late(rows: Sequence[HistoryRow], now: datetime) -> HistoryRow | None:
    """Return a transaction that cannot have been made yet by the server's clock, `now`; None if none is."""
    latest = max(rows, key=lambda row: row.time, default=None)
    return latest if latest is not None and latest.time > now + TOO_LATE else None
