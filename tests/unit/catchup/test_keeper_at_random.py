"""Whatever happens: the log claims nothing that it does not have, and in the end it has all."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from armguard_tray.catchup.audit import GRACE, MARGIN
from armguard_tray.catchup.era import LAST_NUMBER
from armguard_tray.messages.event import PLACES_A_ROW, Source
from armguard_tray.storage.log_filter import from_microseconds
from tests.unit.catchup.armory import Made
from tests.unit.catchup.random_walk import SETTLED, SLOWEST_COMMIT, URL, Walk

A_LITTLE = 1.5
"""Seconds that the history's whole seconds may make of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A transaction in the journal's file."""

    row: int
    number: int
    person: str
    source: Source
    moved: int | None

    @property
    def place(self) -> int:
        return self.row * PLACES_A_ROW if self.moved is None else self.moved


@dataclass(frozen=True, slots=True)
class GapRow:
    """A gap of numbers in the journal's file."""

    row: int
    first: int
    last: int
    missing: int
    is_open: bool
    place: int


class OnDisk:
    """What stands in the journal's file."""

    def __init__(self, file: Path) -> None:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            found = connection.execute(
                "SELECT begins, complete_to, as_of, start_row FROM ledger "
                "JOIN server ON id = ledger.server WHERE url = ?",
                [URL],
            ).fetchone()
            rows = connection.execute(
                "SELECT row, transaction_id, person, source, moved FROM event "
                "WHERE transaction_id IS NOT NULL ORDER BY row"
            ).fetchall()
            self.eras: list[tuple[int, int]] = connection.execute("SELECT row, first FROM era").fetchall()
            gaps = connection.execute(
                "SELECT row, first, last, missing, closed_at IS NULL, coalesce(moved, row << 33) "
                "FROM gap JOIN event USING (row) WHERE first IS NOT NULL ORDER BY row"
            ).fetchall()
        claim: tuple[int, int, int, int] = found or (1, 0, 0, LAST_NUMBER)
        self.begins, self.complete_to, as_of, self.start_row = claim
        self.has_ledger = found is not None
        self.as_of = from_microseconds(as_of)
        self.all = [Row(row, number, person, Source(how), moved) for row, number, person, how, moved in rows]
        self.rows = [each for each in self.all if self._counts(each.row, each.number)]
        of_all = [GapRow(*each) for each in gaps]
        self.gaps = [each for each in of_all if self._counts(each.row, each.last)]
        self.of = {each.number: each for each in self.rows}

    def has(self, made: Made) -> bool:
        row = self.of.get(made.row.id)
        return row is not None and row.person == made.row.personnel

    def accounts_for(self, made: Made) -> bool:
        return self.has(made) or self.is_in_a_gap(made.row.id)

    def is_in_its_part(self, number: int, place: int) -> bool:
        """Tell whether what is of the present record stands behind what was of the one before."""
        return all(number < first or place > (row - 1) * PLACES_A_ROW for row, first in self.eras)

    def _counts(self, row: int, number: int) -> bool:
        """Tell whether the record has not changed since that row, or only further up."""
        return all(row >= begins or number < first for begins, first in self.eras)

    def is_in_a_gap(self, number: int) -> bool:
        return any(each.first <= number <= each.last for each in self.gaps)


def check(walk: Walk, disk: OnDisk) -> None:
    """Check what must hold at any time."""
    _nothing_is_claimed_that_is_not_there(walk, disk)
    _nothing_is_there_twice(walk, disk)
    if not walk.changed_twice:
        _all_stands_where_it_belongs(disk)
    _gaps_are_counted_right(disk)
    _what_was_heard_is_there(walk, disk)
    _it_is_current_only_with_all(walk, disk)
    _nobody_is_blamed_for_nothing(walk, disk)


def _nothing_is_claimed_that_is_not_there(walk: Walk, disk: OnDisk) -> None:
    if walk.changed:
        return
    missing = [
        number
        for number, made in walk.server.record.items()
        if disk.begins <= number <= disk.complete_to
        and made.seen < disk.as_of
        and walk.server.shows(made)
        and not disk.accounts_for(made)
    ]
    assert not missing, f"claimed and not there: {missing}"


def _nothing_is_there_twice(walk: Walk, disk: OnDisk) -> None:
    numbers = Counter(each.number for each in disk.rows if each.row > disk.start_row)
    twice = [number for number, times in numbers.items() if times > 1]
    assert not twice, f"twice in one record: {twice}"
    # Where a change is found to reach further down, it is taken for the last one, and more is fetched anew.
    walk.most_eras = max(walk.most_eras, len(disk.eras))
    several = walk.changed_twice or walk.changed_early or walk.most_eras > 1
    if not walk.came_again and not several:
        people = Counter(each.person for each in disk.all)
        again = [each for each, times in people.items() if times > 1 and each not in walk.heard_unnoticed]
        assert not again, f"there twice: {again}"


def _all_stands_where_it_belongs(disk: OnDisk) -> None:
    # What was found before it was known that the record differs further down stands where it was put.
    # What is not claimed may be of a record that was set back.
    rows = [
        each
        for each in disk.rows
        if each.number <= disk.complete_to and disk.is_in_its_part(each.number, each.place)
    ]
    greatest = accumulate((each.number for each in rows), max)
    if any(each.moved is None and each.number < before for each, before in zip(rows, greatest, strict=True)):
        return  # what was announced stands as it came, and what belongs to it stands with it
    by_place = [each.number for each in sorted(rows, key=lambda each: each.place)]
    wrong = [pair for pair in pairwise(by_place) if pair[0] > pair[1]]
    assert not wrong, f"not in order: {wrong}"
    for gap in disk.gaps:
        if gap.last > disk.complete_to or not disk.is_in_its_part(gap.first, gap.place):
            continue
        before = [each.number for each in rows if each.number < gap.first and each.place > gap.place]
        behind = [each.number for each in rows if each.number >= gap.first and each.place < gap.place]
        assert not before, f"{gap} stands before {before}"
        assert not behind, f"{gap} stands behind {behind}"


def _gaps_are_counted_right(disk: OnDisk) -> None:
    for gap in disk.gaps:
        missing = sum(number not in disk.of for number in range(gap.first, gap.last + 1))
        assert gap.missing == missing, gap
        assert gap.is_open == bool(missing), gap


def _what_was_heard_is_there(walk: Walk, disk: OnDisk) -> None:
    there = {each.person for each in disk.all}
    missing = [each.row for each in walk.heard if each.row.personnel not in there]
    assert not missing, f"heard and not there: {missing}"


def _it_is_current_only_with_all(walk: Walk, disk: OnDisk) -> None:
    if not walk.keeper.completeness.is_current or walk.changed:
        return
    assert walk.good_look is not None, "current without a look"
    recently = [each for each in walk.stepped if each > walk.good_look - 2 * GRACE.total_seconds()]
    if recently or walk.server.shift:
        return
    old = walk.good_look - (GRACE + MARGIN).total_seconds() - SLOWEST_COMMIT - A_LITTLE
    missing = [
        number
        for number, made in walk.server.record.items()
        if number >= disk.begins and made.at < old and walk.server.shows(made) and not disk.accounts_for(made)
    ]
    assert not missing, f"current without {missing}"


def _nobody_is_blamed_for_nothing(walk: Walk, disk: OnDisk) -> None:
    made = {each.row.personnel: each for each in walk.server.record.values()}
    heard = {each.row.personnel for each in walk.heard}
    for each in disk.rows:
        if each.source is not Source.UNANNOUNCED or each.person not in made:
            continue
        assert each.person not in heard, f"{each} was announced"
        one = made[each.person]
        if any(abs(one.began - when) < 60 + SETTLED for when in walk.stepped):
            continue
        at = one.at
        assert any(
            since - MARGIN.total_seconds() <= at and (until is None or one.began <= until)
            for since, until in walk.spans
        ), f"{each} was made while nobody was subscribed"


def check_the_end(walk: Walk, disk: OnDisk) -> None:
    """Check what must hold when all is well again and quiet."""
    said = walk.keeper.completeness
    server = walk.server
    shown = {number: made for number, made in server.record.items() if server.shows(made)}
    if not disk.has_ledger:
        assert not shown, "nothing was begun"
        return
    assert said.failure == "", said.failure
    assert said.is_current
    assert not walk.changed
    if shown:
        assert disk.complete_to == max(shown)
    lost = [
        number
        for number, made in shown.items()
        if number >= disk.begins
        and not disk.has(made)
        and not ((walk.moved or _committed_late(made)) and disk.is_in_a_gap(number))
    ]
    assert not lost, f"not there in the end: {lost}"


def _committed_late(made: Made) -> bool:
    return made.at > made.began


async def walk_along(file: Path, seed: int, steps: int, *, busy: bool = False) -> None:
    """Walk so many steps; what fails is told with what happened before."""
    walk = Walk(file, seed, busy=busy)
    await walk.start()
    try:
        for _ in range(steps):
            await walk.step()
            check(walk, OnDisk(file))
        await walk.calm_down()
        check(walk, OnDisk(file))
        check_the_end(walk, OnDisk(file))
    except BaseException as error:
        error.add_note("\n".join(walk.story[-60:]))
        raise
    finally:
        await walk.close()


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_happens_the_log_claims_only_what_it_has(tmp_path: Path, seed: int) -> None:
    await walk_along(tmp_path / "journal.sqlite3", seed, 40)


@pytest.mark.parametrize("seed", range(4))
async def test_it_holds_too_where_much_is_made_while_pages_are_read(tmp_path: Path, seed: int) -> None:
    await walk_along(tmp_path / "journal.sqlite3", seed, 25, busy=True)
