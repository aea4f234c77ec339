"""A picture says what it is of, and where it is not complete."""

from dataclasses import replace
from datetime import timedelta

import pytest

from armguard_tray.storage.tallies import Moves
from armguard_tray.tallies.making import NO_TRANSACTIONS, NOT_PAIRED, NOTHING_MATCHES, picture_of
from armguard_tray.tallies.picture import Bars, Curve, Kind
from tests.fakes.tallies import COMPLETE, MADE, asked, at, gap, sums

DAY = {at(8): Moves(3, 0), at(17): Moves(1, 2)}


@pytest.mark.parametrize("kind", Kind)
def test_every_picture_tells_the_filter_the_sums_the_time_and_how_complete_it_is(kind: Kind) -> None:
    caption = "\n".join(picture_of(kind, sums(DAY), asked("Guard Duty · this shift")).caption)

    assert "Guard Duty · this shift. 4 issued and 2 returned." in caption
    assert "all transactions from #1 to #48211 are in the log" in caption
    assert "Times by the server's clock (Asia/Manila)." in caption
    assert "As of 24/11/26 20:00, by ArmGuard Tray 1." in caption


@pytest.mark.parametrize("kind", Kind)
def test_nothing_to_draw_is_said(kind: Kind) -> None:
    assert picture_of(kind, sums({}), asked(since=at(0))).instead == NO_TRANSACTIONS
    picture = picture_of(kind, sums({}), asked())
    assert (picture.instead, picture.shown, picture.rows) == (NOTHING_MATCHES, None, ())


def test_the_hours_are_24_whatever_was_done() -> None:
    picture = picture_of(Kind.HOUR, sums(DAY), asked())

    assert isinstance(picture.shown, Bars)
    assert [(at, each) for at, each in enumerate(picture.shown.moves) if each.both] == [
        (8, Moves(3, 0)),
        (17, Moves(1, 2)),
    ]
    assert picture.rows[17] == ("17:00\N{EN DASH}18:00", "1", "2")


def test_a_gap_marks_the_days_that_it_touches() -> None:
    quarters = {at(8, day=20): Moves(1, 0), at(8, day=24): Moves(1, 0)}
    have = sums(quarters, gaps=[gap(at(23, day=21), at(1, day=22))])

    picture = picture_of(Kind.DAY, have, asked())

    assert isinstance(picture.shown, Bars)
    assert picture.shown.doubtful == [(1, 2)]
    told = "\n".join(picture.caption)
    assert "Not complete: 1 open gap in this time (21/11/26 23:00 to 22/11/26 01:00)" in told
    assert "The shaded times are doubtful." in told


def test_a_gap_of_an_unknown_time_is_told_though_it_cannot_be_marked() -> None:
    picture = picture_of(Kind.OUT, sums(DAY, gaps=[gap(None, None, 48_195)]), asked())

    assert isinstance(picture.shown, Curve)
    assert picture.shown.doubtful == []
    assert any("Of 1 it is not known when they were." in line for line in picture.caption)


def test_a_gap_that_goes_on_marks_all_that_follows() -> None:
    picture = picture_of(Kind.OUT, sums(DAY, gaps=[gap(at(12), None)]), asked(since=at(0)))

    assert isinstance(picture.shown, Curve)
    assert picture.shown.doubtful == [(at(12), MADE)]


def test_what_lies_before_the_log_answers_for_is_marked() -> None:
    have = sums(DAY, ledger=replace(COMPLETE, begins=7), complete_since=at(8))

    picture = picture_of(Kind.OUT, have, asked(since=at(0, day=20)))

    assert isinstance(picture.shown, Curve)
    assert picture.shown.doubtful == [(at(0, day=20), at(8))]
    assert picture.shown.height == "Items out, relative to the beginning of the log"
    assert any("how many were out in all is not known" in line for line in picture.caption)


def test_while_nobody_has_looked_what_is_missing_all_of_the_time_is_marked() -> None:
    picture = picture_of(Kind.OUT, sums(DAY, ledger=None), asked(since=at(0)))

    assert isinstance(picture.shown, Curve)
    assert picture.shown.doubtful == [(at(0), MADE)]
    assert any("not known whether transactions are missing" in line for line in picture.caption)


def test_how_many_are_out_in_all_is_not_claimed_by_the_numbers_either() -> None:
    of_all = picture_of(Kind.OUT, sums(DAY), asked())
    of_a_part = picture_of(Kind.OUT, sums(DAY, ledger=replace(COMPLETE, begins=7)), asked())

    assert (of_all.heads[-1], of_a_part.heads[-1]) == ("Out at the end", "Out, relative")


def test_a_log_from_the_first_transaction_on_knows_how_many_are_out() -> None:
    picture = picture_of(Kind.OUT, sums(DAY, before=Moves(5, 1)), asked(since=at(0)))

    assert isinstance(picture.shown, Curve)
    assert picture.shown.height == "Items out"
    assert [(each.since, each.out) for each in picture.shown.levels] == [
        (at(0), 4),
        (at(8.25), 7),
        (at(17.25), 6),
    ]
    assert picture.rows == [("24/11/26", "4", "2", "6")]


def test_where_the_record_was_put_back_it_is_not_known_how_many_are_out() -> None:
    picture = picture_of(Kind.OUT, replace(sums(DAY), gone=2), asked())

    assert isinstance(picture.shown, Curve)
    assert picture.shown.height == "Items out, relative to the beginning of the log"
    assert any(line.startswith("2 transactions are of a record") for line in picture.caption)


def test_items_out_are_not_drawn_where_takes_and_returns_do_not_match_alike() -> None:
    picture = picture_of(Kind.OUT, sums(DAY, before=None), asked())

    assert (picture.shown, picture.instead) == (None, NOT_PAIRED)


def test_the_future_is_not_shown_as_a_quiet_time() -> None:
    picture = picture_of(Kind.OUT, sums(DAY), asked(since=at(0), until=at(0) + timedelta(days=9)))

    assert isinstance(picture.shown, Curve)
    assert picture.shown.ends == MADE


def test_what_bears_no_duty_is_told_and_not_drawn() -> None:
    have = sums(DAY, sorts={("M4", "Guard Duty"): Moves(4, 0), ("M4", ""): Moves(0, 2)})

    picture = picture_of(Kind.DUTY, have, asked())

    assert isinstance(picture.shown, Bars)
    assert picture.shown.labels == ["Guard Duty"]
    assert picture.rows == [("Guard Duty", "4", "0"), ("No duty told", "0", "2")]
    assert "0 issued and 2 returned bear no duty, and are not drawn." in picture.caption


def test_of_many_types_the_rest_is_drawn_together_and_listed_one_by_one() -> None:
    sorts = {(f"T{number:02}", ""): Moves(100 - number, 0) for number in range(30)}
    have = sums({at(8): Moves(2565, 0)}, sorts=sorts)

    picture = picture_of(Kind.TYPE, have, asked())

    assert isinstance(picture.shown, Bars)
    assert len(picture.shown.labels) == 12
    assert picture.shown.labels[-1] == "All others"
    assert sum(each.taken for each in picture.shown.moves) == 2565
    assert len(picture.rows) == 30
