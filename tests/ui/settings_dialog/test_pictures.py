"""Pictures of every page, light and dark, to be looked at: tests/artefacts/settings_*.png."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtWidgets import QMessageBox

from armguard_tray.connection.ca_file import CaCertificate
from armguard_tray.connection.explain import explain
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.health import Health, health_of
from armguard_tray.connection.phase import Need, Trouble
from armguard_tray.ui.settings_dialog import SecretState, TestResult
from armguard_tray.ui.settings_dialog.ca_question import CaQuestion
from armguard_tray.ui.settings_pages import PageName
from tests.fakes import redis_seen
from tests.fakes.diagnoses import CA_UNKNOWN, HEALTHY, ORIGIN, REFUSED, diagnosis
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.signals import emitted, settled
from tests.fakes.stream_health import MANILA, NOW, before, broken, healthy, locked_out
from tests.ui.health_panel.conftest import FakeCheck, sources
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


REDIS = {
    "proven": redis_seen.PROVEN,
    "not_proven": redis_seen.NOT_PROVEN,
    "found_by_itself": redis_seen.FOUND_BY_ITSELF,
    "memory": redis_seen.SAYS_MEMORY,
    "memory_by_audit": redis_seen.BY_AUDIT,
    "deaf": redis_seen.DEAF,
    "password": redis_seen.ASKS_FOR_A_PASSWORD,
    "down": redis_seen.NOT_SEEN,
    "ailing": redis_seen.AILING,
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", REDIS)
async def test_the_redis_page(make_dialog: MakeDialog, redis: FakeRedis, name: str, look: str) -> None:
    redis.found = REDIS[name]
    with system_look(look):
        dialog = make_dialog(redis_secret=SecretState.KEYRING)
        dialog.show_page(PageName.REDIS)
        await settled()
        for size, (width, height) in {"usual": (740, 640), "small": (520, 400), "whole": (740, 1900)}.items():
            dialog.resize(width, height)
            for fold in (*dialog.redis.options, dialog.redis.account):
                fold.button.setChecked(size == "whole")
            await settled()
            await take_picture(dialog, f"settings_redis_{name}_{size}_{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_redis_while_it_is_being_looked_at_and_proven(
    make_dialog: MakeDialog, redis: FakeRedis, look: str
) -> None:
    with system_look(look):
        redis.answer.clear()
        dialog = make_dialog()
        dialog.show_page(PageName.REDIS)
        await take_picture(dialog, f"settings_redis_looking_{look}")
        redis.answer.set()
        await settled()
        redis.answer.clear()
        dialog.redis.answer.prove_button.click()
        await take_picture(dialog, f"settings_redis_proving_{look}")
        dialog.redis.form.fields["address"].value = "redis://armory.local:port"
        dialog.redis.look_button.click()
        await take_picture(dialog, f"settings_redis_edited_{look}")


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


def offline(trouble: Trouble) -> Health:
    """Return three streams that wait for that reason."""
    return health_of([replace(each, trouble=trouble) for each in broken().streams], NOW)


UNTRUSTED_CA = explain(Failure(FailureKind.CERTIFICATE))
CONNECTIONS = {
    "healthy": (healthy(), HEALTHY),
    "refused": (broken(), REFUSED),
    "ca_unknown": (offline(UNTRUSTED_CA), CA_UNKNOWN),
    "origin": (health_of(ORIGIN.streams, NOW), ORIGIN),
    "checking": (healthy(), None),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", CONNECTIONS)
async def test_the_connection_page(make_dialog: MakeDialog, name: str, look: str) -> None:
    health, facts = CONNECTIONS[name]
    check = FakeCheck()
    if facts is not None:
        check.found = diagnosis(facts)
        check.go_on.set()
    with system_look(look):
        dialog = make_dialog(health=sources(check))
        dialog.show_health(health)
        dialog.show_page(PageName.CONNECTION)
        for size, (width, height) in {"usual": (740, 640), "small": (520, 400), "whole": (740, 1400)}.items():
            dialog.resize(width, height)
            if size == "whole" and name == "healthy":
                for row in dialog.connection.panel.streams.rows.values():
                    row.reconnects.setChecked(row.reconnects.isEnabled())
            await settled()
            await take_picture(dialog, f"settings_connection_{name}_{size}_{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_the_question_whether_to_trust_a_ca(make_dialog: MakeDialog, look: str) -> None:
    ca = CaCertificate(
        subject="mkcert armory",
        issuer="mkcert armory",
        fingerprint=":".join(f"{number:02X}" for number in range(160, 192)),
        not_before=before(days=300),
        not_after=datetime(2034, 1, 4, tzinfo=UTC),
        is_ca=True,
    )
    with system_look(look):
        question = CaQuestion("/home/reyes/rootCA.pem", [ca], NOW, MANILA, make_dialog())
        question.open()
        await take_picture(question, f"settings_ca_question_{look}")
