"""`armguard-tray watch --json` as a process of its own, read line by line."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

# Generous: it ends a test that would hang, and is no measure of anything.
PATIENCE = 60.0

Line = dict[str, Any]


class WatchProcess:
    """A running `watch --json`.

    Attributes:
        process: the process.

    """

    def __init__(self, process: Process) -> None:
        """Read from `process`."""
        self.process = process

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        *arguments: str,
        password: str | None,
        home: Path,
        json_lines: bool = True,
        redirect: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> AsyncIterator["WatchProcess"]:
        """Run it with `arguments`, the password on its standard input, `home` as home; kill it at the end.

        `redirect` is what a shell user adds to the command, such as `2>/dev/full`.
        """
        options = ["--json"] if json_lines else []
        if password is not None:
            options.append("--password-stdin")
        process = await asyncio.create_subprocess_exec(
            *("sh", "-c", f'exec "$@" {redirect}', "sh"),
            sys.executable,
            "-m",
            "armguard_tray",
            "watch",
            *options,
            *arguments,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=_environment(home) | dict(environment or {}),
        )
        assert process.stdin is not None
        if password is not None:
            process.stdin.write(password.encode() + b"\n")
        process.stdin.close()
        try:
            yield cls(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    async def event(self, wanted: Callable[[Line], bool] = lambda _: True) -> Line:
        """Return the next event that is `wanted`."""
        return await self._line(self.process.stdout, wanted)

    async def state(self, wanted: str) -> Line:
        """Wait until it says that its state is `wanted`."""
        return await self._line(self.process.stderr, lambda line: line.get("state") == wanted)

    async def _line(self, stream: asyncio.StreamReader | None, wanted: Callable[[Line], bool]) -> Line:
        assert stream is not None
        async with asyncio.timeout(PATIENCE):
            while text := await stream.readline():
                line: Line = json.loads(text)
                if wanted(line):
                    return line
        raise AssertionError("it ended before that came")

    async def hang_up(self) -> None:
        """Read its output no more, as `head` does when it has enough."""
        self.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]  # asyncio has no other way
        # The pipe itself is closed in the loop's next round.
        await asyncio.sleep(0)

    async def end(self) -> int:
        """Wait until it has ended, and return its exit code."""
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()


def _environment(home: Path) -> dict[str, str]:
    """Return an environment without a display, and with a home of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_", "DISPLAY", "WAYLAND"))
    }
    return {**kept, "HOME": str(home), "PYTHONWARNINGS": "error"}
