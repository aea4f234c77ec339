"""What the judge counts, by example."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from armguard_tray.catchup.deafness import MOST_SKIPPED
from tests.faults.judge import (
    LAST_ANSWER_WITHIN,
    Account,
    Claim,
    Committed,
    Deed,
    Hearing,
    Hole,
    Journal,
    Journalled,
    Name,
    Silence,
    Told,
    account,
    belied_by,
    disordered,
    hearing,
    unaccounted,
    unheard,
    unknowable,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
JUAN = Deed("Juan Dela Cruz", "M4 - 00077", "Take")
ROGELIO = Deed("Rogelio Santos", "M4 - 00177", "Take")


def committed(*numbers: int, deed: Deed = JUAN, era: int = 0) -> list[Committed]:
    return [Committed(number, deed, NOON + timedelta(seconds=number), era) for number in numbers]


def row(
    place: int, number: int, source: str = "live", deed: Deed = JUAN, *, arrived: int | None = None
) -> Journalled:
    return Journalled(place, number, deed, source, place if arrived is None else arrived)


def test_each_transaction_is_live_or_caught_up_or_declared_or_lost() -> None:
    journal = Journal([row(1, 1), row(2, 2, "catchup"), row(3, 3, "unannounced")])

    found = account(committed(1, 2, 3, 4, 5), journal, [Hole(4, 4)])

    assert found == Account(committed=5, live=1, caught_up=2, declared=1, lost=1)


def test_a_copy_is_one_too_many() -> None:
    found = account(committed(1), Journal([row(1, 1), row(2, 1, "catchup")]), [])

    assert (found.live, found.doubled) == (1, 1)


def test_what_was_caught_up_stands_where_it_belongs() -> None:
    in_place = account(committed(1, 2, 3), Journal([row(1, 1), row(2, 2, "catchup"), row(3, 3)]), [])
    at_the_end = account(committed(1, 2, 3), Journal([row(1, 1), row(2, 3), row(3, 2, "catchup")]), [])

    assert (in_place.disordered, at_the_end.disordered) == (0, 1)


def test_what_stands_in_the_wrong_place_is_named() -> None:
    rows = [row(1, 1), row(2, 3), row(3, 2, "catchup")]

    assert disordered(committed(1, 2, 3), Journal(rows)) == [(rows[2], rows[1])]


def test_what_came_live_stands_as_it_was_announced() -> None:
    assert account(committed(1, 2), Journal([row(1, 2), row(2, 1)]), []).disordered == 0


def test_what_was_fetched_must_heed_what_is_there_and_not_what_is_still_to_come() -> None:
    def disordered(arrived: int) -> int:
        rows = [row(1, 1), row(2, 3, "unannounced", arrived=arrived), row(3, 2)]
        return account(committed(1, 2, 3), Journal(rows), []).disordered

    assert (disordered(arrived=2), disordered(arrived=4)) == (0, 1)


def test_between_two_that_were_announced_the_wrong_way_round_anything_may_stand() -> None:
    rows = [row(1, 1), row(2, 4), row(3, 5, "catchup"), row(4, 2), row(5, 3, "catchup")]

    assert account(committed(1, 2, 3, 4, 5), Journal(rows), []).disordered == 0


def test_nor_does_it_matter_how_many_were_announced_between_those_two() -> None:
    rows = [row(1, 4), row(2, 1), row(3, 5, "unannounced", arrived=9), row(4, 2), row(5, 3)]

    assert account(committed(1, 2, 3, 4, 5), Journal(rows), []).disordered == 0


def test_a_transaction_that_never_was_is_invented() -> None:
    assert account(committed(1, 2), Journal([row(1, 1), row(2, 2), row(3, 9)]), []).invented == 1


def test_what_was_before_the_first_transaction_does_not_count() -> None:
    assert account(committed(8), Journal([row(1, 7, "history"), row(2, 8)]), []) == Account(
        committed=1, live=1
    )


def test_after_a_restored_copy_a_number_means_two_transactions() -> None:
    both = [*committed(1, 2), *committed(2, deed=ROGELIO, era=1)]
    one_is_missing = account(both, Journal([row(1, 1), row(2, 2)]), [])
    all_there = account(both, Journal([row(1, 1), row(2, 2), row(3, 2, "catchup", ROGELIO)]), [])

    assert one_is_missing.lost == 1
    assert all_there == Account(committed=3, live=2, caught_up=1)


def test_what_the_journal_does_not_know_of_a_transaction_speaks_against_nothing() -> None:
    unnamed = Journalled(1, 1, Deed(None, "M4 - 00077", "Take"), "catchup", 1)

    assert account(committed(1), Journal([unnamed]), []).caught_up == 1


def test_a_claim_is_belied_by_what_it_covers_and_is_not_there() -> None:
    missing = unaccounted(committed(1, 2, 3, 4), Journal([row(1, 1)]), [Hole(2, 2)])

    assert [made.number for made in missing] == [3, 4]
    assert belied_by(Claim(1, 3, NOON + timedelta(minutes=1)), missing) == missing[:1]


def test_a_claim_says_nothing_of_what_was_committed_after_it() -> None:
    (late,) = committed(3)

    assert belied_by(Claim(1, 3, NOON), [late]) == []


def test_a_claim_says_nothing_of_what_was_before_its_beginning() -> None:
    (early,) = committed(3)

    assert belied_by(Claim(4, 9, NOON + timedelta(minutes=1)), [early]) == []


INVENTORY = frozenset({"inventory"})


def told(second: float, of: str = "7", stream: str = "inventory") -> Told:
    at = NOON + timedelta(seconds=second)
    return Told(Name(stream, of), at, at + timedelta(seconds=1))


def silence(since: float, until: float, streams: frozenset[str] = INVENTORY) -> Silence:
    return Silence(streams, NOON + timedelta(seconds=since), NOON + timedelta(seconds=until))


def journalled(*names: str) -> Counter[Name]:
    return Counter(Name("inventory", of) for of in names)


def test_what_was_told_is_heard_or_declared_or_dropped_or_lost() -> None:
    each = [told(0, "1"), told(10, "2"), told(20, "3"), told(30, "4")]

    found = hearing(each, journalled("1"), gaps=[silence(9, 12)], deaf=[silence(19, 22)])

    assert found == Hearing(told=4, heard=1, declared=1, dropped=1, lost=1)


def test_what_was_told_while_a_gap_began_or_ended_may_be_in_it() -> None:
    def lost(since: float, until: float) -> int:
        return hearing([told(10)], journalled(), gaps=[silence(since, until)]).lost

    assert (lost(0, 10.5), lost(10.5, 20)) == (0, 0)
    assert (lost(0, 9.5), lost(11.5, 20)) == (1, 1)


def test_a_gap_speaks_of_its_own_streams_only() -> None:
    assert hearing([told(10, stream="notifications")], journalled(), gaps=[silence(0, 20)]).lost == 1


def test_a_gap_without_ends_covers_everything() -> None:
    assert hearing([told(10)], journalled(), gaps=[Silence(INVENTORY, None, None)]).declared == 1


def test_what_is_heard_twice_is_doubled() -> None:
    found = hearing([told(0)], journalled("7", "7"), gaps=[])

    assert (found.heard, found.doubled) == (1, 1)


def test_what_nobody_was_answered_for_is_not_counted() -> None:
    assert hearing([], journalled("7", "7"), gaps=[]) == Hearing()


def test_a_name_that_was_told_again_is_to_be_heard_again() -> None:
    both = [told(0), told(10)]

    assert unheard(both, journalled("7", "7")) == []
    assert unheard(both, journalled("7")) == [told(10)]


EVERY_STREAM = frozenset({"transactions", "notifications", "inventory"})
LAST = LAST_ANSWER_WITHIN.total_seconds()


def forgiven(deaf: Silence, transactions: range) -> bool:
    """Return whether a desk may not have known it, if a transaction was made in each of these seconds."""
    return unknowable([deaf], committed(*transactions)) == [deaf]


def test_a_deaf_time_is_known_by_the_transactions_of_which_nothing_was_heard() -> None:
    deaf = silence(0, 100, EVERY_STREAM)

    assert forgiven(deaf, range(1, 1 + MOST_SKIPPED))
    assert not forgiven(deaf, range(1, 2 + MOST_SKIPPED))


def test_what_was_made_after_the_last_answer_or_before_it_began_shows_nothing() -> None:
    assert forgiven(silence(0, LAST, EVERY_STREAM), range(1, 100))
    assert forgiven(silence(50, 100, EVERY_STREAM), range(49))


def test_sockets_that_stay_open_are_forgiven_nothing_once_transactions_show_it() -> None:
    deaf = Silence(EVERY_STREAM, NOON, None)

    assert forgiven(deaf, range(1, 1 + MOST_SKIPPED))
    assert not forgiven(deaf, range(1, 2 + MOST_SKIPPED))
