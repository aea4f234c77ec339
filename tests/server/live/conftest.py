"""Fixtures: sites with the app, on each database, with and without Redis."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DemoClient, running_demo
from tests.fakes.live_site import LiveSite
from tests.fakes.postgres_server import PostgresServer, postgres_server
from tests.fakes.redis_server import REDIS_SERVER, redis_server

BRISK = {"HEAD_CHECK_ALONE": 0.2}
"""Without Redis, processes hear each other by looking at the log: often, so that examples need not wait."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL server for all tests; skips them where it is not installed."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def live_demo() -> Iterator[DemoServer]:
    """Run a silent demo server with the app that all tests share: leave it as you found it."""
    with running_demo(stock=False) as server:
        yield server


@pytest.fixture
def armorer(live_demo: DemoServer) -> Iterator[DemoClient]:
    """Log in to the shared server as its armorer; at the end, take back what is still out."""
    with DemoClient(live_demo) as client:
        client.log_in()
        yield client
        client.take_everything_back()


@pytest.fixture
def admin(live_demo: DemoServer) -> Iterator[DemoClient]:
    """Log in to the shared server as its admin."""
    with DemoClient(live_demo, username="admin") as client:
        client.log_in()
        yield client


@pytest.fixture
def site(tmp_path: Path) -> LiveSite:
    """Return a site of the test's own, on SQLite, its channel layer in memory."""
    return LiveSite(tmp_path / "site", live=BRISK)


@pytest_asyncio.fixture
async def redis_site(tmp_path: Path) -> AsyncIterator[LiveSite]:
    """Run a Redis for a site of the test's own, on SQLite."""
    if REDIS_SERVER is None:
        pytest.skip("redis-server is not installed")
    async with redis_server(tmp_path) as port:
        yield LiveSite(tmp_path / "site", redis=f"redis://127.0.0.1:{port}/0")


@pytest.fixture
def postgres_site(tmp_path: Path, postgres: PostgresServer) -> LiveSite:
    """Return a site of the test's own, on PostgreSQL, its channel layer in memory."""
    return LiveSite(tmp_path / "site", database=postgres.create(f"site_{uuid4().hex}"), live=BRISK)


@pytest.fixture(params=["site", "redis_site", "postgres_site"])
def any_site(request: pytest.FixtureRequest) -> LiveSite:
    """Return each of these sites in turn."""
    found: LiveSite = request.getfixturevalue(request.param)
    return found
