"""A program with a tray icon: a left click shows a toast, a click on the toast changes the tooltip.

It makes a new icon whenever a tray host appears, as the real program does. Lines on stdout say how far it is.
"""

import asyncio
import os
import signal
import sys

os.environ["QT_API"] = "pyside6"

import qasync
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from armguard_tray.desktop.platform_choice import make_session_bus, toast_adapters
from armguard_tray.desktop.toast import Picture, Toast, ToastKey, ToastPresenter
from armguard_tray.desktop.tray_host import TrayHostWatcher
from armguard_tray.paths import resource

ICON = resource("icons", "armguard-tray.svg")
SHIELD_COLOUR = "#2e7d32"
TOAST = Toast(
    "row 7",
    "M4 - 00077 issued",
    "José <B>X</B> Peña · Guard Duty · 3 mags, 90 rounds · by armorer1",
    action_label="Show",
)


class Program:
    """The icon of the moment and what it does."""

    def __init__(self) -> None:
        self.bus = make_session_bus()
        self.watcher = TrayHostWatcher(self.bus)
        self.icon: QSystemTrayIcon | None = None
        self.menu = QMenu()
        self.menu.addAction("Show a toast").triggered.connect(self.show_toast)
        self.presenter = ToastPresenter(
            toast_adapters(lambda: self.icon, self.bus, {Picture.PROGRAM: ICON}), on_activated=self.opened
        )

    async def run(self) -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        self.watcher.available_changed.connect(self.host_changed)
        self.presenter.start()
        await self.watcher.start()
        say(f"started, tray host: {self.watcher.available}")
        await stop.wait()
        await self.watcher.close()
        await self.presenter.close()
        if self.bus:
            await self.bus.close()

    def host_changed(self, available: bool) -> None:  # noqa: FBT001 - a slot
        if self.icon is not None:
            self.icon.hide()
            self.icon.deleteLater()
            self.icon = None
        if available:
            self.icon = QSystemTrayIcon(shield())
            self.icon.setToolTip("ArmGuard: live")
            self.icon.setContextMenu(self.menu)
            self.icon.activated.connect(self.show_toast)
            self.icon.show()

    def show_toast(self) -> None:
        self.presenter.present(TOAST)

    def opened(self, key: ToastKey) -> None:
        opened = f"opened {key}, shown by {self.presenter.adapter_name}"
        say(opened)
        if self.icon:
            self.icon.setToolTip(opened)


def shield() -> QIcon:
    pixmap = QPixmap(22, 22)
    pixmap.fill(QColor(SHIELD_COLOUR))
    return QIcon(pixmap)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Run until SIGTERM."""
    application = QApplication(["armguard-tray"])
    application.setQuitOnLastWindowClosed(False)
    with qasync.QEventLoop(application) as loop:
        loop.run_until_complete(Program().run())


if __name__ == "__main__":
    main()
