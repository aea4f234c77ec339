"""The Server page: fields from the settings' own descriptions, consent, password, *Test*."""

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLineEdit

from armguard_tray.app.server_test import first_rungs
from armguard_tray.connection.phase import Need
from armguard_tray.diagnosis.ladder import Rung
from armguard_tray.settings.model import ServerSettings, settings_of
from armguard_tray.ui.health_panel.sign import Sign
from armguard_tray.ui.settings_dialog import SecretState, SettingsDialog, TestResult
from armguard_tray.ui.settings_dialog.attempt import STOPPED, STOPPED_AT_LOGIN
from armguard_tray.ui.settings_dialog.server_form import ServerForm
from armguard_tray.ui.tone_label import Tone
from tests.fakes.diagnoses import CA_UNKNOWN, HEALTHY, STEPS, diagnosis
from tests.fakes.signals import Recorder, emitted, settled
from tests.ui.settings_dialog.conftest import KEYRING_NOTE, SETTINGS, FakeServer, MakeDialog

Steps = tuple[tuple[Rung, ...], ...]
TESTED_STEPS: Steps = tuple(
    first_rungs(diagnosis(facts))
    for facts in (
        STEPS[0],
        STEPS[1],
        STEPS[2],
        replace(STEPS[2], http=HEALTHY.http),
        replace(STEPS[2], http=HEALTHY.http, login=HEALTHY.login, session=HEALTHY.session),
    )
)
PLAIN_HTTP = "http://192.168.0.177:8000"


@pytest.fixture
def form(dialog: SettingsDialog) -> ServerForm:
    return dialog.server.form


def line(form: ServerForm, name: str) -> QLineEdit:
    editor = form.fields[name].editor
    assert isinstance(editor, QLineEdit)
    return editor


def retype(form: ServerForm, name: str, text: str) -> None:
    line(form, name).selectAll()
    QTest.keyClicks(line(form, name), text)


def test_every_setting_has_a_field_named_and_explained_by_its_description(form: ServerForm) -> None:
    for name, setting in settings_of(ServerSettings()):
        assert form.fields[name].setting is setting
        assert form.fields[name].editor.accessibleName() == setting.label.replace("&", "")
        assert setting.help in form.fields[name].editor.accessibleDescription()


def test_what_is_shown_is_what_was_set(form: ServerForm) -> None:
    assert form.value == SETTINGS.server
    assert not form.changed


def test_spaces_around_a_pasted_address_are_left_out(form: ServerForm) -> None:
    form.fields["address"].value = "  https://other.local \n"

    assert form.value.address == "https://other.local"


def test_an_address_copied_from_the_browser_is_trimmed_when_it_is_left(form: ServerForm) -> None:
    line(form, "address").setFocus()
    retype(form, "address", "https://other.local:8443/login/?next=/")
    assert line(form, "address").text().endswith("next=/"), "not while it is being typed"

    line(form, "username").setFocus()

    assert line(form, "address").text() == "https://other.local:8443"
    assert form.fields["address"].problem == ""


async def test_an_address_copied_from_the_browser_is_tested_as_the_server_it_names(
    form: ServerForm, server: FakeServer
) -> None:
    form.fields["address"].value = "https://other.local/login/"
    server.answer.set()
    form.attempt.button.click()

    await emitted(form.attempt.finished)

    assert server.asked[0][0].address == "https://other.local"


def test_what_is_stored_is_no_change(make_dialog: MakeDialog) -> None:
    stored = replace(SETTINGS, server=replace(SETTINGS.server, address="https://armory.local:8443/"))
    form = make_dialog(stored).server.form

    line(form, "address").setFocus()
    line(form, "username").setFocus()

    assert not form.changed


async def test_an_error_moves_no_field(form: ServerForm) -> None:
    await settled()
    before = {name: field.geometry() for name, field in form.fields.items()}

    for name, text in (("address", "ftp://x"), ("username", ""), ("ca_file", "/x"), ("time_zone", "Mars")):
        form.fields[name].value = text
    form.show_problems()
    await settled()

    assert all(form.fields[name].problem for name in ("address", "username", "ca_file", "time_zone"))
    assert {name: field.geometry() for name, field in form.fields.items()} == before


def test_the_keyboard_goes_from_top_to_bottom(make_dialog: MakeDialog) -> None:
    dialog = make_dialog(autostart=True)
    form = dialog.server.form
    line(form, "ca_file").setFocus()

    visited = []
    for _ in range(5):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        widget = dialog.focusWidget()
        visited.append(widget.text() if isinstance(widget, QAbstractButton) else widget.accessibleName())

    names = [name.replace("&", "") for name in visited]
    assert names == [
        "Browse…",
        "Server's time zone",
        "Follow who is online",
        "Start ArmGuard Tray when I log in to this desk",
        "Test",
    ]


def test_the_start_at_login_stands_in_line_with_the_other_switches(make_dialog: MakeDialog) -> None:
    dialog = make_dialog(autostart=True)
    form = dialog.server.form
    places = [
        switch.mapTo(dialog, QPoint(0, 0))
        for switch in (form.fields["presence"].editor, dialog.server.autostart)
    ]

    assert places[0].x() == places[1].x()
    assert places[1].y() < form.attempt.button.mapTo(dialog, QPoint(0, 0)).y()


def test_without_a_start_at_login_none_is_offered(dialog: SettingsDialog) -> None:
    assert not dialog.server.autostart.isVisible()


def test_an_error_stands_beside_its_field_once_it_is_left_and_goes_when_mended(form: ServerForm) -> None:
    line(form, "address").setFocus()
    retype(form, "address", "ftp://x")
    assert form.fields["address"].problem == ""

    line(form, "username").setFocus()
    assert "begins with https://" in form.fields["address"].problem
    assert "begins with https://" in line(form, "address").accessibleDescription()

    retype(form, "address", "https://x")
    assert form.fields["address"].problem == ""


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        (PLAIN_HTTP, True),
        ("http://armory.local", True),
        ("http://127.0.0.1:8000", False),
        ("http://localhost:8000", False),
        ("https://armory.local", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_consent_is_asked_for_where_others_listen(form: ServerForm, address: str, *, asked: bool) -> None:
    form.fields["address"].value = address

    assert form.fields["allow_plain_http"].isVisible() is asked


def test_without_consent_an_unencrypted_address_is_wrong(form: ServerForm) -> None:
    retype(form, "address", PLAIN_HTTP)
    assert "allow_plain_http" in form.problems()

    form.fields["allow_plain_http"].value = True
    assert form.problems() == {}


def test_consent_is_for_one_address_only(make_dialog: MakeDialog) -> None:
    settings = replace(SETTINGS, server=replace(SETTINGS.server, address=PLAIN_HTTP, allow_plain_http=True))
    form = make_dialog(settings).server.form
    assert form.problems() == {}

    retype(form, "address", "http://elsewhere.example")

    assert "allow_plain_http" in form.problems()


@pytest.mark.parametrize("state", SecretState)
def test_the_password_line_says_where_the_password_lies_and_never_holds_it(
    make_dialog: MakeDialog, state: SecretState
) -> None:
    form = make_dialog(secret=state).server.form

    assert line(form, "password").text() == ""
    assert line(form, "password").placeholderText() == state.value
    assert line(form, "password").echoMode() is QLineEdit.EchoMode.Password
    assert KEYRING_NOTE in line(form, "password").accessibleDescription()
    assert form.password is None


def test_the_stored_password_is_not_claimed_for_another_account(form: ServerForm) -> None:
    form.fields["username"].value = "cpl.santos"

    assert line(form, "password").placeholderText() != SecretState.KEYRING
    assert "if any" in line(form, "password").placeholderText()


def test_spaces_in_a_password_count(form: ServerForm) -> None:
    form.fields["password"].value = " correct horse "

    assert form.password == " correct horse "
    assert form.changed


def test_a_time_zone_is_suggested(form: ServerForm) -> None:
    completer = line(form, "time_zone").completer()
    completer.setCompletionPrefix("manil")

    assert completer.currentCompletion() == "Asia/Manila"


async def test_a_test_tries_what_stands_in_the_fields(form: ServerForm, server: FakeServer) -> None:
    form.fields["username"].value = "cpl.santos"
    form.fields["password"].value = "correct horse"
    form.attempt.button.click()
    assert "Testing" in form.attempt.outcome.text()
    server.answer.set()

    await emitted(form.attempt.finished)

    assert server.asked == [(replace(SETTINGS.server, username="cpl.santos"), "correct horse")]
    assert form.attempt.outcome.tone is Tone.GOOD
    assert "Logged in" in form.attempt.outcome.text()


async def test_a_test_ticks_the_rungs_off_one_by_one(form: ServerForm, server: FakeServer) -> None:
    server.steps = TESTED_STEPS[:3]
    form.attempt.button.click()
    await settled()

    lines = form.attempt.rungs.lines
    assert [line.sign.sign for line in lines] == [Sign.OK, Sign.OK, Sign.OK, *[Sign.PENDING] * 3]
    assert lines[1].name.text() == "TCP"
    assert lines[1].word.text() == "ok"
    assert "192.168.0.177:8443" in lines[1].evidence.text()
    assert lines[1].took.text() == "0.7 ms"
    assert lines[5].word.text() == ""


async def test_nothing_is_green_before_it_was_seen(form: ServerForm, server: FakeServer) -> None:
    assert {line.sign.sign for line in form.attempt.rungs.lines} == {Sign.PENDING}
    server.result = TestResult(ok=False, message="No.", rungs=first_rungs(diagnosis(CA_UNKNOWN)))
    server.answer.set()
    form.attempt.button.click()

    await emitted(form.attempt.finished)

    signs = [line.sign.sign for line in form.attempt.rungs.lines]
    assert signs == [Sign.OK, Sign.OK, Sign.FAILED, *[Sign.UNKNOWN] * 3]
    last = form.attempt.rungs.lines[-1]
    assert (last.word.text(), last.evidence.text()) == ("unknown", "while TLS fails")
    assert last.evidence.accessibleName() == "Session: unknown: while TLS fails"


async def test_what_is_ticked_off_moves_nothing(form: ServerForm, server: FakeServer) -> None:
    await settled()
    watched = [*form.fields.values(), form.attempt, form.attempt.rungs, form.attempt.outcome]
    before = [widget.geometry() for widget in watched]
    server.steps = TESTED_STEPS
    form.attempt.button.click()
    await settled()
    assert [widget.geometry() for widget in watched] == before

    server.answer.set()
    await emitted(form.attempt.finished)
    await settled()

    assert [widget.geometry() for widget in watched] == before


@pytest.mark.parametrize(
    ("steps", "words"), [(TESTED_STEPS[:3], STOPPED), (TESTED_STEPS[:4], STOPPED_AT_LOGIN)]
)
async def test_what_a_stopped_test_did_not_reach_is_unknown(
    form: ServerForm, server: FakeServer, steps: Steps, words: str
) -> None:
    server.steps = steps
    form.attempt.button.click()
    await settled()

    form.attempt.stop_button.click()

    assert Sign.PENDING not in [line.sign.sign for line in form.attempt.rungs.lines]
    assert form.attempt.rungs.lines[0].sign.sign is Sign.OK
    assert form.attempt.rungs.lines[4].sign.sign is Sign.UNKNOWN
    assert form.attempt.outcome.text() == words


async def test_what_there_is_to_copy_stands_under_the_outcome(form: ServerForm, server: FakeServer) -> None:
    assert not form.attempt.snippet.isVisible()
    server.result = TestResult(ok=False, message="Unknown host.", copy="nslookup armory.local")
    server.answer.set()
    form.attempt.button.click()
    await emitted(form.attempt.finished)

    form.attempt.copy_button.click()

    assert QGuiApplication.clipboard().text() == "nslookup armory.local"
    form.fields["username"].value = "cpl.santos"
    assert not form.attempt.snippet.isVisible()
    assert {line.sign.sign for line in form.attempt.rungs.lines} == {Sign.PENDING}


async def test_in_a_small_window_the_outcome_is_scrolled_to(
    dialog: SettingsDialog, server: FakeServer
) -> None:
    dialog.resize(520, 400)
    await settled()
    server.answer.set()
    dialog.server.form.attempt.button.click()

    await emitted(dialog.server.form.attempt.finished)
    await settled()

    outcome, view = dialog.server.form.attempt.outcome, dialog.server.viewport()
    assert view.rect().contains(outcome.mapTo(view, QPoint(0, outcome.fontMetrics().height())))
    assert dialog.size().height() == 400


async def test_a_failed_test_says_what_to_do(form: ServerForm, server: FakeServer) -> None:
    server.result = TestResult(ok=False, message="The password was <b>refused</b>.", remedy="Enter it again.")
    server.answer.set()
    form.attempt.button.click()

    await emitted(form.attempt.finished)

    assert form.attempt.outcome.text() == "⚠ The password was <b>refused</b>. Enter it again."
    assert form.attempt.outcome.textFormat() is Qt.TextFormat.PlainText


async def test_what_the_server_refuses_stands_beside_its_field_too(
    form: ServerForm, server: FakeServer
) -> None:
    server.result = TestResult(ok=False, message="User name or password refused.", need=Need.LOGIN)
    server.answer.set()
    form.attempt.button.click()
    await emitted(form.attempt.finished)
    line(form, "password").setFocus()
    line(form, "username").setFocus()
    assert form.fields["password"].problem == "User name or password refused."

    QTest.keyClicks(line(form, "username"), "x")

    assert form.fields["password"].problem == ""


async def test_beside_the_field_stands_the_shorter_sentence(form: ServerForm, server: FakeServer) -> None:
    server.result = TestResult(
        ok=False, message="A long sentence.", need=Need.CERTIFICATE, beside="A short one."
    )
    server.answer.set()
    form.attempt.button.click()
    await emitted(form.attempt.finished)

    assert form.fields["ca_file"].problem == "A short one."
    assert "A long sentence." in form.attempt.outcome.text()


async def test_a_double_click_tests_once(form: ServerForm, server: FakeServer) -> None:
    QTest.mouseClick(form.attempt.button, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(form.attempt.button, Qt.MouseButton.LeftButton)
    await settled()
    server.answer.set()

    await emitted(form.attempt.finished)

    assert len(server.asked) == 1


async def test_a_test_can_be_stopped_and_run_again(form: ServerForm, server: FakeServer) -> None:
    form.attempt.button.click()
    await settled()

    form.attempt.stop_button.click()
    await settled()

    assert server.cancelled == 1
    assert form.attempt.outcome.text() == "Stopped."
    server.answer.set()
    form.attempt.button.click()
    await emitted(form.attempt.finished)
    assert form.attempt.outcome.tone is Tone.GOOD


async def test_an_edit_takes_back_what_a_test_said(form: ServerForm, server: FakeServer) -> None:
    server.answer.set()
    form.attempt.button.click()
    await emitted(form.attempt.finished)

    form.fields["username"].value = "cpl.santos"

    assert form.attempt.outcome.text() == ""


async def test_wrong_fields_are_not_tested(form: ServerForm, server: FakeServer) -> None:
    form.fields["address"].value = "armory.local"

    form.attempt.button.click()
    await settled()

    assert server.asked == []
    assert form.fields["address"].problem


async def test_a_test_that_breaks_is_logged_and_said(
    make_dialog: MakeDialog, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> TestResult:
        await asyncio.sleep(0)
        raise RuntimeError("a bug")

    form = make_dialog(tester=broken).server.form
    form.attempt.button.click()
    await settled()

    assert form.attempt.outcome.tone is Tone.PROBLEM
    assert "the log" in form.attempt.outcome.text()
    assert form.attempt.button.isEnabled()
    assert "a bug" in caplog.text


async def test_closing_the_dialog_ends_a_test(dialog: SettingsDialog, server: FakeServer) -> None:
    dialog.server.form.attempt.button.click()
    await settled()
    closed = Recorder(dialog.finished)

    dialog.reject()
    await settled()

    assert server.cancelled == 1
    assert len(closed.calls) == 1


def test_presence_is_a_check_box(form: ServerForm) -> None:
    assert isinstance(form.fields["presence"].editor, QCheckBox)
