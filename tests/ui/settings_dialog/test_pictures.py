"""Pictures of every page, light and dark, to be looked at: tests/artefacts/settings_*.png."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from armguard_tray.app.server_test import first_rungs, result_of
from armguard_tray.connection.ca_file import CaCertificate
from armguard_tray.connection.explain import explain
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.health import Health, health_of
from armguard_tray.connection.live_app import LiveApp
from armguard_tray.connection.phase import End, Trouble
from armguard_tray.diagnosis.facts import HandshakeFound, HttpFound, LoginFound, SessionFound
from armguard_tray.messages.streams import Stream
from armguard_tray.ui.settings_dialog import SecretState
from armguard_tray.ui.settings_dialog.ca_question import IN_LOOK, CaQuestion
from armguard_tray.ui.settings_dialog.ca_question import REDIS as OF_REDIS
from armguard_tray.ui.settings_pages import PageName
from tests.fakes import redis_seen
from tests.fakes.diagnoses import CA_UNKNOWN, HEALTHY, ORIGIN, REFUSED, STEPS, diagnosis
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.redis_seen import of_app
from tests.fakes.signals import emitted, settled
from tests.fakes.stream_health import MANILA, NOW, backing_off, before, broken, healthy, live, locked_out
from tests.ui.health_panel.conftest import FakeCheck, sources
from tests.ui.settings_dialog.conftest import FakeRedis, FakeServer, MakeDialog

# Of a fresh login, and no running connection.
LOGGED_IN = replace(
    HEALTHY,
    login=LoginFound(at=NOW, ms=214, username="sgt.reyes"),
    session=SessionFound(at=NOW, ms=6.0, alive=True, began=NOW),
    streams=(),
)
WRONG_PASSWORD = replace(
    LOGGED_IN,
    login=LoginFound(at=NOW, ms=187, username="sgt.reyes", failure=Failure(FailureKind.WRONG_PASSWORD)),
    session=None,
)
TESTS = {
    "good": LOGGED_IN,
    "failed": replace(CA_UNKNOWN, streams=()),
    "wrong_password": WRONG_PASSWORD,
}


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
@pytest.mark.parametrize("name", TESTS)
async def test_a_test(make_dialog: MakeDialog, server: FakeServer, name: str, look: str) -> None:
    server.steps = tuple(first_rungs(diagnosis(step)) for step in STEPS)
    server.result = result_of(diagnosis(TESTS[name]), "sgt.reyes")
    with system_look(look):
        dialog = make_dialog()
        attempt = dialog.server.form.attempt
        attempt.button.click()
        await take_picture(dialog, f"settings_server_testing_{look}")
        server.answer.set()
        await emitted(attempt.finished)
        await take_picture(dialog, f"settings_server_test_{name}_{look}")
        dialog.resize(520, 400)
        attempt.button.click()
        await emitted(attempt.finished)
        await take_picture(dialog, f"settings_server_test_{name}_small_{look}")


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


ALONE = of_app(
    redis_seen.FOUND_BY_ITSELF, LiveApp("1.2", layer="memory", why="The server's settings say so.")
)
REDIS = {
    "proven": redis_seen.PROVEN,
    "not_proven": redis_seen.NOT_PROVEN,
    "found_by_itself": redis_seen.FOUND_BY_ITSELF,
    "memory": redis_seen.SAYS_MEMORY,
    "memory_alone": replace(
        ALONE, facts=replace(ALONE.facts, proof=replace(redis_seen.NO_PROOF, looked=True))
    ),
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
HANGS = replace(
    REFUSED,
    tcp=HEALTHY.tcp,
    tls=HEALTHY.tls,
    http=HttpFound(at=NOW, ms=4000.0, failure=Failure(FailureKind.TIMED_OUT)),
)
# Two streams wait for their next try though the server is well again.
WAITING = health_of(
    [
        live(),
        *(
            replace(backing_off(each), ends=(End(before(seconds=50), Failure(FailureKind.REFUSED)),))
            for each in (Stream.INVENTORY, Stream.NOTIFICATIONS)
        ),
    ],
    NOW,
)
OPENED = tuple(
    HandshakeFound(at=NOW, ms=7.0, stream=each, subscribed="welcome frame")
    for each in (Stream.INVENTORY, Stream.NOTIFICATIONS)
)
assert HEALTHY.audit is not None
AUDIT = HEALTHY.audit
CONNECTIONS = {
    "healthy": (healthy(), HEALTHY),
    "refused": (broken(), REFUSED),
    "ca_unknown": (offline(UNTRUSTED_CA), CA_UNKNOWN),
    "origin": (health_of(ORIGIN.streams, NOW), ORIGIN),
    "hangs": (broken(), HANGS),
    "next_try": (WAITING, replace(HEALTHY, streams=WAITING.streams, audit=None, handshakes=OPENED)),
    "gaps": (healthy(), replace(HEALTHY, audit=replace(AUDIT, gaps=2))),
    "unannounced": (healthy(), replace(HEALTHY, audit=replace(AUDIT, unannounced_today=3))),
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
        question = CaQuestion(
            "/home/reyes/redisCA.pem", [ca], NOW, MANILA, make_dialog(), then=IN_LOOK, peer=OF_REDIS
        )
        question.open()
        await take_picture(question, f"settings_ca_question_redis_{look}")


@pytest.mark.parametrize("look", LOOKS)
async def test_a_ca_file_of_redis_that_is_not_trusted(
    make_dialog: MakeDialog, ca_file: Path, look: str
) -> None:
    with system_look(look):
        dialog = make_dialog()
        dialog.redis.form.ca_file.value = str(ca_file)
        dialog.accept()
        while (question := dialog.findChild(CaQuestion)) is None:
            await settled()
        question.reject()
        await take_picture(dialog, f"settings_redis_ca_refused_{look}")
