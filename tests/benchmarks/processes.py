"""The processes that are measured: started, spoken to in lines of JSON, and ended by their own id."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.fakes.mortal import mortal

ROOT = Path(__file__).resolve().parents[2]
END_WITHIN = 10.0
LONGEST_LINE = 16 << 20  # asyncio's own limit is 64 KiB


def program(name: str, *arguments: object) -> list[str]:
    """Return the command that runs a module of `programs`."""
    return [sys.executable, "-m", f"tests.benchmarks.programs.{name}", *map(str, arguments)]


@asynccontextmanager
async def running(
    command: Sequence[str], env: Mapping[str, str], first_line: str | None = None
) -> AsyncIterator[Process]:
    """Run a command, with `first_line` on its standard input; end it at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *mortal(command), stdin=PIPE, stdout=PIPE, env=dict(env), cwd=ROOT, limit=LONGEST_LINE
    )
    try:
        if first_line is not None:
            say(process, first_line)
        yield process
    finally:
        await _end(process)


def say(process: Process, line: str) -> None:
    """Write a line to a program's standard input."""
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())


async def heard(process: Process, patience: float) -> dict[str, Any]:
    """Return the next line that a program prints, a JSON object. Raises RuntimeError, TimeoutError."""
    assert process.stdout is not None
    async with asyncio.timeout(patience):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError(f"a program that is measured ended too soon, exit code {await process.wait()}")
    return dict(json.loads(line))


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(END_WITHIN):
            await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()
