"""A demo server for each test, as the stock server is or with the app."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.end_to_end.catchup.armory import Armory


@pytest_asyncio.fixture(params=["stock", "with the app"])
async def armory(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Armory]:
    """Run a server that has had some transactions, of both kinds."""
    async with Armory.open(tmp_path, stock=request.param == "stock") as running:
        yield running


@pytest_asyncio.fixture
async def with_the_app(tmp_path: Path) -> AsyncIterator[Armory]:
    """Run one with the app."""
    async with Armory.open(tmp_path, stock=False) as running:
        yield running


@pytest_asyncio.fixture
async def stock(tmp_path: Path) -> AsyncIterator[Armory]:
    """Run one as the stock server is."""
    async with Armory.open(tmp_path, stock=True) as running:
        yield running
