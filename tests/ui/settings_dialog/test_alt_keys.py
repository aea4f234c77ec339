"""Each Alt key in a window leads to one thing only."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialogButtonBox,
    QLabel,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from armguard_tray.connection.ca_file import CaCertificate
from armguard_tray.ui.report_dialog import ReportDialog
from armguard_tray.ui.settings_dialog import SecretState, SettingsDialog
from armguard_tray.ui.settings_dialog.ca_question import CaQuestion
from armguard_tray.ui.settings_pages import PageName
from tests.fakes import redis_seen
from tests.fakes.signals import settled
from tests.fakes.stream_health import MANILA, NOW
from tests.ui.settings_dialog.conftest import FakeRedis, MakeDialog


def named(root: QWidget) -> Iterator[QAbstractButton | QLabel]:
    """Yield what may have an Alt key, on all but the pages that are behind another one."""
    behind = [
        page
        for stack in root.findChildren(QStackedWidget)
        for page in map(stack.widget, range(stack.count()))
        if page is not stack.currentWidget()
    ]
    for widget in root.findChildren(QWidget):
        if any(page is not None and page.isAncestorOf(widget) for page in behind):
            continue
        if isinstance(widget, QAbstractButton) or (isinstance(widget, QLabel) and widget.buddy()):
            yield widget


def collisions(root: QWidget) -> list[list[str]]:
    """Return the texts that share an Alt key; what is hidden now may be shown beside the rest later.

    Only the same button of several boxes that are all hidden or all but one is no fault.
    """
    by_key = defaultdict(list)
    for widget in named(root):
        key = QKeySequence.mnemonic(widget.text()).toString()
        if key:
            by_key[key].append(widget)
    return [
        [each.text() for each in sharing]
        for sharing in by_key.values()
        if len({each.text() for each in sharing}) > 1 or sum(each.isVisible() for each in sharing) > 1
    ]


@pytest.mark.parametrize("page", PageName)
async def test_on_a_page_no_two_share_one(make_dialog: MakeDialog, redis: FakeRedis, page: PageName) -> None:
    redis.found = redis_seen.AILING
    dialog = make_dialog(autostart=True, redis_secret=SecretState.KEYRING)
    dialog.show_page(page)
    await settled()

    assert collisions(dialog) == []


def test_save_has_one(dialog: SettingsDialog) -> None:
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons is not None
    assert buttons.button(QDialogButtonBox.StandardButton.Save).text() == "&Save"


def test_in_the_question_whether_to_discard_no_two_share_one(dialog: SettingsDialog) -> None:
    dialog.server.form.fields["username"].value = "cpl.santos"
    dialog.reject()
    box = dialog.findChild(QMessageBox)
    assert box is not None

    assert collisions(box) == []


def test_in_the_question_whether_to_trust_a_ca_no_two_share_one(dialog: SettingsDialog) -> None:
    ca = CaCertificate(
        subject="mkcert armory",
        issuer="mkcert armory",
        fingerprint="A0:A1",
        not_before=datetime(2026, 1, 4, tzinfo=UTC),
        not_after=datetime(2034, 1, 4, tzinfo=UTC),
        is_ca=True,
    )

    assert collisions(CaQuestion("/home/reyes/rootCA.pem", [ca], NOW, MANILA, dialog)) == []


def test_in_the_report_no_two_share_one(dialog: SettingsDialog) -> None:
    async def save(_: Path) -> None:
        raise AssertionError

    assert collisions(ReportDialog([("about.txt", "")], save, Path("report.zip"), dialog)) == []


def test_two_that_share_one_are_found(dialog: SettingsDialog) -> None:
    QPushButton("&Save too", dialog.server)

    assert ["&Save too"] in [[each for each in found if each == "&Save too"] for found in collisions(dialog)]
