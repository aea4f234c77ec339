"""PURE: the server's history beside what it announced, to find what it told nobody of.

The history's times are whole seconds of the server's clock, cut off: a row of 11:26:16 was made before
11:26:17. So what was made close to the ends of the time that is compared is left out::

    subscribed                                                             looked
        │◄─ MARGIN ─►│◄──────────── compared ────────────►│◄─── GRACE ────►│
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from armguard_tray.catchup.history_page import HistoryRow

MARGIN = timedelta(seconds=2)
"""What a time is uncertain by: two clocks of whole seconds, the page's and that of the Date header."""
GRACE = timedelta(seconds=10)
"""How long an announcement may take to be made, to come, and to be stored."""
TOO_LATE = timedelta(seconds=90)
"""From which on a time on the page cannot be: the zone of the settings is another than the server's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time during which this desk was subscribed, by the server's clock; both aware.

    Attributes:
        since: when it began.
        until: when the page was asked for.

    """

    since: datetime
    until: datetime

    def holds(self, time: datetime) -> bool:
        """Tell whether what was made in that second must have been announced."""
        return self.since + MARGIN <= time and time + timedelta(seconds=1) + GRACE <= self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the comparison shows; the fields are those of `diagnosis.facts.AuditFound`.

    Attributes:
        since: from when on the two were compared: later than asked for if the rows do not reach back.
        compared: how many transactions fell into that time.
        unannounced: those of them that were not announced, ascending.
        complete_to: from the first transaction that this desk knows up to this one it knows all that the
            history shows; None: it knows none.

    """

    since: datetime
    compared: int
    unannounced: tuple[int, ...]
    complete_to: int | None


def compare(
    rows: Sequence[HistoryRow], announced: Collection[int], span: Span, *, reaches_back: bool
) -> Comparison:
    """Compare the history with the ids that were announced.

    Args:
        rows: the newest transactions, the newest first.
        announced: the ids that this desk was told.
        span: while it was subscribed.
        reaches_back: whether there are no transactions in `span` besides `rows`.

    """
    since = span.since if reaches_back or not rows else max(span.since, rows[-1].time)
    judged = [row.id for row in rows if span.holds(row.time)]
    unannounced = tuple(sorted(number for number in judged if number not in announced))
    return Comparison(
        since=since,
        compared=len(judged),
        unannounced=unannounced,
        complete_to=_complete_to(rows, announced, span),
    )


def _complete_to(rows: Sequence[HistoryRow], announced: Collection[int], span: Span) -> int | None:
    last = None
    for row in reversed(rows):
        if row.id in announced:
            last = row.id
        elif last is not None or row.time >= span.since + MARGIN:
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
