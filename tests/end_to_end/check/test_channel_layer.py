"""The channel layer that a server uses, proven from here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.checkup.redis_search import RedisWanted
from armguard_tray.clock import SystemClock
from armguard_tray.redis_probe.find import VARIABLE
from armguard_tray.redis_probe.proof import ProofVerdict
from armguard_tray.redis_probe.report import RedisState
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.model import ServerSettings
from tests.end_to_end.check.looking import QUICK, fresh
from tests.fakes.demo_server import DemoClient
from tests.fakes.redis_moods import tls_redis
from tests.fakes.redis_server import controlled_redis
from tests.fakes.redis_wanted import named
from tests.server.sockets import next_frame, socket_of


async def test_the_redis_that_the_server_uses(tmp_path: Path) -> None:
    async with controlled_redis(tmp_path) as redis, DemoServer.start(redis=redis.url) as server:
        asked = Asked(
            server=ServerSettings(address=server.url, username=server.username),
            redis=named(redis.url),
            prove=True,
        )
        facts = await check(asked, fresh(server.password), clock=SystemClock(), limits=QUICK)
    assert facts.redis is not None
    assert facts.redis.state is RedisState.UP
    assert facts.figures is not None
    assert facts.proof is not None
    assert facts.proof.verdict is ProofVerdict.PROVEN, facts.proof


async def test_a_redis_that_somebody_else_uses(
    demo_server: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with controlled_redis(tmp_path) as redis:
        monkeypatch.setenv(VARIABLE, redis.url)
        asked = Asked(
            server=ServerSettings(address=demo_server.url, username=demo_server.username),
            redis=RedisWanted(),
            prove=True,
        )
        facts = await check(asked, fresh(demo_server.password), clock=SystemClock(), limits=QUICK)
    assert facts.proof is not None
    assert facts.proof.verdict is ProofVerdict.NOT_PROVEN
    assert facts.figures is None, "a Redis that is not known to be the server's is nobody's fault"


@asynccontextmanager
async def a_desk_of(server: DemoServer) -> AsyncIterator[None]:
    """Be connected as somebody else."""
    with DemoClient(server, username="sgt.reyes") as desk:
        desk.log_in()
        async with socket_of(desk, "notifications") as socket:
            await next_frame(socket)
            yield


async def test_the_redis_that_the_servers_app_tells_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    async with (
        controlled_redis(tmp_path) as redis,
        DemoServer.start(redis=redis.url, stock=False) as server,
        a_desk_of(server),  # it tells of what it uses
    ):
        asked = Asked(
            server=ServerSettings(address=server.url, username="admin"), redis=RedisWanted(), prove=True
        )
        facts = await check(asked, fresh(server.password), clock=SystemClock(), limits=QUICK)
    assert facts.app is not None
    assert facts.app.redis == redis.url, "admins are told"
    assert facts.proof is not None
    assert (facts.proof.verdict, facts.proof.where) == (
        ProofVerdict.PROVEN,
        f"127.0.0.1:{redis.port}, database 0",
    )


async def test_a_redis_that_was_named_is_not_looked_for_where_the_app_tells(tmp_path: Path) -> None:
    async with (
        controlled_redis(tmp_path) as redis,
        DemoServer.start(redis=redis.url, stock=False) as server,
    ):
        asked = Asked(
            server=ServerSettings(address=server.url, username="admin"),
            redis=named("redis://127.0.0.1:1/0"),
            prove=True,
        )
        facts = await check(asked, fresh(server.password), clock=SystemClock(), limits=QUICK)
    assert facts.redis is not None
    assert facts.redis.where == "127.0.0.1:1"
    assert facts.proof is None


async def test_a_redis_over_tls_with_a_ca_of_its_own_and_another_prefix(
    demo_server: DemoServer, tmp_path: Path
) -> None:
    account = ServerSettings(address=demo_server.url, username=demo_server.username)
    async with tls_redis(tmp_path) as (port, authority):
        url = f"rediss://127.0.0.1:{port}/0"
        wanted = named(url, ca_file=str(authority), prefix="elsewhere")
        look = Asked(server=account, redis=wanted, prove=True)
        facts = await check(look, fresh(demo_server.password), clock=SystemClock(), limits=QUICK)
        unknown_ca = replace(look, redis=named(url))
        without = await check(unknown_ca, fresh(demo_server.password), clock=SystemClock(), limits=QUICK)
    assert facts.redis is not None
    assert facts.redis.state is RedisState.UP
    assert facts.proof is not None
    assert "elsewhere:group:notifications_2" in facts.proof.evidence
    assert without.redis is not None
    assert without.redis.state is not RedisState.UP, "TLS is no weaker for it"
