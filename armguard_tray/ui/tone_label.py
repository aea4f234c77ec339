"""A label that says something with a tone: help, a problem, a success."""

from enum import Enum

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QLabel, QWidget


class Tone(Enum):
    """How a sentence is meant. A sign says it beside the colour."""

    PLAIN = ""
    HELP = " "
    PROBLEM = "⚠"
    GOOD = "✓"

    @property
    def sign(self) -> str:
        """What stands before the sentence."""
        return f"{self.value} " if self.value.strip() else ""


class ToneLabel(QLabel):
    """Shows plain text, wrapped, in the colour of its tone; empty, it takes no room but what is reserved."""

    def __init__(
        self, text: str = "", tone: Tone = Tone.PLAIN, parent: QWidget | None = None, *, room: int = 0
    ) -> None:
        """Say `text` to begin with; `room` for so many lines is kept, so that what is said moves nothing."""
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop)
        if room:
            self.setMinimumHeight(room * self.fontMetrics().lineSpacing())
        self._has_room = room > 0
        self._shown = True
        self._tone = tone
        self.say(text, tone)

    @property
    def tone(self) -> Tone:
        """The tone of what is said."""
        return self._tone

    def say(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Show `text` in a tone; nothing hides the label."""
        self._tone = tone
        said = f"{tone.sign}{text}" if text else ""
        if said != self.text():
            self.setText(said)
        shown = bool(text) or self._has_room
        if shown is not self._shown:
            # Only a change: shown before it has a parent, it would be a window of its own for a moment.
            self._shown = shown
            self.setVisible(shown)
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange}:
            self._colour()

    def _colour(self) -> None:
        colour = tone_colour(self._tone)
        palette = self.palette()
        if palette.color(QPalette.ColorRole.WindowText) != colour:
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)


def tone_colour(tone: Tone) -> QColor:
    """Return the colour of a tone on the system's window colour, at least 4.5 to 1 against black or white."""
    palette = QGuiApplication.palette()
    text = palette.color(QPalette.ColorRole.WindowText)
    window = palette.color(QPalette.ColorRole.Window)
    dark = window.lightnessF() < text.lightnessF()
    if tone is Tone.PROBLEM:
        return QColor("#ffa199" if dark else "#a8201a")
    if tone is Tone.GOOD:
        return QColor("#86d9a0" if dark else "#1b6b36")
    if tone is Tone.HELP:
        return _mixed(text, window, 0.72)
    return text


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    def part(a: float, b: float) -> float:
        return a * share + b * (1 - share)

    return QColor.fromRgbF(
        part(one.redF(), other.redF()),
        part(one.greenF(), other.greenF()),
        part(one.blueF(), other.blueF()),
    )


def bold(label: QLabel, factor: float = 1.0) -> None:
    """Make a label's text bold, and larger by `factor`."""
    font = label.font()
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * factor)
    label.setFont(font)
