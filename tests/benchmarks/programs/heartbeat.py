"""How long the UI thread keeps others waiting."""

import time

from PySide6.QtCore import QObject, Qt, QTimer

INTERVAL = 5  # ms


class Heartbeat(QObject):
    """A timer of the event loop that notes how late it is each time.

    Attributes:
        stalls: milliseconds beyond the interval, one for each beat.
        turns: milliseconds of the processor that the thread took since the beat before, whatever else the
            machine did meanwhile.

    """

    def __init__(self, parent: QObject | None = None) -> None:
        """Beat from the next turn of the event loop on."""
        super().__init__(parent)
        self.stalls: list[float] = []
        self.turns: list[float] = []
        self._last = time.perf_counter()
        self._worked = time.thread_time()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(INTERVAL)

    def forget(self) -> None:
        """Begin anew."""
        self.stalls.clear()
        self.turns.clear()

    def facts(self) -> dict[str, float]:
        """Return what it has found."""
        ordered = sorted(self.stalls)
        return {
            "stall_longest": ordered[-1],
            "stall_p99": ordered[int(len(ordered) * 0.99)],
            "turn_longest": max(self.turns),
        }

    def _beat(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self.turns.append((worked - self._worked) * 1000)
        self._worked = worked
        self.stalls.append(max(0.0, (now - self._last) * 1000 - INTERVAL))
        self._last = now
