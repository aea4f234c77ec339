"""Running a Python program of the tests as a process of its own, on a private desktop."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.desktop_session import end_process
from tests.fakes.mortal import mortal

ROOT = Path(__file__).resolve().parents[3]


def installed(name: str, folder: str = "") -> str:
    """Return the path of a program or file, in the search path or in such a folder; else skip the test."""
    found = [str(each) for each in Path("/").glob(f"{folder[1:]}/{name}")] if folder else [shutil.which(name)]
    if not found or found[0] is None:
        pytest.skip(f"not installed: {name}")
    return found[0]


class Program:
    """A running program.

    Attributes:
        process: its process.

    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Read what `process` writes."""
        self.process = process

    async def line(self) -> str:
        """Return its next line; empty when it has ended."""
        assert self.process.stdout
        return (await asyncio.to_thread(self.process.stdout.readline)).decode().strip()


@contextmanager
def program(module: str, *arguments: str, env: Mapping[str, str]) -> Iterator[Program]:
    """Run `python -m module arguments` and end it, by its id, with the block."""
    with subprocess.Popen(
        mortal([sys.executable, "-m", module, *arguments]),
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    ) as process:
        try:
            yield Program(process)
        finally:
            end_process(process)
