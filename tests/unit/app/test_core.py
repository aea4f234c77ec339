"""The core: what was received and cannot be stored is counted, kept and told."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from armguard_tray.app import core as core_module
from armguard_tray.app.core import Core
from armguard_tray.catchup.completeness import Completeness
from armguard_tray.connection.failures import Failure, FailureKind
from armguard_tray.connection.health import Health
from armguard_tray.errors import JournalError
from armguard_tray.messages.event import StoredEvent
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.storage.journal import Journal
from tests.fakes.clock import FakeClock
from tests.unit.messages import frames

FOLLOWED = Settings(server=ServerSettings(address="https://armory.local", username="reyes"))
UNFOLLOWED = Settings()
PATIENCE = 60.0  # seconds, where something is to be stored on a machine that may be busy


class Silent:
    """A connection on which nothing happens by itself."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Take what a connection takes."""

    @property
    def pages(self) -> "Silent":
        """The server's pages."""
        return self

    def renew(self) -> None:
        """Open nothing anew."""

    async def get(self, path: str, *, accept: str, most: int) -> Failure:  # noqa: ARG002
        """Have none."""
        return Failure(FailureKind.OTHER)

    def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""


class Desk:
    """Keeps the rows that it was shown."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        self.rows += [each.row for each in events]

    def on_changed(self, events: Sequence[StoredEvent]) -> None:
        """Show nothing."""

    def on_completeness(self, completeness: Completeness) -> None:
        """Show nothing."""

    def on_toast(self, toast: object) -> None:
        """Show nothing."""

    def on_storage_trouble(self, error: JournalError | None) -> None:
        """Show nothing."""

    def on_health(self, health: Health) -> None:
        """Show nothing."""


@pytest.fixture
async def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Core:
    """Return a core that follows a server; the test closes it."""
    monkeypatch.setattr(core_module, "Connection", Silent)
    monkeypatch.setattr(core_module, "DRAIN_WITHIN", PATIENCE)
    journal = await Journal.open(tmp_path / "data" / "journal.sqlite3")

    async def password(_: ServerSettings) -> str | None:
        return None

    made = Core(journal, Desk(), password, clock=FakeClock(), chance=random.Random(1))  # noqa: S311 - no secret
    await made.follow(FOLLOWED)
    return made


@pytest.fixture
def full_disk(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    async def append(*_: Any) -> list[StoredEvent]:
        raise JournalError("The disk is full.")

    monkeypatch.setattr(core.journal, "append", append)
    monkeypatch.setattr(core_module, "DRAIN_WITHIN", 0.1)  # it is not worth waiting for


def kept(error_text: str) -> list[dict[str, str]]:
    """Return what is in the file that an error names."""
    file = Path(error_text.partition("They are kept in ")[2].rstrip("."))
    assert file.stat().st_mode & 0o077 == 0
    return [json.loads(line) for line in file.read_text().splitlines()]


async def test_when_all_is_stored_there_is_nothing_to_tell(core: Core) -> None:
    await core.on_received(frames.received(frames.TAKE))

    assert await core.close() is None
    assert core.unstored == 0


@pytest.mark.usefixtures("full_disk")
async def test_what_cannot_be_stored_is_told_and_kept_beside_the_journal(core: Core, tmp_path: Path) -> None:
    await core.on_received(frames.received(frames.TAKE))
    await core.on_received(frames.received(b"\x00\xff"))

    loss = await core.close()

    assert loss is not None
    assert core.unstored == 2
    assert loss.message == "2 received messages could not be stored."
    assert str(tmp_path / "data" / "armguard-unstored-") in loss.remedy
    first, second = kept(loss.remedy)
    assert (first["server"], first["stream"], first["data"]) == (
        "https://armory.local",
        "transactions",
        frames.TAKE,
    )
    assert second["data"] == "00ff"


@pytest.mark.usefixtures("full_disk")
async def test_a_loss_when_the_server_is_changed_is_told_at_the_end_too(core: Core) -> None:
    await core.on_received(frames.received(frames.TAKE))
    await core.follow(UNFOLLOWED)

    loss = await core.close()

    assert loss is not None
    assert loss.message == "1 received message could not be stored."
    assert [each["data"] for each in kept(loss.remedy)] == [frames.TAKE]
