"""`armguard-tray check --json` as a process of its own, pointed at a scene."""

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from armguard_tray.tasks import TaskKeeper
from tests.causes.scene import Scene

PATIENCE = 60.0
"""Seconds until a check that does not end fails the test; what it took is in the table, not asserted."""
HAPPENS_EVERY = 0.5
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Told:
    """What a check said.

    Attributes:
        exit_code: of the process.
        seconds: that it took, from the start of the process to its end.
        verdict, headline, rungs, codes: its answer; codes are those of the causes, in order.
        errors: what it wrote to standard error.

    """

    exit_code: int
    seconds: float
    verdict: str
    headline: str
    rungs: dict[str, dict[str, Any]]
    codes: tuple[str, ...]
    errors: str

    def rung(self, name: str) -> dict[str, Any]:
        """Return a rung; empty if there is none of that name."""
        return self.rungs.get(name, {})


async def check(scene: Scene, home: Path) -> Told:
    """Run the real command; it has no screen, and `home` for its home."""
    command = [sys.executable, "-m", "armguard_tray", "check", "--json", *_arguments(scene)]
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=_ROOT, env=_environment(scene, home)
    )
    keeper = TaskKeeper("meanwhile")
    if scene.happens is not None:
        keeper.start(_again_and_again(scene.happens), name="what happens")
    try:
        async with asyncio.timeout(PATIENCE):
            output, errors = await process.communicate(
                None if scene.password is None else f"{scene.password}\n".encode()
            )
    finally:
        await keeper.close()
        if process.returncode is None:
            process.kill()
            await process.wait()
    seconds = time.perf_counter() - began
    assert process.returncode is not None
    said = errors.decode(errors="replace")
    for secret in filter(None, (scene.password, scene.redis_password)):
        assert secret.encode() not in output + errors, "a secret was told"
    try:
        answer = json.loads(output)
    except ValueError:
        raise AssertionError(f"exit code {process.returncode}, no JSON: {output!r}\n{said[-2000:]}") from None
    return told_by(answer, process.returncode, seconds, said)


async def _again_and_again(happens: Callable[[], Awaitable[None]]) -> None:
    """Let it happen for as long as the check runs: nobody knows when it listens."""
    while True:
        await happens()
        await asyncio.sleep(HAPPENS_EVERY)


def told_by(answer: dict[str, Any], exit_code: int, seconds: float, errors: str = "") -> Told:
    """Return what an answer in JSON tells."""
    return Told(
        exit_code=exit_code,
        seconds=seconds,
        verdict=answer["verdict"],
        headline=answer["headline"],
        rungs={rung["id"]: rung for rung in answer["rungs"]},
        codes=tuple(each["code"] for each in answer["causes"]),
        errors=errors,
    )


def _arguments(scene: Scene) -> list[str]:
    given = {
        "--server": scene.url,
        "--username": scene.username,
        "--ca-file": scene.ca_file,
        "--redis": scene.redis or "",
    }
    arguments = [each for name, value in given.items() if value for each in (name, value)]
    return arguments + ["--password-stdin"] * (scene.password is not None)


def _environment(scene: Scene, home: Path) -> dict[str, str]:
    """Return an environment without a display, session or Redis of this machine, and a home of its own."""
    ours = ("XDG_", "DISPLAY", "WAYLAND", "DBUS_", "REDIS", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    # As redis-cli takes it: not in the list of processes.
    redis = {} if scene.redis_password is None else {"REDISCLI_AUTH": scene.redis_password}
    return {**kept, "HOME": str(home), "PYTHONWARNINGS": "error", **redis, **scene.environment}
