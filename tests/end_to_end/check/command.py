"""`armguard-tray check` as a process of its own."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 60.0


@dataclass(frozen=True)
class Outcome:
    """How it ended: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict[str, Any]:
        """The object that it wrote with --json."""
        answer: dict[str, Any] = json.loads(self.out)
        return answer

    @property
    def codes(self) -> list[str]:
        """The causes in it."""
        return [cause["code"] for cause in self.answer["causes"]]


async def run_check(
    *arguments: str,
    password: str | None,
    home: Path,
    environment: Mapping[str, str] | None = None,
    interrupt: asyncio.Event | None = None,
) -> Outcome:
    """Run it with `arguments`, the password on its standard input, and `home` as home, without a display.

    It is sent what Ctrl+C sends when `interrupt` is set.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_", "DISPLAY", "WAYLAND", "DBUS_", "REDIS"))
    }
    options = ["--password-stdin"] if password is not None else []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "armguard_tray", "check", *options, *arguments),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env={**kept, "HOME": str(home), "PYTHONWARNINGS": "error", **(environment or {})},
    )

    async def interrupted() -> None:
        if interrupt is not None:
            await interrupt.wait()
            process.send_signal(signal.SIGINT)

    try:
        async with asyncio.timeout(PATIENCE):
            said = process.communicate(f"{password}\n".encode() if password is not None else b"")
            (out, err), _ = await asyncio.gather(said, interrupted())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Outcome(process.returncode, out.decode(), err.decode())
