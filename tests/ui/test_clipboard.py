"""What is on the clipboard when the program ends must not bring it down."""

import subprocess
import sys

COPIES = """
from PySide6.QtGui import QGuiApplication
from armguard_tray.ui import clipboard
program = QGuiApplication([])
clipboard.copy("one", "<b>one</b>")
clipboard.copy("one\\ttwo", "<b>one</b> two")
there = QGuiApplication.clipboard().mimeData()
print(there.text(), there.html(), there.formats(), sep="|", end="")
"""


def test_text_and_html_are_there_and_the_program_ends_well() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", COPIES],
        env={"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout == "one\ttwo|<b>one</b> two|['text/plain', 'text/html']"
    assert ended.returncode == 0
