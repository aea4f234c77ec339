"""The demo with the app, run by an interpreter that has the oldest supported versions of everything."""

from pathlib import Path

import pytest

from tests.fakes.demo_server import M4_00077, DemoClient
from tests.fakes.live_client import LiveClient
from tests.fakes.live_site import LiveSite
from tests.fakes.postgres_server import postgres_server
from tests.fakes.redis_server import redis_server

pytestmark = pytest.mark.usefixtures("importable")


async def test_it_serves_and_resumes_with_redis_over_two_processes(
    oldest_python: str, tmp_path: Path
) -> None:
    async with redis_server(tmp_path) as port:
        site = LiveSite(tmp_path / "site", redis=f"redis://127.0.0.1:{port}/0")
        async with (
            site.server(python=oldest_python) as one,
            site.server(python=oldest_python) as other,
        ):
            with DemoClient(one) as armorer:
                armorer.log_in()
                live = LiveClient(armorer)
                async with live.connected(other):
                    assert live.hello["layer"]["in_use"] == "redis"
                    made = armorer.issue()
                    heard = await live.next_event("transaction_created")
                    assert heard["transaction"]["id"] == made
                returned = armorer.take_back()
                async with live.connected(one):
                    heard = await live.next_event("transaction_returned")
                    assert heard["transaction"]["id"] == returned


async def test_the_status_page_names_the_versions(oldest_python: str, tmp_path: Path) -> None:
    async with LiveSite(tmp_path).server(python=oldest_python) as server:
        with DemoClient(server) as armorer:
            armorer.log_in()
            said = armorer.http.get("/armguard-live/").json()["versions"]
    assert said["Django"].startswith("4.2.")
    assert said["channels"] == "4.0.0"


async def test_it_serves_on_postgresql_with_psycopg2(oldest_python: str, tmp_path: Path) -> None:
    with postgres_server() as postgres:
        site = LiveSite(tmp_path / "site", database=postgres.create("oldest"))
        async with site.server(python=oldest_python) as server:
            with DemoClient(server) as armorer:
                armorer.log_in()
                live = LiveClient(armorer)
                async with live.connected():
                    armorer.issue(item_id=M4_00077)
                    heard = await live.next_event("transaction_created")
                    assert heard["transaction"]["item_id"] == M4_00077
