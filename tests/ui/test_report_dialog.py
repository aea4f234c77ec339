"""The report is shown as it is, and saved where the user wants."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from armguard_tray.app.report.page_width import WIDTH
from armguard_tray.errors import UserError
from armguard_tray.ui.report_dialog import ReportDialog
from armguard_tray.ui.tone_label import Tone
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.signals import emitted, settled

LADDER = """\
FAILED: The server refuses the password of user-1.

ok       Name     armory.local is 192.168.0.177  (1 ms  since 2026-11-24T04:00:00+00:00)
ok       TCP      connected to 192.168.0.177:8443  (2 ms  since 2026-11-24T04:00:00+00:00)
ok       TLS      TLSv1.3 · valid for another 212 days · private CA “Armory CA”  (9 ms
                  since 2026-11-24T04:00:00+00:00)
ok       HTTP     ArmGuard answers  (14 ms)
failed   Login    refused for user-1  (212 ms  wrong-password)
unknown  Session  unknown while login fails

[wrong-password] The server refuses this user name and password.
    Enter the right password under Settings; five wrong ones lock the account.
"""
PARTS = [
    ("about.txt", "A report.\n"),
    ("ladder.txt", LADDER),
    ("log.txt", "<b>no markup</b>\n" + "2026-11-24T03:00:00.000Z INFO    name-1\n" * 2000),
]


class Saver:
    """Saves nothing; can be told to fail."""

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self.error: Exception | None = None
        self.going_on: asyncio.Event | None = None

    async def __call__(self, path: Path) -> None:
        self.paths.append(path)
        if self.going_on is not None:
            await self.going_on.wait()
        if self.error is not None:
            raise self.error


@pytest.fixture
def saver() -> Saver:
    return Saver()


@pytest.fixture
def dialog(qtbot: QtBot, saver: Saver, tmp_path: Path) -> ReportDialog:
    QApplication.setQuitOnLastWindowClosed(False)  # as the program has it; else Qt ends the test's event loop
    shown = ReportDialog(PARTS, saver, tmp_path / "report.zip")
    qtbot.addWidget(shown)
    shown.open()
    return shown


async def test_every_part_can_be_read_as_it_is(dialog: ReportDialog) -> None:
    assert [dialog.names.item(row).text() for row in range(dialog.names.count())] == [
        name for name, _ in PARTS
    ]
    for row, (_, text) in enumerate(PARTS):
        dialog.names.setCurrentRow(row)
        assert dialog.text.toPlainText() == text
    assert dialog.text.isReadOnly()


async def test_it_is_saved_where_the_user_wants(dialog: ReportDialog, saver: Saver, tmp_path: Path) -> None:
    dialog.save_button.click()
    chooser = dialog.findChild(QFileDialog)
    assert chooser is not None
    assert chooser.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    assert chooser.defaultSuffix() == "zip"
    assert [Path(name) for name in chooser.selectedFiles()] == [tmp_path / "report.zip"]
    chooser.fileSelected.emit(str(tmp_path / "mine.zip"))
    assert not dialog.save_button.isEnabled()
    await emitted(dialog.saved)
    assert saver.paths == [tmp_path / "mine.zip"]
    assert (dialog.outcome.tone, dialog.outcome.text()) == (Tone.GOOD, f"✓ Saved as {tmp_path / 'mine.zip'}.")
    assert dialog.save_button.isEnabled()
    chooser.close()


async def test_what_went_wrong_is_said_and_it_can_be_tried_again(dialog: ReportDialog, saver: Saver) -> None:
    saver.error = UserError("The disk is full.", "Choose another place.")
    dialog.save_as(Path("a.zip"))
    await emitted(dialog.saved)
    assert (dialog.outcome.tone, dialog.outcome.text()) == (
        Tone.PROBLEM,
        "⚠ The disk is full. Choose another place.",
    )
    saver.error = None
    dialog.save_as(Path("b.zip"))
    await emitted(dialog.saved)
    assert dialog.outcome.tone is Tone.GOOD


async def test_nothing_that_fails_leaves_it_saving_for_ever(
    dialog: ReportDialog, saver: Saver, caplog: pytest.LogCaptureFixture
) -> None:
    saver.error = ZeroDivisionError()
    dialog.save_as(Path("a.zip"))
    await emitted(dialog.saved)
    assert "the log says more" in dialog.outcome.text()
    assert "task report:save failed" in caplog.text


async def test_it_may_be_closed_while_it_is_saved(dialog: ReportDialog, saver: Saver) -> None:
    saver.going_on = asyncio.Event()
    dialog.save_as(Path("a.zip"))
    await settled()
    dialog.reject()
    saver.going_on.set()
    await settled()
    assert saver.paths == [Path("a.zip")]
    assert dialog.outcome.tone is Tone.HELP


async def test_long_lines_are_wrapped_at_the_window_and_none_leads_out_of_it(
    qtbot: QtBot, saver: Saver, tmp_path: Path
) -> None:
    page = "word " * 19 + "word."
    assert len(page) == WIDTH
    dialog = ReportDialog([("a.txt", page), ("b.txt", page * 4 + "x" * 500)], saver, tmp_path / "report.zip")
    qtbot.addWidget(dialog)
    dialog.open()
    assert dialog.width() <= dialog.screen().availableGeometry().width()
    dialog.resize(2000, 400)
    await settled()
    assert dialog.text.document().firstBlock().layout().lineCount() == 1

    dialog.names.setCurrentRow(1)
    dialog.resize(500, 400)
    await settled()

    assert dialog.text.horizontalScrollBar().maximum() == 0
    assert dialog.text.document().firstBlock().layout().lineCount() > 4
    assert dialog.text.toPlainText() == page * 4 + "x" * 500, "nothing but the look of it changes"
    dialog.done(0)


@pytest.mark.parametrize("look", LOOKS)
async def test_pictures(qtbot: QtBot, saver: Saver, look: str) -> None:
    with system_look(look):
        dialog = ReportDialog(PARTS, saver, Path("report.zip"))
        qtbot.addWidget(dialog)
        dialog.open()
        dialog.resize(960, 560)
        dialog.names.setCurrentRow(1)
        await take_picture(dialog, f"report_{look}")
        dialog.save_as(Path("/home/user/report.zip"))
        await emitted(dialog.saved)
        dialog.names.setCurrentRow(2)
        await take_picture(dialog, f"report_saved_{look}")
        dialog.done(0)
