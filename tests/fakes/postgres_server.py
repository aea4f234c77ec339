"""A real PostgreSQL server of the test's own, in a temporary folder, ended by its own id."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.mortal import mortal
from tests.fakes.redis_server import free_port

USER = "armory"
_DEBIAN = Path("/usr/lib/postgresql")
_START_TIMEOUT = _STOP_TIMEOUT = 60.0  # seconds
_ASK_AGAIN = 0.05
# Nobody's data: speed is all that counts.
_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "16MB"}


@dataclass(frozen=True)
class PostgresServer:
    """A running server; whoever connects as `USER` from this machine needs no password.

    Attributes:
        port: its port on 127.0.0.1.
        binaries: where its programs are.

    """

    port: int
    binaries: Path

    def url(self, database: str) -> str:
        """Return the address of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database and return its address."""
        _run(self.binaries / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, database)
        return self.url(database)


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs, None where it is not installed."""
    in_path = shutil.which("initdb")
    if in_path:
        return Path(in_path).resolve().parent
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def postgres_server(port: int | None = None) -> Iterator[PostgresServer]:
    """Run a server, on a free port unless one is given; skips the test where PostgreSQL is not installed."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    # Not in pytest's own folder: the server's user may not enter that.
    with tempfile.TemporaryDirectory(prefix="armguard-postgres-", ignore_cleanup_errors=True) as name:
        folder, user = Path(name), _server_user()
        data = folder / "data"
        if user:
            shutil.chown(folder, user)
        _run(programs / "initdb", *("-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "-N"), user=user)
        port = port or free_port()
        listen = {
            "port": str(port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": name,
        }
        options = [f"--{key}={value}" for key, value in (_SETTINGS | listen).items()]
        command = [str(programs / "postgres"), "-D", str(data), *options]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                mortal(command, "INT"),  # at TERM it would wait for its clients
                user=user,
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl+C is for the tests, which end it
            )
        try:
            _wait_until_ready(process, programs, port)
            yield PostgresServer(port, programs)
        finally:
            if process.poll() is None:
                _run(programs / "pg_ctl", "kill", "INT", str(process.pid), user=user)
            process.wait(_STOP_TIMEOUT)


def _wait_until_ready(process: "subprocess.Popen[bytes]", programs: Path, port: int) -> None:
    """Wait until it accepts connections; nothing but asking tells."""
    asked = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    until = time.monotonic() + _START_TIMEOUT
    while subprocess.run(asked, env=_environment(), check=False).returncode != 0:
        assert time.monotonic() < until, "PostgreSQL does not get ready"
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"PostgreSQL ended with {process.wait(_ASK_AGAIN)}")


def _server_user() -> str | None:
    """Return whom else to run the server as, for it refuses to be root."""
    return "nobody" if sys.platform != "win32" and os.geteuid() == 0 else None


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C"}


def _run(*command: str | Path, user: str | None = None) -> None:
    done = subprocess.run(
        list(map(str, command)),
        user=user,
        cwd="/",
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, f"{Path(command[0]).name} ended with {done.returncode}"
