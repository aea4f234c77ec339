"""Fixtures: a Redis of the test's own."""

import gc
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from armguard_tray.tasks import TaskKeeper
from tests.fakes.redis_server import ControlledRedis, controlled_redis


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[ControlledRedis]:
    """Run a redis-server on a loopback port."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    async with controlled_redis(tmp_path) as running:
        yield running


@pytest_asyncio.fixture
async def keeper() -> AsyncIterator[TaskKeeper]:
    """Keep what a test lets wait."""
    keeper = TaskKeeper("test")
    yield keeper
    await keeper.close()


@pytest.fixture(autouse=True)
def _no_stray_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Show all changes, and fail on what asyncio says of tasks that nobody kept or awaited."""
    caplog.set_level(logging.INFO)
    yield
    gc.collect(1)
    strays = [record.getMessage() for record in caplog.get_records("call") if record.name == "asyncio"]
    assert strays == []
