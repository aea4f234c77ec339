"""From what the desk knows to a file, by way of the user's eyes."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from armguard_tray.app.report.material import gather
from armguard_tray.app.report.window import show_report
from armguard_tray.paths import paths_below
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.ui.tone_label import Tone
from tests.fakes.clock import FakeClock
from tests.fakes.signals import emitted

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


async def test_what_is_shown_is_what_is_saved(qtbot: QtBot, tmp_path: Path) -> None:
    QApplication.setQuitOnLastWindowClosed(False)  # as the program has it; else Qt ends the test's event loop
    settings = Settings(server=ServerSettings(address="https://armory.local", username="armorer1"))
    clock = FakeClock(NOW)
    dialog = await show_report(
        lambda: gather(paths=paths_below(tmp_path), settings=settings, diagnosis=None, now=clock.now()),
        clock,
    )
    qtbot.addWidget(dialog)
    shown = {}
    for row in range(dialog.names.count()):
        dialog.names.setCurrentRow(row)
        shown[dialog.names.item(row).text()] = dialog.text.toPlainText()
    assert "Qt, loaded" in shown["versions.txt"]

    dialog.save_as(tmp_path / "report.zip")
    await emitted(dialog.saved)

    assert dialog.outcome.tone is Tone.GOOD
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == shown
