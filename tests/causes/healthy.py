"""Servers that are well, and many checks of them: `python -m tests.causes.healthy [TIMES]`, 100 unless told.

The checks are made in this process, by the very function of the command, with sockets watched for a moment
only: what they may get wrong is not a matter of how long they look.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import trustme

from armguard_tray.app.check import exit_code
from armguard_tray.checkup.account import FreshLogin, Secret
from armguard_tray.checkup.audit import Auditor
from armguard_tray.checkup.checkup import Asked, check
from armguard_tray.checkup.limits import Limits
from armguard_tray.clock import SystemClock
from armguard_tray.diagnosis.diagnose import diagnose
from armguard_tray.diagnosis.facts import Keeping
from armguard_tray.diagnosis.ladder import Diagnosis
from armguard_tray.exit_codes import ExitCode
from armguard_tray.server.demo.process import DemoServer
from armguard_tray.settings.model import ServerSettings
from tests.causes.scene import Scene
from tests.fakes.live_site import LiveSite
from tests.fakes.nginx import as_deployed, nginx
from tests.fakes.odd_ports import HOST
from tests.fakes.redis_server import redis_server
from tests.fakes.redis_wanted import named

STAYS = 0.2
"""Seconds for which sockets are watched."""
Healthy = Callable[[Path], AbstractAsyncContextManager[Scene]]


@asynccontextmanager
async def _server(folder: Path, *, stock: bool) -> AsyncIterator[Scene]:
    """Run a server that is in use, with its channel layer in Redis."""
    async with redis_server(folder) as port:
        redis = f"redis://{HOST}:{port}/0"
        async with DemoServer.start(
            stock=stock, redis=redis, rate=60, history=30, data_dir=folder / "server"
        ) as demo:
            yield Scene(url=demo.url, redis=redis)


@asynccontextmanager
async def _behind_nginx(folder: Path, *, stock: bool) -> AsyncIterator[Scene]:
    """Run one as it is deployed: nginx with a certificate, `/ws/` in one process and the pages in another."""
    ca, ca_file = trustme.CA(organization_name="Armory"), folder / "armory-ca.pem"
    ca.cert_pem.write_to_path(ca_file)
    async with redis_server(folder) as port:
        redis = f"redis://{HOST}:{port}/0"
        site = LiveSite(folder / "server", redis=redis)
        async with (
            site.server(stock=stock, rate=60, history=30) as sockets,
            site.server(stock=stock, server="wsgi") as pages,
            nginx(folder, as_deployed(pages.url, sockets.url), certificate=ca.issue_cert(HOST)) as url,
        ):
            yield Scene(url=url, ca_file=str(ca_file), redis=redis)


HEALTHY: Final[dict[str, Healthy]] = {
    "stock": partial(_server, stock=True),
    "with the app": partial(_server, stock=False),
    "stock behind nginx": partial(_behind_nginx, stock=True),
    "with the app behind nginx": partial(_behind_nginx, stock=False),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """Many checks of one server.

    Attributes:
        times: how many.
        seconds: what they took.
        alarms: those that did not say that all is well.

    """

    times: int
    seconds: float
    alarms: tuple[Diagnosis, ...]

    @property
    def words(self) -> str:
        """Return what came of them, in words."""
        said = f"{self.times - len(self.alarms)} of {self.times} times well"
        return f"{said}; {self.alarms[0].headline}" if self.alarms else said


async def check_often(scene: Scene, times: int) -> Checked:
    """Check a server so often, one after the other."""
    began = time.perf_counter()
    alarms = []
    for _ in range(times):
        diagnosis = await check_once(scene)
        if exit_code(diagnosis) is not ExitCode.OK:
            alarms.append(diagnosis)
    return Checked(times, time.perf_counter() - began, tuple(alarms))


async def check_once(scene: Scene) -> Diagnosis:
    """Check a server as the command does, with a login of its own."""

    async def secret() -> Secret:
        return Secret(Keeping.GIVEN, scene.password)

    server = ServerSettings(address=scene.url, username=scene.username, ca_file=scene.ca_file)
    asked = Asked(
        server=server,
        redis=named(scene.redis) if scene.redis else None,
        prove=True,
        auditor=Auditor(server.zone, SystemClock()),
    )
    facts = await check(
        asked, FreshLogin(scene.username, secret), clock=SystemClock(), limits=Limits(stays=STAYS)
    )
    return diagnose(facts)


def main() -> int:
    """Check each healthy server many times; return 1 if one of the checks gave an alarm."""
    parser = argparse.ArgumentParser(prog="tests.causes.healthy")
    parser.add_argument("times", type=int, nargs="?", default=100)
    times: int = parser.parse_args().times
    alarms = 0
    for name, healthy in HEALTHY.items():
        checked = asyncio.run(_checked(healthy, times))
        alarms += len(checked.alarms)
        sys.stdout.write(f"{name}: {checked.words}, {checked.seconds:.1f} s\n")
    return 1 if alarms else 0


async def _checked(healthy: Healthy, times: int) -> Checked:
    with tempfile.TemporaryDirectory(prefix="healthy-") as folder:
        async with healthy(Path(folder)) as scene:
            return await check_often(scene, times)


if __name__ == "__main__":
    sys.exit(main())
