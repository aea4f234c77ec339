"""Pictures of the window in each of its states, to be looked at: tests/artefacts/pictures_*.png."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from armguard_tray.filtering.wanted import Wanted
from armguard_tray.filtering.when import When
from armguard_tray.storage.tallies import QUARTER, Moves, Tallies
from armguard_tray.tallies.picture import Kind
from tests.fakes.events import DUTIES
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.signals import settled
from tests.fakes.tallies import COMPLETE, MADE, at, gap, sums
from tests.ui.pictures.conftest import Desk

USUAL_SIZE = (1020, 640)
HOSTILE = '<b onmouseover="x">José</b> $x_1$ & a name that is much longer than there is room for it'


@pytest.fixture(params=LOOKS, autouse=True)
def look(request: pytest.FixtureRequest, desk: Desk) -> Iterator[str]:
    with system_look(request.param):
        desk.window.resize(*USUAL_SIZE)
        yield request.param


def busy(days: int) -> Tallies:
    """Return the sums of an armory with two guard mounts a day."""
    random = Random(1)  # noqa: S311 - no secret
    begin = at(0) - timedelta(days=days - 1)
    quarters: dict[datetime, Moves] = {}
    out = 60
    while begin < MADE:
        hour = (begin.hour + 8) % 24
        many = 9 if hour in {6, 7, 17, 18} else 2
        taken, returned = random.randrange(many), random.randrange(max(1, min(many, out)))
        if taken or returned:
            quarters[begin] = Moves(taken, returned)
            out += taken - returned
        begin += QUARTER
    total = sum(quarters.values(), Moves())
    sorts: dict[tuple[str, str], Moves] = {}
    for part, name in enumerate(("M4", "M16", "GLOCK", "45"), 2):
        for duty in (*DUTIES, HOSTILE):
            sorts[name, duty] = Moves(total.taken // part // 5, 0)
        sorts[name, ""] = Moves(0, total.returned // part)
    return sums(quarters, sorts=sorts, before=Moves(60, 0))


@pytest.mark.parametrize("kind", Kind)
async def test_a_busy_month(desk: Desk, look: str, kind: Kind) -> None:
    have = replace(busy(30), open_gaps=[gap(at(3, day=7), at(11, day=9)), gap(None, None, 48_195)])
    desk.window.show_wanted(Wanted(when=When.MONTH))
    await desk.open(have, kind)
    await take_picture(desk.window, f"pictures_month_{kind.name.lower()}_{look}")


async def test_two_years_of_which_the_beginning_is_not_known(desk: Desk, look: str) -> None:
    have = replace(
        busy(730),
        servers={"https://armory.local:8443": replace(COMPLETE, begins=7)},
        complete_since=at(0, day=1),
    )
    await desk.open(have, Kind.OUT)
    await take_picture(desk.window, f"pictures_years_{look}")


async def test_ten_rows(desk: Desk, look: str) -> None:
    await desk.open(sums({at(7): Moves(5, 1), at(16): Moves(1, 3)}), Kind.OUT)
    await take_picture(desk.window, f"pictures_ten_{look}")


async def test_empty(desk: Desk, look: str) -> None:
    desk.window.show_wanted(Wanted(when=When.TODAY))
    await desk.open(sums({}))
    await take_picture(desk.window, f"pictures_empty_{look}")


async def test_small(desk: Desk, look: str) -> None:
    desk.window.resize(560, 360)
    await desk.open(busy(30), Kind.DAY)
    await take_picture(desk.window, f"pictures_small_{look}")


async def test_items_out_cannot_be_told(desk: Desk, look: str) -> None:
    desk.window.show_wanted(Wanted(duties=frozenset({"Guard Duty"})))
    await desk.open(replace(busy(3), before=None), Kind.OUT)
    await take_picture(desk.window, f"pictures_not_paired_{look}")


async def test_reading(desk: Desk, look: str) -> None:
    desk.studio.may_answer.clear()
    desk.window.show()
    await take_picture(desk.window, f"pictures_reading_{look}")


async def test_drawing(desk: Desk, look: str) -> None:
    desk.studio.may_draw.clear()
    desk.studio.have = busy(3)
    desk.window.show()
    while desk.window.picture is None:
        await settled()
    await take_picture(desk.window, f"pictures_drawing_{look}")
    desk.studio.may_draw.set()
