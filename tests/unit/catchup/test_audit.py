"""Which transactions were made while this desk listened, and not announced to it."""

from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.catchup.audit import GRACE, TOO_LATE, Comparison, Span, compare, compare_newer, too_late
from armguard_tray.catchup.history_page import HistoryRow
from tests.unit.catchup.pages import MORNING, made, seconds

SPAN = Span(since=MORNING, until=MORNING + seconds(600))


def history(*made_after: tuple[int, float]) -> list[HistoryRow]:
    """Return transactions by number and seconds after the desk began to listen."""
    return [made(number, MORNING + seconds(after)) for number, after in reversed(made_after)]


def test_all_was_announced() -> None:
    found = compare(history((1, 30), (2, 60)), {1, 2}, SPAN, reaches_back=True)
    assert found == Comparison(since=MORNING, compared=2, unannounced=(), complete_to=2)


def test_one_was_not() -> None:
    found = compare(history((1, 30), (2, 60), (3, 90)), {1, 3}, SPAN, reaches_back=True)
    assert found == Comparison(since=MORNING, compared=3, unannounced=(2,), complete_to=1)


def test_nothing_happened_so_nothing_is_shown() -> None:
    found = compare([], (), SPAN, reaches_back=True)
    assert (found.compared, found.complete_to) == (0, None)


def test_what_was_made_before_this_desk_listened_is_not_counted() -> None:
    found = compare(history((1, -60), (2, -1), (3, 0), (4, 1), (5, 30)), {5}, SPAN, reaches_back=True)
    assert (found.compared, found.unannounced, found.complete_to) == (1, (), 5)


def test_what_has_just_been_made_may_still_be_announced() -> None:
    just = 600 - GRACE.total_seconds()
    found = compare(history((1, 30), (2, just - 1), (3, just)), {1, 2}, SPAN, reaches_back=True)
    assert (found.compared, found.unannounced, found.complete_to) == (2, (), 2)
    told_already = compare(history((1, 30), (2, just), (3, just)), {1, 2, 3}, SPAN, reaches_back=True)
    assert (told_already.compared, told_already.complete_to) == (1, 3)


def test_an_outage_ends_what_is_complete() -> None:
    found = compare(history((1, -90), (2, -60), (3, 30)), {1, 3}, SPAN, reaches_back=True)
    assert (found.unannounced, found.complete_to) == ((), 1)


def test_where_the_rows_do_not_reach_back_it_was_compared_from_the_oldest_on() -> None:
    rows = history((8, 300), (9, 400))
    assert compare(rows, {8, 9}, SPAN, reaches_back=False).since == MORNING + seconds(300)
    assert compare(rows, {8, 9}, SPAN, reaches_back=True).since == MORNING
    assert compare(history((8, -5), (9, 400)), {9}, SPAN, reaches_back=False).since == MORNING


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


@given(MADE, st.sets(st.integers(1, 30)), st.floats(0, 5))
def test_only_what_must_have_come_is_called_unannounced(
    times: list[float], lost: set[int], delay: float
) -> None:
    """Whatever was made when: with announcements that take less than the grace, only the lost are found."""
    numbered = list(enumerate(times, 1))
    came = {number for number, after in numbered if 0 <= after <= 600 - delay} - lost
    rows = history(*((number, float(int(after // 1))) for number, after in numbered))
    found = compare(rows, came, SPAN, reaches_back=True)
    assert set(found.unannounced) <= lost
    surely = {number for number, after in numbered if 3 <= after < 589}
    assert set(found.unannounced) >= surely & lost
    if found.complete_to is not None:
        known = [number for number, _ in numbered if number in came]
        between = range(known[0], found.complete_to + 1)
        assert set(between) <= came
