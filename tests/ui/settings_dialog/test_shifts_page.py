"""The page Shifts."""

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from armguard_tray.ui.settings_dialog import SettingsDialog
from armguard_tray.ui.settings_pages import PageName
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.signals import Recorder
from tests.ui.settings_dialog.conftest import MakeDialog


def test_when_shifts_begin_is_saved_tidily(dialog: SettingsDialog) -> None:
    saved = Recorder(dialog.saved)
    dialog.shifts.form.fields["shift_starts"].value = "22:00 6:00;14:00"
    dialog.accept()
    settings, password = saved.calls[0]
    assert settings.log.shift_starts == "06:00, 14:00, 22:00"
    assert password is None


def test_what_is_no_time_is_said_beside_its_field(dialog: SettingsDialog) -> None:
    saved = Recorder(dialog.saved)
    dialog.show_page(PageName.SHIFTS)
    field = dialog.shifts.form.fields["shift_starts"]
    assert isinstance(field.editor, QLineEdit)
    field.editor.clear()
    QTest.keyClicks(field.editor, "dawn")
    dialog.accept()
    assert saved.calls == []
    assert field.problem == "“dawn” is not a time of day; it looks like 06:00."


@pytest.mark.parametrize("look", LOOKS)
async def test_how_it_looks(make_dialog: MakeDialog, look: str) -> None:
    with system_look(look):
        dialog = make_dialog()
        dialog.show_page(PageName.SHIFTS)
        await take_picture(dialog, f"settings_shifts_{look}")
        dialog.shifts.form.fields["shift_starts"].value = "dawn"
        dialog.shifts.show_problems()
        await take_picture(dialog, f"settings_shifts_wrong_{look}")
