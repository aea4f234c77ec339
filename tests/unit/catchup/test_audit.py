"""Which transactions were made while this desk listened, and not announced to it."""

from dataclasses import dataclass, replace

from hypothesis import example, given
from hypothesis import strategies as st

from armguard_tray.catchup.audit import (
    GRACE,
    TOO_LATE,
    Announced,
    Comparison,
    Doubt,
    Doubtful,
    Reading,
    Span,
    compare,
    compare_newer,
    too_late,
)
from armguard_tray.catchup.history_page import HistoryRow
from tests.unit.catchup.pages import MORNING, made, seconds

SPAN = Span(since=MORNING, until=MORNING + seconds(600))


def history(*made_after: tuple[int, float]) -> list[HistoryRow]:
    """Return transactions by number and seconds after the desk began to listen."""
    return [made(number, MORNING + seconds(after)) for number, after in reversed(made_after)]


def compared(
    rows: list[HistoryRow], heard: set[int], *, reaches_back: bool = True, first: Reading | None = None
) -> Comparison:
    """Compare with what was heard in this subscription, where that shows something."""
    announced = Announced(known=heard, heard=heard)
    found = compare(rows, announced, SPAN, reaches_back=reaches_back, first=first)
    assert isinstance(found, Comparison)
    return found


def doubtful(
    rows: list[HistoryRow], known: set[int], heard: set[int], *, first: Reading | None = None
) -> Doubtful:
    """Compare where that shows nothing."""
    found = compare(rows, Announced(known=known, heard=heard), SPAN, reaches_back=True, first=first)
    assert isinstance(found, Doubtful)
    return found


def test_all_was_announced() -> None:
    found = compared(history((1, 30), (2, 60)), {1, 2})
    assert found == Comparison(since=MORNING, compared=2, unannounced=(), complete_to=2)


def test_one_was_not() -> None:
    found = compared(history((1, 30), (2, 60), (3, 90)), {1, 3})
    assert found == Comparison(since=MORNING, compared=3, unannounced=(2,), complete_to=1, skipped=1)


def test_how_many_in_a_row_were_not_announced_since_the_last_one_that_was() -> None:
    rows = history((1, 30), (2, 60), (3, 90), (4, 120), (5, 150), (6, 180), (7, 210), (8, 595))
    found = compared(rows, {1, 4})
    assert (found.skipped, found.silent) == (2, 3), "the newest may still be announced"
    assert compared(rows, {1, 4, 8}).silent == 0, "it announces again"


def test_nothing_happened_so_nothing_is_shown() -> None:
    found = compared([], set())
    assert (found.compared, found.complete_to) == (0, None)


def test_what_was_made_before_this_desk_listened_is_not_counted() -> None:
    found = compared(history((1, -60), (2, -1), (3, 0), (4, 1), (5, 30)), {5})
    assert (found.compared, found.unannounced, found.complete_to) == (1, (), 5)


def test_what_has_just_been_made_may_still_be_announced() -> None:
    just = 600 - GRACE.total_seconds()
    rows = history((1, 30), (2, just - 1), (3, just))
    assert doubtful(rows, {1, 2}, {1, 2}) == Doubtful(ids=(3,), doubt=Doubt.JUST_NOW)
    told_already = compared(rows, {1, 2, 3})
    assert (told_already.compared, told_already.complete_to) == (2, 3)


def test_what_was_made_before_the_first_number_heard_is_no_fault_whatever_its_time_says() -> None:
    """The desk's clock was behind and is set forward: what was made before seems to be made since."""
    rows = history((10, 30), (11, 60), (12, 90))
    assert doubtful(rows, {12}, {12}) == Doubtful(ids=(10, 11), doubt=Doubt.BEFORE)
    assert doubtful(rows[1:], set(), set()) == Doubtful(ids=(10, 11), doubt=Doubt.BEFORE)
    # Known, but not heard in this subscription: 11 was made while the desk was away.
    assert doubtful(rows, {10, 12}, set()).ids == (11,)


def test_what_the_first_reading_showed_is_no_fault_and_what_is_newer_is() -> None:
    """The zone of the settings is behind the server's: what is hours old seems to be made since."""
    first = Reading(newest=21, at=MORNING + seconds(100))
    assert doubtful(history((20, 30), (21, 60)), set(), set(), first=first).doubt is Doubt.BEFORE
    found = compared(history((20, 30), (21, 60), (22, 120)), set(), first=first)
    assert found.unannounced == (22,)


def test_a_number_above_one_that_was_announced_is_never_dropped_for_its_time() -> None:
    """The server's clock goes back, so numbers go up and times down."""
    lost = history((40, 120), (41, -7000))
    assert doubtful(lost, {40}, set()) == Doubtful(ids=(41,), doubt=Doubt.BEFORE)
    assert doubtful(lost, {40}, {40}) == Doubtful(ids=(41,), doubt=Doubt.ORDER)
    assert doubtful(history((40, 120), (41, 60)), {40}, {40}).doubt is Doubt.ORDER
    first = Reading(newest=40, at=MORNING + seconds(130))
    assert doubtful(history((40, 20), (41, 60)), set(), set(), first=first).ids == (41,)
    assert compared(lost, {40, 41}).unannounced == ()


def test_the_less_the_servers_clock_is_known_the_less_is_certain_at_the_beginning() -> None:
    """A page that takes 20 seconds leaves 10 seconds unknown; 1 took longer to be made than 2."""
    rows = history((1, 25), (2, 9))
    announced = Announced(known={1}, heard={1})
    unsure = replace(SPAN, unsure=seconds(10))
    assert compare(rows, announced, unsure, reaches_back=True) == Doubtful(ids=(2,), doubt=Doubt.JUST_BEFORE)
    clear = compare(history((1, 25), (2, 30)), announced, unsure, reaches_back=True)
    assert isinstance(clear, Comparison)
    assert clear.unannounced == (2,)


def test_where_the_server_never_told_the_time_only_what_is_newer_than_the_first_reading_is_certain() -> None:
    rows = history((1, 25), (2, 30), (3, 60))
    announced = Announced(known={1}, heard={1})
    unsure = replace(SPAN, unsure=None)
    assert compare(rows, announced, unsure, reaches_back=True) == Doubtful(ids=(2, 3), doubt=Doubt.BEFORE)
    first = Reading(newest=2, at=MORNING + seconds(40))
    found = compare(rows, announced, unsure, reaches_back=True, first=first)
    assert isinstance(found, Comparison)
    assert found.unannounced == (3,)


def test_a_doubt_is_said_in_words() -> None:
    said = str(Doubtful(ids=tuple(range(1, 8)), doubt=Doubt.JUST_NOW))
    assert said == "#1, #2, #3, #4, #5 and 2 more not announced yet: made just now"


def test_an_outage_ends_what_is_complete() -> None:
    rows = history((1, -90), (2, -60), (3, 30))
    found = compare(rows, Announced(known={1, 3}, heard={3}), SPAN, reaches_back=True)
    assert isinstance(found, Comparison)
    assert (found.unannounced, found.complete_to) == ((), 1)


def test_where_the_rows_do_not_reach_back_it_was_compared_from_the_oldest_on() -> None:
    rows = history((8, 300), (9, 400))
    assert compared(rows, {8, 9}, reaches_back=False).since == MORNING + seconds(300)
    assert compared(rows, {8, 9}).since == MORNING
    assert compared(history((8, -5), (9, 400)), {9}, reaches_back=False).since == MORNING


def test_by_ids_alone_only_what_came_between_two_readings_counts() -> None:
    rows = history((7, 0), (8, 1), (9, 1), (10, -500))
    found = compare_newer(rows, {8, 10}, MORNING, newest_before=7)
    assert found == Comparison(since=MORNING, compared=3, unannounced=(9,), complete_to=8)
    assert compare_newer(rows, (), MORNING, newest_before=10) == Comparison(
        since=MORNING, compared=0, unannounced=(), complete_to=None
    )


def test_times_that_are_still_to_come_cannot_be() -> None:
    rows = history((1, 0), (2, 3600))
    late = too_late(rows, MORNING)
    assert late is not None
    assert late.id == 2
    assert too_late(rows, MORNING + seconds(3600) - TOO_LATE) is None
    assert too_late([], MORNING) is None


MADE = st.lists(st.floats(-100, 700), max_size=30).map(sorted)


@given(MADE, st.sets(st.integers(1, 30)), st.floats(0, 5), st.booleans())
def test_only_what_must_have_come_is_called_unannounced(
    times: list[float],
    lost: set[int],
    delay: float,
    looked_before: bool,  # noqa: FBT001 - drawn
) -> None:
    """Whatever was made when: with announcements that take less than the grace, only the lost are found."""
    numbered = list(enumerate(times, 1))
    came = {number for number, after in numbered if 0 <= after <= 600 - delay} - lost
    rows = history(*((number, float(int(after // 1))) for number, after in numbered))
    before = len([after for after in times if after < 0])
    first = Reading(newest=before, at=MORNING) if looked_before else None
    found = compare(rows, Announced(known=came, heard=came), SPAN, reaches_back=True, first=first)
    if isinstance(found, Doubtful):
        assert set(found.ids).isdisjoint(came)
        return
    assert set(found.unannounced) <= lost
    surely = {number for number, after in numbered if 3 <= after < 589 and looked_before}
    assert set(found.unannounced) >= surely & lost
    if found.complete_to is not None:
        known = [number for number, _ in numbered if number in came]
        between = range(known[0], found.complete_to + 1)
        assert set(between) <= came


@dataclass(frozen=True, kw_only=True)
class Night:
    """What happened, in seconds since the beginning, and what clocks showed.

    Attributes:
        made: the transactions: seconds since the one before; whether it was announced; by how much the
            server's clock was set just before.
        subscribed: when.
        noticed: how long after it the journal's place was noted.
        looked: when the history was read before; None: never.
        desk: by how much the desk's clock was off when it subscribed.
        zone: by how much the settings' zone is off.

    """

    made: list[tuple[int, bool, int]]
    subscribed: int = 0
    noticed: int = 0
    looked: int | None = None
    desk: int = 0
    zone: int = 0


OFF = st.sampled_from([0, 0, 0, -3, 40, -40, 3600, -3600, 28800, -28800])
NIGHTS = st.builds(
    Night,
    made=st.lists(st.tuples(st.integers(0, 200), st.booleans(), OFF), max_size=14),
    subscribed=st.integers(0, 1500),
    noticed=st.sampled_from([0, 0, 100]),
    looked=st.none() | st.integers(0, 1500),
    desk=OFF,
    zone=OFF,
)


@given(NIGHTS)
@example(Night(made=[(1, False, 0), (99, False, 0), (99, True, 0)], subscribed=101, desk=-3600))
@example(Night(made=[(1, False, 0), (99, False, 0)], subscribed=10_000, zone=28_800))
@example(Night(made=[(10, True, 0), (60, False, -3600)]))
def test_whatever_clocks_and_zones_do_no_answer_is_false(night: Night) -> None:
    now, clock = 0, 0
    at: dict[int, int] = {}
    rows: list[HistoryRow] = []
    for number, (after, _, step) in enumerate(night.made, 1):
        now, clock = now + after, clock + step
        at[number] = now
        rows.insert(0, made(number, MORNING + seconds(now + clock + night.zone)))
    known = {number for number, (_, announced, _) in enumerate(night.made, 1) if announced}
    heard = {number for number in known if at[number] >= night.subscribed + night.noticed}
    first = None
    if night.looked is not None:
        looked = max(night.looked, night.subscribed)
        seen = [number for number in at if at[number] <= looked]
        first = Reading(newest=max(seen, default=0), at=MORNING + seconds(looked + clock))
    span = Span(
        since=MORNING + seconds(night.subscribed + night.desk + clock),
        until=MORNING + seconds(max(now, night.subscribed) + 60 + clock),
    )
    found = compare(rows, Announced(known=known, heard=heard), span, reaches_back=True, first=first)
    if isinstance(found, Doubtful):
        return
    assert all(at[number] >= night.subscribed and number not in known for number in found.unannounced)
    if found.compared and not found.unannounced:
        assert max(at) in known
