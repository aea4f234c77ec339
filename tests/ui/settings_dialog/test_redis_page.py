"""The Redis page: when it looks, and what the user can do there."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton

from armguard_tray.checkup.redis_source import AT_MOST_EVERY, RedisAsked
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.settings.model import RedisSettings
from armguard_tray.ui.health_panel.copy_button import COPIED, COPY
from armguard_tray.ui.health_panel.sign import Sign
from armguard_tray.ui.settings_dialog import SecretState, SettingsDialog
from armguard_tray.ui.settings_dialog.redis_page import EDITED, RedisPage
from armguard_tray.ui.settings_dialog.redis_views import LOOKING, PROVING
from armguard_tray.ui.settings_dialog.redis_words import CHANGED, FALLBACK, NOT_PROVEN, PROVEN
from armguard_tray.ui.settings_pages import PageName
from tests.fakes import redis_seen
from tests.fakes.redis_seen import ASKS_FOR_A_PASSWORD, FOUND_BY_ITSELF, SAYS_MEMORY, WELL, of_app
from tests.fakes.redis_seen import NOT_PROVEN as UNPROVEN
from tests.fakes.signals import Recorder, settled
from tests.fakes.stream_health import NOW, healthy
from tests.ui.settings_dialog.conftest import FakeRedis, MakeDialog

SAVED = RedisAsked(RedisSettings())
OTHER = "redis://armory.local:6379/1"


async def shown(dialog: SettingsDialog) -> RedisPage:
    dialog.show_page(PageName.REDIS)
    await settled()
    return dialog.redis


@pytest.fixture
def page(dialog: SettingsDialog) -> RedisPage:
    return dialog.redis


def placeholder(page: RedisPage) -> str:
    editor = page.form.fields["password"].editor
    assert isinstance(editor, QLineEdit)
    return editor.placeholderText()


# When it looks


async def test_it_looks_once_it_is_seen_and_not_before(dialog: SettingsDialog, redis: FakeRedis) -> None:
    await settled()
    assert redis.asked == []

    page = await shown(dialog)

    assert redis.asked == [SAVED]
    assert page.found.sentence.accessibleName() == (
        "Redis 7.0.15 answers at 127.0.0.1:6379 (the address of the settings, as of 11:26:38)."
    )
    assert page.found.rows["Version"].text() == "Redis 7.0.15"
    assert page.answer.sentence.text() == NOT_PROVEN


async def test_it_says_that_it_looks(dialog: SettingsDialog, redis: FakeRedis) -> None:
    redis.answer.clear()

    page = await shown(dialog)

    assert page.found.sentence.text() == LOOKING
    assert page.found.sign.sign is Sign.PENDING
    assert not page.look_button.isEnabled()


async def test_while_it_is_seen_it_looks_again_every_ten_seconds(
    dialog: SettingsDialog, redis: FakeRedis
) -> None:
    page = await shown(dialog)
    timer = page.looker._timer
    assert timer.isActive()
    assert timer.interval() >= AT_MOST_EVERY * 1000

    timer.timeout.emit()
    await settled()

    assert redis.asked == [SAVED, SAVED]
    assert redis.anew == [False, False], "a refused password is not sent again by itself"


async def test_a_look_that_takes_long_is_not_joined_by_another(
    dialog: SettingsDialog, redis: FakeRedis
) -> None:
    redis.answer.clear()
    page = await shown(dialog)

    page.looker._timer.timeout.emit()
    await settled()

    assert len(redis.asked) == 1


async def test_hidden_it_does_nothing_and_ends_what_is_under_way(
    dialog: SettingsDialog, redis: FakeRedis
) -> None:
    page = await shown(dialog)
    redis.answer.clear()
    page.answer.prove_button.click()
    page.looker._timer.timeout.emit()
    await settled()

    dialog.show_page(PageName.ABOUT)
    await settled()

    assert redis.cancelled == 2
    assert not page.looker._timer.isActive()
    assert not page.looker.is_looking
    assert not page.looker.is_proving


async def test_it_ends_with_the_dialog(dialog: SettingsDialog, redis: FakeRedis) -> None:
    redis.answer.clear()
    page = await shown(dialog)

    dialog.reject()
    await settled()

    assert redis.cancelled == 1
    assert not page.looker._timer.isActive()


async def test_a_look_that_breaks_down_is_said_and_tried_again(
    dialog: SettingsDialog, redis: FakeRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(redis, "look", broken)
    page = await shown(dialog)
    assert "unforeseen" in page.answer.progress.text()

    monkeypatch.undo()
    page.looker._timer.timeout.emit()
    await settled()

    assert page.answer.progress.text() == ""
    assert redis.asked == [SAVED]


# The proof


async def test_prove_it_now(dialog: SettingsDialog, redis: FakeRedis) -> None:
    page = await shown(dialog)
    redis.answer.clear()

    page.answer.prove_button.click()
    await settled()
    assert page.answer.progress.text() == PROVING
    assert not page.answer.prove_button.isEnabled()

    redis.answer.set()
    await settled()
    assert (page.answer.sentence.text(), page.answer.sign.sign) == (PROVEN, Sign.OK)
    assert page.answer.progress.text() == ""

    redis.proven = UNPROVEN
    page.answer.prove_button.click()
    await settled()
    assert page.answer.sentence.text() == NOT_PROVEN
    reasons = [label.text() for label in page.answer.reasons if label.text()]
    assert len(reasons) == len(set(reasons)) == 4
    assert redis.proofs == [SAVED, SAVED]


async def test_there_is_nothing_to_prove_where_there_is_nowhere_to_look(
    dialog: SettingsDialog, redis: FakeRedis
) -> None:
    redis.found = redis_seen.NOT_LOOKED

    page = await shown(dialog)

    assert not page.answer.prove_button.isEnabled()


async def test_in_memory_is_said_when_the_server_says_it(dialog: SettingsDialog, redis: FakeRedis) -> None:
    page = await shown(dialog)
    redis.known[SAVED] = SAYS_MEMORY

    dialog.show_health(healthy())

    assert page.answer.sentence.text() == FALLBACK
    assert not page.causes.isHidden()
    assert "start Redis" in page.causes.boxes[0].remedy.text()


async def test_when_the_server_says_something_else_it_looks_again_and_calls_the_last_look_old(
    dialog: SettingsDialog, redis: FakeRedis
) -> None:
    redis.found = SAYS_MEMORY
    page = await shown(dialog)
    assert page.found.note.text() == ""
    joined = of_app(SAYS_MEMORY, LiveApp("1.2", layer="redis", why="It answers."))
    redis.known[SAVED] = joined
    redis.found = replace(joined, facts=replace(joined.facts, redis=WELL), at=NOW)

    redis.answer.clear()
    dialog.show_health(healthy())
    assert page.found.note.text() == CHANGED
    assert not page.look_button.isEnabled(), "it looks"

    redis.answer.set()
    await settled()
    assert redis.asked == [SAVED, SAVED]
    assert page.found.note.text() == ""
    assert "answers at" in page.found.sentence.text()
    assert page.causes.isHidden()


async def test_as_long_as_the_server_says_the_same_it_does_not_look_more_often(
    dialog: SettingsDialog, redis: FakeRedis
) -> None:
    redis.found = SAYS_MEMORY
    await shown(dialog)

    dialog.show_health(healthy())
    await settled()

    assert redis.asked == [SAVED]


# Where to look


async def test_what_is_half_typed_is_not_looked_at(dialog: SettingsDialog, redis: FakeRedis) -> None:
    page = await shown(dialog)

    page.form.fields["address"].value = OTHER
    await settled()

    assert len(redis.asked) == 1
    assert not page.looker._timer.isActive()
    assert page.state.text() == EDITED
    assert not page.answer.prove_button.isEnabled()
    assert page.changed


async def test_look_now_looks_at_what_stands_in_the_fields(dialog: SettingsDialog, redis: FakeRedis) -> None:
    page = await shown(dialog)
    page.form.fields["address"].value = OTHER
    page.form.fields["password"].value = " secret "

    page.look_button.click()
    await settled()

    assert redis.asked[-1] == RedisAsked(RedisSettings(address=OTHER), " secret ")
    assert redis.anew[-1]
    assert page.state.text() == ""
    assert page.answer.prove_button.isEnabled()


async def test_back_to_what_it_was_it_looks_there_again(dialog: SettingsDialog, redis: FakeRedis) -> None:
    page = await shown(dialog)
    page.form.fields["prefix"].value = "asgi"

    page.form.fields["prefix"].value = ""
    dialog.show_page(PageName.ABOUT)
    await shown(dialog)

    assert redis.asked == [SAVED, SAVED]


@pytest.mark.parametrize("address", ["", "http://127.0.0.1", "redis://127.0.0.1/x"])
async def test_where_there_is_no_address_there_is_no_look(
    dialog: SettingsDialog, redis: FakeRedis, address: str
) -> None:
    page = await shown(dialog)
    page.form.fields["address"].value = address

    page.look_button.click()
    await settled()

    assert len(redis.asked) == 1
    assert page.form.fields["address"].problem


async def test_a_redis_that_was_found_by_itself_can_be_kept(dialog: SettingsDialog, redis: FakeRedis) -> None:
    redis.found = FOUND_BY_ITSELF
    page = await shown(dialog)
    assert not page.found.use_button.isHidden()

    page.found.use_button.click()

    assert page.form.value.address == FOUND_BY_ITSELF.address
    assert page.found.use_button.isHidden()


async def test_a_redis_that_was_named_need_not_be(dialog: SettingsDialog) -> None:
    page = await shown(dialog)

    assert page.found.use_button.isHidden()


# The password


async def test_a_password_is_saved_for_the_redis_it_was_entered_for(dialog: SettingsDialog) -> None:
    page = await shown(dialog)
    saved, kept = Recorder(dialog.saved), Recorder(dialog.redis_password)
    page.form.fields["address"].value = OTHER
    page.form.fields["password"].value = "secret"

    dialog.accept()

    assert kept.calls == [(RedisSettings(address=OTHER), "secret")]
    settings, password = saved.calls[0]
    assert settings.redis == RedisSettings(address=OTHER)
    assert password is None, "that is the server's"
    assert "secret" not in repr(settings)


async def test_without_a_password_the_stored_one_stays(dialog: SettingsDialog) -> None:
    page = await shown(dialog)
    kept = Recorder(dialog.redis_password)
    page.form.fields["address"].value = OTHER

    dialog.accept()

    assert kept.calls == []


async def test_where_it_lies_and_goes_is_said_and_it_can_be_forgotten(make_dialog: MakeDialog) -> None:
    dialog = make_dialog(redis_secret=SecretState.KEYRING)
    page = await shown(dialog)
    kept = Recorder(dialog.redis_password)
    assert placeholder(page) == "stored in the system keyring"
    assert "Goes to the system keyring" in page.form.fields["password"].setting.help

    page.forget_button.click()
    assert placeholder(page) == "to be forgotten with Save"
    assert page.changed

    dialog.accept()
    assert kept.calls == [(RedisSettings(), "")]


async def test_where_there_is_none_there_is_none_to_forget(dialog: SettingsDialog) -> None:
    page = await shown(dialog)

    assert placeholder(page) == "none"
    assert page.forget_button.isHidden()


async def test_one_that_is_entered_instead_is_not_forgotten(make_dialog: MakeDialog) -> None:
    page = await shown(make_dialog(redis_secret=SecretState.KEYRING))

    page.forget_button.click()
    page.form.fields["password"].value = "another"

    assert page.password == "another"


async def test_the_password_shows_dots(page: RedisPage) -> None:
    editor = page.form.fields["password"].editor

    assert isinstance(editor, QLineEdit)
    assert editor.echoMode() is QLineEdit.EchoMode.Password


# All of it


async def test_the_options_open_and_have_something_to_copy(dialog: SettingsDialog) -> None:
    page = await shown(dialog)
    fold = page.options[0]
    assert fold.content.isHidden()

    fold.button.click()
    assert not fold.content.isHidden()
    fold.boxes[1].button.click()

    assert "socket_timeout" in QGuiApplication.clipboard().text()
    button = fold.boxes[1].button
    assert (button.text(), button.timer.isActive()) == (COPIED, True)
    assert button.accessibleName().startswith("Copied: "), "it is heard, too"

    button.timer.timeout.emit()

    assert (button.text(), button.timer.isActive()) == (COPY, False)
    assert button.accessibleName().startswith("Copy: ")


async def test_the_account_is_for_the_redis_that_was_found(dialog: SettingsDialog, redis: FakeRedis) -> None:
    page = await shown(dialog)
    assert "%R~*:group:*" in page.account.boxes[0].snippet.toPlainText()

    redis.found = ASKS_FOR_A_PASSWORD
    page.looker._timer.timeout.emit()
    await settled()

    assert "%R~*:group:*" in page.account.boxes[0].snippet.toPlainText(), "the version is not known now"


async def test_every_word_is_plain_text_and_every_control_has_a_name(
    dialog: SettingsDialog, redis: FakeRedis
) -> None:
    redis.found = redis_seen.AILING
    page = await shown(dialog)

    for part in (page.found, page.answer, page.causes, page.account):
        labels = [label for label in part.findChildren(QLabel) if label.text()]
        assert labels
        assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)
    buttons = [*page.findChildren(QPushButton), *page.findChildren(QToolButton)]
    assert all(button.accessibleName() or button.text() for button in buttons)
    assert page.found.bar.accessibleName() == "Memory: 98% of its limit"


@pytest.mark.parametrize("width", [520, 740])
async def test_all_of_it_fits_into_any_width(dialog: SettingsDialog, redis: FakeRedis, width: int) -> None:
    redis.found = redis_seen.AILING
    dialog.resize(width, 600)
    page = await shown(dialog)

    content = page.widget()
    assert content is not None
    assert content.width() <= page.viewport().width()
    assert page.horizontalScrollBar().maximum() == 0
