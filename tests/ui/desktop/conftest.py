"""A private desktop for all tests here; each test gets notification service and tray of its own on it."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from armguard_tray.desktop.session_bus import SessionBus
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.private_desktop import PrivateDesktop


@pytest.fixture(scope="session")
def session() -> Iterator[DesktopSession]:
    """X server and session bus, with nothing on it."""
    # Not pytest's own folder: its long name would not leave room for the names of sockets.
    with tempfile.TemporaryDirectory(prefix="desk") as folder, DesktopSession(Path(folder)) as private:
        yield private


@pytest.fixture
def own_session() -> Iterator[DesktopSession]:
    """Start a session that nobody else uses."""
    with tempfile.TemporaryDirectory(prefix="own") as folder, DesktopSession(Path(folder)) as private:
        yield private


@pytest_asyncio.fixture
async def desktop(session: DesktopSession) -> AsyncIterator[PrivateDesktop]:
    """Notification service and tray, the person at the desk included."""
    async with PrivateDesktop(session) as private_desktop:
        yield private_desktop


@pytest_asyncio.fixture
async def bus(session: DesktopSession) -> AsyncIterator[SessionBus]:
    """Connect the program to the session bus."""
    session_bus = SessionBus(session.bus_address)
    yield session_bus
    await session_bus.close()
