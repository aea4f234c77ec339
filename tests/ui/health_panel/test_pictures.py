"""Pictures of the signs and charts at their size, to be looked at: tests/artefacts/health_*.png.

The page as a whole is in the pictures of the settings dialog.
"""

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from armguard_tray.ui.health_panel.sign import Sign, SignLabel
from tests.fakes.pictures import LOOKS, system_look, take_picture
from tests.fakes.signals import settled


def drawn(sign: Sign, qtbot: QtBot) -> QImage:
    label = SignLabel(16, sign)
    qtbot.addWidget(label)
    return label.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)


@pytest.mark.parametrize("look", LOOKS)
async def test_signs(qtbot: QtBot, look: str) -> None:
    with system_look(look):
        board = QWidget()
        qtbot.addWidget(board)
        layout = QHBoxLayout(board)
        for size in (16, 32, 64):
            for sign in Sign:
                layout.addWidget(SignLabel(size, sign))
        board.show()
        await settled()
        await take_picture(board, f"health_signs_{look}")


def test_each_sign_is_told_apart_without_colour(qtbot: QtBot) -> None:
    with system_look("light"):
        pictures = [drawn(sign, qtbot) for sign in Sign]

    for number, one in enumerate(pictures):
        assert all(one != other for other in pictures[number + 1 :])


def test_a_sign_is_spoken(qtbot: QtBot) -> None:
    label = SignLabel(16)
    qtbot.addWidget(label)

    label.show_sign(Sign.FAILED, "TLS: failed")

    assert (label.sign, label.accessibleName()) == (Sign.FAILED, "TLS: failed")
