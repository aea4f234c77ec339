"""A real redis-server on a free loopback port, in a folder of its own, ended by its own id."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import psutil

from tests.fakes.mortal import mortal

REDIS_SERVER = shutil.which("redis-server")


def free_port() -> int:
    """Return a loopback port that nothing listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def redis_server(folder: Path, *options: str) -> AsyncIterator[int]:
    """Run redis-server with `options` and yield its port."""
    assert REDIS_SERVER is not None, "redis-server is not installed"
    port = free_port()
    base = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    process = await asyncio.create_subprocess_exec(
        *mortal([REDIS_SERVER, *base, "--dir", str(folder), *options], "KILL"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await _ready(process)
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


async def _ready(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if b"eady to accept connections" in line:
            return
    raise AssertionError(f"redis-server ended with {await process.wait()}")


class ControlledRedis:
    """A redis-server that a test stops, freezes and starts again at the same place.

    Attributes:
        port: 0 where it only listens at a unix socket.
        url: without a password.

    """

    def __init__(self, folder: Path, *options: str, unix: bool = False) -> None:
        """Take a free port, or a socket in `folder`; start nothing yet."""
        self.port = 0 if unix else free_port()
        self.url = f"unix://{folder}/redis.sock" if unix else f"redis://127.0.0.1:{self.port}/0"
        self.options = options
        self._folder = folder
        self._unix = unix
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, empty, and wait until it takes connections."""
        assert REDIS_SERVER is not None, "redis-server is not installed"
        place = ("--unixsocket", str(self._folder / "redis.sock")) if self._unix else ("--bind", "127.0.0.1")
        command = [REDIS_SERVER, "--port", str(self.port), *place, "--dir", str(self._folder)]
        command += ["--save", "", "--appendonly", "no", *self.options]
        self._process = await asyncio.create_subprocess_exec(
            *mortal(command, "KILL"),  # one that is frozen heeds nothing else
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        await _ready(self._process)

    async def stop(self) -> None:
        """End it, frozen or not."""
        if self._process is None:
            return
        process, self._process = self._process, None
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(process.pid).resume()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()

    def freeze(self) -> None:
        """Let it answer nothing, while its connections stay."""
        assert self._process is not None
        psutil.Process(self._process.pid).suspend()

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        psutil.Process(self._process.pid).resume()


@contextlib.asynccontextmanager
async def controlled_redis(folder: Path, *options: str, unix: bool = False) -> AsyncIterator[ControlledRedis]:
    """Run a `ControlledRedis` and end it."""
    server = ControlledRedis(folder, *options, unix=unix)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
