"""`armguard-tray check` on a real terminal."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from armguard_tray.tasks import TaskKeeper
from tests.end_to_end.check.command import PATIENCE
from tests.fakes.scripted_server import PASSWORD, ScriptedServer

ERASED = "\x1b[2K"
"""How a terminal is told to erase a line, before something else is drawn in its place."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


async def shown_by_check(server: ScriptedServer, home: Path, *options: str, out: bool) -> tuple[str, str]:
    """Return what a check writes to the terminal, its standard output too if `out`, and what to a pipe."""
    ours, theirs = os.openpty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "REDIS"))}
    account = ("--server", server.url, "--username", "armorer1", "--password-stdin")
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "armguard_tray", "check", *account, *options),
            stdin=PIPE,
            stdout=theirs if out else PIPE,
            stderr=theirs,
            env={**kept, "HOME": str(home), "TERM": "xterm", "COLUMNS": "200", "PYTHONWARNINGS": "error"},
        )
    finally:
        os.close(theirs)
    keeper = TaskKeeper("terminal")
    reading = keeper.start(asyncio.to_thread(_all_of, ours), name="read")
    try:
        async with asyncio.timeout(PATIENCE):
            piped, _ = await process.communicate(f"{PASSWORD}\n".encode())
            return await reading, (piped or b"").decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await keeper.close()
        os.close(ours)


def _all_of(terminal: int) -> str:
    """Read until nobody writes any more."""
    read = bytearray()
    # Linux says so with EIO.
    with contextlib.suppress(OSError):
        while data := os.read(terminal, 65536):
            read += data
    return read.decode()


async def test_each_rung_stands_there_once_and_the_answer_below(tmp_path: Path) -> None:
    async with ScriptedServer().running() as server:
        terminal, _ = await shown_by_check(server, tmp_path, out=True)

    *progress, left = terminal.split(ERASED)
    assert any("TCP" in each for each in progress), "it was shown as it was found"
    assert left.count("TCP   ") == left.count("Session   ") == 1
    assert left.rindex("Redis") < left.index("◐ Login and all streams work")


@pytest.mark.parametrize("options", [(), ("--json",)])
async def test_to_a_pipe_the_answer_and_to_the_terminal_how_far_it_is(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    async with ScriptedServer().running() as server:
        terminal, piped = await shown_by_check(server, tmp_path, *options, out=False)

    assert "Checking: Subscription of notifications" in terminal
    assert terminal.split(ERASED)[-1].strip() == "", "and that is gone in the end"
    assert piped.startswith('{"verdict":"ok"' if options else "◐ ")
    assert "✓" not in terminal
