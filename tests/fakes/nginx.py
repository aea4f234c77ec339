"""A real nginx on a free loopback port, in a folder of its own, as whoever runs the tests.

It runs as one process, without workers to leave behind, and is ended by its own id.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import trustme

from armguard_tray.tasks import TaskKeeper
from tests.fakes.mortal import mortal
from tests.fakes.odd_ports import HOST
from tests.fakes.redis_server import free_port

# Debian has it where only root's PATH looks.
NGINX: Final = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
WELCOME: Final = Path("/usr/share/nginx/html/index.html")
"""Its own page, "Welcome to nginx!"."""
UPGRADE: Final = (
    'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
)
"""What lets a WebSocket through (https://nginx.org/en/docs/http/websocket.html)."""
HOST_AS_ASKED: Final = "proxy_set_header Host $http_host;"
_BEGINS: Final = b"using the"  # "... "epoll" event method": after this it takes connections
_TEMPORARY: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def to(server: str, *lines: str, path: str = "/") -> str:
    """Return a location that passes requests on to the url `server`, the host as it was asked for."""
    return f"location {path} {{ proxy_pass {server}; {HOST_AS_ASKED} {' '.join(lines)} }}"


def as_deployed(pages: str, sockets: str) -> str:
    """Return the two locations of ArmGuard's deployment: `/ws/` to daphne, all else to gunicorn."""
    return f"{to(pages)} {to(sockets, UPGRADE, path='/ws/')}"


@contextlib.asynccontextmanager
async def nginx(
    folder: Path, server: str, *, http: str = "", certificate: trustme.LeafCert | None = None
) -> AsyncIterator[str]:
    """Run nginx and yield its url, without a path.

    Args:
        folder: for all its files.
        server: directives of its one server.
        http: directives beside that.
        certificate: for TLS; None: plain HTTP.

    """
    assert NGINX is not None, "nginx is not installed"
    port = free_port()
    config = _written(folder, _config(_listening(folder, port, certificate) + server, http))
    process = await asyncio.create_subprocess_exec(
        *mortal([NGINX, "-p", str(folder), "-c", str(config), "-e", "stderr"]),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    keeper = TaskKeeper("nginx")
    try:
        await _ready(process, process.stderr)
        # What it says is read on, or it would stand still once the pipe is full.
        keeper.start(process.stderr.read(), name="log")
        yield f"{'https' if certificate else 'http'}://{HOST}:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        await keeper.close()


def _listening(folder: Path, port: int, certificate: trustme.LeafCert | None) -> str:
    if certificate is None:
        return f"listen {HOST}:{port};\n"
    both = folder / "server.pem"
    certificate.private_key_and_cert_chain_pem.write_to_path(both)
    return f"listen {HOST}:{port} ssl;\nssl_certificate {both};\nssl_certificate_key {both};\n"


def _config(server: str, http: str) -> str:
    temporary = " ".join(f"{name}_temp_path {name};" for name in _TEMPORARY)
    return f"""\
daemon off;
master_process off;
pid nginx.pid;
error_log stderr notice;
events {{ }}
http {{
    access_log off;
    {temporary}
    {http}
    server {{
        {server}
    }}
}}
"""


def _written(folder: Path, config: str) -> Path:
    file = folder / "nginx.conf"
    file.write_text(config)
    return file


async def _ready(process: asyncio.subprocess.Process, stderr: asyncio.StreamReader) -> None:
    said = []
    async for line in stderr:
        said.append(line.decode(errors="replace"))
        if _BEGINS in line:
            return
    raise AssertionError(f"nginx ended with {await process.wait()}: {''.join(said)}")
