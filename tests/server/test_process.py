"""The demo server as a process: how it starts, says where it is, and ends."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from armguard_tray.server.demo.process import DemoServer, DemoServerFailed
from tests.server.sockets import PATIENCE

COMMAND = [sys.executable, "-m", "armguard_tray.server.demo"]
FORMS = pytest.mark.parametrize(
    "form",
    [["--stock"], [], ["--server=uvicorn"], ["--stock", "--server=uvicorn"], ["--server=wsgi"]],
    ids=" ".join,
)


@asynccontextmanager
async def demo_process(tmp: Path, *options: str, stdin: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the bare process, whose temporary files go to `tmp`."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *options,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": str(tmp), "TMP": str(tmp), "TEMP": str(tmp)},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def status_of(url: str) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(url)).status_code


async def line_of(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        line: dict[str, Any] = json.loads(await process.stdout.readline())
    return line


async def end_of(process: asyncio.subprocess.Process) -> tuple[int, bytes]:
    """Wait for the end; return the exit code and what else was printed."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        rest = await process.stdout.read()
        return await process.wait(), rest


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a process could handle")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@FORMS
async def test_one_line_tells_where_it_is_and_a_signal_ends_it_cleanly(
    tmp_path: Path, form: list[str], number: int
) -> None:
    options = (*form, "--rate", "60000")
    async with demo_process(tmp_path, *options, stdin=asyncio.subprocess.DEVNULL) as process:
        line = await line_of(process)
        assert set(line) == {"url", "username", "password", "pid"}
        assert line["pid"] == process.pid
        assert await status_of(line["url"] + "/login/") == 200
        assert left_in(tmp_path) != []
        process.send_signal(number)
        assert await end_of(process) == (0, b"")
    assert left_in(tmp_path) == []


@FORMS
async def test_it_ends_with_its_standard_input(tmp_path: Path, form: list[str]) -> None:
    options = (*form, "--rate", "60000", "--until-stdin-closes")
    async with demo_process(tmp_path, *options, stdin=asyncio.subprocess.PIPE) as process:
        await line_of(process)
        assert process.stdin is not None
        process.stdin.close()
        assert await end_of(process) == (0, b"")
    assert left_in(tmp_path) == []


async def test_given_data_dir_is_made_and_kept(tmp_path: Path) -> None:
    data_dir = tmp_path / "new" / "folder"
    async with DemoServer.start(data_dir=data_dir):
        pass
    assert (data_dir / "armguard-demo.sqlite3").exists()


async def test_stop_may_be_said_twice(tmp_path: Path) -> None:
    async with DemoServer.start(data_dir=tmp_path) as server:
        await server.stop()
        await server.stop()
        with pytest.raises(httpx.ConnectError):
            await status_of(server.url)


async def test_a_taken_port_is_an_error_with_what_the_server_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DemoServerFailed, match="ended with exit code 1") as failed:
            async with DemoServer.start(port=port):
                pass
    assert "Listen failure" in failed.value.stderr


@pytest.mark.parametrize("options", [["--rate", "-1"], ["--rate", "nan"], ["--port", "none"]])
async def test_wrong_usage_is_exit_code_2(tmp_path: Path, options: list[str]) -> None:
    async with demo_process(tmp_path, *options, stdin=asyncio.subprocess.DEVNULL) as process:
        assert await end_of(process) == (2, b"")
