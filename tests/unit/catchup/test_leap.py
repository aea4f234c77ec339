"""Which pages of the history need not be read."""

from collections.abc import Iterable

import pytest

from armguard_tray.catchup.entries import event_of_row
from armguard_tray.catchup.history_page import HistoryRow
from armguard_tray.catchup.leap import Leap, leap_of
from armguard_tray.messages.event import Source
from tests.unit.catchup.model import Journal
from tests.unit.catchup.pages import MORNING, made


def page(number: int, newest: int) -> list[HistoryRow]:
    """Return what page `number` shows of a history without holes."""
    first = newest - 20 * (number - 1)
    return [made(each, MORNING) for each in range(first, max(0, first - 20), -1)]


def leap(told: Iterable[int], number: int = 1, newest: int = 1000) -> Leap | None:
    """Return the leap behind a page of a history that goes up to `newest`."""
    journal = Journal()
    for each in told:
        journal.announced(event_of_row(made(each, MORNING), at=MORNING, source=Source.CATCHUP))
    return leap_of(number, page(number, newest), journal.known(0, newest), lambda _: True)


def test_it_goes_to_the_page_with_the_least_that_was_told() -> None:
    assert leap(range(26, 1001)) == Leap(range(26, 981), since=1, to=49)
    assert [row.id for row in page(49, 1000)] == list(range(40, 20, -1))


def test_it_goes_no_further_than_to_the_first_that_was_not() -> None:
    found = leap(each for each in range(26, 1001) if each != 500)
    assert found == Leap(range(501, 981), since=1, to=25)
    assert 501 in [row.id for row in page(25, 1000)]


@pytest.mark.parametrize(
    "told",
    [
        [],
        range(26, 981),  # the last one shown was not told, so nothing says that what was is of this record
        range(961, 1001),  # the next page shows the rest
    ],
)
def test_where_there_is_nothing_to_go_over_the_next_page_is_read(told: Iterable[int]) -> None:
    assert leap(told) is None


def test_it_must_land_on_a_page_that_joins_what_it_went_over() -> None:
    found = Leap(range(26, 981), since=1, to=49)
    assert found.lands(page(49, 1000))
    assert found.lands(page(49, 1010)), "ten were made meanwhile: it goes on from there"
    assert not found.lands(page(49, 985)), "15 were deleted: from 25 down proves nothing of what is above"
    assert not found.lands([])
