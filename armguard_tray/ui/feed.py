"""The only crossing from the core to Qt.

The pipeline calls plain methods, the widgets connect to signals. Rows cross in batches: painting a table
costs 14 to 25 ms however many rows came, so thirty messages a second, painted one by one, would keep a core
busy. What is claimed of the rows crosses behind them: nothing is complete on screen before it is there.
"""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from armguard_tray.catchup.completeness import UNKNOWN, Completeness
from armguard_tray.clock import Clock
from armguard_tray.connection.health import Health
from armguard_tray.errors import JournalError
from armguard_tray.messages.event import StoredEvent

BATCH_MS = 200


class Feed(QObject):
    """Passes on what the core tells; implements `pipeline.Sink`. Belongs to the thread of the event loop.

    Attributes:
        health: the health that was told last; None until the first.
        completeness: what was told last of how complete the log is.
        trouble: what keeps the journal from being written, as told last; None while it can be.

    Signals:
        stored(list[StoredEvent]): rows that are in the journal, oldest first. The first after a quiet time
            goes out at once, what follows within `BATCH_MS` together.
        changed(list[StoredEvent]): rows that went out before and read differently now, each once; behind
            what is stored.
        trimmed(int): the rows up to this one are gone: they were too old, or too many; behind what was told
            of rows.
        completenessChanged(Completeness): something else is known of how complete the log is; behind all.
        toast(object): what is to be shown as a toast.
        healthChanged(Health): the health of the connection changed.
        storageTrouble(JournalError | None): the journal cannot be written; None when it can again.

    """

    # Declared as objects: Signal(list) turns each element into a QVariant, 0.5 ms for 1,000 rows.
    stored = Signal(object)
    changed = Signal(object)
    trimmed = Signal(object)
    completenessChanged = Signal(object)
    toast = Signal(object)
    healthChanged = Signal(object)
    storageTrouble = Signal(object)

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        """Measure quiet times with `clock`."""
        super().__init__(parent)
        self.health: Health | None = None
        self.completeness = UNKNOWN
        self.trouble: JournalError | None = None
        self._clock = clock
        self._waiting: list[StoredEvent] = []
        self._changed: dict[int, StoredEvent] = {}
        self._trimmed: int | None = None
        self._claim: Completeness | None = None
        self._emitted_at = float("-inf")
        # It runs only while something waits, so an idle desk wakes up for nothing.
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._emit)

    def on_stored(self, events: Sequence[StoredEvent]) -> None:
        """Pass on rows that were stored, oldest first."""
        self._waiting.extend(events)
        self._schedule()

    def on_changed(self, events: Sequence[StoredEvent]) -> None:
        """Pass on rows that were stored before and read differently now."""
        self._changed |= {stored.row: stored for stored in events}
        self._schedule()

    def on_trimmed(self, up_to_row: int) -> None:
        """Pass on that the rows up to this one are gone."""
        self._trimmed = up_to_row
        self._schedule()

    def on_completeness(self, completeness: Completeness) -> None:
        """Keep what is known of how complete the log is, and pass it on."""
        self.completeness = self._claim = completeness
        self._schedule()

    def on_toast(self, toast: object) -> None:
        """Pass on what is to be shown as a toast."""
        self.toast.emit(toast)

    def on_health(self, health: Health) -> None:
        """Keep the health and pass it on."""
        self.health = health
        self.healthChanged.emit(health)

    def on_storage_trouble(self, error: JournalError | None) -> None:
        """Pass on that the journal cannot be written, or (None) that it can again."""
        self.trouble = error
        self.storageTrouble.emit(error)

    def flush(self) -> None:
        """Pass on at once what waits; nothing is passed on afterwards by itself."""
        self._timer.stop()
        if self._waits:
            self._emit()

    @property
    def _waits(self) -> bool:
        return bool(self._waiting or self._changed or self._claim or self._trimmed is not None)

    def _schedule(self) -> None:
        if not self._waits or self._timer.isActive():
            return
        quiet_ms = (self._clock.monotonic() - self._emitted_at) * 1000
        if quiet_ms >= BATCH_MS:
            self._emit()
        else:
            self._timer.start(int(BATCH_MS - quiet_ms))

    def _emit(self) -> None:
        waiting, self._waiting = self._waiting, []
        changed, self._changed = self._changed, {}
        trimmed, self._trimmed = self._trimmed, None
        claim, self._claim = self._claim, None
        self._emitted_at = self._clock.monotonic()
        if waiting:
            self.stored.emit(waiting)
        if changed:
            self.changed.emit(list(changed.values()))
        if trimmed is not None:
            self.trimmed.emit(trimmed)
        if claim is not None:
            self.completenessChanged.emit(claim)
