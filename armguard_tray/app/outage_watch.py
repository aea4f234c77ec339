"""Tells people of an outage, and of what was missed, by toasts, when `outage` says that it is time."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from armguard_tray.app.outage import Notice, Outage, Stage
from armguard_tray.app.toasts import key_of, toast_of
from armguard_tray.catchup.completeness import UNKNOWN, Completeness
from armguard_tray.clock import Clock, Moment
from armguard_tray.connection.health import Health
from armguard_tray.desktop.toast import HelpKey, Picture, Toast, Urgency
from armguard_tray.messages.event import StoredEvent
from armguard_tray.rules.storm import Single, Summary
from armguard_tray.rules.verdict import paused
from armguard_tray.settings.model import NotificationSettings

OUTAGE = "outage"
"""The key of the toast that tells of an outage; a click on it opens what is known of the connection."""
CONNECTED = "connected"
"""The key of the one that tells that it is over, and that nothing was missed."""


class Toasts(Protocol):
    """Where toasts are shown, and taken back; neither ever blocks or raises."""

    def show(self, toast: Toast) -> None:
        """Show a toast."""
        ...

    def withdraw(self, key: HelpKey) -> None:
        """Take the toast with `key` away, if it is there."""
        ...


class OutageWatch:
    """Hears how the connection and the log are, and tells of outages. One timer, only while there is one."""

    def __init__(
        self, toasts: Toasts, notifications: Callable[[], NotificationSettings], clock: Clock
    ) -> None:
        """Show `toasts` as `notifications()`, the settings in force, would have it."""
        self._toasts = toasts
        self._notifications = notifications
        self._clock = clock
        self._outage = Outage()
        self._completeness = UNKNOWN
        self._is_shown = False
        self._is_closed = False
        self._timer: asyncio.TimerHandle | None = None

    def see(self, health: Health) -> None:
        """Take how the connection is now."""
        self._outage = self._outage.see(health, self._now)
        self._act()

    def know(self, completeness: Completeness) -> None:
        """Take what is known of the log now."""
        before = self._completeness
        if (completeness.is_current, completeness.checked) != (before.is_current, before.checked):
            self._outage = self._outage.noted(self._now)
        self._completeness = completeness
        self._act()

    def found(self, events: Iterable[StoredEvent]) -> None:
        """Take what is new in the log: there may be gaps among it."""
        gaps = sum(each.event.gap is not None for each in events)
        if gaps:
            self._outage = self._outage.found(gaps, self._now)
            self._act()

    def missed(self, summary: Summary) -> None:
        """Take what happened while this desk was away: told at once, or when the outage is over."""
        self._outage = self._outage.summed_up(summary, self._now)
        self._act()

    def settings_changed(self) -> None:
        """Take that other settings are in force: there may be a pause, or none any more."""
        self._act()

    def begin_anew(self, health: Health) -> None:
        """Take that another server is followed from now on, and how the connection to it is."""
        self._outage = self._outage.forgotten()
        self._take_back()
        self.see(health)

    def close(self) -> None:
        """Tell nothing any more; what was told of an outage is taken back."""
        self._is_closed = True
        self._end_timer()
        self._take_back()

    @property
    def _now(self) -> Moment:
        return Moment(self._clock.now(), self._clock.monotonic())

    def _act(self) -> None:
        self._end_timer()
        if self._is_closed:
            return
        if self._outage.stage in {Stage.COVERED, Stage.HELP}:
            self._take_back()
        settings, now = self._notifications(), self._now
        wait = self._outage.wait(now, after=settings.outage_after, completeness=self._completeness)
        if wait is None:
            return
        if wait > 0:
            self._wait(wait)
        elif settings.paused_until is not None and paused(settings, now.wall):
            self._hold_back((settings.paused_until - now.wall).total_seconds())
        else:
            self._tell(self._outage.notice(now, self._completeness, None))
            self._act()  # another thing may be due later

    def _tell(self, told: Notice | Single | Summary | None) -> None:
        if not isinstance(told, Notice):
            self._outage = self._outage.said()
            if told is not None:
                self._toasts.show(toast_of(told))
        elif told.is_over:
            self._take_back()
            self._outage = self._outage.over()
            key = CONNECTED if told.missed is None else key_of(told.missed)
            self._toasts.show(Toast(key, told.title, told.body))
        else:
            self._outage = self._outage.told()
            self._is_shown = True
            self._toasts.withdraw(CONNECTED)
            self._toasts.show(Toast(OUTAGE, told.title, told.body, Urgency.CRITICAL, picture=Picture.OFFLINE))

    def _hold_back(self, seconds: float) -> None:
        self._outage = self._outage.said()
        if self._outage.stage is Stage.COVERED:
            self._take_back()
        elif self._outage.stage is Stage.OUT:
            self._wait(seconds)

    def _take_back(self) -> None:
        if self._is_shown:
            self._is_shown = False
            self._toasts.withdraw(OUTAGE)

    def _wait(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._act)

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
