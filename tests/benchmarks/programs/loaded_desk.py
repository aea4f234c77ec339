"""The tray as `app.start` runs it, its log opened as soon as it is live, with a heartbeat in its UI thread.

It says so when the log stands there empty, and what it measured when all events are in.
"""

import argparse
import sys
import time
from datetime import datetime
from pathlib import Path

# Before qasync, which takes the Qt binding that is imported already.
from PySide6.QtCore import QModelIndex, QObject, QTimer
from PySide6.QtWidgets import QApplication

import qasync  # isort: skip
import psutil

from armguard_tray import logs
from armguard_tray.app.desk import Desk
from armguard_tray.clock import SystemClock
from armguard_tray.connection.health import Coverage, Health, starting
from armguard_tray.paths import Paths, paths_below
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.ui.log_window import LogWindow
from armguard_tray.ui.tray import TrayIcon
from tests.benchmarks.programs.frames import now
from tests.benchmarks.programs.heartbeat import Heartbeat
from tests.benchmarks.programs.telling import tell
from tests.fakes.scripted_server import PASSWORD


class _ImpatientTray(TrayIcon):
    """A tray whose user opens the log as soon as the icon says that it is live."""

    _opened = False

    def update(self, health: Health, paused_until: datetime | None, unread: int, now: datetime) -> None:
        super().update(health, paused_until, unread, now)
        if health.coverage is Coverage.LIVE and not self._opened:
            self._opened = True
            self.open_log.emit()


class _Measurement(QObject):
    """Watches the log window until `expected` rows are in."""

    def __init__(self, tray: TrayIcon, expected: int) -> None:
        super().__init__()
        self._tray = tray
        self._expected = expected
        self._latencies: list[float] = []
        self._first_sent: datetime | None = None
        self._window: LogWindow
        self._heartbeat: Heartbeat
        self._cpu = 0.0
        # The desk opens the window in some turns after this.
        self._looking = QTimer(self)
        self._looking.timeout.connect(self._find_window)
        tray.open_log.connect(self._looking.start)

    def _find_window(self) -> None:
        shown = (each for each in QApplication.topLevelWidgets() if each.isVisible())
        window = next((each for each in shown if isinstance(each, LogWindow)), None)
        if window is None:
            return
        self._looking.stop()
        self._window = window
        self._window.table.loaded.connect(self._counted)
        self._window.table.rowsInserted.connect(self._inserted)
        self._counted()  # on a desktop without a tray the log was open before

    def _counted(self) -> None:
        table = self._window.table
        total = table.rowCount() if table.complete else None
        if total == 0:
            self._cpu = time.process_time()
            self._heartbeat = Heartbeat(self)
            tell()
        elif total is not None and total >= self._expected:
            self._report()
            self._tray.quit.emit()

    def _inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        at = now()
        for place in range(last, first - 1, -1):
            stored = self._window.table.stored_at(place)
            if stored is not None and (sent := stored.event.time) is not None:
                self._first_sent = self._first_sent or sent
                self._latencies.append((at - sent).total_seconds() * 1000)
        self._counted()

    def _report(self) -> None:
        if self._first_sent is None:
            raise RuntimeError("rows without a time")
        seconds = (now() - self._first_sent).total_seconds()
        ordered = sorted(self._latencies)
        tell(
            seconds=seconds,
            latency_median=ordered[len(ordered) // 2],
            latency_p99=ordered[int(len(ordered) * 0.99)],
            cpu=(time.process_time() - self._cpu) / seconds * 100,
            resident=psutil.Process().memory_info().rss / 2**20,
            **self._heartbeat.facts(),
        )


async def _run(paths: Paths, url: str, expected: int) -> None:
    logs.configure(paths.log_file)
    clock = SystemClock()
    # The frames bear UTC, by which it is told how long they took.
    server = ServerSettings(address=url, username="armorer1", time_zone="UTC")
    tray = _ImpatientTray(clock)
    tray.update(starting(clock.now()), None, 0, clock.now())
    tray.show()
    desk = Desk(tray, paths, Settings(server=server), PASSWORD, clock)
    measurement = _Measurement(tray, expected)
    await desk.run()
    measurement.deleteLater()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("expected", type=int)
    options = parser.parse_args()
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    with qasync.QEventLoop(application) as loop:
        loop.run_until_complete(_run(paths_below(options.data_dir), options.url, options.expected))


if __name__ == "__main__":
    main()
