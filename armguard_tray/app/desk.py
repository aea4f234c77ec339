"""The tray program: starts the parts in order, joins them, and ends them in order.

Start: one instance, icon, journal, core, toasts, then what may come later. The icon is there before the
network libraries are even imported. End: icon and windows go, sockets close, what arrived is stored.
"""

import asyncio
import logging
import random
import signal
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

# Before qasync, which takes the Qt binding that is imported already.
from PySide6.QtWidgets import QApplication, QMessageBox

import qasync  # isort: skip

from armguard_tray import logs
from armguard_tray.clock import SystemClock
from armguard_tray.connection.health import Health, health_of
from armguard_tray.connection.phase import Need
from armguard_tray.desktop.single_instance import Role, SingleInstance
from armguard_tray.errors import UserError
from armguard_tray.exit_codes import ExitCode
from armguard_tray.messages.event import StoredEvent
from armguard_tray.paths import Paths
from armguard_tray.settings.model import ServerSettings, Settings
from armguard_tray.settings.store import SettingsStore
from armguard_tray.storage.folder_lock import FolderLock
from armguard_tray.tasks import TaskKeeper
from armguard_tray.ui.feed import Feed
from armguard_tray.ui.icons import app_icon
from armguard_tray.ui.tray import TrayIcon

if TYPE_CHECKING:
    from armguard_tray.app.core import Core
    from armguard_tray.app.surroundings import Surroundings
    from armguard_tray.app.windows import Windows
    from armguard_tray.desktop.secrets import SecretStore
    from armguard_tray.desktop.toast import ToastKey

log = logging.getLogger(__name__)

ALREADY_RUNNING = "ArmGuard Tray is already running; its window is shown."
NO_ANSWER = "ArmGuard Tray is already running, but it does not answer."


def run_desk(paths: Paths, *, password: str | None) -> ExitCode:
    """Run the tray until the user quits.

    Args:
        paths: where its files lie.
        password: the password for this run, in place of the keyring's.

    Raises:
        UserError: something on this machine keeps it from running; it was shown in a window, too.

    """
    application = QApplication(sys.argv[:1])
    application.setApplicationName("armguard-tray")
    application.setApplicationDisplayName("ArmGuard Tray")
    application.setDesktopFileName("armguard-tray")
    application.setQuitOnLastWindowClosed(False)
    application.setWindowIcon(app_icon())
    instance = SingleInstance(paths.data)
    with qasync.QEventLoop(application) as loop:
        try:
            if instance.acquire() is Role.SECONDARY:
                print(ALREADY_RUNNING if instance.answered else NO_ANSWER)  # noqa: T201 - to the terminal
                return ExitCode.OK
            loop.run_until_complete(_run(paths, instance, password))
        except UserError as error:
            loop.run_until_complete(_show(error))
            raise
        finally:
            instance.release()
    return ExitCode.OK


async def _run(paths: Paths, instance: SingleInstance, password: str | None) -> None:
    with FolderLock(paths.data):
        desk = Desk(paths, SettingsStore(paths.settings_file).load(), password)
        instance.activation_requested.connect(desk.show_log)
        await desk.run()


async def _show(error: UserError) -> None:
    """Show an error that ends the program, and wait until it was read."""
    box = QMessageBox(QMessageBox.Icon.Critical, "ArmGuard Tray", error.message)
    box.setInformativeText(error.remedy)
    read = asyncio.Event()
    box.finished.connect(read.set)
    box.open()
    await read.wait()


class Desk:
    """The running tray: which part hears what of which."""

    def __init__(self, paths: Paths, settings: Settings, password: str | None) -> None:
        """Prepare with `settings`; nothing is shown before `run`."""
        self._paths = paths
        self._settings = settings
        self._store = SettingsStore(paths.settings_file)
        self._clock = SystemClock()
        self._feed = Feed(self._clock)
        self._tray = TrayIcon(self._clock)
        self._tasks = TaskKeeper("desk")
        self._ended = asyncio.Event()
        self._unread = 0
        self._health = health_of((), self._clock.now())
        self._given = {_account(settings.server): password} if password is not None else {}
        self._core: Core
        self._secrets: SecretStore
        self._surroundings: Surroundings
        self._windows: Windows

    async def run(self) -> None:
        """Run until the user quits, or the system asks the program to end.

        Raises:
            UserError: the journal cannot be opened.

        """
        logs.configure(self._paths.log_file)
        self._quit_on_signals()
        self._show_state()
        self._tray.show()
        await self._build()
        try:
            self._connect()
            await self._start()
            await self._ended.wait()
        finally:
            await self._close()

    async def _build(self) -> None:
        # Imported when the icon is there: they take longer than all that came before.
        from armguard_tray.app.core import Core  # noqa: PLC0415
        from armguard_tray.app.surroundings import Surroundings  # noqa: PLC0415
        from armguard_tray.app.windows import Windows  # noqa: PLC0415
        from armguard_tray.desktop.secrets import SecretStore  # noqa: PLC0415
        from armguard_tray.storage.journal import Journal  # noqa: PLC0415

        journal = await Journal.open(self._paths.journal_file)
        self._secrets = SecretStore()
        self._core = Core(
            journal, self._feed, self._password, clock=self._clock, chance=random.SystemRandom()
        )
        self._surroundings = Surroundings(lambda: self._tray.icon, self._toast_clicked)
        self._windows = Windows(
            journal=journal, feed=self._feed, paths=self._paths, clock=self._clock, tasks=self._tasks
        )
        self._unread = await journal.unread()

    def _connect(self) -> None:
        tray, feed, windows, around = self._tray, self._feed, self._windows, self._surroundings
        tray.open_log.connect(self.show_log)
        tray.open_connection.connect(lambda: self._show_settings("Connection"))
        tray.open_settings.connect(self._show_settings)
        tray.reconnect.connect(self._reconnect)
        tray.pause_until.connect(self._pause)
        tray.quit.connect(self._ended.set)
        feed.healthChanged.connect(self._health_changed)
        feed.stored.connect(self._stored)
        feed.toast.connect(around.present)
        windows.saved.connect(lambda settings, password: self._go(self._apply(settings, password), "apply"))
        windows.reconnect.connect(self._reconnect)
        windows.test_toast.connect(around.present_test)
        windows.read_up_to.connect(lambda row: self._go(self._read_up_to(row), "read"))
        windows.log_closed.connect(self._log_closed)
        windows.quit.connect(self._ended.set)
        around.tray_available.connect(self._tray_available)
        around.network_came_back.connect(self._core.network_is_back)

    async def _start(self) -> None:
        await self._surroundings.start()
        if not self._surroundings.has_tray:
            self.show_log()
        await self._core.follow(self._settings)
        if not self._settings.server.configured:
            self._windows.show_first_run(self._settings, await self._secrets.availability())

    async def _close(self) -> None:
        self._tray.hide()
        self._windows.close()
        await self._core.close()
        await self._surroundings.close()
        await self._tasks.close()

    def _quit_on_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self._ended.set)
            except NotImplementedError:
                # Windows' loops have none; its signals interrupt the main thread instead.
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self._ended.set))

    def _go(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(coroutine, name=name)

    # What the user wants

    def show_log(self) -> None:
        """Show the live log in front."""
        self._windows.show_log(self._settings.server)

    def _toast_clicked(self, key: "ToastKey") -> None:
        self._windows.show_log(self._settings.server, int(key) if isinstance(key, int) else None)

    def _show_settings(self, page: str = "") -> None:
        self._go(self._open_settings(page), "settings")

    async def _open_settings(self, page: str) -> None:
        self._windows.show_settings(
            self._settings,
            page=page,
            keeping=await self._secrets.availability(),
            toasts=self._surroundings.toasts_in_words,
        )

    def _reconnect(self) -> None:
        trouble = self._health.trouble
        if trouble is not None and trouble.need is Need.LOGIN:
            # A refused password is not sent again; where it is entered is where the user must go.
            self._show_settings("Server")
        self._core.reconnect_now()

    def _pause(self, until: datetime | None) -> None:
        notifications = replace(self._settings.notifications, paused_until=until)
        self._go(self._apply(replace(self._settings, notifications=notifications), None), "pause")

    async def _apply(self, settings: Settings, password: str | None) -> None:
        """Save settings, keep a new password, and go on with both."""
        try:
            self._store.save(settings)
        except UserError as error:
            self._windows.show_error(error)
            return
        if password is not None:
            self._given.pop(_account(settings.server), None)
            await self._secrets.set(settings.server.base_url, settings.server.username, password)
        self._settings = settings
        await self._core.follow(settings, anew=password is not None)
        self._show_state()

    async def _password(self, server: ServerSettings) -> str | None:
        given = self._given.get(_account(server))
        return given if given is not None else await self._secrets.get(server.base_url, server.username)

    # What happens

    def _health_changed(self, health: Health) -> None:
        self._health = health
        self._show_state()

    def _stored(self, events: Sequence[StoredEvent]) -> None:
        self._unread += len(events)
        self._show_state()

    async def _read_up_to(self, row: int) -> None:
        await self._core.journal.mark_read(row)
        self._unread = await self._core.journal.unread()
        self._show_state()

    def _tray_available(self, available: bool) -> None:  # noqa: FBT001 - a signal's argument
        if available:
            # An icon that was made before the desktop's tray never appears in it; a new one does.
            self._tray.rebuild()
        else:
            self.show_log()

    def _log_closed(self) -> None:
        if not self._surroundings.has_tray:
            self._windows.ask_before_leaving()

    def _show_state(self) -> None:
        paused_until = self._settings.notifications.paused_until
        self._tray.update(self._health, paused_until, self._unread, self._clock.now())


def _account(server: ServerSettings) -> tuple[str, str]:
    return server.base_url, server.username
