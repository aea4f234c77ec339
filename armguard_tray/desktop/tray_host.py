"""Tells whether the desktop has a place for tray icons, and when one comes or goes.

A QSystemTrayIcon that was made before its host appeared never shows, not even after hide and show: so at
each `available_changed(True)` a new one must be made. On Linux the host of today is a service on the
session bus (https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/) whose coming and going is
a signal. Everything else (the older X11 tray, Windows Explorer starting late) is looked at on a coarse
timer.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from armguard_tray.tasks import TaskKeeper

if TYPE_CHECKING:
    from armguard_tray.desktop.session_bus import SessionBus

log = logging.getLogger(__name__)

WATCHER = "org.kde.StatusNotifierWatcher"
WATCHER_PATH = "/StatusNotifierWatcher"
_PROPERTIES = "org.freedesktop.DBus.Properties"
LOOK_AGAIN_MS = 10_000


class TrayHostWatcher(QObject):
    """Watches for a tray host.

    Signals:
        available_changed: a host has come (True) or gone (False). One that is replaced by another is told as
            gone and come, since the icon must be made anew.

    """

    available_changed = Signal(bool)

    def __init__(
        self,
        bus: "SessionBus | None",
        *,
        look: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        look_again_ms: int = LOOK_AGAIN_MS,
        parent: QObject | None = None,
    ) -> None:
        """Listen on `bus` where there is one, and call `look` every `look_again_ms` milliseconds besides."""
        super().__init__(parent)
        self._bus = bus
        self._look = look
        self._available = False
        self._host_on_bus = False
        self._tasks = TaskKeeper("tray host")
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._timer.setInterval(look_again_ms)
        self._timer.timeout.connect(self._look_now)

    @property
    def available(self) -> bool:
        """Whether there is a host now."""
        return self._available

    async def start(self) -> None:
        """Look once, so that `available` is right on return, and watch from then on."""
        if self._bus is not None:
            await self._watch_bus(self._bus)
        self._look_now()
        self._timer.start()

    async def close(self) -> None:
        """Stop watching."""
        self._timer.stop()
        await self._tasks.close()

    async def _watch_bus(self, bus: "SessionBus") -> None:
        from armguard_tray.desktop.session_bus import SessionBusError, SignalRule  # noqa: PLC0415 - dbus-fast

        def host_registered(_arguments: list[Any]) -> None:
            self._tasks.start(self._ask_watcher(bus), name="ask watcher")

        def owner_changed(owner: str | None) -> None:
            self._host_on_bus = False
            if self._available:
                self._set_available(available=False)
            if owner is None:
                self._look_now()
            else:
                host_registered([])

        try:
            await bus.watch_owner(WATCHER, owner_changed)
            await bus.subscribe(SignalRule(WATCHER, WATCHER, "StatusNotifierHostRegistered"), host_registered)
        except SessionBusError as error:
            log.info("tray hosts on the session bus cannot be watched: %s", error)
            return
        await self._ask_watcher(bus)

    async def _ask_watcher(self, bus: "SessionBus") -> None:
        """Ask the watcher whether a host shows its items: a watcher alone shows nothing."""
        from armguard_tray.desktop.session_bus import SessionBusError  # noqa: PLC0415 - dbus-fast

        try:
            if await bus.name_owner(WATCHER) is None:
                self._host_on_bus = False
            else:
                (answer,) = await bus.call(
                    WATCHER,
                    WATCHER_PATH,
                    _PROPERTIES,
                    "Get",
                    "ss",
                    [WATCHER, "IsStatusNotifierHostRegistered"],
                )
                self._host_on_bus = bool(answer.value)
        except (SessionBusError, ValueError, AttributeError) as error:
            # The last two: an answer of another shape than the specification's.
            log.info("the tray's watcher does not answer as it should: %s", error)
            self._host_on_bus = False
        self._look_now()

    def _look_now(self) -> None:
        self._set_available(available=self._host_on_bus or self._look())

    def _set_available(self, *, available: bool) -> None:
        if available != self._available:
            self._available = available
            log.info("tray host %s", "available" if available else "gone")
            self.available_changed.emit(available)
