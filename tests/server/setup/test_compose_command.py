"""What the container is told to run, run by a real shell with a real Redis: Docker itself is not needed."""

import asyncio
import contextlib
import os
import re
import shutil
import textwrap
from pathlib import Path

import psutil
import pytest
import redis.asyncio

from server_setup import compose
from tests.fakes.redis_server import REDIS_SERVER, free_port

REDIS = compose.RedisInDocker(6379)


def script(port: int) -> str:
    """Return the shell script of the compose file, as compose passes it on, for another port."""
    block = re.search(r"- -c\n {6}- \|\n(?P<script>(?: {8}.*\n)+)", compose.compose_text(REDIS))
    assert block is not None
    text = textwrap.dedent(block["script"]).replace("$$", "$")
    return text.replace("redis-server -", f"redis-server - --port {port} --bind 127.0.0.1", 1)


@pytest.mark.skipif(REDIS_SERVER is None, reason="redis-server is not installed")
async def test_redis_gets_its_password_and_nobody_sees_it(tmp_path: Path) -> None:
    entrypoint = tmp_path / "docker-entrypoint.sh"
    entrypoint.write_text('#!/bin/sh\nexec "$@"\n')
    entrypoint.chmod(0o755)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        shutil.which("sh") or "sh",
        "-c",
        script(port),
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "REDIS_PASSWORD": REDIS.password},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        while b"eady to accept connections" not in (line := await process.stdout.readline()):
            assert line, "Redis ended"
        arguments = " ".join(psutil.Process(process.pid).cmdline())
        assert "redis-server" in arguments, "the shell has made way for Redis, so that signals reach it"
        assert REDIS.password not in arguments
        async with redis.asyncio.Redis(port=port, password=REDIS.password) as client:
            assert await client.ping()
            assert (await client.config_get("appendonly"))["appendonly"] == "yes"
        with pytest.raises(redis.AuthenticationError):
            async with redis.asyncio.Redis(port=port) as stranger:
                await stranger.ping()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()
