"""The Connection page in its dialog: a CA file is seen before it is trusted, and saved with the rest."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from armguard_tray.connection.ca_file import CaCertificate
from armguard_tray.ui.settings_dialog import SettingsDialog
from armguard_tray.ui.settings_dialog.ca_question import CaQuestion, doubt_of, in_words
from armguard_tray.ui.settings_pages import PageName
from tests.fakes.ca_files import write_ca
from tests.fakes.signals import Recorder, emitted, settled
from tests.fakes.stream_health import MANILA, NOW, before, healthy
from tests.ui.health_panel.conftest import FakeCheck, sources
from tests.ui.settings_dialog.conftest import MakeDialog
from tests.ui.settings_dialog.test_dialog import shown_page

CA = CaCertificate(
    subject="mkcert armory",
    issuer="mkcert armory",
    fingerprint=":".join(f"{number:02X}" for number in range(32)),
    not_before=before(days=300),
    not_after=datetime(2034, 1, 4, tzinfo=UTC),
    is_ca=True,
)


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    """Return a PEM file with a CA called "mkcert armory"."""
    return write_ca(tmp_path / "rootCA.pem")


async def question_about(dialog: SettingsDialog, file: Path) -> CaQuestion:
    """Choose a file, and return the question that is asked."""
    dialog.connection.take_ca_file(str(file))
    while (question := dialog.findChild(CaQuestion)) is None:
        await settled()
    return question


async def test_a_trusted_ca_file_waits_on_the_page_server_for_save(
    make_dialog: MakeDialog, ca_file: Path
) -> None:
    dialog = make_dialog()
    saved = Recorder(dialog.saved)
    question = await question_about(dialog, ca_file)
    assert "mkcert armory" in question.certificates.toPlainText()
    assert question.doubt.text() == ""

    question.trust_button.click()
    await emitted(dialog.connection.ca_file_trusted)

    assert shown_page(dialog) is dialog.server
    assert dialog.server.form.fields["ca_file"].value == str(ca_file)
    assert dialog.server.changed
    assert saved.calls == []
    dialog.accept()
    await emitted(dialog.saved)
    assert dialog.findChild(CaQuestion) is None, "it was asked about already"
    assert saved.calls[0][0].server.ca_file == str(ca_file)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
async def test_enter_and_escape_trust_nothing(make_dialog: MakeDialog, ca_file: Path, key: Qt.Key) -> None:
    dialog = make_dialog()
    question = await question_about(dialog, ca_file)
    ended = Recorder(question.rejected)

    QTest.keyClick(question, key)

    assert len(ended.calls) == 1
    assert dialog.server.form.fields["ca_file"].value == ""


async def test_a_file_that_is_none_is_said(make_dialog: MakeDialog, tmp_path: Path) -> None:
    dialog = make_dialog()
    file = tmp_path / "holiday.pem"
    file.write_bytes(b"\x00\xff")
    dialog.connection.take_ca_file(str(file))
    while (box := dialog.findChild(QMessageBox)) is None:
        await settled()

    assert "no certificate" in box.text()
    assert dialog.findChild(CaQuestion) is None


def test_a_certificate_in_words() -> None:
    assert in_words(CA, NOW, MANILA).splitlines() == [
        "mkcert armory",
        "  valid 28/01/2026 to 04/01/2034",
        "  SHA-256",
        "  00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F",
        "  10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F",
    ]
    middle = replace(CA, issuer="another", not_after=before(days=1))
    assert in_words(middle, NOW, MANILA).splitlines()[1:3] == [
        "  vouched for by another",
        "  valid 28/01/2026 to 23/11/2026: not now",
    ]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([CA], ""),
        ([replace(CA, not_after=before(days=1))], "valid now"),
        ([replace(CA, is_ca=False)], "is a CA"),
        ([CA, CA], "All of them"),
    ],
)
def test_what_speaks_against_a_file(found: list[CaCertificate], words: str) -> None:
    assert (words in doubt_of(found, NOW)) if words else doubt_of(found, NOW) == ""


async def test_it_checks_only_while_its_page_is_shown(make_dialog: MakeDialog) -> None:
    check = FakeCheck()
    dialog = make_dialog(health=sources(check))
    dialog.show_health(healthy())
    await settled()
    assert check.begun == 0

    dialog.show_page(PageName.CONNECTION)
    await settled()
    assert check.begun == 1

    dialog.show_page(PageName.ABOUT)
    await settled()
    assert check.cancelled == 1


async def test_the_end_of_the_dialog_ends_the_check(make_dialog: MakeDialog) -> None:
    check = FakeCheck()
    dialog = make_dialog(health=sources(check))
    dialog.show_page(PageName.CONNECTION)
    await settled()

    dialog.reject()
    await settled()

    assert check.cancelled == 1
    assert not dialog.connection.panel.checker._timer.isActive()


async def test_from_the_channel_layer_it_goes_to_the_page_redis(make_dialog: MakeDialog) -> None:
    dialog = make_dialog()
    dialog.connection.panel.open_redis.emit()

    assert shown_page(dialog) is dialog.redis
