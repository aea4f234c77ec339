"""Pictures of the shift report in each of its states, to be looked at: tests/artefacts/shift_report_*.png."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from armguard_tray.errors import JournalError
from armguard_tray.messages.streams import Stream
from armguard_tray.storage.shift import ShiftRecords
from armguard_tray.ui.shift_report.shift_choice import Which
from tests.fakes import gaps
from tests.fakes.events import issued, returned
from tests.fakes.handlings import have, hours, lack, last, ledger
from tests.fakes.pictures import ARTEFACTS, LOOKS, system_look, take_picture
from tests.fakes.shifts import AFTER, at, found_gap, records, usual
from tests.fakes.signals import emitted
from tests.ui.shift_report.conftest import Desk

USUAL_SIZE = (900, 680)
HOSTILE = '<b onmouseover="x">José</b> <img src="file:///etc/passwd"> & \N{FULLWIDTH LESS-THAN SIGN}a'


@pytest.fixture(params=LOOKS, autouse=True)
def look(request: pytest.FixtureRequest, desk: Desk) -> Iterator[str]:
    with system_look(request.param):
        desk.window.resize(*USUAL_SIZE)
        yield request.param


async def of_last_shift(desk: Desk, have: ShiftRecords) -> None:
    await desk.open(have)
    desk.window.choice.which.setCurrentIndex(Which.LAST)
    await emitted(desk.window.told)


def full() -> ShiftRecords:
    busy = [(issued if number % 3 else returned)(48_000 + number, at(number / 2)) for number in range(1, 400)]
    out = [
        last(f"M4 - {number:05}", f"Person {number}", number=48_000 + number, ago=hours(number / 8))
        for number in range(1, 250)
    ]
    return records(*busy, handled=have(*out, ledger=ledger(complete_to=48_400)))


def uncertain() -> ShiftRecords:
    handled = have(
        last("M4 - 00077", HOSTILE, number=48_190, ago=hours(7)),
        last("M16 - 00412", "Maria Santos", number=48_202, ago=hours(6), duty="Range Training"),
        last("45 - 00118", "Liza Aquino", number=48_185, ago=hours(30), taken=False),
        lacks=[lack(48_195, 48_197)],
        ledger=ledger(begins=40_000, complete_to=48_211),
        first=(40_000, AFTER - hours(500)),
    )
    told = [
        found_gap(gaps.found(gaps.numbers()), gaps.SINCE, gaps.UNTIL),
        found_gap(gaps.found(gaps.of_time()), gaps.SINCE, gaps.UNTIL),
    ]
    return replace(
        usual(),
        events=[*usual().events, *records(gaps.record_changed()).events],
        handlings=handled,
        gaps=told,
        heard={Stream.INVENTORY: at(400)},
    )


async def test_a_usual_shift(desk: Desk, look: str) -> None:
    await of_last_shift(desk, usual())
    await take_picture(desk.window, f"shift_report_usual_{look}")


async def test_on_paper(desk: Desk) -> None:
    pdftoppm = shutil.which("pdftoppm")
    if pdftoppm is None:
        pytest.skip("pdftoppm (poppler-utils) is not installed")
    await of_last_shift(desk, uncertain())
    document = desk.window.document
    assert document is not None
    desk.window.save(document, desk.folder / "report.pdf")
    await emitted(desk.window.done)
    run = [pdftoppm, "-r", "80", "-png", str(desk.folder / "report.pdf"), str(ARTEFACTS / "shift_report_pdf")]
    await asyncio.to_thread(lambda: subprocess.run(run, check=True))


async def test_nothing_happened(desk: Desk, look: str) -> None:
    await desk.open(records())
    await take_picture(desk.window, f"shift_report_empty_{look}")


async def test_a_full_one(desk: Desk, look: str) -> None:
    await of_last_shift(desk, full())
    bar = desk.window.page.verticalScrollBar()
    bar.setValue(bar.maximum() // 5)
    await take_picture(desk.window, f"shift_report_full_{look}")


async def test_an_uncertain_one(desk: Desk, look: str) -> None:
    await of_last_shift(desk, uncertain())
    await take_picture(desk.window, f"shift_report_uncertain_{look}")
    bar = desk.window.page.verticalScrollBar()
    bar.setValue(bar.maximum())
    await take_picture(desk.window, f"shift_report_uncertain_end_{look}")


async def test_a_small_one_with_dates(desk: Desk, look: str) -> None:
    desk.window.resize(520, 360)
    await desk.open(usual())
    desk.window.choice.which.setCurrentIndex(Which.DATES)
    await emitted(desk.window.told)
    await take_picture(desk.window, f"shift_report_small_{look}")


async def test_a_journal_that_cannot_be_read(desk: Desk, look: str) -> None:
    desk.journal.failure = JournalError("The journal cannot be read.", "Look at the disk.")
    await desk.open(usual())
    await take_picture(desk.window, f"shift_report_failed_{look}")
