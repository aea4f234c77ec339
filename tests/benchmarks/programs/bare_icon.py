"""The floor of start-up and memory: an icon in the tray and nothing else."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QSystemTrayIcon


def main() -> int:
    """Show the icon until killed."""
    application = QApplication(sys.argv[:1])
    pixmap = QPixmap(22, 22)
    pixmap.fill(Qt.GlobalColor.darkGreen)
    icon = QSystemTrayIcon(QIcon(pixmap))
    icon.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
