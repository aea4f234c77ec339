"""The dialog exports where the user wants, says how far it is, and what came of it."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from armguard_tray.errors import ExportError
from armguard_tray.export.contents import Progress
from armguard_tray.export.exporting import Exported
from armguard_tray.export.formats import Format
from armguard_tray.ui.export_dialog import ExportDialog, ToExport
from armguard_tray.ui.tone_label import Tone
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.signals import Recorder, emitted, settled

DIGEST = "8ed48695e7682bbb88284b486695d43823ad8ca3768e53527c4f3bde948a63fd"


class Exporter:
    """Exports nothing; waits until it is let go on, or is unwanted."""

    def __init__(self) -> None:
        self.asked: list[tuple[Format, Path]] = []
        self.error: Exception | None = None
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.tell: Callable[[Progress], None] = lambda _: None
        self.unwanted = threading.Event()

    async def __call__(
        self, wanted: Format, path: Path, on_progress: Callable[[Progress], None], unwanted: threading.Event
    ) -> Exported | None:
        self.asked.append((wanted, path))
        self.tell, self.unwanted = on_progress, unwanted
        await self.go_on.wait()
        if self.error is not None:
            raise self.error
        return None if unwanted.is_set() else Exported(rows=1204, rows_digest="rows", file_digest=DIGEST)


@pytest.fixture
def exporter() -> Exporter:
    return Exporter()


@pytest.fixture
def dialog(qtbot: QtBot, exporter: Exporter, tmp_path: Path) -> ExportDialog:
    QApplication.setQuitOnLastWindowClosed(False)  # as the program has it; else Qt ends the test's event loop
    what = ToExport("1,204 rows", "Issued · Guard Duty · today", tmp_path / "armguard-log")
    shown = ExportDialog(what, exporter, None)
    qtbot.addWidget(shown)
    shown.open()
    return shown


async def test_what_the_log_shows_is_exported_where_the_user_wants(
    dialog: ExportDialog, exporter: Exporter, tmp_path: Path
) -> None:
    dialog.export_button.click()
    await emitted(dialog.ended)
    assert exporter.asked == [(Format.CSV, tmp_path / "armguard-log.csv")]
    assert dialog.outcome.tone is Tone.GOOD
    assert "1,204 rows in" in dialog.outcome.text()
    assert dialog.digest.text() == DIGEST
    dialog.copy.click()
    assert QApplication.clipboard().text() == DIGEST
    assert not dialog.is_working


async def test_the_ending_follows_the_format_unless_the_user_named_another(dialog: ExportDialog) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData(Format.PDF))
    assert dialog.file.text().endswith("armguard-log.pdf")
    dialog.file.setText("/tmp/mine.txt")  # noqa: S108 - nothing is written there
    dialog.format.setCurrentIndex(dialog.format.findData(Format.XLSX))
    assert dialog.file.text() == "/tmp/mine.txt"  # noqa: S108 - as above


async def test_the_file_can_be_browsed_for(dialog: ExportDialog, tmp_path: Path) -> None:
    dialog.choose_button.click()
    chooser = dialog.findChild(QFileDialog)
    assert chooser is not None
    assert chooser.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    assert chooser.defaultSuffix() == "csv"
    chooser.fileSelected.emit(str(tmp_path / "chosen.csv"))
    assert dialog.file.text() == str(tmp_path / "chosen.csv")
    chooser.close()


async def test_a_file_that_is_there_will_be_replaced_and_that_is_said(
    dialog: ExportDialog, tmp_path: Path
) -> None:
    (tmp_path / "there.csv").touch()
    dialog.file.setText(str(tmp_path / "there.csv"))
    assert dialog.note.text() == "There is a file of that name. It will be replaced."
    dialog.file.setText(str(tmp_path / "new.csv"))
    assert dialog.note.text() == ""
    dialog.file.setText(" ")
    assert not dialog.export_button.isEnabled()


async def test_how_far_it_is_is_shown(dialog: ExportDialog, exporter: Exporter) -> None:
    exporter.go_on.clear()
    dialog.export()
    await settled()
    assert dialog.is_working
    assert (dialog.bar.minimum(), dialog.bar.maximum()) == (0, 0), "nobody knows yet how much it is"
    exporter.tell(Progress(602, 1204))
    assert dialog.bar.value() == 500
    assert "Writing" in dialog.outcome.text()
    exporter.tell(Progress(1204, 1204))
    assert "Finishing" in dialog.outcome.text()
    assert not dialog.export_button.isEnabled()
    exporter.go_on.set()
    await emitted(dialog.ended)
    assert dialog.bar.value() == dialog.bar.maximum()


async def test_it_can_be_stopped_and_done_again(dialog: ExportDialog, exporter: Exporter) -> None:
    exporter.go_on.clear()
    dialog.export()
    await settled()
    dialog.stop_button.click()
    assert exporter.unwanted.is_set()
    exporter.tell(Progress(1, 2))
    exporter.go_on.set()
    await emitted(dialog.ended)
    assert "Nothing was left there" in dialog.outcome.text()
    assert dialog.digest.text() == ""
    dialog.export()
    await emitted(dialog.ended)
    assert dialog.outcome.tone is Tone.GOOD


async def test_closing_it_stops_it(dialog: ExportDialog, exporter: Exporter) -> None:
    exporter.go_on.clear()
    dialog.export()
    await settled()
    ended = Recorder(dialog.ended)
    dialog.reject()
    assert exporter.unwanted.is_set()
    exporter.go_on.set()
    await settled()
    assert not ended.calls, "the dialog may be gone by then"


async def test_what_went_wrong_is_said(dialog: ExportDialog, exporter: Exporter) -> None:
    exporter.error = ExportError("There is not enough room.", "Free some space.")
    dialog.export()
    await emitted(dialog.ended)
    assert (dialog.outcome.tone, dialog.outcome.text()) == (
        Tone.PROBLEM,
        "⚠ There is not enough room. Free some space.",
    )
    assert dialog.export_button.isEnabled()


async def test_nothing_that_fails_leaves_it_working_for_ever(
    dialog: ExportDialog, exporter: Exporter, caplog: pytest.LogCaptureFixture
) -> None:
    exporter.error = ZeroDivisionError()
    dialog.export()
    await emitted(dialog.ended)
    assert "the log says more" in dialog.outcome.text()
    assert "task export:export failed" in caplog.text


async def test_the_folder_can_be_opened(dialog: ExportDialog, tmp_path: Path) -> None:
    wanted = Recorder(dialog.folderWanted)
    assert not dialog.folder_button.isEnabled()
    dialog.export()
    await emitted(dialog.ended)
    dialog.folder_button.click()
    assert wanted.last == tmp_path


@pytest.mark.parametrize("look", LOOKS)
async def test_pictures(qtbot: QtBot, exporter: Exporter, look: str) -> None:
    with system_look(look):
        what = ToExport(
            "1,204 rows", "Issued · Guard Duty · today", Path("/home/reyes/armguard-log-2026-11-24-1125")
        )
        dialog = ExportDialog(what, exporter, None)
        qtbot.addWidget(dialog)
        dialog.open()
        await take_picture(dialog, f"export_{look}")
        exporter.go_on.clear()
        dialog.export()
        await settled()
        exporter.tell(Progress(602, 1204))
        await take_picture(dialog, f"export_working_{look}")
        exporter.go_on.set()
        await emitted(dialog.ended)
        await take_picture(dialog, f"export_done_{look}")
        exporter.error = ExportError(
            "There is not enough room for /home/reyes/armguard-log-2026-11-24-1125.csv.",
            "Nothing was left there. Free some space, or choose another disk.",
        )
        dialog.export()
        await emitted(dialog.ended)
        await take_picture(dialog, f"export_failed_{look}")
        dialog.done(0)
