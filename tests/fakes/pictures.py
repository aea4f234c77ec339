"""Pictures of windows under a light and a dark system palette, for people to look at in tests/artefacts."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from tests.fakes.signals import settled

ARTEFACTS = Path(__file__).parents[1] / "artefacts"

_Role = QPalette.ColorRole
_LIGHT = {
    _Role.Window: "#efefef",
    _Role.WindowText: "#1b1b1b",
    _Role.Base: "#ffffff",
    _Role.AlternateBase: "#f5f5f5",
    _Role.Text: "#1b1b1b",
    _Role.Button: "#efefef",
    _Role.ButtonText: "#1b1b1b",
    _Role.PlaceholderText: "#737373",
    _Role.Highlight: "#2a6fb8",
    _Role.HighlightedText: "#ffffff",
}
_DARK = {
    _Role.Window: "#2b2d30",
    _Role.WindowText: "#e9e9e9",
    _Role.Base: "#1f2123",
    _Role.AlternateBase: "#26282b",
    _Role.Text: "#e9e9e9",
    _Role.Button: "#383b3f",
    _Role.ButtonText: "#e9e9e9",
    _Role.PlaceholderText: "#969a9f",
    _Role.Highlight: "#2f6fb5",
    _Role.HighlightedText: "#ffffff",
}
LOOKS = {"light": _LIGHT, "dark": _DARK}


@contextlib.contextmanager
def system_look(name: str) -> Iterator[None]:
    """Let the system be light or dark."""
    before = QApplication.palette()
    colours = LOOKS[name]
    # From button and window Qt derives the shades of frames.
    palette = QPalette(QColor(colours[_Role.Button]), QColor(colours[_Role.Window]))
    for role, colour in colours.items():
        palette.setColor(role, QColor(colour))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours[_Role.PlaceholderText]))
    QApplication.setPalette(palette)
    try:
        yield
    finally:
        QApplication.setPalette(before)


async def take_picture(widget: QWidget, name: str) -> None:
    """Save how a shown widget looks as `name`.png."""
    await settled()
    ARTEFACTS.mkdir(exist_ok=True)
    assert widget.grab().save(str(ARTEFACTS / f"{name}.png"))
