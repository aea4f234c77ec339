"""A strip across the window that says in words what the reader must know."""

from enum import Enum

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from armguard_tray.ui.log_window.labels import bold

_STRIPE = 4


class Tone(Enum):
    """How grave it is: a sign and a colour that is mixed into the window's own."""

    NOTE = ("\N{INFORMATION SOURCE}", QColor(0x2F, 0x7D, 0xD1))
    WARNING = ("⚠", QColor(0xE0, 0x9B, 0x1A))
    TROUBLE = ("✖", QColor(0xD1, 0x3B, 0x3B))

    def __init__(self, sign: str, colour: QColor) -> None:
        self.sign = sign
        self.colour = colour


class Banner(QWidget):
    """Shows a headline and an explanation, both plain text; hidden while there is nothing to say.

    Signals:
        dismissed(): the reader closed it.
        acted(): the reader pressed the button that was offered.

    """

    dismissed = Signal()
    acted = Signal()

    def __init__(self, tone: Tone, parent: QWidget | None = None, *, closable: bool = False) -> None:
        """Make it in `tone`; with `closable` the reader may put it away."""
        super().__init__(parent)
        self._tone = tone
        self._sign = bold(QLabel(tone.sign))
        self._headline = bold(_text())
        self._explanation = _text()
        self.action_button = QPushButton()
        self.action_button.clicked.connect(self.acted)
        self.action_button.hide()
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._headline)
        texts.addWidget(self._explanation)
        row = QHBoxLayout(self)
        row.setContentsMargins(_STRIPE + 10, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self._sign, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, stretch=1)
        row.addWidget(self.action_button, alignment=Qt.AlignmentFlag.AlignVCenter)
        if closable:
            row.addWidget(self._close_button(), alignment=Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(self, headline: str, explanation: str = "", *, action: str = "") -> None:
        """Show this, with a button that says `action` if there is one."""
        self.action_button.setText(action)
        self.action_button.setVisible(bool(action))
        self._headline.setText(headline)
        self._explanation.setText(explanation)
        self._explanation.setVisible(bool(explanation))
        self.setAccessibleName(f"{headline} {explanation}".strip())
        self.show()

    @property
    def words(self) -> str:
        """What it says now; empty while there is nothing to say."""
        return "" if self.isHidden() else self.accessibleName()

    def _close_button(self) -> QToolButton:
        button = QToolButton()
        button.setText("✕")
        button.setAutoRaise(True)
        button.setToolTip("Put this message away")
        button.setAccessibleName("Put this message away")
        button.clicked.connect(self.hide)
        button.clicked.connect(self.dismissed)
        return button

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Tint the background and draw the stripe."""
        painter = QPainter(self)
        window = self.palette().color(QPalette.ColorRole.Window)
        painter.fillRect(self.rect(), _mixed(self._tone.colour, window, 0.16))
        painter.fillRect(0, 0, _STRIPE, self.height(), self._tone.colour)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's colours."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.update()


def _text() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    return QColor.fromRgbF(
        colour.redF() * share + ground.redF() * (1 - share),
        colour.greenF() * share + ground.greenF() * (1 - share),
        colour.blueF() * share + ground.blueF() * (1 - share),
    )
