"""The tray icon and its menu: "am I covered?" at a glance."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from armguard_tray.catchup.completeness import UNKNOWN, Completeness
from armguard_tray.clock import Clock
from armguard_tray.connection.health import Health
from armguard_tray.ui.completeness_words import short_claims
from armguard_tray.ui.icons import badge_text, tray_icon
from armguard_tray.ui.state_words import (
    TrayState,
    is_paused,
    pause_words,
    state_line,
    tomorrow_morning,
    tooltip,
    tray_state,
)

# Only "2 min ago" and the end of a pause age; each new tooltip is a message on the desktop's bus.
REFRESH_MS = 60_000
# A double click begins with a click of its own, so it needs no answer.
_OPENS_LOG = {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.MiddleClick}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the tray was told last."""

    health: Health
    paused_until: datetime | None
    unread: int


class TrayIcon(QObject):
    """The icon, its tooltip and its menu.

    It holds no state of its own: `update` says what to show, the signals say what the user wants.

    Signals:
        open_log(): the icon or the menu entry was clicked.
        open_board(): who holds what is wanted.
        open_shift_report(): the report on a shift is wanted.
        open_pictures(): what the log shows is wanted in pictures.
        export_log(): what the log shows is wanted in a file.
        open_connection(): the state line was clicked.
        pause_until(datetime | None): hold toasts back until then, aware; None: show them again.
        reconnect(): try all streams now.
        open_settings(): show the settings.
        quit(): end the program.

    """

    open_log = Signal()
    open_board = Signal()
    open_shift_report = Signal()
    open_pictures = Signal()
    export_log = Signal()
    open_connection = Signal()
    pause_until = Signal(object)
    reconnect = Signal()
    open_settings = Signal()
    quit = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        """Prepare an icon that shows nothing before the first `update` and `show`."""
        super().__init__(parent)
        self._clock = clock
        self._shown: _Shown | None = None
        self._look: tuple[TrayState, str] | None = None
        self._account = ""
        self._completeness = UNKNOWN
        self._wanted = False
        self._menu, self._icon = QMenu(), QSystemTrayIcon(self)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self._build()

    @property
    def icon(self) -> QSystemTrayIcon:
        """The icon as it is now; `rebuild` replaces it."""
        return self._icon

    @property
    def menu(self) -> QMenu:
        """The menu as it is now; `rebuild` replaces it."""
        return self._menu

    def update(self, health: Health, paused_until: datetime | None, unread: int, now: datetime) -> None:
        """Show this state; `unread` toasts went by without being looked at."""
        self._shown = _Shown(health, paused_until, unread)
        self._show_state(now)

    def set_completeness(self, completeness: Completeness) -> None:
        """Say from now on that the log is so complete."""
        self._completeness = completeness
        self._refresh()

    def set_account(self, text: str) -> None:
        """Say under the state line which server this is, and as whom; empty: say nothing of it."""
        self._account = text
        self._show_account()

    def show(self) -> None:
        """Put the icon into the tray."""
        self._wanted = True
        self._icon.show()
        self._timer.start()

    def hide(self) -> None:
        """Take the icon out of the tray, so that no ghost of it stays behind when the program ends."""
        self._wanted = False
        self._icon.hide()
        self._timer.stop()

    def rebuild(self) -> None:
        """Make a new icon: one that was made before the desktop's tray host came never appears in it."""
        self._icon.hide()
        self._icon.deleteLater()
        self._menu.deleteLater()
        self._menu, self._icon = QMenu(), QSystemTrayIcon(self)
        self._look = None
        self._build()
        self._refresh()
        if self._wanted:
            self._icon.show()

    def _build(self) -> None:
        menu = self._menu
        self._state_line = self._entry(menu, "ArmGuard", self.open_connection.emit)
        self._account_line = self._entry(menu, "", self.open_connection.emit)
        self._show_account()
        menu.addSeparator()
        menu.setDefaultAction(self._entry(menu, "Open live &log", self.open_log.emit))
        self._entry(menu, "&Who holds what", self.open_board.emit)
        self._entry(menu, "Shift repor&t", self.open_shift_report.emit)
        self._entry(menu, "Pi&ctures", self.open_pictures.emit)
        self._entry(menu, "&Export the log…", self.export_log.emit)
        menu.addSeparator()
        self._add_pauses(menu.addMenu("&Pause notifications"))
        self._entry(menu, "&Reconnect now", self.reconnect.emit)
        self._entry(menu, "&Settings…", self.open_settings.emit)
        menu.addSeparator()
        self._entry(menu, "&Quit", self.quit.emit)
        # The lengths of time in the state line are right at the moment it is read.
        menu.aboutToShow.connect(self._refresh)
        self._icon.setContextMenu(menu)
        self._icon.activated.connect(self._activated)

    def _add_pauses(self, menu: QMenu) -> None:
        self._entry(menu, "&30 minutes", lambda: self._pause_for(timedelta(minutes=30)))
        self._entry(menu, "&1 hour", lambda: self._pause_for(timedelta(hours=1)))
        self._entry(
            menu, "Until &tomorrow 06:00", lambda: self.pause_until.emit(tomorrow_morning(self._clock.now()))
        )
        menu.addSeparator()
        self._resume = self._entry(menu, "&Resume", lambda: self.pause_until.emit(None))
        self._resume.setEnabled(False)

    @staticmethod
    def _entry(menu: QMenu, text: str, act: Callable[[], object]) -> QAction:
        entry = menu.addAction(text)
        entry.triggered.connect(lambda _checked: act())
        return entry

    def _pause_for(self, length: timedelta) -> None:
        self.pause_until.emit(self._clock.now() + length)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in _OPENS_LOG:
            self.open_log.emit()

    def _refresh(self) -> None:
        if self._shown is not None:
            self._show_state(self._clock.now())

    def _show_account(self) -> None:
        self._account_line.setText(_as_it_stands(self._account))
        self._account_line.setVisible(bool(self._account))

    def _show_state(self, now: datetime) -> None:
        shown = self._shown
        if shown is None:
            return
        look = (tray_state(shown.health, shown.paused_until, now), badge_text(shown.unread))
        if look != self._look:
            self._look = look
            self._icon.setIcon(tray_icon(look[0], shown.unread))
        claims = short_claims(self._completeness, now, None)
        text = tooltip(shown.health, shown.paused_until, shown.unread, now, claims=claims)
        if text != self._icon.toolTip():
            self._icon.setToolTip(text)
        # Not disabled: a click leads to the Connection page.
        self._state_line.setText(_as_it_stands(state_line(shown.health, now, claims=claims)))
        paused = is_paused(shown.paused_until, now)
        self._resume.setEnabled(paused)
        until = f" ({pause_words(shown.paused_until, now).lower()})" if paused else ""
        self._resume.setText(f"&Resume{until}")


def _as_it_stands(text: str) -> str:
    """Return a menu's text in which no ampersand is an access key."""
    return text.replace("&", "&&")
