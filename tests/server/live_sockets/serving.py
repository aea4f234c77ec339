"""A server of the troubled project, on the database of a demo server that runs beside it."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.live_site import LiveSite
from tests.fakes.redis_server import free_port

APPLICATION = "tests.server.live_sockets.project.asgi:application"
PATIENCE = 60.0
Kind = Literal["daphne", "uvicorn"]
READY = {"daphne": "Listening on", "uvicorn": "Uvicorn running"}


@dataclass
class TroubledServer:
    """A running server.

    Attributes:
        url: its address.
        pid: its process.
        lines: what it has logged, as far as it was read.

    """

    url: str
    process: Process
    lines: list[str] = field(default_factory=list)

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    async def logged(self, text: str) -> str:
        """Return the line that says so, once it is there; the lines up to it are not looked at again."""
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            async for line in self.process.stderr:
                self.lines.append(line.decode())
                if text in self.lines[-1]:
                    return self.lines[-1]
        raise AssertionError(f"it ended without saying {text!r}: {''.join(self.lines)}")

    async def end(self) -> None:
        """Tell it to end, as the system does, and wait until it has."""
        if self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            async with asyncio.timeout(PATIENCE):
                _, rest = await self.process.communicate()
        except TimeoutError:
            self.process.kill()
            raise
        self.lines.append(rest.decode())


@asynccontextmanager
async def troubled_server(site: LiveSite, kind: Kind) -> AsyncIterator[TroubledServer]:
    """Run a server on `site`, which has a database already; it must end by itself when told."""
    port = free_port()
    options = {
        "daphne": ("-b", "127.0.0.1", "-p", str(port)),
        "uvicorn": ("--port", str(port), "--timeout-graceful-shutdown", "3", "--lifespan", "off"),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", kind, *options[kind], APPLICATION),
        stderr=PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        # Nobody has said that it is the only one.
        env=os.environ | site.environment | {"ARMGUARD_DEMO_ALONE": ""},
    )
    server = TroubledServer(f"http://127.0.0.1:{port}", process)
    try:
        await server.logged(READY[kind])
        yield server
    finally:
        await server.end()
