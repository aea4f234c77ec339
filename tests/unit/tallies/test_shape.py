"""Sums by hour, by the calendar, by sort; and how many items were out."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.storage.tallies import QUARTER, Moves
from armguard_tray.tallies.shape import Level, by_calendar, by_hour, by_part, levels, thinned
from armguard_tray.tallies.steps import Step
from tests.fakes.tallies import MANILA, at, sums

BERLIN = ZoneInfo("Europe/Berlin")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
MOVES = st.builds(Moves, st.integers(0, 5), st.integers(0, 5))
FIRST_QUARTER = datetime(2026, 10, 1, tzinfo=UTC)
QUARTERS = st.dictionaries(st.integers(0, 6_000).map(lambda number: FIRST_QUARTER + number * QUARTER), MOVES)
ZONES = st.sampled_from([MANILA, BERLIN, KATHMANDU])


@given(QUARTERS, ZONES)
def test_nothing_is_lost_and_nothing_counted_twice(quarters: dict[datetime, Moves], zone: ZoneInfo) -> None:
    have = sums(quarters)

    hours = by_hour(have, zone)
    _, stretches = by_calendar(have, zone)

    assert sum(hours, Moves()) == sum((each.moves for each in stretches), Moves()) == have.total
    for hour, moves in enumerate(hours):
        there = [each for start, each in quarters.items() if start.astimezone(zone).hour == hour]
        assert moves == sum(there, Moves())


def test_hours_and_days_are_those_of_the_server() -> None:
    have = sums({datetime(2026, 11, 24, 18, 15, tzinfo=UTC): Moves(1, 0)})

    assert by_hour(have, KATHMANDU)[0] == Moves(1, 0)  # 00:00 on the 25th: 5 h 45 min ahead
    assert by_calendar(have, KATHMANDU)[1][0].start == date(2026, 11, 25)
    assert by_calendar(have, BERLIN)[1][0].start == date(2026, 11, 24)


def test_the_hour_that_comes_twice_counts_both_and_the_day_has_25() -> None:
    # On 25/10/2026 clocks in Berlin go back from 03:00 to 02:00.
    midnight = datetime(2026, 10, 24, 22, tzinfo=UTC)
    have = sums({midnight + timedelta(hours=hour): Moves(1, 0) for hour in range(25)})

    hours = by_hour(have, BERLIN)

    assert [hours[hour].taken for hour in (1, 2, 3)] == [1, 2, 1]
    assert [(each.start, each.moves.taken) for each in by_calendar(have, BERLIN)[1]] == [
        (date(2026, 10, 25), 25)
    ]


def test_the_hour_that_is_left_out_has_nothing() -> None:
    # On 29/03/2026 they go forward from 02:00 to 03:00.
    midnight = datetime(2026, 3, 28, 23, tzinfo=UTC)
    have = sums({midnight + timedelta(hours=hour): Moves(1, 0) for hour in range(23)})

    assert [by_hour(have, BERLIN)[hour].taken for hour in (1, 2, 3)] == [1, 0, 1]


def test_a_day_on_which_nothing_was_done_is_shown_as_one() -> None:
    have = sums({at(8, day=20): Moves(2, 1), at(9, day=22): Moves(1, 0)})

    step, stretches = by_calendar(have, MANILA, until=date(2026, 11, 23))

    assert step is Step.DAY
    assert [(each.start.day, each.moves.both) for each in stretches] == [(20, 3), (21, 0), (22, 1), (23, 0)]


def test_an_absurd_date_makes_no_million_of_bars() -> None:
    have = sums(
        {datetime(1, 1, 1, tzinfo=UTC): Moves(1, 0), datetime(9999, 12, 31, 23, tzinfo=UTC): Moves(1, 0)}
    )

    step, stretches = by_calendar(have, MANILA)

    assert (step, len(stretches)) == (Step.CENTURY, 100)
    assert [each.out for each in levels(have)] == [1, 2]


def test_the_sorts_with_most_come_first() -> None:
    have = sums(
        {at(8): Moves(9, 0)},
        sorts={("M4", "Guard Duty"): Moves(1, 0), ("45", "Training"): Moves(6, 0), ("M4", ""): Moves(0, 2)},
    )

    assert by_part(have, 0) == [("45", Moves(6, 0)), ("M4", Moves(1, 2))]
    assert [name for name, _ in by_part(have, 1)] == ["Training", "", "Guard Duty"]


def test_items_out_go_on_from_what_was_before() -> None:
    have = sums({at(8): Moves(3, 1), at(9): Moves(0, 2)}, before=Moves(10, 6))

    assert list(levels(have)) == [Level(at(8.25), 6), Level(at(9.25), 4)]


@given(st.lists(MOVES, min_size=1, max_size=300), st.integers(1, 20))
def test_thinned_levels_reach_as_high_and_as_low_and_end_alike(moves: list[Moves], most: int) -> None:
    have = sums({FIRST_QUARTER + number * QUARTER: each for number, each in enumerate(moves)})
    every = list(levels(have))
    outs = [each.out for each in every]

    kept = thinned(levels(have), have, most)

    assert len(kept) <= most * 4
    assert kept == sorted(set(kept), key=lambda level: level.since)
    assert set(kept) <= set(every)
    assert (kept[0], kept[-1]) == (every[0], every[-1])
    assert (min(each.out for each in kept), max(each.out for each in kept)) == (min(outs), max(outs))
