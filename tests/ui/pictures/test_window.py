"""The window "Pictures": which one is shown, of what, and what can be done with it."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest

from armguard_tray.errors import JournalError, UserError
from armguard_tray.filtering.wanted import Wanted
from armguard_tray.filtering.when import When
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.storage.tallies import Moves
from armguard_tray.tallies.making import NO_TRANSACTIONS
from armguard_tray.tallies.picture import Kind
from armguard_tray.ui.pictures.saving import write_whole
from tests.fakes.signals import emitted, settled
from tests.fakes.tallies import at, sums
from tests.ui.pictures.conftest import Desk


async def said(desk: Desk, beginning: str) -> str:
    """Wait until the outcome begins like that."""
    while not desk.window.outcome.text().removeprefix("✓ ").removeprefix("⚠ ").startswith(beginning):
        await settled()
    return desk.window.outcome.text()


async def test_the_picture_its_numbers_and_its_caption_are_shown(desk: Desk) -> None:
    picture = await desk.open()

    assert picture.kind is Kind.HOUR
    assert desk.window.view.image is not None
    assert desk.table[8] == ["08:00\N{EN DASH}09:00", "3", "0"]
    assert desk.window.caption.text().startswith("Everything. 4 issued and 2 returned.")
    assert desk.window.view.accessibleName() == "Transactions by hour of the day"


async def test_the_keyboard_turns_to_the_next_picture_without_reading_again(desk: Desk) -> None:
    await desk.open()

    QTest.keyClick(desk.window, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    await desk.drawn(Kind.DAY)

    assert desk.table == [["24/11/26", "4", "2"]]
    assert len(desk.studio.asked) == 1


async def test_esc_closes_it(desk: Desk) -> None:
    await desk.open()

    QTest.keyClick(desk.window, Qt.Key.Key_Escape)

    assert not desk.window.isVisible()


async def test_it_follows_the_filter_by_the_servers_clock(desk: Desk) -> None:
    await desk.open()

    desk.window.show_wanted(Wanted(when=When.TODAY))
    await desk.drawn(Kind.HOUR, "Today")

    assert desk.studio.asked == [LogFilter(), LogFilter(since=at(0))]
    assert desk.window.caption.text().startswith("Today (since 24/11/26 00:00).")


async def test_what_is_being_read_is_broken_off_for_another_filter(desk: Desk) -> None:
    desk.studio.may_answer.clear()
    desk.window.show()
    while not desk.studio.asked:
        await settled()

    desk.window.show_wanted(Wanted(text="reyes"))
    await settled()
    desk.studio.may_answer.set()
    await desk.drawn(Kind.HOUR)

    assert desk.studio.broken_off == 1
    assert [each.text for each in desk.studio.asked] == ["", "reyes"]


async def test_a_hidden_window_reads_nothing(desk: Desk) -> None:
    await desk.open()
    desk.studio.may_answer.clear()
    desk.window.read_again()
    while len(desk.studio.asked) == 1:
        await settled()

    desk.window.hide()
    desk.window.show_wanted(Wanted(text="reyes"))
    await settled()

    assert desk.studio.broken_off == 1
    assert len(desk.studio.asked) == 2


async def test_read_again_shows_the_log_as_it_is_now(desk: Desk) -> None:
    await desk.open()
    desk.clock.advance(600)
    desk.studio.have = sums({at(8): Moves(3, 0), at(17): Moves(2, 2)})

    QTest.keyClick(desk.window, Qt.Key.Key_F5)
    await desk.drawn(Kind.HOUR, "20:10")

    assert desk.table[17] == ["17:00\N{EN DASH}18:00", "2", "2"]
    assert "As of 24/11/26 20:10" in desk.window.caption.text()


async def test_nothing_done_is_said_in_the_picture_and_to_a_screen_reader(desk: Desk) -> None:
    desk.window.show_wanted(Wanted(when=When.TODAY))
    await desk.open(sums({}))

    assert desk.window.view.accessibleDescription() == NO_TRANSACTIONS
    assert desk.table == []
    assert not desk.window.numbers_button.isEnabled()


async def test_an_unreadable_log_leaves_no_older_picture(desk: Desk) -> None:
    await desk.open()
    desk.studio.failure = JournalError("The journal cannot be read: it is locked.")

    desk.window.read_again()
    await emitted(desk.window.reader.failed)

    assert desk.window.view.image is None
    assert desk.window.view.sentence == "The journal cannot be read: it is locked."
    assert desk.table == []
    assert not desk.window.save_button.isEnabled()


async def test_a_fault_of_the_program_itself_is_said_too(desk: Desk) -> None:
    await desk.open()
    desk.studio.failure = ValueError("unforeseen")

    desk.window.read_again()
    await emitted(desk.window.reader.failed)

    assert desk.window.view.image is None
    assert desk.window.view.sentence == "The pictures cannot be made; the log of the program says more."


async def test_what_cannot_be_drawn_is_said_in_its_place(desk: Desk) -> None:
    desk.studio.cannot_draw = UserError("Pictures need Matplotlib, which is not installed here.")

    desk.window.show()
    await emitted(desk.window.draughtsman.failed)

    assert desk.window.view.sentence == "Pictures need Matplotlib, which is not installed here."
    assert not desk.window.save_button.isEnabled()


async def test_until_it_is_drawn_it_says_so_beside_its_numbers(desk: Desk) -> None:
    await desk.open()
    desk.studio.may_draw.clear()

    desk.window.tabs.setCurrentIndex(list(Kind).index(Kind.DAY))

    assert desk.window.view.image is None  # not the one of before
    assert desk.window.view.sentence == "Drawing…"
    assert desk.table == [["24/11/26", "4", "2"]]

    desk.studio.may_draw.set()
    await desk.drawn(Kind.DAY)
    assert desk.window.view.image is not None


async def test_a_hidden_window_holds_nothing_for_a_next_picture(desk: Desk) -> None:
    await desk.open()
    assert desk.studio.rests == 0

    desk.window.hide()

    assert desk.studio.rests == 1


async def test_it_can_be_saved_as_png_and_as_svg(desk: Desk, tmp_path: Path) -> None:
    picture = await desk.open()

    desk.window.save(picture, tmp_path / "hours.png")
    await said(desk, "Saved in")
    desk.window.save(picture, tmp_path / "hours.svg")
    await said(desk, f"Saved in {tmp_path / 'hours.svg'}")

    assert not QImage(str(tmp_path / "hours.png")).isNull()
    words = "".join(ET.fromstring((tmp_path / "hours.svg").read_bytes()).itertext())  # noqa: S314 - its own
    assert "4 issued and 2 returned." in words


async def test_a_file_without_an_ending_becomes_a_png(desk: Desk, tmp_path: Path) -> None:
    desk.window.save(await desk.open(), tmp_path / "night.of.24")

    assert await said(desk, "Saved in") == f"✓ Saved in {tmp_path / 'night.of.24.png'}."


async def test_a_folder_that_is_not_there_is_said(desk: Desk, tmp_path: Path) -> None:
    desk.window.save(await desk.open(), tmp_path / "nowhere" / "hours.png")

    assert "cannot be written: No such file or directory." in await said(desk, str(tmp_path))


async def test_it_can_be_copied_as_a_picture_and_as_numbers(desk: Desk) -> None:
    await desk.open()

    QTest.keyClick(
        desk.window,
        Qt.Key.Key_C,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    await said(desk, "The picture is copied.")
    copied = QGuiApplication.clipboard().mimeData()
    assert copied.hasImage()
    assert b"<svg" in copied.data("image/svg+xml").data()

    desk.window.table.setFocus()
    QTest.keyClick(desk.window.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert (lines[0], lines[9]) == ("Hour\tIssued\tReturned", "08:00\N{EN DASH}09:00\t3\t0")


async def test_it_is_drawn_anew_in_another_size(desk: Desk) -> None:
    await desk.open()
    desk.window.resize(desk.window.size().shrunkBy(desk.window.contentsMargins()) / 1.2)
    room = desk.window.view.room

    while (image := desk.window.view.image) is None or (image.width(), image.height()) != room:
        await settled()

    assert desk.window.view.room == room


async def test_the_picture_that_was_shown_last_comes_back(desk: Desk) -> None:
    await desk.open(kind=Kind.TYPE)
    desk.window.hide()

    assert desk.store.value("pictures/kind") == Kind.TYPE.value


def test_a_file_is_written_whole_or_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(b"before")

    def full(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UserError, match="No space left on device"):
        write_whole(file, b"after")

    assert [each.name for each in tmp_path.iterdir()] == ["picture.png"]
    assert file.read_bytes() == b"before"
