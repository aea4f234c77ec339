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

    """

    count: int
    by_category: Mapping[Category, int]
    last: StoredEvent
    away: bool = False

    @property
    def title(self) -> str:
        """What the toast says first, such as `12 more transactions`, or `14 events while you were away`."""
        if self.away:
            return f"{self.count:,} {self._noun()} while you were away"
        return f"{self.count} more {self._noun()}"

    @property
    def text(self) -> str:
        """What they were, such as `8 issued, 4 returned, last: M4 - 00077`."""
        event = self.last.event
        counts = [f"{n} {_NAMES[category][n > 1]}" for category, n in self.by_category.items()]
        return ", ".join([*counts, f"last: {event.item or event.title}"])

    def _noun(self) -> str:
        categories = self.by_category.keys()
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
    return Summary(held.count + 1, counts, stored, held.away)
