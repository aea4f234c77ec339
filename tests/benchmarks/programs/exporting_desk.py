"""A log window that is read while events arrive and the whole log is exported; tells what that took.

python -m tests.benchmarks.programs.exporting_desk JOURNAL FILE
"""

import argparse
import asyncio
import gc
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random

# Before qasync, which takes the Qt binding that is imported already.
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

import qasync  # isort: skip
import psutil

from armguard_tray.app.export_beside import export_beside
from armguard_tray.app.export_order import Order
from armguard_tray.clock import SystemClock
from armguard_tray.export.formats import Format
from armguard_tray.storage.journal import Journal
from armguard_tray.storage.log_filter import LogFilter
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.log_window import LogWindow
from tests.benchmarks.journal import ZONE, events
from tests.benchmarks.programs.heartbeat import Heartbeat
from tests.benchmarks.programs.telling import tell

LIVE_SERVER = "https://live.local:8443"
RATE = 100  # events a second
BATCH = 10
_SIZE = (1080, 680)
_TURNS = 0.05  # seconds between turns of the wheel
_LOOKS = 0.5  # seconds between looks at the memory
_SETTLED = 3.0


class _Desk:
    """What goes on beside the export."""

    def __init__(self, journal: Journal, feed: Feed, window: LogWindow) -> None:
        self.peak = 0.0
        self._journal = journal
        self._feed = feed
        self._window = window

    async def arrive(self) -> None:
        """Let events arrive at their rate, for good."""
        begun, count = time.monotonic(), 0
        traffic = events(1_000_000, 7)
        while True:
            written = await self._journal.append(
                LIVE_SERVER, [next(traffic) for _ in range(BATCH)], claim=False
            )
            self._feed.on_stored(written.new)
            count += BATCH
            await asyncio.sleep(max(0.0, begun + count / RATE - time.monotonic()))

    async def read(self) -> None:
        """Scroll to and fro in the log, for good."""
        random = Random(5)  # noqa: S311 - no secret
        bar = self._window.view.verticalScrollBar()
        while True:
            bar.setValue(random.randrange(min(bar.maximum(), 2000) + 1))
            await asyncio.sleep(_TURNS)

    async def weigh(self) -> None:
        """Look at the memory, for good: in a thread, since to find children all processes are looked at."""
        process = psutil.Process()
        while True:
            self.peak = max(self.peak, await asyncio.to_thread(_memory, process))
            await asyncio.sleep(_LOOKS)


def _memory(process: psutil.Process) -> float:
    """Return what a process has in memory, with those that it started, in MiB."""
    try:
        family = [process, *process.children(recursive=True)]
        return sum(each.memory_info().rss for each in family) / 2**20
    except psutil.NoSuchProcess:
        return 0.0


async def _run(file: Path, out: Path, looks: Path) -> None:
    clock = SystemClock()
    journal, feed, keeper = await Journal.open(file), Feed(clock), TaskKeeper("desk")
    gc.collect()
    gc.freeze()  # as the tray does after its start
    heartbeat = Heartbeat()
    store = QSettings(str(looks), QSettings.Format.IniFormat)
    window = LogWindow(journal=journal, feed=feed, zone=ZONE, clock=clock, keeper=keeper, store=store)
    window.resize(*_SIZE)
    window.show()
    desk = _Desk(journal, feed, window)
    keeper.start(desk.arrive(), name="traffic")
    keeper.start(desk.read(), name="reader")
    keeper.start(desk.weigh(), name="scales")
    await asyncio.sleep(_SETTLED)
    before, without = desk.peak, heartbeat.facts()
    heartbeat.forget()
    order = Order(
        journal=str(file),
        out=str(out),
        log_filter=LogFilter(),
        wanted="Everything",
        time_zone=ZONE.key,
        format=Format(out.suffix[1:]),
        program="ArmGuard Tray",
        made=clock.now(),
    )
    begun = time.perf_counter()
    exported = await export_beside(order, lambda _: None, threading.Event())
    took = time.perf_counter() - begun
    tell(
        seconds=took,
        rows=exported.rows if exported is not None else 0,
        more_memory=desk.peak - before,
        without_longest=without["stall_longest"],
        without_turn=without["turn_longest"],
        **heartbeat.facts(),
    )
    window.close()
    await keeper.close()
    await journal.close()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("journal", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as folder, qasync.QEventLoop(application) as loop:
        loop.run_until_complete(_run(options.journal, options.out, Path(folder) / "looks.ini"))


if __name__ == "__main__":
    main()
