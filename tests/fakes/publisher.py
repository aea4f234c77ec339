"""A handle on a process of the server that serves no sockets, as a gunicorn worker or a command does."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal, Self

PATIENCE = 60.0
AtTheBell = Literal["ring", "die"]


class Publisher:
    """A running `publisher_program`: it does what it is told, one thing after another.

    With `at_the_bell="die"` it ends as a crash would, between the commit and the doorbell.
    """

    def __init__(self, process: Process) -> None:
        """Talk to `process`."""
        self._process = process

    @classmethod
    @asynccontextmanager
    async def start(
        cls, environment: Mapping[str, str], at_the_bell: AtTheBell = "ring"
    ) -> AsyncIterator[Self]:
        """Start one on the database that the demo's variables name, and end it at the end."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.fakes.publisher_program", at_the_bell),
            stdin=PIPE,
            stdout=PIPE,
            env=os.environ | dict(environment),
        )
        try:
            yield cls(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await process.communicate()

    async def do(self, deed: str, **arguments: Any) -> Any:
        """Have one of the program's functions called, and return what it returns."""
        await self._tell(deed, arguments)
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            answer = await self._process.stdout.readline()
        assert answer, f"the publisher has ended with {self._process.returncode}"
        return json.loads(answer)

    async def die_of(self, deed: str, **arguments: Any) -> None:
        """Have a function called that ends in the publisher's death, and wait for that."""
        await self._tell(deed, arguments)
        async with asyncio.timeout(PATIENCE):
            await self._process.wait()
        assert self._process.returncode != 0

    async def _tell(self, deed: str, arguments: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([deed, arguments]).encode() + b"\n")
        await self._process.stdin.drain()
