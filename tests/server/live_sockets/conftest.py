"""Fixtures: a site with short times, a server of the demo on it, and a server of the troubled project."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from armguard_tray.server.demo.process import DemoServer
from tests.fakes.demo_server import DemoClient, running_demo
from tests.fakes.live_site import LiveSite
from tests.fakes.redis_server import REDIS_SERVER, redis_server
from tests.server.live_sockets.serving import Kind, TroubledServer, troubled_server

# Every time that a test would have to wait for, short.
SHORT: dict[str, Any] = {
    "CONNECT_TIMEOUT": 2,
    "DISCONNECT_TIMEOUT": 0.5,
    "LEASE_SECONDS": 1.5,
    "LEASE_RENEWAL": 0.3,
    "HEAD_CHECK": 0.3,
    "HEAD_CHECK_ALONE": 0.2,
    "SESSION_CHECK": 0.2,
    "SLOW_AFTER": 1,
    "WINDOW": 8,
}


@pytest.fixture
def site(tmp_path: Path) -> LiveSite:
    """Return a site of the test's own, on SQLite, its channel layer in memory."""
    return LiveSite(tmp_path / "site", live=SHORT)


@pytest_asyncio.fixture
async def redis_site(site: LiveSite, tmp_path: Path) -> AsyncIterator[LiveSite]:
    """Run a Redis for the site."""
    if REDIS_SERVER is None:
        pytest.skip("redis-server is not installed")
    async with redis_server(tmp_path) as port:
        yield replace(site, redis=f"redis://127.0.0.1:{port}/0")


@pytest.fixture(params=["site", "redis_site"])
def any_site(request: pytest.FixtureRequest) -> LiveSite:
    """Return each of these sites in turn."""
    found: LiveSite = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module", params=["daphne", "uvicorn"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each of the servers in turn."""
    return cast("Kind", request.param)


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> LiveSite:
    """Return the site of `server`."""
    return LiveSite(tmp_path_factory.mktemp("shared") / "site", live=SHORT)


@pytest.fixture(scope="module")
def server(shared_site: LiveSite, kind: Kind) -> Iterator[DemoServer]:
    """Run the demo in each of the servers, for all tests of a module: leave it as you found it."""
    with running_demo(
        stock=False,
        server=kind,
        data_dir=shared_site.data_dir,
        live=shared_site.live,
        secret_key=shared_site.secret_key,
    ) as running:
        yield running


@pytest.fixture
def armorer(server: DemoServer) -> Iterator[DemoClient]:
    """Log in as the armorer."""
    with DemoClient(server) as client:
        client.log_in()
        yield client
        client.take_everything_back()


@pytest_asyncio.fixture
async def troubled(site: LiveSite, kind: Kind) -> AsyncIterator[TroubledServer]:
    """Run the troubled project in each of the servers, beside the demo."""
    async with site.server(), troubled_server(site, kind) as running:
        yield running


@pytest_asyncio.fixture
async def visitor(troubled: TroubledServer) -> AsyncIterator[DemoClient]:
    """Log in as the armorer at the troubled project."""
    with DemoClient(cast("DemoServer", troubled), username="armorer1", password="armory-demo") as client:
        await asyncio.to_thread(client.log_in)
        yield client
