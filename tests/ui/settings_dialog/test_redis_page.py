"""The Redis page: what a look from this desk found, and no more than that."""

import pytest

from armguard_tray.redis_probe.report import Reason, answered, failed
from armguard_tray.ui.settings_dialog import SettingsDialog
from armguard_tray.ui.settings_dialog.redis_page import NOT_LOOKED, UNKNOWN, RedisPage
from armguard_tray.ui.settings_pages import PageName
from armguard_tray.ui.tone_label import Tone
from tests.fakes.signals import emitted, settled
from tests.ui.settings_dialog.conftest import FakeRedis


@pytest.fixture
def page(dialog: SettingsDialog) -> RedisPage:
    dialog.show_page(PageName.REDIS)
    return dialog.redis


async def look(page: RedisPage) -> None:
    page.attempt.button.click()
    await emitted(page.attempt.finished)


async def test_nothing_is_looked_at_unasked_and_nothing_claimed(page: RedisPage, redis: FakeRedis) -> None:
    await settled()

    assert redis.asked == []
    assert page.found["Detected"].text() == NOT_LOOKED
    assert page.found["Round trip"].text() == NOT_LOOKED


async def test_a_redis_that_answers(page: RedisPage, redis: FakeRedis) -> None:
    await look(page)

    assert redis.asked == [("redis://127.0.0.1:6379/0", None)]
    assert page.found["Detected"].text() == "✓ yes, at 11:26:40"
    assert page.found["Vendor and version"].text() == "Redis 7.0.15"
    assert page.found["Round trip"].text() == "0.4 ms"
    assert page.attempt.outcome.tone is Tone.GOOD


async def test_a_failure_has_its_own_words_and_the_rest_is_unknown(page: RedisPage, redis: FakeRedis) -> None:
    redis.report = failed("127.0.0.1:6379", Reason.LOGIN_NEEDED)

    await look(page)

    assert page.found["Detected"].text() == "⚠ yes, at 11:26:40, but it asks for a password"
    assert page.found["Vendor and version"].text() == UNKNOWN
    assert page.found["Round trip"].text() == "not measured"
    assert page.attempt.outcome.text() == (
        "⚠ Redis at 127.0.0.1:6379 asks for a password. Enter it and look again."
    )


@pytest.mark.parametrize(
    ("reason", "detected"),
    [
        (Reason.REFUSED, "⚠ no, at 11:26:40: connection refused"),
        (Reason.LOADING, "⚠ yes, at 11:26:40, but it is still loading its data"),
        (Reason.TLS_NEEDED, "⚠ unknown, at 11:26:40: what answers speaks TLS only"),
    ],
)
async def test_found_nothing_there_and_unclear_are_told_apart(
    page: RedisPage, redis: FakeRedis, reason: Reason, detected: str
) -> None:
    redis.report = failed("127.0.0.1:6379", reason)

    await look(page)

    assert page.found["Detected"].text() == detected


async def test_a_look_moves_nothing(page: RedisPage, redis: FakeRedis) -> None:
    redis.report = failed("127.0.0.1:6379", Reason.TIMED_OUT, timeout=2)
    await settled()
    places = [page.attempt.button.geometry(), page.form.geometry(), page.found["Detected"].pos()]

    await look(page)
    await settled()

    assert places == [page.attempt.button.geometry(), page.form.geometry(), page.found["Detected"].pos()]


async def test_an_unknown_version_is_said_to_be_unknown(page: RedisPage, redis: FakeRedis) -> None:
    redis.report = answered("127.0.0.1:6379", vendor=None, version=None, round_trip=0.001)

    await look(page)

    assert page.found["Vendor and version"].text() == UNKNOWN


async def test_the_channel_layer_is_never_said_to_be_proven(page: RedisPage) -> None:
    assert page.found["Channel layer in use"].text().startswith("not proven")

    await look(page)

    assert page.found["Channel layer in use"].text().startswith("not proven")
    assert page.found["Looked from"].text().startswith("this desk")


async def test_the_password_is_for_looking_only(
    page: RedisPage, redis: FakeRedis, dialog: SettingsDialog
) -> None:
    page.form.fields["password"].value = "secret"

    await look(page)

    assert redis.asked[0][1] == "secret"
    assert not page.changed
    assert "secret" not in repr(dialog.settings)


async def test_an_edit_takes_back_what_was_found(page: RedisPage) -> None:
    await look(page)

    page.form.fields["address"].value = "redis://other:6379/0"

    assert page.found["Detected"].text() == NOT_LOOKED
    assert page.attempt.outcome.text() == ""


@pytest.mark.parametrize("address", ["", "http://127.0.0.1"])
async def test_where_there_is_no_address_there_is_no_look(
    page: RedisPage, redis: FakeRedis, address: str
) -> None:
    page.form.fields["address"].value = address

    page.attempt.button.click()
    await settled()

    assert redis.asked == []
    assert page.form.fields["address"].problem
