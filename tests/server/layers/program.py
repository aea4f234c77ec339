"""A process with a layer of its own, as gunicorn and daphne are two.

    python -m tests.server.layers.program URL

It makes a channel a member of the group, says so, and then says each message's `text` on a line of its own.
"""

import asyncio
import logging
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.server.layers.layer import GROUP, PATIENCE, layer_at, member


async def main(url: str) -> None:
    """Receive until the message "end"."""
    async with layer_at(url) as layer:
        channel = await member(layer)
        print(channel, flush=True)  # noqa: T201 - its standard output is read by the test
        while True:
            text = (await layer.receive(channel))["text"]
            print(text, flush=True)  # noqa: T201 - as above
            if text == "end":
                await layer.group_discard(GROUP, channel)
                return


@asynccontextmanager
async def other_process(*arguments: str, module: str = __name__) -> AsyncIterator[Process]:
    """Run this program, or another one, and end it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def said(process: Process) -> str:
    """Return the next line."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        return (await process.stdout.readline()).decode().strip()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main(sys.argv[1]))
