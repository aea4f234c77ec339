"""A settings dialog whose surroundings are under the test's control."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from armguard_tray.paths import Paths
from armguard_tray.redis_probe.report import RedisReport, answered
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.ui.settings_dialog import SecretState, SettingsDialog, Surroundings, TestResult
from tests.fakes.clock import FakeClock
from tests.fakes.stream_health import MANILA, NOW

SETTINGS = Settings(server=ServerSettings(address="https://armory.local:8443", username="sgt.reyes"))
KEYRING_NOTE = "Goes to the system keyring (Secret Service), never into a file."
PATHS = Paths(
    config=Path("/home/reyes/.config/armguard-tray"),
    data=Path("/home/reyes/.local/share/armguard-tray"),
    logs=Path("/home/reyes/.local/state/armguard-tray/log"),
)

WELL = answered("127.0.0.1:6379", vendor="Redis", version="7.0.15", round_trip=0.00042)


@dataclass
class FakeServer:
    """Answers *Test* once it is let go.

    Attributes:
        result: what the next test comes to.
        asked: what was tried: settings and password.
        answer: set to let tests end.
        cancelled: how many tests were stopped.

    """

    result: TestResult = TestResult(True, "Logged in to armory.local as sgt.reyes.")  # noqa: RUF009 - frozen
    asked: list[tuple[ServerSettings, str | None]] = field(default_factory=list)
    answer: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: int = 0

    async def test(self, settings: ServerSettings, password: str | None) -> TestResult:
        self.asked.append((settings, password))
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.result


@dataclass
class FakeRedis:
    """Is found as the test says.

    Attributes:
        report: what the next look finds.
        asked: what was looked at: address and password.

    """

    report: RedisReport = WELL
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    async def look(self, address: str, password: str | None) -> RedisReport:
        self.asked.append((address, password))
        return self.report


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def redis() -> FakeRedis:
    return FakeRedis()


@pytest.fixture
def around(server: FakeServer, redis: FakeRedis, tmp_path: Path) -> Surroundings:
    return Surroundings(
        clock=FakeClock(NOW),
        paths=PATHS,
        store=QSettings(str(tmp_path / "windows.ini"), QSettings.Format.IniFormat),
        tester=server.test,
        look=redis.look,
        secret=SecretState.KEYRING,
        secret_note=KEYRING_NOTE,
        toast_adapter="Toasts are shown by the desktop's notification service (xfce4-notifyd 0.7).",
        zone=MANILA,
    )


MakeDialog = Callable[..., SettingsDialog]


@pytest.fixture
def make_dialog(around: Surroundings, qtbot: QtBot) -> MakeDialog:
    """Return what makes and shows a dialog; keywords replace surroundings."""
    # As the program has it; else Qt ends the test's event loop with the dialog.
    QApplication.setQuitOnLastWindowClosed(False)
    kept = []  # qtbot closes them, but does not keep them

    def make(settings: Settings = SETTINGS, **changes: object) -> SettingsDialog:
        dialog = SettingsDialog(settings, replace(around, **changes))  # type: ignore[arg-type]  # any field
        qtbot.addWidget(dialog)
        kept.append(dialog)
        dialog.open()
        return dialog

    return make


@pytest.fixture
def dialog(make_dialog: MakeDialog) -> SettingsDialog:
    return make_dialog()
