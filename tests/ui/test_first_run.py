"""The first start: the least that a connection needs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from armguard_tray.app.server_test import first_rungs, result_of
from armguard_tray.settings.model import ServerSettings
from armguard_tray.ui.first_run import FirstRunDialog
from armguard_tray.ui.settings_dialog import Progress, Tester, TestResult
from armguard_tray.ui.settings_dialog.ca_question import CaQuestion
from tests.fakes.ca_files import write_ca
from tests.fakes.clock import FakeClock
from tests.fakes.diagnoses import CA_UNKNOWN, HEALTHY, diagnosis
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.signals import Recorder, emitted, settled
from tests.fakes.stream_health import NOW

THIS_RUN_NOTE = "Kept for this run only: this system has no keyring (no Secret Service on the session bus)."


LET_IN = first_rungs(diagnosis(replace(HEALTHY, streams=())))


async def let_in(settings: ServerSettings, _password: str | None, _progress: Progress) -> TestResult:
    message = f"Logged in to {settings.address} as {settings.username}."
    return TestResult(ok=True, message=message, rungs=LET_IN)


async def turn_away(_settings: ServerSettings, _password: str | None, _progress: Progress) -> TestResult:
    return result_of(diagnosis(replace(CA_UNKNOWN, streams=())), "sgt.reyes")


@pytest.fixture
def make_dialog(qtbot: QtBot, tmp_path: Path) -> Callable[[], FirstRunDialog]:
    QApplication.setQuitOnLastWindowClosed(False)

    def make(tester: Tester = let_in) -> FirstRunDialog:
        dialog = FirstRunDialog(
            ServerSettings(),
            tester,
            secret_note=THIS_RUN_NOTE,
            clock=FakeClock(NOW),
            store=QSettings(str(tmp_path / "windows.ini"), QSettings.Format.IniFormat),
        )
        qtbot.addWidget(dialog)
        dialog.open()
        return dialog

    return make


@pytest.fixture
def dialog(make_dialog: Callable[[], FirstRunDialog]) -> FirstRunDialog:
    return make_dialog()


def fill(dialog: FirstRunDialog, address: str = "https://armory.local:8443") -> None:
    dialog.form.fields["address"].value = address
    dialog.form.fields["username"].value = "sgt.reyes"
    dialog.form.fields["password"].value = "correct horse"


@pytest.mark.parametrize("look", LOOKS)
async def test_pictures(make_dialog: Callable[[], FirstRunDialog], look: str) -> None:
    with system_look(look):
        dialog = make_dialog()
        await take_picture(dialog, f"first_run_{look}")
        dialog.accept()
        await take_picture(dialog, f"first_run_errors_{look}")
        fill(dialog)
        dialog.form.attempt.button.click()
        await emitted(dialog.form.attempt.finished)
        await take_picture(dialog, f"first_run_tested_{look}")
        fill(dialog, "http://192.168.0.177:8000")
        await take_picture(dialog, f"first_run_unencrypted_{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_pictures_of_a_ca_that_is_not_known_yet(
    make_dialog: Callable[..., FirstRunDialog], tmp_path: Path, look: str
) -> None:
    with system_look(look):
        dialog = make_dialog(turn_away)
        fill(dialog)
        dialog.form.attempt.button.click()
        await emitted(dialog.form.attempt.finished)
        await take_picture(dialog, f"first_run_ca_unknown_{look}")
        dialog.form.fields["ca_file"].value = str(write_ca(tmp_path / "rootCA.pem"))
        dialog.form.attempt.button.click()
        while (question := dialog.findChild(CaQuestion)) is None:
            await settled()
        await take_picture(question, f"first_run_ca_question_{look}")
        question.reject()
        await take_picture(dialog, f"first_run_ca_declined_{look}")


def test_it_asks_for_no_more_than_a_connection_needs(dialog: FirstRunDialog) -> None:
    visible = {name for name, field in dialog.form.fields.items() if field.isVisible()}

    assert visible == {"address", "username", "password", "ca_file"}


def test_it_says_where_the_password_goes(dialog: FirstRunDialog) -> None:
    assert THIS_RUN_NOTE in dialog.form.fields["password"].editor.accessibleDescription()


def test_save_hands_over_server_and_password(dialog: FirstRunDialog) -> None:
    saved = Recorder(dialog.saved)
    fill(dialog)

    dialog.accept()

    expected = ServerSettings(address="https://armory.local:8443", username="sgt.reyes")
    assert saved.calls == [(expected, "correct horse")]
    assert not dialog.isVisible()


@pytest.mark.parametrize("missing", ["address", "username", "password"])
def test_nothing_is_saved_while_something_is_missing(dialog: FirstRunDialog, missing: str) -> None:
    saved = Recorder(dialog.saved)
    fill(dialog)
    dialog.form.fields[missing].value = ""

    dialog.accept()

    assert saved.calls == []
    assert dialog.form.fields[missing].problem
    assert dialog.focusWidget() is dialog.form.fields[missing].editor


def test_an_unencrypted_address_needs_consent(dialog: FirstRunDialog) -> None:
    saved = Recorder(dialog.saved)
    fill(dialog, "http://192.168.0.177:8000")
    dialog.accept()
    assert saved.calls == []
    assert dialog.form.fields["allow_plain_http"].problem

    dialog.form.fields["allow_plain_http"].value = True
    dialog.accept()

    assert saved.last.allow_plain_http


async def test_it_is_as_high_as_it_needs_to_be(dialog: FirstRunDialog) -> None:
    await settled()
    height = dialog.height()

    dialog.accept()
    await settled()
    assert dialog.height() == height, "what is wrong stands where the explanations were"

    fill(dialog, "http://192.168.0.177:8000")
    await settled()
    assert dialog.height() > height

    fill(dialog)
    dialog.form.attempt.button.click()
    await emitted(dialog.form.attempt.finished)
    await settled()
    assert dialog.height() == height


async def test_a_ca_file_is_shown_and_trusted_before_it_is_saved(
    dialog: FirstRunDialog, tmp_path: Path
) -> None:
    saved = Recorder(dialog.saved)
    fill(dialog)
    file = write_ca(tmp_path / "rootCA.pem")
    dialog.form.fields["ca_file"].value = str(file)
    dialog.accept()
    while (question := dialog.findChild(CaQuestion)) is None:
        await settled()
    assert "mkcert armory" in question.certificates.toPlainText()
    assert saved.calls == []

    question.trust_button.click()
    await emitted(dialog.saved)

    assert saved.last.ca_file == str(file)


async def test_what_a_failed_test_says_is_all_in_sight(make_dialog: Callable[..., FirstRunDialog]) -> None:
    dialog = make_dialog(turn_away)
    fill(dialog)
    dialog.form.attempt.button.click()
    await emitted(dialog.form.attempt.finished)
    await settled()
    area = dialog.findChild(QScrollArea)
    assert area is not None
    assert not area.verticalScrollBar().isVisible()
    high = dialog.height()

    fill(dialog, "https://armory.local")
    await settled()

    assert dialog.height() < high, "what there was to copy has gone"
    assert not area.verticalScrollBar().isVisible()


async def test_on_a_low_screen_it_scrolls_to_the_outcome(dialog: FirstRunDialog) -> None:
    fill(dialog)
    await settled()
    dialog.resize(dialog.width(), 380)
    await settled()
    dialog.form.attempt.button.click()
    await emitted(dialog.form.attempt.finished)
    await settled()

    assert dialog.height() == 380
    outcome = dialog.form.attempt.outcome
    below = outcome.mapTo(dialog, QPoint(0, outcome.fontMetrics().height())).y()
    assert 0 < below < dialog.height() - 40, "above the buttons"


def test_it_can_be_filled_in_by_keyboard_alone(dialog: FirstRunDialog) -> None:
    saved = Recorder(dialog.saved)
    dialog.form.fields["address"].editor.setFocus()

    for text in ("https://armory.local", "sgt.reyes", "secret"):
        QTest.keyClicks(dialog.focusWidget(), text)
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)

    assert saved.calls == [(ServerSettings(address="https://armory.local", username="sgt.reyes"), "secret")]
