"""The storm throttle: a few toasts at once, the rest summed up in one. Pure.

::

             offer: free slot                 offer: no free slot
    CALM ─────────────────────► single    CALM ─────────────────► HOLDING ◄─┐ offer: held
                                            ▲                        │  │   │
                                            └── due, or asked to ────┘  └───┘
                                                 summary (or single, if only one is held)

Each toast, single or summary, takes a slot for ten seconds. While something is held everything is, so that
toasts keep the order of the events. What is offered is always shown, counted, or still held.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from armguard_tray.messages.attention import needs_a_look
from armguard_tray.messages.event import Category, StoredEvent

WINDOW = 10.0  # seconds

_NAMES = {  # of one, of more
    Category.ISSUED: ("issued", "issued"),
    Category.RETURNED: ("returned", "returned"),
    Category.STATUS: ("status change", "status changes"),
    Category.NOTICE: ("notice", "notices"),
    Category.PRESENCE: ("came or went", "came or went"),
    Category.GAP: ("gap", "gaps"),
    Category.OTHER: ("other", "others"),
}
_TRANSACTIONS = frozenset({Category.ISSUED, Category.RETURNED})


@dataclass(frozen=True, slots=True)
class Single:
    """A toast for one event."""

    event: StoredEvent


@dataclass(frozen=True, slots=True)
class Summary:
    """A toast for many events.

    Attributes:
        count: how many.
        by_category: how many of each category, none of them 0.
        last: the newest of them.
        away: whether they happened while this desk was away, and not in a storm.
        worrying: how many of them need a look; see `messages.attention`.

    """

    count: int
    by_category: Mapping[Category, int]
    last: StoredEvent
    away: bool = False
    worrying: int = 0

    @property
    def title(self) -> str:
        """What the toast says first: `12 more transactions`, or `You missed 14 events, 2 need a look`.

        A gap is nothing that happened, but it needs a look.
        """
        if not self.away:
            return f"{self.count:,} more {self._noun()}"
        gaps = self.by_category.get(Category.GAP, 0)
        if gaps == self.count:
            return "1 gap needs a look" if gaps == 1 else f"{gaps:,} gaps need a look"
        happened = self.count - gaps
        noun = self._noun() if happened > 1 else self._noun().removesuffix("s")
        look = {0: "", 1: ", 1 needs a look"}.get(self.worrying, f", {self.worrying:,} need a look")
        return f"You missed {happened:,} {noun}{look}"

    @property
    def text(self) -> str:
        """What they were, such as `8 issued, 4 returned, last: M4 - 00077`."""
        event = self.last.event
        counts = [f"{n:,} {_NAMES[category][n > 1]}" for category, n in self.by_category.items()]
        return ", ".join([*counts, f"last: {event.item or event.title}"])

    def _noun(self) -> str:
        categories = self.by_category.keys() - ({Category.GAP} if self.away else set())
        if categories <= _TRANSACTIONS:
            return "transactions"
        if categories <= {Category.STATUS}:
            return "status changes"
        if categories <= {Category.NOTICE}:
            return "notices"
        return "events"


@dataclass(frozen=True, slots=True)
class StormState:
    """What the throttle remembers.

    Attributes:
        shown: when the toasts of the last ten seconds were shown, oldest first, monotonic seconds.
        held: what waits to be summed up.

    """

    shown: tuple[float, ...] = ()
    held: Summary | None = None


CALM = StormState()


def offer(
    state: StormState, stored: StoredEvent, now: float, burst: int
) -> tuple[StormState, list[Single | Summary]]:
    """Return what to show when `stored` is to be announced at `now`, monotonic seconds.

    Args:
        state: what went before.
        stored: the event.
        now: the time.
        burst: how many toasts there may be in ten seconds; less than 1 counts as 1.

    """
    toasts: list[Single | Summary] = []
    at = due(state)
    if at is not None and at <= now:
        state, toasts = flush(state, now)
    if state.held is not None:
        return replace(state, held=_with(state.held, stored)), toasts
    shown = _recent(state, now)
    if len(shown) < max(burst, 1):
        return StormState((*shown, now)), [*toasts, Single(stored)]
    return StormState(shown, Summary(1, {stored.event.category: 1}, stored)), toasts


def tally(counted: Summary | None, stored: StoredEvent) -> Summary:
    """Return the summary of what happened while this desk was away, with one more event."""
    return _with(counted or Summary(0, {}, stored, away=True), stored)


def joined(before: Summary | None, summary: Summary) -> Summary:
    """Return one summary of what two tell, the second being the later one."""
    if before is None:
        return summary
    counts = dict(before.by_category)
    for category, count in summary.by_category.items():
        counts[category] = counts.get(category, 0) + count
    return replace(
        summary,
        count=before.count + summary.count,
        by_category=counts,
        worrying=before.worrying + summary.worrying,
    )


def as_toast(summary: Summary) -> Single | Summary:
    """Return what to show: "1 more transaction" would hide the only thing there is to say."""
    return Single(summary.last) if summary.count == 1 else summary


def due(state: StormState) -> float | None:
    """Return when what is held is to be shown, monotonic seconds; None when nothing is held."""
    return state.shown[0] + WINDOW if state.held is not None else None


def flush(state: StormState, now: float) -> tuple[StormState, list[Single | Summary]]:
    """Show at `now` what is held, if anything."""
    held = state.held
    if held is None:
        return state, []
    return StormState((*_recent(state, now), now)), [as_toast(held)]


def _recent(state: StormState, now: float) -> tuple[float, ...]:
    return tuple(shown for shown in state.shown if shown > now - WINDOW)


def _with(held: Summary, stored: StoredEvent) -> Summary:
    category = stored.event.category
    counts = {**held.by_category, category: held.by_category.get(category, 0) + 1}
    worrying = held.worrying + needs_a_look(stored.event)
    return Summary(held.count + 1, counts, stored, held.away, worrying)
