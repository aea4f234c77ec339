"""Pictures of every page, light and dark, to be looked at: tests/artefacts/settings_*.png."""

from datetime import timedelta

import pytest
from PySide6.QtWidgets import QMessageBox

from armguard_tray.connection.phase import Need
from armguard_tray.redis_probe.report import Reason, failed
from armguard_tray.ui.settings_dialog import SecretState, TestResult
from armguard_tray.ui.settings_pages import PageName
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.signals import emitted
from tests.fakes.stream_health import NOW, broken, healthy, locked_out
from tests.ui.settings_dialog.conftest import FakeRedis, FakeServer, MakeDialog

UNTRUSTED = TestResult(
    ok=False,
    message="armory.local:8443 shows a certificate that this desk does not trust.",
    remedy="Enter the CA file that the server's administrator gave you.",
    need=Need.CERTIFICATE,
)


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page(make_dialog: MakeDialog, look: str) -> None:
    with system_look(look):
        dialog = make_dialog()
        dialog.show_health(healthy())
        for page in PageName:
            dialog.show_page(page)
            await take_picture(dialog, f"settings_{page.name.lower()}_{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_errors_beside_their_fields(make_dialog: MakeDialog, look: str) -> None:
    with system_look(look):
        dialog = make_dialog(secret=SecretState.NONE, autostart=True)
        dialog.notifications.form.fields["burst"].value = 5
        dialog.server.form.fields["address"].value = "http://192.168.0.177:8000"
        dialog.server.form.fields["time_zone"].value = "Manila"
        dialog.accept()
        await take_picture(dialog, f"settings_server_errors_{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_a_test_that_failed(make_dialog: MakeDialog, server: FakeServer, look: str) -> None:
    server.result = UNTRUSTED
    with system_look(look):
        dialog = make_dialog()
        dialog.server.form.attempt.button.click()
        await take_picture(dialog, f"settings_server_testing_{look}")
        server.answer.set()
        await emitted(dialog.server.form.attempt.finished)
        await take_picture(dialog, f"settings_server_test_failed_{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_a_refused_password_and_a_question(make_dialog: MakeDialog, look: str) -> None:
    with system_look(look):
        dialog = make_dialog(autostart=True)
        dialog.show_health(locked_out())
        await take_picture(dialog, f"settings_server_refused_{look}")
        dialog.server.form.fields["username"].value = "cpl.santos"
        dialog.reject()
        box = dialog.findChild(QMessageBox)
        assert box is not None
        await take_picture(box, f"settings_discard_{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_redis_found_and_not_found(make_dialog: MakeDialog, redis: FakeRedis, look: str) -> None:
    with system_look(look):
        dialog = make_dialog()
        dialog.show_page(PageName.REDIS)
        for name, next_reason in (("up", Reason.REFUSED), ("down", Reason.LOGIN_NEEDED), ("password", None)):
            dialog.redis.attempt.button.click()
            await emitted(dialog.redis.attempt.finished)
            await take_picture(dialog, f"settings_redis_{name}_{look}")
            if next_reason is not None:
                redis.report = failed("127.0.0.1:6379", next_reason)


@pytest.mark.parametrize("look", LOOKS)
async def test_a_small_window(make_dialog: MakeDialog, look: str) -> None:
    with system_look(look):
        dialog = make_dialog()
        dialog.show_health(broken())
        dialog.show_pause(NOW + timedelta(hours=1))
        dialog.resize(dialog.minimumSizeHint())
        for page in (PageName.SERVER, PageName.NOTIFICATIONS, PageName.CONNECTION):
            dialog.show_page(page)
            await take_picture(dialog, f"settings_{page.name.lower()}_small_{look}")
