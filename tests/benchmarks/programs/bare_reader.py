"""The floor of reading: a websockets client on a qasync loop that does nothing with what it reads."""

import argparse
import sys
import time

# Before qasync, which takes the Qt binding that is imported already.
from PySide6.QtWidgets import QApplication

import qasync  # isort: skip
from websockets.asyncio.client import connect

from armguard_tray.messages.streams import Stream
from tests.benchmarks.programs.frame_server import SESSION
from tests.benchmarks.programs.telling import tell
from tests.fakes.scripted_server import SESSION_COOKIE


async def _read(url: str, count: int) -> None:
    async with connect(
        url.replace("http", "ws", 1) + Stream.TRANSACTIONS.path,
        origin=url,  # type: ignore[arg-type]  # websockets' Origin is a NewType of str
        additional_headers={"Cookie": f"{SESSION_COOKIE}={SESSION}"},
        proxy=None,
        compression=None,
    ) as socket:
        await socket.recv()  # the welcome
        tell()
        await socket.recv()
        start = time.perf_counter()
        for _ in range(count - 1):
            await socket.recv()
        tell(seconds=time.perf_counter() - start)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    application = QApplication(sys.argv[:1])
    with qasync.QEventLoop(application) as loop:
        loop.run_until_complete(_read(options.url, options.count))


if __name__ == "__main__":
    main()
