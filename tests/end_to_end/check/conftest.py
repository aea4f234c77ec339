"""A scripted server for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import trustme

from tests.fakes.demo_server import armorer, demo_server
from tests.fakes.scripted_server import ScriptedServer

__all__ = ["armorer", "demo_server"]


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    """Run a server that behaves unless told otherwise."""
    async with ScriptedServer().running() as scripted:
        yield scripted


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    """Return a CA of the tests' own, as an armory has one of its own."""
    return trustme.CA(organization_name="Armory")


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: Path) -> str:
    """Return the file with its certificate."""
    path = tmp_path / "armory-ca.pem"
    ca.cert_pem.write_to_path(path)
    return str(path)
