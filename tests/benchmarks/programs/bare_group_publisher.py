"""The floor of publishing: `group_send`, from a loop that stays connected.

A line on standard input is a JSON object of `numbers` to publish, `pause` seconds apart; the answer says when
each was begun, which is where the app's transaction has just been committed.
"""

import asyncio
import json
import sys
import time

from tests.benchmarks.programs.bare_group_server import GROUP, configure
from tests.benchmarks.programs.telling import tell

# About as long as the announcement that the app sends.
FRAME = {
    "type": "notification",
    "title": "Measured",
    "message": "x" * 120,
    "level": "info",
    "timestamp": "x" * 32,
}


async def _publish() -> None:
    from channels.layers import get_channel_layer  # noqa: PLC0415 - needs the settings

    layer = get_channel_layer()
    assert layer is not None
    tell()
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        said = json.loads(line)
        committed: dict[int, float] = {}
        for number in said["numbers"]:
            committed[number] = time.monotonic()
            frame = FRAME | {"data": {"number": number}}
            await layer.group_send(GROUP, {"type": "bare.published", "frame": frame})
            await asyncio.sleep(said["pause"])
        tell(committed=committed)


def main() -> None:
    """Run it."""
    configure(sys.argv[1])
    asyncio.run(_publish())


if __name__ == "__main__":
    main()
