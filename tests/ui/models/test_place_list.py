"""Places, newest first: found among a million in no time."""

from array import array
from bisect import insort

from hypothesis import given
from hypothesis import strategies as st

from armguard_tray.ui.models.place_list import PlaceList

PLACES = st.lists(st.integers(1, 2**40), unique=True, max_size=60)


def filled(places: list[int]) -> PlaceList:
    found = PlaceList()
    found.replace(array("q", sorted(places, reverse=True)))
    return found


def test_each_is_found_or_where_it_would_be() -> None:
    places = filled([10, 20, 30])
    assert [places.find(each) for each in (31, 30, 25, 10, 5)] == [
        (0, False),
        (0, True),
        (1, False),
        (2, True),
        (3, False),
    ]
    assert list(places.between(-5, 2)) == [30, 20]


@given(PLACES, PLACES)
def test_runs_put_in_one_after_the_other_come_to_where_they_belong(there: list[int], new: list[int]) -> None:
    places, wanted = filled(there), sorted(there)
    for each in set(new) - set(there):
        insort(wanted, each)
    runs = places.runs_of(sorted(new))
    for index, run in runs:
        places.insert(index, run)
    assert list(places.between(0, len(places))) == wanted[::-1]
    assert len(runs) <= len(there) + 1
