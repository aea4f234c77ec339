"""A server process of the check's own: the project's ASGI application on a free loopback port."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import IO, Final, Literal

from django.conf import settings

from armguard_tray.server.management.checkup.findings import Bad
from armguard_tray.server.management.checkup.site import Site, own_site

START_TIMEOUT: Final = 60.0  # a Raspberry Pi may need half of it
STOP_TIMEOUT: Final = 10.0
_LOOK_AGAIN: Final = 0.05
_LAST_WORDS: Final = 600  # characters


Kind = Literal["daphne", "uvicorn"]
KINDS: Final[tuple[Kind, ...]] = ("daphne", "uvicorn")


def installed_kind() -> Kind:
    """Return the kind that is installed; of both, and of none, daphne, as on the stock server."""
    return next((kind for kind in KINDS if find_spec(kind) is not None), KINDS[0])


@asynccontextmanager
async def own_server(kind: Kind) -> AsyncIterator[Site]:
    """Run a server of that kind until the end of the block.

    Raises Bad if it is not installed or does not start, with the end of what it said.
    """
    if find_spec(kind) is None:
        raise Bad(f"{kind} is not installed here: pip install {kind}")
    port = _free_port()
    with tempfile.TemporaryFile() as output:
        process = await asyncio.create_subprocess_exec(
            *_command(kind, port),
            stdin=DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(),
        )
        try:
            await _listening(process, port, output)
            yield own_site(port)
        finally:
            await _end(process)


def _command(kind: Kind, port: int) -> list[str]:
    base = [sys.executable, "-m", kind, "--port", str(port)]
    if kind == "daphne":
        return [*base, "--bind", "127.0.0.1", "--verbosity", "0", _application()]
    return [*base, "--host", "127.0.0.1", "--log-level", "warning", "--lifespan", "off", _application()]


def _application() -> str:
    named: str | None = getattr(settings, "ASGI_APPLICATION", None)
    if not named:
        raise Bad("the settings name no ASGI_APPLICATION, as channels needs it")
    module, _, name = named.rpartition(".")
    return f"{module}:{name}"


def _environment() -> dict[str, str]:
    # The project's folder, which manage.py put there, is not on a child's path by itself.
    path = [sys.path[0] or os.getcwd(), os.environ.get("PYTHONPATH", "")]  # noqa: PTH109 - a path as text
    return os.environ | {"PYTHONPATH": os.pathsep.join(part for part in path if part)}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


async def _listening(process: Process, port: int, output: IO[bytes]) -> None:
    """Wait until it accepts connections; nothing but trying tells."""
    try:
        async with asyncio.timeout(START_TIMEOUT):
            while not await _accepts(port):
                if process.returncode is not None:
                    raise Bad(f"the server ended with exit code {process.returncode}: {_last_words(output)}")
                await asyncio.sleep(_LOOK_AGAIN)
    except TimeoutError:
        raise Bad(f"the server was not ready within {START_TIMEOUT:.0f} s: {_last_words(output)}") from None


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _last_words(output: IO[bytes]) -> str:
    end = output.seek(0, os.SEEK_END)
    output.seek(max(0, end - _LAST_WORDS))
    said = output.read().decode(errors="replace").strip().splitlines()
    return said[-1] if said else "it said nothing"


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
