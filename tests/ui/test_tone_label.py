"""A label's tone: a sign beside the colour, and the colour follows the system."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from pytestqt.qtbot import QtBot

from armguard_tray.ui.tone_label import Tone, ToneLabel
from tests.fakes.pictures import LOOKS, system_look
from tests.fakes.signals import settled


@pytest.mark.parametrize("tone", [Tone.PROBLEM, Tone.GOOD])
def test_a_tone_is_told_by_a_sign_too(qtbot: QtBot, tone: Tone) -> None:
    label = ToneLabel("Said.", tone)
    qtbot.addWidget(label)

    assert label.text() == f"{tone.value} Said."


def test_markup_is_shown_as_it_stands(qtbot: QtBot) -> None:
    label = ToneLabel("<b>José</b>")
    qtbot.addWidget(label)

    assert label.textFormat() is Qt.TextFormat.PlainText


def test_without_words_it_takes_no_room(qtbot: QtBot) -> None:
    label = ToneLabel("Said.")
    qtbot.addWidget(label)

    label.say("")

    assert label.isHidden()


def test_kept_room_stays_without_words(qtbot: QtBot) -> None:
    label = ToneLabel(room=2)
    qtbot.addWidget(label)
    height = label.minimumHeight()

    label.say("Said.")
    label.say("")

    assert height > label.fontMetrics().height()
    assert label.minimumHeight() == height


def test_words_open_no_window_before_the_label_has_a_place(qtbot: QtBot) -> None:
    label = ToneLabel("Said.", room=1)
    qtbot.addWidget(label)

    assert not label.isVisible()


@pytest.mark.parametrize("tone", Tone)
async def test_it_stays_readable_when_the_system_turns_dark(qtbot: QtBot, tone: Tone) -> None:
    with system_look("light"):
        label = ToneLabel("Said.", tone)
        qtbot.addWidget(label)
        label.show()
        for look in LOOKS:
            with system_look(look):
                await settled()
                text = label.palette().color(QPalette.ColorRole.WindowText).lightnessF()
                assert (text > 0.5) is (look == "dark")
