"""A CA file of Redis gets into use through the dialog as one of the server does: seen, and trusted."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from armguard_tray.checkup.redis_source import RedisAsked
from armguard_tray.connection.ca_file import read_ca_file
from armguard_tray.settings.model import RedisSettings, Settings
from armguard_tray.ui.settings_dialog import SettingsDialog
from armguard_tray.ui.settings_dialog.ca_field import CaField
from armguard_tray.ui.settings_dialog.ca_question import IN_LOOK, REDIS, SERVER, WITH_THE_REST
from armguard_tray.ui.settings_pages import PageName
from armguard_tray.ui.tone_label import ToneLabel
from tests.fakes.ca_files import write_ca
from tests.fakes.signals import Recorder, emitted, settled
from tests.ui.settings_dialog.conftest import SETTINGS, FakeRedis, FakeServer, MakeDialog
from tests.ui.settings_dialog.test_ca_trust import asked, browse, questions
from tests.ui.settings_dialog.test_ca_trust import field_of as field_of_server
from tests.ui.settings_dialog.test_dialog import shown_page
from tests.ui.settings_dialog.test_redis_page import SAVED, shown


def field_of(dialog: SettingsDialog) -> CaField:
    return dialog.redis.form.ca_file


def with_file(file: Path) -> Settings:
    """Return saved settings with a CA file of Redis."""
    return replace(SETTINGS, redis=RedisSettings(ca_file=str(file)))


def is_in_sight(field: CaField) -> bool:
    """Return whether all of a field can be seen."""
    return field.isVisible() and field.visibleRegion().boundingRect() == field.rect()


async def looked(dialog: SettingsDialog, redis: FakeRedis, times: int) -> None:
    """Wait until the page has looked so often."""
    while len(redis.asked) < times or dialog.redis.looker.is_looking:
        await settled()


async def save_trusted(dialog: SettingsDialog, file: Path) -> None:
    """Type `file`, save, and trust it."""
    field_of(dialog).value = str(file)
    dialog.accept()
    (await asked(dialog)).trust_button.click()
    await emitted(dialog.saved)


# Chosen


async def test_a_chosen_file_is_shown_at_once_and_entered_when_it_is_trusted(
    dialog: SettingsDialog, ca_file: Path
) -> None:
    browse(dialog.redis, ca_file)
    question = await asked(dialog)
    shown_text = question.certificates.toPlainText()
    assert "mkcert armory" in shown_text
    fingerprint = ":".join(line.strip() for line in shown_text.splitlines()[3:])
    assert fingerprint == read_ca_file(ca_file)[0].fingerprint
    assert field_of(dialog).value == ""

    question.trust_button.click()
    await emitted(field_of(dialog).edited)

    assert field_of(dialog).value == str(ca_file)
    assert field_of_server(dialog).value == ""


async def test_the_question_is_about_redis(dialog: SettingsDialog, ca_file: Path) -> None:
    browse(dialog.redis, ca_file)
    words = " ".join(label.text() for label in (await asked(dialog)).findChildren(ToneLabel))

    assert "can pass for Redis" in words
    assert "can pass for the server" not in words


async def test_to_cancel_keeps_the_file_that_was_there(dialog: SettingsDialog, tmp_path: Path) -> None:
    first, second = write_ca(tmp_path / "first.pem"), write_ca(tmp_path / "second.pem")
    browse(dialog.redis, first)
    (await asked(dialog)).trust_button.click()
    await emitted(field_of(dialog).edited)

    browse(dialog.redis, second)
    (await asked(dialog)).reject()
    await settled()

    assert field_of(dialog).value == str(first)
    assert field_of(dialog).problem == ""


async def test_a_chosen_file_without_a_certificate_is_said_beside_the_field(
    dialog: SettingsDialog, no_ca: Path
) -> None:
    browse(dialog.redis, no_ca)
    await emitted(field_of(dialog).refused)

    assert "holiday.pem: The file holds no certificate" in field_of(dialog).problem
    assert field_of(dialog).value == ""
    assert questions(dialog) == []


# Typed, and looked with


async def test_a_typed_file_is_asked_about_before_anything_is_looked_at_with_it(
    dialog: SettingsDialog, redis: FakeRedis, ca_file: Path
) -> None:
    page = await shown(dialog)
    field_of(dialog).value = str(ca_file)
    page.look_button.click()
    question = await asked(dialog)
    assert redis.asked == [SAVED]
    assert IN_LOOK in [label.text() for label in question.findChildren(ToneLabel)]

    question.trust_button.click()
    await looked(dialog, redis, 2)
    page.look_button.click()
    await looked(dialog, redis, 3)
    dialog.accept()
    await emitted(dialog.saved)

    assert [each.settings.ca_file for each in redis.asked] == ["", str(ca_file), str(ca_file)]
    assert redis.anew == [False, True, True]
    assert questions(dialog) == [], "neither by the next look nor by Save"


async def test_a_typed_file_that_is_not_trusted_is_neither_looked_at_with_nor_kept(
    dialog: SettingsDialog, redis: FakeRedis, ca_file: Path
) -> None:
    page = await shown(dialog)
    field_of(dialog).value = str(ca_file)
    page.look_button.click()

    (await asked(dialog)).reject()
    await settled()

    assert redis.asked == [SAVED]
    assert field_of(dialog).value == ""
    assert "rootCA.pem is not trusted" in field_of(dialog).problem
    assert page.look_button.isEnabled()


async def test_why_a_file_is_not_used_stands_there_until_another_one_is_entered(
    dialog: SettingsDialog, ca_file: Path
) -> None:
    page = await shown(dialog)
    field_of(dialog).value = str(ca_file)
    page.look_button.click()
    (await asked(dialog)).reject()
    await settled()

    field_of(dialog).editor.editingFinished.emit()  # as when the user goes on to another field
    assert "not trusted" in field_of(dialog).problem

    field_of(dialog).value = str(ca_file)
    assert field_of(dialog).problem == ""


async def test_a_page_that_is_left_asks_and_looks_no_more(
    dialog: SettingsDialog, redis: FakeRedis, ca_file: Path
) -> None:
    page = await shown(dialog)
    field_of(dialog).value = str(ca_file)
    page.look_button.click()
    await asked(dialog)

    dialog.show_page(PageName.ABOUT)
    await settled()

    assert questions(dialog) == []
    assert redis.asked == [SAVED]
    assert field_of(dialog).value == str(ca_file)


async def test_an_edit_while_it_is_asked_about_looks_at_nothing(
    dialog: SettingsDialog, redis: FakeRedis, ca_file: Path
) -> None:
    page = await shown(dialog)
    field_of(dialog).value = str(ca_file)
    page.look_button.click()
    await asked(dialog)

    page.form.fields["prefix"].value = "asgi"
    await settled()

    assert questions(dialog) == []
    assert redis.asked == [SAVED]


# Saved


async def test_a_typed_file_is_asked_about_before_it_is_saved(dialog: SettingsDialog, ca_file: Path) -> None:
    saved = Recorder(dialog.saved)
    field_of(dialog).value = str(ca_file)
    dialog.show_page(PageName.NOTIFICATIONS)
    dialog.accept()
    question = await asked(dialog)
    assert saved.calls == []
    assert WITH_THE_REST in [label.text() for label in question.findChildren(ToneLabel)]

    question.trust_button.click()
    await emitted(dialog.saved)

    assert saved.calls[0][0].redis.ca_file == str(ca_file)
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
    assert shown_page(dialog) is dialog.redis
    assert field_of(dialog).value == ""
    assert "not trusted" in field_of(dialog).problem


async def test_why_it_is_not_saved_stays_in_sight_while_the_page_grows(
    dialog: SettingsDialog, redis: FakeRedis, ca_file: Path
) -> None:
    redis.answer.clear()
    field_of(dialog).value = str(ca_file)
    dialog.accept()
    (await asked(dialog)).reject()
    while not is_in_sight(field_of(dialog)):
        await settled()
    grown = Recorder(dialog.redis.verticalScrollBar().rangeChanged)

    redis.answer.set()
    await looked(dialog, redis, 1)
    while not (grown.calls and is_in_sight(field_of(dialog))):
        await settled()


async def test_a_file_that_cannot_be_used_is_not_saved(dialog: SettingsDialog, no_ca: Path) -> None:
    saved = Recorder(dialog.saved)
    field_of(dialog).value = str(no_ca)
    dialog.accept()
    await emitted(dialog.redis.form.ca_refused)

    assert shown_page(dialog) is dialog.redis
    assert "no certificate" in field_of(dialog).problem
    assert saved.calls == []


async def test_the_files_of_both_must_be_trusted(dialog: SettingsDialog, tmp_path: Path) -> None:
    saved = Recorder(dialog.saved)
    of_redis, of_server = (
        write_ca(tmp_path / "redis.pem", "redis"),
        write_ca(tmp_path / "server.pem", "server"),
    )
    field_of(dialog).value, field_of_server(dialog).value = str(of_redis), str(of_server)
    dialog.accept()
    question = await asked(dialog)
    assert question.certificates.toPlainText().startswith("redis")

    question.trust_button.click()
    question = await asked(dialog)
    assert question.certificates.toPlainText().startswith("server")
    assert saved.calls == []

    question.trust_button.click()
    await emitted(dialog.saved)

    settings = saved.calls[0][0]
    assert (settings.redis.ca_file, settings.server.ca_file) == (str(of_redis), str(of_server))


@pytest.mark.parametrize(("declined", "page"), [(0, PageName.REDIS), (1, PageName.SERVER)])
async def test_if_one_of_both_is_not_trusted_nothing_is_saved_or_remembered(
    dialog: SettingsDialog, tmp_path: Path, declined: int, page: PageName
) -> None:
    saved = Recorder(dialog.saved)
    field_of(dialog).value = str(write_ca(tmp_path / "redis.pem"))
    field_of_server(dialog).value = str(write_ca(tmp_path / "server.pem"))
    dialog.accept()

    for _ in range(declined):
        (await asked(dialog)).trust_button.click()
    (await asked(dialog)).reject()
    await settled()

    assert saved.calls == []
    assert shown_page(dialog) is dialog.pages[page]
    assert questions(dialog) == []
    remembered = dialog._around.store.allKeys()
    assert not [key for key in remembered if key.startswith((REDIS.key, SERVER.key))]


@pytest.mark.parametrize(
    "edit",
    [
        lambda dialog: setattr(dialog.redis.form.fields["prefix"], "value", "asgi"),
        lambda dialog: setattr(dialog.notifications.form.fields["burst"], "value", 5),
    ],
    ids=["of Redis", "of another page"],
)
async def test_an_edit_while_it_is_asked_about_saves_nothing(
    dialog: SettingsDialog, ca_file: Path, edit: Callable[[SettingsDialog], None]
) -> None:
    saved = Recorder(dialog.saved)
    field_of(dialog).value = str(ca_file)
    dialog.accept()
    await asked(dialog)

    edit(dialog)
    await settled()

    assert (saved.calls, questions(dialog)) == ([], [])
    dialog.accept()
    assert await asked(dialog)


async def test_the_end_of_the_dialog_ends_the_question(
    dialog: SettingsDialog, ca_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    field_of(dialog).value = str(ca_file)
    dialog.accept()
    await asked(dialog)

    dialog.done(0)
    await settled()

    assert questions(dialog) == []
    assert field_of(dialog).value == str(ca_file)
    assert caplog.text == ""


# Known from before


async def test_a_trusted_file_is_not_asked_about_in_the_next_dialog(
    make_dialog: MakeDialog, redis: FakeRedis, ca_file: Path
) -> None:
    await save_trusted(make_dialog(), ca_file)

    dialog = make_dialog(with_file(ca_file))
    page = await shown(dialog)
    page.look_button.click()
    await looked(dialog, redis, 2)

    assert redis.anew == [False, True]
    assert questions(dialog) == []


async def test_what_is_trusted_for_redis_is_not_for_the_server(
    make_dialog: MakeDialog, server: FakeServer, ca_file: Path
) -> None:
    await save_trusted(make_dialog(), ca_file)

    dialog = make_dialog(replace(SETTINGS, server=replace(SETTINGS.server, ca_file=str(ca_file))))
    dialog.server.form.attempt.button.click()

    assert await asked(dialog)
    assert server.asked == []


async def test_another_file_in_its_place_is_asked_about(
    make_dialog: MakeDialog, redis: FakeRedis, ca_file: Path
) -> None:
    await save_trusted(make_dialog(), ca_file)
    write_ca(ca_file, "another CA")

    dialog = make_dialog(with_file(ca_file))
    page = await shown(dialog)
    page.look_button.click()
    question = await asked(dialog)
    assert "another CA" in question.certificates.toPlainText()
    question.reject()
    await settled()

    assert redis.anew == [False]
    assert "not trusted" in field_of(dialog).problem


async def test_a_saved_file_that_was_never_asked_about_is_used_until_something_of_redis_is_saved(
    make_dialog: MakeDialog, redis: FakeRedis, ca_file: Path
) -> None:
    dialog = make_dialog(with_file(ca_file))
    await shown(dialog)
    assert redis.asked == [RedisAsked(RedisSettings(ca_file=str(ca_file)))]
    assert questions(dialog) == []

    dialog.redis.form.fields["prefix"].value = "asgi"
    dialog.accept()

    assert await asked(dialog)


async def test_a_saved_file_is_not_asked_about_when_other_pages_are_saved(
    make_dialog: MakeDialog, ca_file: Path
) -> None:
    dialog = make_dialog(with_file(ca_file))
    saved = Recorder(dialog.saved)
    dialog.notifications.form.fields["burst"].value = 5

    dialog.accept()

    assert len(saved.calls) == 1
    assert questions(dialog) == []
