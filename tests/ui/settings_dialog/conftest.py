"""A settings dialog whose surroundings are under the test's control."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from armguard_tray.checkup.redis_source import RedisAsked, RedisSeen
from armguard_tray.diagnosis.ladder import Rung
from armguard_tray.paths import Paths
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.ui.settings_dialog import (
    Progress,
    SecretState,
    SettingsDialog,
    Surroundings,
    TestResult,
)
from tests.fakes.ca_files import write_ca
from tests.fakes.clock import FakeClock
from tests.fakes.redis_seen import ANSWERS, NOT_LOOKED, PROVEN
from tests.fakes.stream_health import MANILA, NOW

SETTINGS = Settings(server=ServerSettings(address="https://armory.local:8443", username="sgt.reyes"))
KEYRING_NOTE = "Goes to the system keyring (Secret Service), never into a file."
PATHS = Paths(
    config=Path("/home/reyes/.config/armguard-tray"),
    data=Path("/home/reyes/.local/share/armguard-tray"),
    logs=Path("/home/reyes/.local/state/armguard-tray/log"),
)


@dataclass
class FakeServer:
    """Answers *Test* once it is let go.

    Attributes:
        steps: what the next test sees on its way.
        result: what it comes to.
        asked: what was tried: settings and password.
        answer: set to let tests end.
        cancelled: how many tests were stopped.

    """

    steps: tuple[tuple[Rung, ...], ...] = ()
    result: TestResult = TestResult(True, "Logged in to armory.local as sgt.reyes.")  # noqa: RUF009 - frozen
    asked: list[tuple[ServerSettings, str | None]] = field(default_factory=list)
    answer: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: int = 0

    async def test(self, settings: ServerSettings, password: str | None, progress: Progress) -> TestResult:
        self.asked.append((settings, password))
        for step in self.steps:
            progress(step)
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.result


@dataclass
class FakeRedis:
    """Is found as the test says, once it is let go.

    Attributes:
        found: what the next look finds.
        proven: what is known after the next proof.
        asked: where was looked.
        anew: whether the user had asked, of each look.
        proofs: where was proven.
        answer: set to let looks and proofs end.
        cancelled: how many were stopped.

    """

    found: RedisSeen = ANSWERS
    proven: RedisSeen = PROVEN
    asked: list[RedisAsked] = field(default_factory=list)
    anew: list[bool] = field(default_factory=list)
    proofs: list[RedisAsked] = field(default_factory=list)
    answer: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: int = 0
    known: dict[RedisAsked, RedisSeen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.answer.set()

    def seen(self, asked: RedisAsked) -> RedisSeen:
        return self.known.get(asked, NOT_LOOKED)

    async def look(self, asked: RedisAsked, *, anew: bool = False) -> None:
        self.asked.append(asked)
        self.anew.append(anew)
        await self._wait()
        self.known[asked] = self.found

    async def prove(self, asked: RedisAsked) -> None:
        self.proofs.append(asked)
        await self._wait()
        self.known[asked] = self.proven

    async def _wait(self) -> None:
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


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
        redis=redis,
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


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    return write_ca(tmp_path / "rootCA.pem")


@pytest.fixture
def no_ca(tmp_path: Path) -> Path:
    file = tmp_path / "holiday.pem"
    file.write_bytes(b"\x00\xff")
    return file
