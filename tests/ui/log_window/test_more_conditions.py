"""Further conditions of the filter."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from armguard_tray.errors import JournalError
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.messages.event import Category, Source
from armguard_tray.storage.choices import Choice
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.log_window.more_conditions import MoreConditions
from tests.fakes.signals import Recorder, settled

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing the keyboard)")
VALUES = {
    Choice.ITEM_TYPE: ["M16", "M4"],
    Choice.DUTY: ["Guard Duty", "Patrol"],
    Choice.ISSUER: ["armorer1"],
    Choice.STATUS: ["Available"],
}
CORNER = QPoint(400, 40)


class Journal:
    """Answers what there is to choose from; may be slow or broken."""

    def __init__(self) -> None:
        self.asked = 0
        self.open_gate = asyncio.Event()
        self.open_gate.set()
        self.failure: Exception | None = None

    async def choices(self, choice: Choice) -> Sequence[str]:
        self.asked += 1
        await self.open_gate.wait()
        if self.failure is not None:
            raise self.failure
        return VALUES[choice]


@pytest.fixture
async def journal() -> Journal:
    return Journal()


@pytest.fixture
async def popup(journal: Journal) -> AsyncIterator[MoreConditions]:
    QApplication.setQuitOnLastWindowClosed(False)  # as the program has it; else Qt ends the test's event loop
    window, keeper = QWidget(), TaskKeeper("more")
    window.show()
    popup = MoreConditions(journal.choices, keeper, window)
    yield popup
    popup.close()
    await keeper.close()
    window.close()
    window.deleteLater()
    await settled()


def labels(popup: MoreConditions, name: str) -> list[str]:
    boxes = popup.lists[name].list
    return [boxes.item(row).text() for row in range(boxes.count()) if not boxes.item(row).isHidden()]


async def read(popup: MoreConditions) -> None:
    while popup.note.text().strip().startswith("Reading"):
        await settled()


def check(popup: MoreConditions, name: str, row: int) -> None:
    boxes = popup.lists[name].list
    boxes.setCurrentRow(row)
    QTest.keyClick(boxes, Qt.Key.Key_Space)


async def test_values_are_asked_for_when_it_opens(popup: MoreConditions, journal: Journal) -> None:
    assert journal.asked == 0
    popup.show_below(CORNER, Wanted())
    await read(popup)
    assert labels(popup, "item_types") == ["M16", "M4"]
    assert labels(popup, "duties") == ["Guard Duty", "Patrol"]
    assert labels(popup, "sources") == ["live", "caught up", "not announced", "from history", "missing"]


async def test_what_is_checked_counts_at_once(popup: MoreConditions) -> None:
    popup.show_below(CORNER, Wanted())
    await read(popup)
    heard = Recorder(popup.changed)
    check(popup, "duties", 1)
    check(popup, "sources", 1)
    assert heard.last == Wanted(duties=frozenset({"Patrol"}), sources=frozenset({Source.CATCHUP}))
    check(popup, "duties", 1)
    assert heard.last == Wanted(sources=frozenset({Source.CATCHUP}))


async def test_a_click_on_the_word_checks_its_box(popup: MoreConditions) -> None:
    popup.show_below(CORNER, Wanted())
    await read(popup)
    heard = Recorder(popup.changed)
    boxes = popup.lists["duties"].list
    word = boxes.visualItemRect(boxes.item(0)).center()
    QTest.mouseClick(boxes.viewport(), Qt.MouseButton.LeftButton, pos=word)
    assert heard.last == Wanted(duties=frozenset({"Guard Duty"}))
    box = QPoint(boxes.visualItemRect(boxes.item(0)).left() + 10, word.y())
    QTest.mouseClick(boxes.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert heard.last == Wanted()


async def test_what_is_wanted_stays_though_the_journal_does_not_know_it(popup: MoreConditions) -> None:
    wanted = Wanted(duties=frozenset({"Parade"}), categories=frozenset({Category.PRESENCE}), person="Ana")
    popup.show_below(CORNER, wanted)
    await read(popup)
    heard = Recorder(popup.changed)
    assert labels(popup, "duties") == ["Parade", "Guard Duty", "Patrol"]
    check(popup, "issuers", 0)
    assert heard.last == Wanted(
        duties=frozenset({"Parade"}),
        categories=frozenset({Category.PRESENCE}),
        person="Ana",
        issuers=frozenset({"armorer1"}),
    )


async def test_what_was_checked_while_it_was_read_stays(popup: MoreConditions, journal: Journal) -> None:
    journal.open_gate.clear()
    popup.show_below(CORNER, Wanted(duties=frozenset({"Patrol"})))
    heard = Recorder(popup.changed)
    check(popup, "duties", 0)
    journal.open_gate.set()
    await read(popup)
    assert heard.last == Wanted()
    assert popup.lists["duties"].chosen == frozenset()


async def test_one_person_is_wanted_to_the_letter(popup: MoreConditions) -> None:
    popup.show_below(CORNER, Wanted())
    heard = Recorder(popup.changed)
    popup.person.setFocus()
    QTest.keyClicks(popup.person, "Juan Dela Cruz ")
    popup.close()
    assert heard.last == Wanted(person="Juan Dela Cruz")


async def test_values_are_found_in_all_lists(popup: MoreConditions) -> None:
    popup.show_below(CORNER, Wanted(item_types=frozenset({"M16"})))
    await read(popup)
    popup.finder.setText("PAT")
    assert labels(popup, "duties") == ["Patrol"]
    assert labels(popup, "item_types") == ["M16"]  # it is chosen, which must be seen
    popup.finder.clear()
    assert labels(popup, "duties") == ["Guard Duty", "Patrol"]


async def test_all_of_them_are_taken_back_at_once(popup: MoreConditions) -> None:
    popup.show_below(
        CORNER, Wanted(duties=frozenset({"Patrol"}), item="M4 - 00077", sources=frozenset({Source.LIVE}))
    )
    heard = Recorder(popup.changed)
    popup.clear_button.click()
    assert heard.last == Wanted()
    assert popup.lists["duties"].chosen == frozenset()
    assert popup.item.text() == ""


async def test_it_says_why_there_is_nothing_to_choose_from(
    popup: MoreConditions, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    journal.failure = JournalError("The journal cannot be read.")
    popup.show_below(CORNER, Wanted())
    await read(popup)
    assert popup.note.text() == "⚠ The journal cannot be read."
    assert "values to choose from" in caplog.text


async def test_esc_closes_it(popup: MoreConditions) -> None:
    popup.show_below(CORNER, Wanted())
    QTest.keyClick(popup.finder, Qt.Key.Key_Escape)
    assert not popup.isVisible()


async def test_it_stays_on_the_screen(popup: MoreConditions) -> None:
    popup.show_below(QPoint(0, 5000), Wanted())
    assert popup.screen().availableGeometry().contains(popup.geometry())
