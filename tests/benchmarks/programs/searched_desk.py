"""A log window on a journal of its own, used as a supervisor uses it while events arrive; tells what it took.

python -m tests.benchmarks.programs.searched_desk JOURNAL
"""

import argparse
import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

# Before qasync, which takes the Qt binding that is imported already.
from PySide6.QtCore import QEvent, QObject, QSettings, QTimer, SignalInstance
from PySide6.QtWidgets import QApplication

import qasync  # isort: skip
import psutil

from armguard_tray.app.opening import imported
from armguard_tray.clock import SystemClock
from armguard_tray.storage.journal import Journal
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.feed import Feed
from tests.benchmarks.journal import ZONE, events
from tests.benchmarks.programs.heartbeat import Heartbeat
from tests.benchmarks.programs.telling import tell

if TYPE_CHECKING:
    from armguard_tray.ui.log_window import LogWindow

TYPED = ("reyes", "m4 - 00177", "guard duty reyes", "48211", "sgt.reyes", "maintenance", "peña vip", "zzz")
"""What is typed into the search, letter by letter."""
LIVE_SERVER = "https://live.local:8443"
RATE = 100  # events a second
BATCH = 10
JUMPS = 150
DRAGS = 10
STEPS = 20
_SIZE = (1080, 680)
_BETWEEN_KEYS = 0.08  # seconds; a fast typist
_PATIENCE = 60.0


class _Answers(QObject):
    """Notes when the first rows of an answer have been drawn, or that there are none was told."""

    def __init__(self, window: "LogWindow") -> None:
        super().__init__(window)
        self._table = window.table
        self._is_due = False
        self._drawn: asyncio.Future[float] | None = None
        window.table.loaded.connect(self._loaded)
        window.view.viewport().installEventFilter(self)

    def expect(self) -> "asyncio.Future[float]":
        """Return what will be the time at which the next answer was drawn."""
        self._is_due = False
        self._drawn = asyncio.get_running_loop().create_future()
        return self._drawn

    def _loaded(self) -> None:
        self._is_due = True
        if not self._table.rowCount():
            self._is_drawn()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        if event.type() is QEvent.Type.Paint and self._is_due:
            QTimer.singleShot(0, self._is_drawn)  # it is drawn after this
        return False

    def _is_drawn(self) -> None:
        if self._is_due and self._drawn is not None and not self._drawn.done():
            self._drawn.set_result(time.perf_counter())


@contextmanager
def _told(signal: SignalInstance) -> Iterator["asyncio.Future[None]"]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def take(*_: object) -> None:
        if not future.done():
            future.set_result(None)

    signal.connect(take)
    try:
        yield future
    finally:
        signal.disconnect(take)


async def _arrive(journal: Journal, feed: Feed) -> None:
    """Let events arrive at their rate, for good."""
    begun, count = time.monotonic(), 0
    traffic = events(1_000_000, 7)
    while True:
        batch = [next(traffic) for _ in range(BATCH)]
        written = await journal.append(LIVE_SERVER, batch, claim=False)
        feed.on_stored(written.new)
        count += BATCH
        await asyncio.sleep(max(0.0, begun + count / RATE - time.monotonic()))


async def _made(journal: Journal, feed: Feed, keeper: TaskKeeper, looks: Path) -> "LogWindow":
    """Import and make the window for the first time, as the tray does."""
    await imported("armguard_tray.ui.log_window")
    from armguard_tray.ui.log_window import LogWindow  # noqa: PLC0415 - when it is wanted

    store = QSettings(str(looks), QSettings.Format.IniFormat)
    window = LogWindow(
        journal=journal,
        feed=feed,
        zone=ZONE,
        clock=SystemClock(),
        keeper=keeper,
        store=store,
        at_once=False,
    )
    await window.build_in_turns()
    window.resize(*_SIZE)
    return window


async def _open(window: "LogWindow", answers: _Answers) -> float:
    begun = time.perf_counter()
    drawn = answers.expect()
    window.show()
    return (await asyncio.wait_for(drawn, _PATIENCE) - begun) * 1000


async def _listed(window: "LogWindow") -> None:
    while not window.table.complete:
        with _told(window.table.extended) as extended:
            await asyncio.wait_for(extended, _PATIENCE)


async def _type(window: "LogWindow", answers: _Answers) -> list[float]:
    """Type each search; return milliseconds from each key to its rows on screen."""
    took: list[float] = []
    for text in TYPED:
        window.filters.search.clear()
        await asyncio.sleep(_BETWEEN_KEYS * 3)
        for letter in text:
            if letter == " ":
                window.filters.search.insert(letter)  # asks for nothing else
                continue
            begun = time.perf_counter()
            drawn = answers.expect()
            window.filters.search.insert(letter)
            took.append((await asyncio.wait_for(drawn, _PATIENCE) - begun) * 1000)
            await asyncio.sleep(_BETWEEN_KEYS)
    window.filters.clear()
    return took


async def _scroll(window: "LogWindow") -> tuple[list[float], list[float], list[float]]:
    """Go anywhere and drag; return milliseconds of each frame, of its processor, until rows were there."""
    random = Random(5)  # noqa: S311 - no secret
    bar = window.view.verticalScrollBar()
    frames: list[float] = []
    processor: list[float] = []
    fills: list[float] = []
    places = [random.randrange(bar.maximum() + 1) for _ in range(JUMPS)]
    for _ in range(DRAGS):
        first = random.randrange(bar.maximum() + 1)
        places += [min(bar.maximum(), first + step * 37) for step in range(STEPS)]
    for place in places:
        begun, worked = time.perf_counter(), time.thread_time()
        bar.setValue(place)
        window.view.viewport().repaint()
        frames.append((time.perf_counter() - begun) * 1000)
        processor.append((time.thread_time() - worked) * 1000)
        if not _there(window):
            with _told(window.table.filled) as filled:
                await asyncio.wait_for(filled, _PATIENCE)
            drawing, worked = time.perf_counter(), time.thread_time()
            window.view.viewport().repaint()
            now = time.perf_counter()
            frames.append((now - drawing) * 1000)
            processor.append((time.thread_time() - worked) * 1000)
            fills.append((now - begun) * 1000)
        await asyncio.sleep(0.005)
    return frames, processor, fills


def _there(window: "LogWindow") -> bool:
    last = window.view.rowAt(window.view.viewport().height() - 1)
    return all(window.table.row_at(row) for row in range(window.view.rowAt(0), last + 1))


async def _run(file: Path, looks: Path) -> None:
    clock = SystemClock()
    journal = await Journal.open(file)
    feed = Feed(clock)
    keeper = TaskKeeper("desk")
    gc.collect()
    gc.freeze()  # as the tray does after its start
    heartbeat = Heartbeat()
    keeper.start(_arrive(journal, feed), name="traffic")
    await asyncio.sleep(1)
    heartbeat.forget()
    wanted, worked = time.perf_counter(), time.thread_time()
    window = await _made(journal, feed, keeper, looks)
    answers = _Answers(window)
    begun = time.perf_counter()
    opened = await _open(window, answers)
    from_click, worked = (time.perf_counter() - wanted) * 1000, (time.thread_time() - worked) * 1000
    await asyncio.sleep(_BETWEEN_KEYS)
    opening, turn = max(heartbeat.stalls, default=0.0), max(heartbeat.turns, default=0.0)
    heartbeat.forget()
    await _listed(window)
    listed = time.perf_counter() - begun
    scrolled, processor, filled = await _scroll(window)
    typed = await _type(window, answers)
    await _listed(window)
    tell(
        from_click=from_click,
        opened=opened,
        opening_processor=worked,
        stall_opening=opening,
        turn_opening=turn,
        listed=listed,
        rows=window.table.rowCount(),
        typed=typed,
        scrolled=scrolled,
        scrolled_processor=processor,
        filled=filled,
        resident=psutil.Process().memory_info().rss / 2**20,
        **heartbeat.facts(),
    )
    window.close()
    await keeper.close()
    await journal.close()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("journal", type=Path)
    options = parser.parse_args()
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as folder, qasync.QEventLoop(application) as loop:
        loop.run_until_complete(_run(options.journal, Path(folder) / "looks.ini"))


if __name__ == "__main__":
    main()
