"""What the tests start does not outlive a test run that is killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.fakes.postgres_server import binaries
from tests.fakes.redis_server import REDIS_SERVER

POSTGRES = """
import sys
from tests.fakes.postgres_server import postgres_server
with postgres_server():
    print("ready", flush=True)
    sys.stdin.read()
"""
REDIS = """
import asyncio, pathlib, sys
from tests.fakes.redis_server import controlled_redis, redis_server
async def main():
    here = pathlib.Path()
    async with redis_server(here), controlled_redis(here) as server:
        server.freeze()
        print("ready", flush=True)
        sys.stdin.read()
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a signal for a parent's death")
@pytest.mark.parametrize(
    ("program", "count"),
    [
        pytest.param(
            POSTGRES,
            1,
            id="postgres",
            marks=pytest.mark.skipif(binaries() is None, reason="PostgreSQL is not installed"),
        ),
        pytest.param(
            REDIS,
            2,
            id="redis",
            marks=pytest.mark.skipif(REDIS_SERVER is None, reason="redis-server is not installed"),
        ),
    ],
)
def test_a_server_ends_with_the_test_run_that_is_killed(program: str, count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="armguard-killed-") as name:
        Path(name).chmod(0o755)  # PostgreSQL's user must get through
        run = subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=name,
            env=os.environ | {"TMPDIR": name, "PYTHONPATH": str(Path(__file__).parents[3])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with run:
            assert run.stdout is not None
            assert run.stdout.readline() == b"ready\n"
            servers = psutil.Process(run.pid).children()
            everything = psutil.Process(run.pid).children(recursive=True)
            run.kill()
        assert len(servers) == count
        _, left = psutil.wait_procs(everything, timeout=30)
        for process in left:
            process.kill()
        assert left == []
