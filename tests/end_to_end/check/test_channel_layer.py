"""The channel layer that a server uses, proven from here."""

from pathlib import Path

from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.clock import SystemClock
from armguard_tray.redis_probe.find import candidates
from armguard_tray.redis_probe.proof import ProofVerdict
from armguard_tray.redis_probe.report import RedisState
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.model import ServerSettings
from tests.end_to_end.check.looking import QUICK, fresh
from tests.fakes.redis_server import controlled_redis


async def test_the_redis_that_the_server_uses(tmp_path: Path) -> None:
    async with controlled_redis(tmp_path) as redis, DemoServer.start(redis=redis.url) as server:
        asked = Asked(
            server=ServerSettings(address=server.url, username=server.username),
            redis=candidates(given=redis.url)[:1],
            prove=True,
        )
        facts = await check(asked, fresh(server.password), clock=SystemClock(), limits=QUICK)
    assert facts.redis is not None
    assert facts.redis.state is RedisState.UP
    assert facts.figures is not None
    assert facts.proof is not None
    assert facts.proof.verdict is ProofVerdict.PROVEN, facts.proof


async def test_a_redis_that_somebody_else_uses(demo_server: DemoServer, tmp_path: Path) -> None:
    async with controlled_redis(tmp_path) as redis:
        asked = Asked(
            server=ServerSettings(address=demo_server.url, username=demo_server.username),
            redis=candidates(given=redis.url)[:1],
            redis_guessed=True,
            prove=True,
        )
        facts = await check(asked, fresh(demo_server.password), clock=SystemClock(), limits=QUICK)
    assert facts.proof is not None
    assert facts.proof.verdict is ProofVerdict.NOT_PROVEN
    assert facts.figures is None, "a Redis that is not known to be the server's is nobody's fault"
