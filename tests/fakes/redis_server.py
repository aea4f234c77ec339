"""A real redis-server on a free loopback port, in a folder of its own, ended by its own id."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

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
        REDIS_SERVER, *base, "--dir", str(folder), *options, stdout=asyncio.subprocess.PIPE
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
