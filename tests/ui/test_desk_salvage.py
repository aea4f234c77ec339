"""A desk whose journal is damaged: it starts, says so, and says where the damaged file is."""

import pytest

from armguard_tray.paths import Paths
from armguard_tray.settings.model import ServerSettings, Settings
from tests.fakes.private_desktop import PrivateDesktop
from tests.ui.desktop.conftest import desktop, session
from tests.ui.test_desk import paths, running_desk, session_bus, stay_without_windows

__all__ = ["desktop", "paths", "session", "session_bus", "stay_without_windows"]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support raise")


async def test_a_damaged_journal_is_rebuilt_and_a_toast_says_where_it_is(
    desktop: PrivateDesktop, paths: Paths
) -> None:
    paths.journal_file.parent.mkdir(parents=True, exist_ok=True)
    paths.journal_file.write_bytes(bytes(100_000))

    nowhere = Settings(server=ServerSettings(address="https://127.0.0.1:1", username="reyes"))
    async with running_desk(nowhere, "secret", paths):
        toast = await desktop.wait_for_notification(lambda each: "journal was damaged" in each.body)

    (aside,) = paths.journal_file.parent.glob("journal.damaged-*.sqlite3")
    assert str(aside) in toast.body
