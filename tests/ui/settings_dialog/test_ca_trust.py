"""A CA file of the server gets into use through a dialog only after the user has seen and trusts it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton

from armguard_tray.connection.ca_file import read_ca_file
from armguard_tray.settings.model import Settings
from armguard_tray.ui.settings_dialog import SettingsDialog
from armguard_tray.ui.settings_dialog.ca_field import CaField
from armguard_tray.ui.settings_dialog.ca_question import CaQuestion
from armguard_tray.ui.settings_dialog.page import Page
from armguard_tray.ui.settings_pages import PageName
from tests.fakes.ca_files import write_ca
from tests.fakes.signals import Recorder, emitted, settled
from tests.ui.settings_dialog.conftest import SETTINGS, FakeServer, MakeDialog
from tests.ui.settings_dialog.test_dialog import shown_page


def field_of(dialog: SettingsDialog) -> CaField:
    field = dialog.server.form.fields["ca_file"]
    assert isinstance(field, CaField)
    return field


def browse(page: Page, file: Path) -> None:
    button = next(each for each in page.findChildren(QPushButton) if each.text() == "&Browse…")
    button.click()
    chooser = page.findChild(QFileDialog)
    assert chooser is not None
    assert chooser.isVisible(), "it blocks nobody"
    chooser.fileSelected.emit(str(file))
    chooser.close()


def questions(dialog: SettingsDialog) -> list[CaQuestion]:
    return [each for each in dialog.findChildren(CaQuestion) if each.isVisible()]


async def asked(dialog: SettingsDialog) -> CaQuestion:
    while not (found := questions(dialog)):
        await settled()
    return found[0]


def trusting(file: Path) -> Settings:
    return replace(SETTINGS, server=replace(SETTINGS.server, ca_file=str(file)))


async def save_trusted(dialog: SettingsDialog, file: Path) -> None:
    """Type `file`, save, and trust it."""
    field_of(dialog).value = str(file)
    dialog.accept()
    (await asked(dialog)).trust_button.click()
    await emitted(dialog.saved)


async def test_a_chosen_file_is_shown_at_once_and_entered_when_it_is_trusted(
    dialog: SettingsDialog, ca_file: Path
) -> None:
    browse(dialog.server, ca_file)
    question = await asked(dialog)
    shown = question.certificates.toPlainText()
    assert "mkcert armory" in shown
    assert "valid 23/11/2026 to" in shown
    fingerprint = ":".join(line.strip() for line in shown.splitlines()[3:])
    assert fingerprint == read_ca_file(ca_file)[0].fingerprint
    assert field_of(dialog).value == ""

    question.trust_button.click()
    await emitted(field_of(dialog).edited)

    assert field_of(dialog).value == str(ca_file)


async def test_to_cancel_keeps_the_file_that_was_there(dialog: SettingsDialog, tmp_path: Path) -> None:
    first, second = write_ca(tmp_path / "first.pem"), write_ca(tmp_path / "second.pem")
    browse(dialog.server, first)
    (await asked(dialog)).trust_button.click()
    await emitted(field_of(dialog).edited)

    browse(dialog.server, second)
    (await asked(dialog)).reject()
    await settled()

    assert field_of(dialog).value == str(first)
    assert field_of(dialog).problem == ""


async def test_a_chosen_file_without_a_certificate_is_said_beside_the_field(
    dialog: SettingsDialog, no_ca: Path
) -> None:
    browse(dialog.server, no_ca)
    await emitted(field_of(dialog).refused)

    assert "holiday.pem: The file holds no certificate" in field_of(dialog).problem
    assert field_of(dialog).value == ""
    assert questions(dialog) == []


async def test_a_typed_file_is_asked_about_before_anything_is_tested_with_it(
    dialog: SettingsDialog, server: FakeServer, ca_file: Path
) -> None:
    attempt = dialog.server.form.attempt
    server.answer.set()
    field_of(dialog).value = str(ca_file)
    attempt.button.click()
    question = await asked(dialog)
    assert server.asked == []

    question.trust_button.click()
    await emitted(attempt.finished)
    assert server.asked[0][0].ca_file == str(ca_file)

    attempt.button.click()
    await emitted(attempt.finished)
    dialog.accept()
    await emitted(dialog.saved)
    assert len(server.asked) == 2
    assert questions(dialog) == [], "neither by the next test nor by Save"


async def test_a_typed_file_that_is_not_trusted_is_neither_tested_nor_kept(
    dialog: SettingsDialog, server: FakeServer, ca_file: Path
) -> None:
    attempt = dialog.server.form.attempt
    field_of(dialog).value = str(ca_file)
    attempt.button.click()

    (await asked(dialog)).reject()
    await settled()

    assert server.asked == []
    assert field_of(dialog).value == ""
    assert "rootCA.pem is not trusted" in field_of(dialog).problem
    assert attempt.button.isEnabled()
    assert attempt.outcome.text() == ""


async def test_a_typed_file_is_asked_about_before_it_is_saved(dialog: SettingsDialog, ca_file: Path) -> None:
    saved = Recorder(dialog.saved)
    field_of(dialog).value = str(ca_file)
    dialog.show_page(PageName.NOTIFICATIONS)
    dialog.accept()
    question = await asked(dialog)
    assert saved.calls == []

    question.trust_button.click()
    await emitted(dialog.saved)

    assert saved.calls[0][0].server.ca_file == str(ca_file)
    assert not dialog.isVisible()


async def test_a_typed_file_that_is_not_trusted_is_not_saved(dialog: SettingsDialog, ca_file: Path) -> None:
    saved = Recorder(dialog.saved)
    field_of(dialog).value = str(ca_file)
    dialog.show_page(PageName.NOTIFICATIONS)
    dialog.accept()

    (await asked(dialog)).reject()
    await settled()

    assert saved.calls == []
    assert dialog.isVisible()
    assert shown_page(dialog) is dialog.server
    assert "not trusted" in field_of(dialog).problem


async def test_a_file_that_cannot_be_used_is_neither_saved_nor_tested(
    dialog: SettingsDialog, server: FakeServer, no_ca: Path
) -> None:
    saved = Recorder(dialog.saved)
    field_of(dialog).value = str(no_ca)
    dialog.show_page(PageName.NOTIFICATIONS)
    dialog.accept()
    await emitted(dialog.server.form.ca_refused)
    assert shown_page(dialog) is dialog.server
    assert "no certificate" in field_of(dialog).problem
    assert saved.calls == []

    dialog.server.form.attempt.button.click()
    await emitted(dialog.server.form.attempt.finished)

    assert server.asked == []
    assert "no certificate" in field_of(dialog).problem
    assert "no certificate" in dialog.server.form.attempt.outcome.text()


async def test_a_trusted_file_is_not_asked_about_in_the_next_dialog(
    make_dialog: MakeDialog, server: FakeServer, ca_file: Path
) -> None:
    await save_trusted(make_dialog(), ca_file)
    server.answer.set()

    dialog = make_dialog(trusting(ca_file))
    dialog.server.form.attempt.button.click()
    await emitted(dialog.server.form.attempt.finished)

    assert len(server.asked) == 1
    assert questions(dialog) == []


async def test_another_file_in_its_place_is_asked_about(
    make_dialog: MakeDialog, server: FakeServer, ca_file: Path
) -> None:
    await save_trusted(make_dialog(), ca_file)
    write_ca(ca_file, "another CA")

    dialog = make_dialog(trusting(ca_file))
    dialog.server.form.attempt.button.click()
    question = await asked(dialog)
    assert "another CA" in question.certificates.toPlainText()
    question.reject()
    await settled()

    assert server.asked == []
    assert "not trusted" in field_of(dialog).problem
    assert not dialog.server.form.attempt.is_running


@pytest.mark.parametrize(
    "edit",
    [
        lambda dialog: setattr(dialog.server.form.fields["username"], "value", "cpl.santos"),
        lambda dialog: setattr(dialog.notifications.form.fields["burst"], "value", 5),
    ],
    ids=["of the server", "of another page"],
)
async def test_an_edit_while_the_file_is_read_saves_nothing(
    dialog: SettingsDialog, ca_file: Path, edit: Callable[[SettingsDialog], None]
) -> None:
    saved = Recorder(dialog.saved)
    field_of(dialog).value = str(ca_file)
    dialog.accept()

    edit(dialog)
    await settled()

    assert (saved.calls, questions(dialog)) == ([], [])
    dialog.accept()
    assert await asked(dialog)


async def test_the_end_of_the_dialog_ends_the_question(
    dialog: SettingsDialog, ca_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    field_of(dialog).value = str(ca_file)
    dialog.server.form.attempt.button.click()
    await asked(dialog)

    dialog.done(0)
    await settled()

    assert questions(dialog) == []
    assert field_of(dialog).value == str(ca_file)
    assert caplog.text == ""
