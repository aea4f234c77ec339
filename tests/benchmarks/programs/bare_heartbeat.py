"""The floor of the stalls: the heartbeat in a qasync process that does nothing else."""

import asyncio
import sys

# Before qasync, which takes the Qt binding that is imported already.
from PySide6.QtWidgets import QApplication

import qasync  # isort: skip

from tests.benchmarks.programs.heartbeat import Heartbeat
from tests.benchmarks.programs.telling import tell


async def _measure() -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, stopped.set)
    tell()
    heartbeat = Heartbeat()
    await stopped.wait()
    tell(**heartbeat.facts())


def main() -> None:
    """Run it."""
    application = QApplication(sys.argv[:1])
    with qasync.QEventLoop(application) as loop:
        loop.run_until_complete(_measure())


if __name__ == "__main__":
    main()
