"""A program that starts once a data folder, and says on stdout what it finds and is asked."""

import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QCoreApplication

from armguard_tray.desktop.single_instance import Role, SingleInstance


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Run until killed, if this is the first; else ask the first one and end."""
    application = QCoreApplication(sys.argv)
    instance = SingleInstance(Path(sys.argv[1]))
    instance.activation_requested.connect(lambda: say("asked for the window"))
    role = instance.acquire()
    say(role.value if role is Role.PRIMARY else f"{role.value}, answered: {instance.answered}")
    if role is Role.PRIMARY:
        application.exec()


if __name__ == "__main__":
    main()
