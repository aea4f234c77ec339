"""A parent's handle on a demo server that runs as a child process. Imports no Django."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Literal

START_TIMEOUT: Final = 30.0
STOP_TIMEOUT: Final = 15.0
STDERR_TAIL: Final = 4000

# Ctrl+C is meant for the parent: the child ends when its standard input closes.
if sys.platform == "win32":
    APART_FROM_THE_TERMINAL: Final[dict[str, Any]] = {
        "creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    }
else:
    APART_FROM_THE_TERMINAL: Final[dict[str, Any]] = {"start_new_session": True}


class DemoServerFailed(Exception):  # noqa: N818 - named for what happened
    """The demo server did not start.

    Attributes:
        stderr: the end of what it said on standard error.

    """

    def __init__(self, reason: str, stderr: str) -> None:
        """Fail for `reason`, with the end of the server's standard error."""
        super().__init__(f"The demo server {reason}.\n{stderr}".rstrip())
        self.stderr = stderr


@dataclass(frozen=True)
class DemoServer:
    """A running demo server on loopback.

    Attributes:
        url: `http://127.0.0.1:PORT`, without a path.
        username: of the account to log in with.
        password: of every account there (see `accounts`).
        pid: of the child process.

    """

    url: str
    username: str
    password: str = field(repr=False)
    pid: int
    _process: Process = field(repr=False)

    @classmethod
    @asynccontextmanager
    async def start(  # noqa: PLR0913 - the options of a command, all optional
        cls,
        *,
        stock: bool = True,
        server: Literal["daphne", "uvicorn", "wsgi"] = "daphne",
        rate: float = 0,
        port: int = 0,
        redis: str | None = None,
        database: str | None = None,
        live: Mapping[str, Any] | None = None,
        alone: bool = False,
        seed: int | None = None,
        history: int = 0,
        data_dir: Path | None = None,
        secret_key: str | None = None,
        python: str = sys.executable,
    ) -> AsyncIterator["DemoServer"]:
        """Start a demo server, wait until it accepts connections, and stop it at the end.

        Two of them with the same `data_dir` or `database` and the same `secret_key` are two processes of
        one server.

        Args:
            stock: as the stock ArmGuard server is, which every desk must be able to live with; if not, with
                the app `armguard_tray.server`.
            server: what it runs in; `wsgi` serves no sockets and plays no traffic.
            rate: events a minute it plays by itself; 0 for a silent server.
            port: 0 takes a free one.
            redis: URL of the channel layer's Redis; in memory if None.
            database: URL of a PostgreSQL database; SQLite if None.
            live: more for the app's settings, `ARMGUARD_LIVE`.
            alone: whether this is the server's only process, for which a channel layer in memory will do.
            seed: of the traffic, to play the same again.
            history: past transactions to begin with.
            data_dir: keeps the database after the end; else it is in a temporary folder.
            secret_key: signs the sessions; give the same again, with the same `data_dir`, to keep them.
            python: the interpreter that runs it, whose packages it uses.

        Raises DemoServerFailed if it does not start.

        """
        arguments = [f"--server={server}", f"--rate={rate}", f"--port={port}", f"--history={history}"]
        arguments += ["--until-stdin-closes"] + ["--stock"] * stock
        if seed is not None:
            arguments.append(f"--seed={seed}")
        if data_dir is not None:
            arguments.append(f"--data-dir={data_dir}")
        # What may be secret goes through the environment, which `ps` does not show to others.
        secrets = {
            "ARMGUARD_DEMO_REDIS_URL": redis,
            "ARMGUARD_DEMO_SECRET_KEY": secret_key,
            "ARMGUARD_DEMO_DATABASE_URL": database,
            "ARMGUARD_DEMO_LIVE": json.dumps(dict(live or {})),
            "ARMGUARD_DEMO_ALONE": "yes" if alone else "",
        }
        environment = os.environ | {name: value or "" for name, value in secrets.items()}
        with tempfile.TemporaryFile() as stderr:
            process = await asyncio.create_subprocess_exec(
                python,
                "-m",
                "armguard_tray.server.demo",
                *arguments,
                stdin=PIPE,
                stdout=PIPE,
                stderr=stderr,
                env=environment,
                **APART_FROM_THE_TERMINAL,
            )
            try:
                yield cls(**await _first_line(process, stderr), _process=process)
            finally:
                await _stop(process)

    async def stop(self) -> None:
        """Let it end cleanly, and wait until it has. May be called more than once."""
        await _stop(self._process)

    async def wait(self) -> int:
        """Wait until it has ended by itself, and return its exit code."""
        return await self._process.wait()

    async def kill(self) -> None:
        """End it as a crash would, and wait until it has ended."""
        if self._process.returncode is None:
            self._process.kill()
        await _ended(self._process)


async def _first_line(process: Process, stderr: IO[bytes]) -> dict[str, Any]:
    if process.stdout is None:
        raise RuntimeError("standard output is a pipe")
    try:
        async with asyncio.timeout(START_TIMEOUT):
            line = await process.stdout.readline()
    except TimeoutError:
        raise DemoServerFailed(f"was not ready within {START_TIMEOUT:.0f} s", _tail(stderr)) from None
    if not line:
        code = await process.wait()
        raise DemoServerFailed(f"ended with exit code {code}", _tail(stderr))
    return dict(json.loads(line))


def _tail(stderr: IO[bytes]) -> str:
    end = stderr.seek(0, os.SEEK_END)
    stderr.seek(max(0, end - STDERR_TAIL))
    return stderr.read().decode(errors="replace")


async def _stop(process: Process) -> None:
    """Close its standard input, which ends it cleanly on every platform; kill it if it hangs."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(STOP_TIMEOUT):
            await _ended(process)
    except TimeoutError:
        process.kill()
        await _ended(process)


async def _ended(process: Process) -> None:
    if process.stdout is not None:
        await process.stdout.read()  # to its end, or its pipe would outlive the event loop
    await process.wait()
