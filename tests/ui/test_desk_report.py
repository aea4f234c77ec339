"""The report of a real desk, from the button on the Connection page on."""

import json

import pytest

from armguard_tray.desktop.secrets import SecretStore
from armguard_tray.messages.streams import Stream
from armguard_tray.paths import Paths
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.ui.report_dialog import ReportDialog
from tests.fakes.demo_server import DemoClient, armorer, demo_server
from tests.ui.desktop.conftest import session
from tests.ui.test_desk import (
    live_desk,
    paths,
    running_desk,
    session_bus,
    stay_without_windows,
    until,
    window,
)
from tests.ui.test_desk_connection import shown

__all__ = ["armorer", "demo_server", "paths", "session", "session_bus", "stay_without_windows"]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise")


def read(dialog: ReportDialog) -> dict[str, str]:
    """Return the parts, as somebody reads them one after the other."""
    parts = {}
    for number in range(dialog.names.count()):
        dialog.names.setCurrentRow(number)
        parts[dialog.names.item(number).text()] = dialog.text.toPlainText()
    return parts


async def test_the_report_tells_what_the_page_shows_without_a_name(
    demo_server: DemoServer, armorer: DemoClient, paths: Paths
) -> None:
    async with live_desk(demo_server, paths) as tray:
        armorer.issue()
        paths.log_file.parent.mkdir(exist_ok=True)
        paths.log_file.write_text(f"Juan Dela Cruz has M4 - 00077; {demo_server.password}\n")
        panel = await shown(tray)
        await until(lambda: "event today" in panel.streams.rows[Stream.TRANSACTIONS].came.text())
        panel.report_button.click()
        dialog = await until(lambda: window(ReportDialog))
        parts = read(dialog)
        dialog.reject()

        ladder = json.loads(parts["ladder.json"])
        assert ladder["verdict"] in {"ok", "warning"}
        complete = next(rung for rung in ladder["rungs"] if rung["id"] == "complete")
        assert "audited" in complete["evidence"], "the history was compared with the journal"
        assert "transactions: live since" in parts["history.txt"]
        whole = "\n".join(parts.values())
        hidden = ("Juan", "Cruz", "00077", demo_server.username, demo_server.password)
        assert [each for each in hidden if each in whole] == []


async def test_a_password_that_is_in_the_keyring_alone_is_struck_out(
    demo_server: DemoServer, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def kept(_store: SecretStore, _server: str, _username: str) -> str:
        return demo_server.password

    monkeypatch.setattr(SecretStore, "get", kept)
    server = ServerSettings(address=demo_server.url, username=demo_server.username)
    async with running_desk(Settings(server=server), None, paths) as tray:
        await until(lambda: "live since" in tray.icon.toolTip())
        paths.log_file.parent.mkdir(exist_ok=True)
        paths.log_file.write_text(f"somebody wrote {demo_server.password}\n")
        panel = await shown(tray)
        panel.report_button.click()
        dialog = await until(lambda: window(ReportDialog))
        parts = read(dialog)
        dialog.reject()

        assert "wrote ***" in parts["log.txt"]
