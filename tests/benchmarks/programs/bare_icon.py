"""The floor of start-up and memory: an icon in the tray and nothing else."""

import sys

# Not even the namespace Qt: PySide makes its hundred enums in 17 ms when it is first imported.
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QSystemTrayIcon


def main() -> int:
    """Show the icon until killed."""
    application = QApplication(sys.argv[:1])
    pixmap = QPixmap(22, 22)
    pixmap.fill()
    icon = QSystemTrayIcon(QIcon(pixmap))
    icon.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
