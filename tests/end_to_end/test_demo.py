"""`armguard-tray demo`: shows the feed of its own server, and leaves nothing behind however it ends."""

import asyncio
import os
import re
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.end_to_end.desk_process import PATIENCE, live_item
from tests.fakes.desktop_session import DesktopSession
from tests.fakes.private_desktop import PrivateDesktop


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Return the folder that the demo takes for temporary files."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


def left_in(folder: Path) -> list[str]:
    """Return the names of what is in a folder."""
    return [file.name for file in folder.iterdir()]


@asynccontextmanager
async def demo(*options: str, env: Mapping[str, str], temporary: Path) -> AsyncIterator[Process]:
    command = ["-W", "error", "-m", "armguard_tray", "demo", *options]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=PIPE, stderr=PIPE, env={**env, "TMPDIR": str(temporary)}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_with(stream: asyncio.StreamReader | None, words: str) -> str:
    """Return the next line that holds `words`."""
    assert stream is not None
    async with asyncio.timeout(PATIENCE):
        while line := (await stream.readline()).decode():
            if re.search(words, line):
                return line
    raise AssertionError(f"it ended without {words!r}")


async def end(process: Process) -> int:
    async with asyncio.timeout(PATIENCE):
        return await process.wait()


@pytest.mark.parametrize(
    ("number", "form"), [(signal.SIGTERM, []), (signal.SIGINT, ["--stock"]), (signal.SIGHUP, [])]
)
async def test_in_a_terminal_it_shows_the_feed_until_it_is_ended(
    temporary: Path, number: signal.Signals, form: list[str]
) -> None:
    options = ("--headless", "--rate", "600", *form)
    async with demo(*options, env=os.environ, temporary=temporary) as process:
        await line_with(process.stdout, "Demo server: http://127.0.0.1:")
        await line_with(process.stdout, r"→ Issued|← Returned|✉ Notice|◇ Status")
        process.send_signal(number)
        assert await end(process) == 0
    assert left_in(temporary) == []


@pytest.fixture
def session() -> Iterator[DesktopSession]:
    with tempfile.TemporaryDirectory(prefix="demo") as folder, DesktopSession(Path(folder)) as private:
        yield private


async def test_on_a_desktop_the_tray_ends_with_the_demo(session: DesktopSession, temporary: Path) -> None:
    async with (
        PrivateDesktop(session) as desktop,
        demo("--rate", "600", env=session.env, temporary=temporary) as process,
    ):
        await line_with(process.stdout, "Look for the shield")
        await live_item(desktop)
        await desktop.wait_for_notification()
        process.send_signal(signal.SIGTERM)
        assert await end(process) == 0
        await desktop.wait_for_no_item()
    assert left_in(temporary) == []


async def test_a_server_that_dies_ends_the_demo_with_a_sentence(temporary: Path) -> None:
    async with demo("--headless", "--rate", "600", env=os.environ, temporary=temporary) as process:
        await line_with(process.stdout, "Demo server")
        (server,) = children(process.pid)
        os.kill(server, signal.SIGKILL)
        assert "The demo server has ended unexpectedly" in await line_with(process.stderr, "ended")
        assert await end(process) == 1
    assert left_in(temporary) == []


def children(parent: int) -> list[int]:
    """Return the processes that `parent` has started."""
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


async def test_a_port_that_is_taken_is_said_in_a_sentence(temporary: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with demo("--headless", f"--port={port}", env=os.environ, temporary=temporary) as process:
            _, said = await process.communicate()
    assert said.decode() == f"armguard-tray: Port {port} is in use. Choose another one, or none: --port.\n"
    assert process.returncode == 1
