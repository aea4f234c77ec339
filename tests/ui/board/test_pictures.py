"""Pictures of the board in each of its states, to be looked at: tests/artefacts/board_*.png."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from armguard_tray.storage.holdings import Handlings, LastTransaction
from tests.fakes.events import DUTIES, PEOPLE
from tests.fakes.handlings import NOW, have, hours, lack, last, ledger, listed, status
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.ui.board.conftest import COMPLETE, Desk

USUAL_SIZE = (980, 560)  # the offscreen screen is smaller
HOSTILE = '<b onmouseover="x">José</b> <img src="file:///etc/passwd"> & \N{FULLWIDTH LESS-THAN SIGN}a'


@pytest.fixture(params=LOOKS, autouse=True)
def look(request: pytest.FixtureRequest, desk: Desk) -> Iterator[str]:
    with system_look(request.param):
        desk.window.resize(*USUAL_SIZE)
        yield request.param


def few() -> Handlings:
    return have(
        last("M4 - 00077", number=101, ago=hours(3.2)),
        last("M16 - 00412", "Maria Santos", number=102, ago=hours(0.4), duty="Range Training"),
        last("GLOCK - 00031", HOSTILE, number=103, ago=hours(26), duty=None, issued_by=None),
    )


def many() -> Handlings:
    random = Random(1)  # noqa: S311 - no secret

    def one(number: int) -> LastTransaction:
        item = f"{random.choice(('M4', 'M16', 'M14', 'GLOCK', '45'))} - {number:05}"
        ago = hours(random.expovariate(1 / 6))
        duty = random.choice((*DUTIES, None))
        return last(item, random.choice(PEOPLE), number=number, ago=ago, duty=duty)

    return have(*(one(number) for number in range(1, 300)))


def uncertain() -> Handlings:
    return have(
        last("M4 - 00077", number=80, ago=hours(200)),
        last("M4 - 00078", "Maria Santos", number=120, ago=hours(30), duty="Training"),
        last("M16 - 00412", "José Peña", number=150, ago=hours(5)),
        last("45 - 00118", "Liza Aquino", number=160, ago=hours(2)),
        last("M14 - 00009", taken=False, number=110, ago=hours(40)),
        statuses=[status("Maintenance", "M16 - 00412", row=170), status("Issued", "M14 - 00001", row=171)],
        lacks=[lack(130, 133)],
        ledger=ledger(begins=90),
        first=(90, NOW - hours(100)),
    )


async def test_empty(desk: Desk, look: str) -> None:
    await desk.open(have())
    await take_picture(desk.window, f"board_empty_{look}")


async def test_a_few(desk: Desk, look: str) -> None:
    await desk.open(few())
    QTest.keyClick(desk.window.search, Qt.Key.Key_Down)
    await take_picture(desk.window, f"board_few_{look}")


async def test_many(desk: Desk, look: str) -> None:
    await desk.open(many())
    await take_picture(desk.window, f"board_many_{look}")


async def test_uncertain(desk: Desk, look: str) -> None:
    desk.clock.advance(1)
    desk.feed.on_completeness(replace(COMPLETE, is_current=False, as_of=NOW - hours(1)))
    desk.issued = listed(("M4 - 00078", "Ana Lim", hours(3)), ("GLOCK - 00031", "Ramon Bautista", hours(9)))
    await desk.open(uncertain())
    QTest.keyClick(desk.window.search, Qt.Key.Key_Down)
    await take_picture(desk.window, f"board_uncertain_{look}")


async def test_small_and_searched(desk: Desk, look: str) -> None:
    desk.window.resize(600, 320)
    await desk.open(many())
    QTest.keyClicks(desk.window.search, "overdue m4")
    await take_picture(desk.window, f"board_small_{look}")


async def test_small_and_uncertain(desk: Desk, look: str) -> None:
    desk.window.resize(600, 480)
    await desk.open(uncertain())
    QTest.keyClick(desk.window.search, Qt.Key.Key_Down)
    await take_picture(desk.window, f"board_small_uncertain_{look}")


async def test_as_small_as_it_can_be(desk: Desk, look: str) -> None:
    desk.window.resize(desk.window.minimumSize())
    await desk.open(many())
    await take_picture(desk.window, f"board_smallest_{look}")


async def test_nothing_matches(desk: Desk, look: str) -> None:
    await desk.open(few())
    QTest.keyClicks(desk.window.search, "nobody")
    await take_picture(desk.window, f"board_no_match_{look}")
