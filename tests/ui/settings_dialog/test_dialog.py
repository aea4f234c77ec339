"""The settings dialog as a whole: pages, marks, *Save* and *Cancel*."""

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from armguard_tray.settings.model import NotificationSettings, Settings, settings_of
from armguard_tray.ui.settings_dialog import SettingsDialog, Surroundings
from armguard_tray.ui.settings_pages import PageName
from tests.fakes.signals import Recorder, settled
from tests.fakes.stream_health import NOW, broken, healthy, locked_out
from tests.ui.settings_dialog.conftest import PATHS, SETTINGS, MakeDialog


def page_list(dialog: SettingsDialog) -> QListWidget:
    found = dialog.findChild(QListWidget)
    assert found is not None
    return found


def titles(dialog: SettingsDialog) -> list[str]:
    return [page_list(dialog).item(index).text() for index in range(page_list(dialog).count())]


def shown_page(dialog: SettingsDialog) -> QWidget:
    stack = dialog.findChild(QStackedWidget)
    assert stack is not None
    page = stack.currentWidget()
    assert page is not None
    return page


def test_the_pages_stand_in_a_list(dialog: SettingsDialog) -> None:
    assert titles(dialog) == ["Server", "Notifications", "Connection", "Redis", "Shifts", "Journal", "About"]


@pytest.mark.parametrize("page", PageName)
async def test_a_page_can_be_asked_for(dialog: SettingsDialog, page: PageName) -> None:
    dialog.show_page(page)

    assert shown_page(dialog) is dialog.pages[page]


def test_the_pages_are_reached_by_keyboard(dialog: SettingsDialog) -> None:
    page_list(dialog).setFocus()

    QTest.keyClick(page_list(dialog), Qt.Key.Key_Down)

    assert shown_page(dialog) is dialog.notifications


def test_a_changed_page_is_marked_for_eye_and_ear_until_the_change_is_undone(dialog: SettingsDialog) -> None:
    item = page_list(dialog).item(PageName.NOTIFICATIONS)

    dialog.notifications.form.fields["issued"].value = False
    assert item.text() == "Notifications •"
    assert item.data(Qt.ItemDataRole.AccessibleTextRole) == "Notifications, changed"

    dialog.notifications.form.fields["issued"].value = True
    assert item.text() == "Notifications"


def test_save_hands_over_the_settings_and_the_password(dialog: SettingsDialog) -> None:
    saved = Recorder(dialog.saved)
    dialog.server.form.fields["username"].value = "cpl.santos"
    dialog.server.form.fields["password"].value = "correct horse"
    dialog.notifications.form.fields["minimum_level"].value = "warning"
    dialog.notifications.form.fields["burst"].value = 7
    dialog.redis.form.fields["address"].value = ""

    dialog.accept()

    settings, password = saved.calls[0]
    assert settings == Settings(
        server=replace(SETTINGS.server, username="cpl.santos"),
        notifications=NotificationSettings(minimum_level="warning", burst=7),
        redis=replace(SETTINGS.redis, address=""),
    )
    assert password == "correct horse"
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_a_password_that_was_not_typed_is_left_as_it_is(dialog: SettingsDialog) -> None:
    saved = Recorder(dialog.saved)
    dialog.server.form.fields["presence"].value = True

    dialog.accept()

    assert saved.calls[0][1] is None


def test_save_without_a_change_saves_nothing(dialog: SettingsDialog) -> None:
    saved = Recorder(dialog.saved)

    dialog.accept()

    assert saved.calls == []
    assert not dialog.isVisible()


def question(dialog: SettingsDialog) -> QMessageBox:
    found = dialog.findChild(QMessageBox)
    assert found is not None
    return found


def press(box: QMessageBox, text: str) -> None:
    next(button for button in box.buttons() if button.text().replace("&", "") == text).click()


def test_cancel_asks_before_it_throws_a_change_away(dialog: SettingsDialog) -> None:
    saved = Recorder(dialog.saved)
    dialog.server.form.fields["username"].value = "cpl.santos"

    dialog.reject()
    assert dialog.isVisible()
    assert question(dialog).text() == "Discard changes?"
    assert "Server" in question(dialog).informativeText()
    press(question(dialog), "Discard")

    assert not dialog.isVisible()
    assert saved.calls == []


def test_escape_keeps_what_was_changed_until_the_user_says_so(dialog: SettingsDialog) -> None:
    dialog.server.form.fields["username"].value = "cpl.santos"

    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    QTest.keyClick(question(dialog), Qt.Key.Key_Escape)

    assert dialog.isVisible()
    assert dialog.server.form.value.username == "cpl.santos"


def test_a_program_that_ends_asks_nothing(dialog: SettingsDialog) -> None:
    dialog.server.form.fields["username"].value = "cpl.santos"

    dialog.done(QDialog.DialogCode.Rejected)

    assert not dialog.isVisible()


def test_what_only_the_user_can_mend_stands_beside_its_field(dialog: SettingsDialog) -> None:
    password = dialog.server.form.fields["password"]

    dialog.show_health(locked_out())
    assert password.problem.startswith("User name or password refused. Enter the right one")

    dialog.show_health(healthy())
    assert password.problem == ""


def test_what_was_refused_is_not_held_against_what_is_typed_now(dialog: SettingsDialog) -> None:
    password = dialog.server.form.fields["password"]
    dialog.show_health(locked_out())

    password.value = "another one"
    dialog.show_health(locked_out())

    assert password.problem == ""


def test_the_connection_page_names_server_and_account(dialog: SettingsDialog) -> None:
    assert dialog.connection.panel.account.text() == "armory.local:8443 · as sgt.reyes"


@pytest.mark.parametrize("page", PageName)
async def test_a_page_with_room_to_spare_has_no_scroll_bar(make_dialog: MakeDialog, page: PageName) -> None:
    dialog = make_dialog(
        secret_note="Kept for this run only: this system has no keyring. " * 3, autostart=True
    )
    dialog.show_health(broken())
    dialog.server.form.fields["address"].value = "http://192.168.0.177:8000"
    dialog.server.form.fields["time_zone"].value = "Manila"
    dialog.server.form.show_problems()
    dialog.resize(740, 960)
    dialog.show_page(page)

    await settled()

    assert not dialog.pages[page].verticalScrollBar().isVisible()


def test_nothing_is_saved_while_anything_is_wrong(dialog: SettingsDialog) -> None:
    saved = Recorder(dialog.saved)
    dialog.notifications.form.fields["issued"].value = False
    dialog.redis.form.fields["address"].value = "http://127.0.0.1"
    dialog.show_page(PageName.ABOUT)

    dialog.accept()

    assert saved.calls == []
    assert dialog.isVisible()
    assert shown_page(dialog) is dialog.redis
    assert "redis://" in dialog.redis.form.fields["address"].problem


def test_the_first_wrong_field_gets_the_focus(dialog: SettingsDialog) -> None:
    dialog.activateWindow()
    dialog.server.form.fields["time_zone"].value = "Manila"
    dialog.show_page(PageName.ABOUT)

    dialog.accept()

    assert dialog.focusWidget() is dialog.server.form.fields["time_zone"].editor


def test_enter_saves_and_escape_cancels(make_dialog: MakeDialog) -> None:
    dialog = make_dialog()
    saved = Recorder(dialog.saved)
    dialog.server.form.fields["username"].value = "cpl.santos"
    QTest.keyClick(dialog.server.form.fields["username"].editor, Qt.Key.Key_Return)
    assert len(saved.calls) == 1

    dialog = make_dialog()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_save_is_the_default_button(dialog: SettingsDialog) -> None:
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None

    assert box.button(QDialogButtonBox.StandardButton.Save).isDefault()


async def test_everything_that_takes_the_focus_has_a_name(dialog: SettingsDialog) -> None:
    for page in PageName:
        dialog.show_page(page)
        for widget in shown_page(dialog).findChildren(QWidget):
            tabbed = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not widget.focusProxy()
            if tabbed and widget.isVisible():
                text = widget.text() if isinstance(widget, QAbstractButton) else ""
                assert widget.accessibleName() or text, widget


@pytest.mark.parametrize("page", PageName)
async def test_access_keys_on_a_page_are_unambiguous(dialog: SettingsDialog, page: PageName) -> None:
    dialog.show_page(page)
    body = shown_page(dialog)
    labels = [label.text() for label in body.findChildren(QLabel) if label.isVisible() and label.buddy()]
    buttons = [button.text() for button in body.findChildren(QAbstractButton) if button.isVisible()]

    keys = [text[text.index("&") + 1].lower() for text in labels + buttons if "&" in text]

    assert len(keys) == len(set(keys)), keys


def test_all_labels_show_plain_text_only(dialog: SettingsDialog) -> None:
    dialog.show_health(healthy())
    named = [label for label in dialog.findChildren(QLabel) if not label.buddy() and label.text()]
    titles = {page.title for page in dialog.pages} | {"Transactions", "Inventory"}

    for label in named:
        assert label.text() in titles or label.textFormat() is Qt.TextFormat.PlainText, label.text()


def test_every_notification_setting_has_a_field(dialog: SettingsDialog) -> None:
    assert set(dialog.notifications.form.fields) == {name for name, _ in settings_of(NotificationSettings())}


def test_saving_keeps_a_pause_that_began_meanwhile(dialog: SettingsDialog) -> None:
    saved = Recorder(dialog.saved)
    dialog.notifications.form.fields["issued"].value = False

    dialog.show_pause(NOW + timedelta(hours=1))
    dialog.accept()

    assert saved.last.notifications.paused_until == NOW + timedelta(hours=1)


def test_a_pause_is_said_and_can_be_ended_at_once(dialog: SettingsDialog) -> None:
    resume = Recorder(dialog.resume)
    dialog.show_page(PageName.NOTIFICATIONS)
    assert dialog.notifications.pause.text() == "Toasts are not paused."
    assert not dialog.notifications.resume_button.isVisible()

    dialog.show_pause(NOW + timedelta(hours=1))
    assert dialog.notifications.pause.text() == "Toasts paused until 12:26."
    dialog.notifications.resume_button.click()

    assert len(resume.calls) == 1


def test_a_test_notification_can_be_asked_for(dialog: SettingsDialog) -> None:
    asked = Recorder(dialog.test_notification)

    dialog.notifications.test_button.click()

    assert len(asked.calls) == 1
    assert "xfce4-notifyd" in dialog.notifications.adapter.text()


def test_reconnect_is_passed_on(dialog: SettingsDialog) -> None:
    asked = Recorder(dialog.reconnect)

    dialog.connection.panel.reconnect_button.click()

    assert len(asked.calls) == 1


def test_about_tells_versions_and_places_that_can_be_copied(dialog: SettingsDialog) -> None:
    labels = {label.accessibleName(): label for label in dialog.pages[PageName.ABOUT].findChildren(QLabel)}

    assert labels["Journal"].text() == str(PATHS.journal_file)
    assert labels["Log"].text() == str(PATHS.log_file)
    for name in ("Version", "Python", "Qt", "Journal", "Log", "Licence"):
        assert labels[name].text()
        assert labels[name].textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard


def test_its_size_is_remembered(make_dialog: MakeDialog) -> None:
    dialog = make_dialog()
    dialog.resize(700, 600)
    dialog.reject()

    assert make_dialog().size() == dialog.size()


def test_a_damaged_size_is_ignored(make_dialog: MakeDialog, around: Surroundings) -> None:
    around.store.setValue("settings_dialog/geometry", "nonsense")

    assert make_dialog().isVisible()


def test_a_push_button_never_wins_over_save(dialog: SettingsDialog) -> None:
    default = [button for button in dialog.findChildren(QPushButton) if button.isDefault()]

    assert [button.text().replace("&", "") for button in default] == ["Save"]
