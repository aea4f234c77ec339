"""The first moments of the tray program: one instance, and the icon before anything that takes time.

The network libraries, the windows and the keyring take longer to import than Qt to start, so they come when
the icon is there.
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

# Before qasync, which takes the Qt binding that is imported already.
from PySide6.QtWidgets import QApplication, QMessageBox

import qasync  # isort: skip

from armguard_tray import logs
from armguard_tray.app.signals import on_signals
from armguard_tray.clock import SystemClock
from armguard_tray.connection.health import starting
from armguard_tray.desktop.single_instance import Role, SingleInstance
from armguard_tray.errors import UserError
from armguard_tray.exit_codes import ExitCode
from armguard_tray.paths import Paths
from armguard_tray.settings.store import SettingsStore
from armguard_tray.storage.folder_lock import FolderLock
from armguard_tray.ui.icons import app_icon
from armguard_tray.ui.tray import TrayIcon

ALREADY_RUNNING = "ArmGuard Tray is already running; its window is shown."
THREADS = 10
"""Threads for what would block the loop, at most; each is started when it is first needed."""
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
        # qasync's own would start ten threads at the first use, and each takes memory for good.
        loop.set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="aside"))
        try:
            if instance.acquire() is Role.SECONDARY:
                print(ALREADY_RUNNING if instance.answered else NO_ANSWER)  # noqa: T201 - to the terminal
                return ExitCode.OK
            code: ExitCode = loop.run_until_complete(_run(paths, instance, password))
        except UserError as error:
            loop.run_until_complete(_show(error))
            raise
        finally:
            instance.release()
    return code


async def _run(paths: Paths, instance: SingleInstance, password: str | None) -> ExitCode:
    logs.configure_or_say(paths.log_file)
    clock = SystemClock()
    with FolderLock(paths.data):
        settings = SettingsStore(paths.settings_file).load()
        tray = TrayIcon(clock)
        tray.update(starting(clock.now()), settings.notifications.paused_until, 0, clock.now())
        tray.show()
        # What needs no Qt is imported in a thread: the desktop asks for the icon's picture right now.
        await asyncio.to_thread(import_module, "armguard_tray.app.core")
        from armguard_tray.app.desk import Desk  # noqa: PLC0415 - as the module says

        desk = Desk(tray, paths, settings, password, clock)
        instance.activation_requested.connect(desk.show_log)
        loss = await desk.run()
    if loss is None:
        return ExitCode.OK
    print(f"armguard-tray: {loss}", file=sys.stderr)  # noqa: T201 - to the terminal
    if not desk.ended_by_system:
        await _show(loss)
    return ExitCode.FAILED


async def _show(error: UserError) -> None:
    """Show an error that ends the program, and wait until it was read, or the program is asked to end."""
    box = QMessageBox(QMessageBox.Icon.Critical, "ArmGuard Tray", error.message)
    box.setInformativeText(error.remedy)
    read = asyncio.Event()
    box.finished.connect(read.set)
    on_signals(read.set)
    box.open()
    await read.wait()
