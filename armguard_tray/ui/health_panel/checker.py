"""When the ladder is looked at anew: while somebody sees it, and not too often for the server."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from armguard_tray.clock import Clock
from armguard_tray.diagnosis.ladder import Diagnosis, Status
from armguard_tray.diagnosis.record import with_since
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.health_panel.sources import Check

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

EVERY = 60.0
"""Seconds from the end of a check to the next one."""
EVERY_UNTIL_WELL = 12.0
"""The same while it is not well: with those that a check may take, less than 30 until it is said anew."""
AT_MOST_EVERY = 10.0
"""Seconds between the beginnings of two checks that nobody asked for: streams that come and go each second
are no reason to ask a server, or Redis, as often."""
HELD_AT_MOST = 3.0
"""Seconds that are waited for a connection which is being made: with those of a check, less than 15."""


class Checker(QObject):
    """Runs one check at a time, while it is awake.

    That is at once, when the connection or one of its streams changes, when the user asks, and every minute,
    or every 12 s while it is not well. Asleep it has no timer, and a check that was under way has ended.

    Attributes:
        diagnosis: what was found last, or so far while `is_loud`; None before the first step.
        checked_at: when the last check ended; None before the first.
        is_running: whether a check is under way.
        is_loud: whether it is one that is shown step by step; the one of every minute, and after a change of
            one stream, only replaces what is shown.
        is_stale: whether the connection has changed since the check that is shown.
        is_held: whether the connection is being made, for which it is worth waiting a little.
        failed: whether the last check broke down.

    Signals:
        changed(): there is something else to show.

    """

    changed = Signal()

    def __init__(self, check: Check | None, clock: Clock, parent: QObject | None = None) -> None:
        """Be asleep; with no `check` there is never a diagnosis."""
        super().__init__(parent)
        self._check = check
        self._clock = clock
        self.diagnosis: Diagnosis | None = None
        self.checked_at: datetime | None = None
        self.is_running = False
        self.is_loud = False
        self.is_stale = False
        self.is_held = False
        self.failed = False
        self._before: Diagnosis | None = None
        # Whether a stream has changed since the last check began.
        self._again = False
        self._awake = False
        # Monotonic: when the last check began, and until when one waits for the connection.
        self._began = self._held_until = float("-inf")
        self._keeper = TaskKeeper("checkup", on_failure=self._broke_down)
        self._cancel: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._due)

    def wake(self) -> None:
        """Begin: somebody looks."""
        self._awake = True
        self._hold_anew()
        self._soon()

    def sleep(self) -> None:
        """End what is under way; do nothing more."""
        self._awake = False
        self._timer.stop()
        # What nobody watched is not known to have been so all the while.
        self._before = None
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
            self.is_running = self.is_loud = False
            self.is_stale = True

    def check_now(self) -> None:
        """Check at once, for the user asks."""
        self._begin(loud=True)

    def hold(self, *, held: bool) -> None:
        """Note whether the connection is being made: what is found meanwhile is soon of another state."""
        if held and not self.is_held:
            self._hold_anew()
        self.is_held = held

    def _hold_anew(self) -> None:
        self._held_until = self._clock.monotonic() + HELD_AT_MOST

    def connection_changed(self) -> None:
        """Check again soon: what was found is of another state."""
        self.is_stale = self.checked_at is not None or self.is_running
        if self._awake and not self.is_running:
            self._soon()

    def stream_changed(self) -> None:
        """Check again soon, quietly: the connection is what it was, but one of its streams is not."""
        self._again = True
        if self._awake and not self.is_running:
            self._soon(loud=self._is_outdated)

    def _soon(self, *, loud: bool = True) -> None:
        due = self._began + AT_MOST_EVERY
        if self.is_held:
            due = max(due, self._held_until)
        wait = due - self._clock.monotonic()
        if wait > 0:
            self._timer.start(int(wait * 1000) + 1)
        else:
            self._begin(loud=loud)

    def _due(self) -> None:
        self._begin(loud=self._is_outdated)

    @property
    def _is_outdated(self) -> bool:
        return self.is_stale or self.diagnosis is None

    def _begin(self, *, loud: bool) -> None:
        if self._check is None or self.is_running or not self._awake:
            return
        self._timer.stop()
        self._began = self._clock.monotonic()
        self.is_running, self.is_loud, self.is_stale, self.failed = True, loud, False, False
        self._again = False
        if loud:
            self.diagnosis = None
        self._cancel = self._keeper.start(self._run(self._check), name="check").cancel
        self.changed.emit()

    async def _run(self, check: Check) -> None:
        found = await check(self._take_step)
        self.diagnosis = self._before = with_since(found, self._before)
        self._end()

    def _take_step(self, diagnosis: Diagnosis) -> None:
        if self.is_loud:
            self.diagnosis = diagnosis
            self.changed.emit()

    def _broke_down(self, *_: Any) -> None:
        self.failed = True
        self.diagnosis = self._before = None
        self._end()

    @property
    def _pause(self) -> float:
        is_well = self.diagnosis is not None and self.diagnosis.verdict is Status.OK
        return EVERY if is_well else EVERY_UNTIL_WELL

    def _end(self) -> None:
        self._cancel = None
        self.is_running = self.is_loud = False
        self.checked_at = self._clock.now()
        if self._awake:
            if self.is_stale or self._again:
                self._soon(loud=self._is_outdated)
            else:
                self._timer.start(int(self._pause * 1000))
        self.changed.emit()
