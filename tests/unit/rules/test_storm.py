"""A few toasts at once, the rest in one."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from armguard_tray.messages.event import StoredEvent, event_of
from armguard_tray.rules import storm
from armguard_tray.rules.storm import CALM, WINDOW, Single, StormState, Summary
from tests.unit.messages import frames


def stored(row: int, frame: str = frames.TAKE) -> StoredEvent:
    return StoredEvent(row, event_of(frames.received(frame), UTC))


@dataclass
class Desk:
    """A throttle in use, by a clock that the test moves."""

    burst: int = 3
    state: StormState = CALM
    now: float = 100.0
    toasts: list[tuple[float, Single | Summary]] = field(default_factory=list)

    def offer(self, event: StoredEvent) -> None:
        self.state, toasts = storm.offer(self.state, event, self.now, self.burst)
        self.toasts += [(self.now, toast) for toast in toasts]

    def wait(self, seconds: float) -> None:
        """Let time go by, and show what becomes due."""
        end = self.now + seconds
        while (at := storm.due(self.state)) is not None and at <= end:
            self.now = max(self.now, at)
            self.state, toasts = storm.flush(self.state, self.now)
            self.toasts += [(self.now, toast) for toast in toasts]
        self.now = end

    @property
    def shown(self) -> list[str]:
        return [
            f"#{toast.event.row}" if isinstance(toast, Single) else f"{toast.title}: {toast.text}"
            for _, toast in self.toasts
        ]


def test_a_few_are_shown_one_by_one() -> None:
    desk = Desk()
    for row in (1, 2, 3):
        desk.offer(stored(row))

    assert desk.shown == ["#1", "#2", "#3"]
    assert storm.due(desk.state) is None


def test_a_storm_is_summed_up_ten_seconds_after_it_began() -> None:
    desk = Desk()
    for row in range(1, 12):
        desk.offer(stored(row))
    for row in range(12, 16):
        desk.offer(stored(row, frames.RETURN))

    assert desk.shown == ["#1", "#2", "#3"]
    assert storm.due(desk.state) == 110.0
    desk.wait(10)
    assert desk.shown[3:] == ["12 more transactions: 8 issued, 4 returned, last: M4 - 00077"]


def test_one_that_was_held_is_shown_itself() -> None:
    desk = Desk()
    for row in (1, 2, 3, 4):
        desk.offer(stored(row))
    desk.wait(10)

    assert desk.shown == ["#1", "#2", "#3", "#4"]


def test_after_ten_quiet_seconds_the_next_is_shown_at_once() -> None:
    desk = Desk(burst=1)
    desk.offer(stored(1))
    desk.wait(10)
    desk.offer(stored(2))

    assert desk.shown == ["#1", "#2"]


def test_what_is_due_comes_before_what_is_new_even_if_no_timer_rang() -> None:
    desk = Desk(burst=1)
    for row in (1, 2, 3):
        desk.offer(stored(row))
    desk.now += 60
    desk.offer(stored(4))
    desk.wait(10)

    assert desk.shown == ["#1", "2 more transactions: 2 issued, last: M4 - 00077", "#4"]


def test_a_limit_that_was_lowered_to_nothing_by_hand_counts_as_one() -> None:
    desk = Desk(burst=0)
    desk.offer(stored(1))
    desk.offer(stored(2))
    desk.wait(10)

    assert desk.shown == ["#1", "#2"]


@pytest.mark.parametrize(
    ("sent", "title", "text"),
    [
        ([frames.STATUS] * 2, "2 more status changes", "2 status changes, last: IR-00177241126"),
        ([frames.NOTICE] * 2, "2 more notices", "2 notices, last: Transaction Created"),
        (
            [frames.TAKE, frames.NOTICE, frames.STATUS],
            "3 more events",
            "1 issued, 1 notice, 1 status change, last: IR-00177241126",
        ),
    ],
)
def test_how_summaries_read(sent: list[str], title: str, text: str) -> None:
    desk = Desk(burst=1)
    for row, frame in enumerate([frames.TAKE, *sent]):
        desk.offer(stored(row, frame))
    desk.wait(10)

    (_, summary) = desk.toasts[-1]
    assert isinstance(summary, Summary)
    assert (summary.title, summary.text) == (title, text)


_offers = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.25, 1.0, 3.0, 9.75, 10.0, 30.0]),
        st.sampled_from([frames.TAKE, frames.RETURN, frames.STATUS, frames.NOTICE]),
        st.booleans(),
    ),
    max_size=40,
)


@settings(deadline=None)
@given(_offers, st.integers(1, 5))
def test_nothing_is_uncounted_nothing_overtakes_and_no_window_is_overfull(
    offers: list[tuple[float, str, bool]], burst: int
) -> None:
    desk = Desk(burst)
    for row, (pause, frame, timer_rings) in enumerate(offers, 1):
        if timer_rings:
            desk.wait(pause)
        else:
            desk.now += pause
        desk.offer(stored(row, frame))
    desk.wait(100)

    toasts = [toast for _, toast in desk.toasts]
    counted: Counter[str] = Counter()
    last_rows = []
    for toast in toasts:
        if isinstance(toast, Single):
            counted[toast.event.event.category] += 1
            last_rows.append(toast.event.row)
        else:
            assert toast.count == sum(toast.by_category.values()) > 1
            counted.update(toast.by_category)
            last_rows.append(toast.last.row)
    assert counted == Counter(stored(0, frame).event.category for _, frame, _ in offers)
    assert last_rows == sorted(set(last_rows))
    times = [at for at, _ in desk.toasts]
    assert all(sum(start <= at < start + WINDOW for at in times) <= burst for start in times)


def missed(*events: StoredEvent) -> Summary:
    summary: Summary | None = None
    for each in events:
        summary = storm.tally(summary, each)
    assert summary is not None
    return summary


def test_a_gap_is_nothing_that_happened_but_needs_a_look() -> None:
    gap = stored(4, frames.GAP)

    assert missed(stored(1), stored(2), gap).title == "You missed 2 transactions, 1 needs a look"
    assert missed(stored(1), gap).title == "You missed 1 transaction, 1 needs a look"
    assert missed(gap, stored(5, frames.GAP)).title == "2 gaps need a look"


def test_two_summaries_become_one() -> None:
    first, second = missed(stored(1), stored(2, frames.RETURN)), missed(stored(3), stored(4, frames.GAP))
    both = storm.joined(first, second)

    assert both == missed(stored(1), stored(2, frames.RETURN), stored(3), stored(4, frames.GAP))
    assert storm.joined(None, first) is first
